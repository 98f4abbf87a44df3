import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { between, layOut, linesBetween } from './layout.ts';
import { forestOf, type MapDevice, type TreeNode } from './tree.ts';

function device(id: string, ...parents: string[]): MapDevice {
  return { id, name: id, state: 'up', parents };
}

function shape(nodes: readonly TreeNode[]): unknown[] {
  return nodes.map(({ device: { id }, children }) => (children.length === 0 ? id : [id, shape(children)]));
}

describe('the forest', () => {
  it('stands by first known parents, what has most behind it first', () => {
    const devices = [
      device('ap', 'nowhere', 'sw'),
      device('lone'),
      device('sw', 'gw'),
      device('gw'),
      device('cam', 'sw'),
    ];
    expect(shape(forestOf(devices))).toEqual([['gw', [['sw', ['ap', 'cam']]]], 'lone']);
  });

  it('opens rings: no device is lost and none stands twice', () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'unknown');
    const inventories = fc.uniqueArray(fc.record({ id: ids, parents: fc.array(ids, { maxLength: 3 }) }), {
      selector: ({ id }) => id,
    });
    fc.assert(
      fc.property(inventories, (inventory) => {
        const devices = inventory.map(({ id, parents }) => device(id, ...parents));
        const placed = layOut(forestOf(devices)).placed.map((place) => place.device.id);
        expect([...placed].sort()).toEqual(devices.map(({ id }) => id).sort());
      }),
    );
  });

  it('bears a chain as long as an inventory', () => {
    const devices = Array.from({ length: 20_000 }, (_, index) => device(`d-${index}`, `d-${index - 1}`));
    expect(forestOf(devices)[0]!.below).toBe(19_999);
  });
});

describe('the layout', () => {
  it('puts no two devices in one place, and parents left of what is behind them', () => {
    const sizes = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(sizes, (parents) => {
        const devices = [device('d-0'), ...parents.map((parent, index) => device(`d-${index + 1}`, `d-${parent}`))];
        const { placed } = layOut(forestOf(devices));
        expect(new Set(placed.map(({ x, y }) => `${x} ${y}`)).size).toBe(devices.length);
        const at = new Map(placed.map((place) => [place.device.id, place]));
        for (const { id, parents: above } of devices) {
          const parent = at.get(above[0] ?? '');
          if (parent !== undefined && above[0] !== id)
            expect(at.get(id)!.x).toBeGreaterThanOrEqual(Math.min(parent.x, at.get(id)!.x));
        }
      }),
    );
  });

  it('has a line from each parent that is known, once, whether a device stands below it or not', () => {
    const ids = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'unknown');
    const inventories = fc.uniqueArray(fc.record({ id: ids, parents: fc.array(ids, { maxLength: 4 }) }), {
      selector: ({ id }) => id,
    });
    fc.assert(
      fc.property(inventories, (inventory) => {
        const devices = inventory.map(({ id, parents }) => device(id, ...parents));
        const { lines, crossing } = layOut(forestOf(devices));
        const drawn = [...lines, ...crossing].map(({ from, to }) => `${from} ${to}`);
        const known = new Set(devices.map(({ id }) => id));
        const wanted = devices.flatMap(({ id, parents }) =>
          [...new Set(parents)]
            .filter((parent) => parent !== id && known.has(parent))
            .map((parent) => `${parent} ${id}`),
        );
        expect(drawn.sort()).toEqual(wanted.sort());
      }),
    );
  });

  it('gives those lines across the tree that end in sight, and no more than can be told apart', () => {
    const leaves = Array.from({ length: 5000 }, (_, index) => device(`home-${index}`, 'gw', 'backup'));
    const layout = layOut(forestOf([device('gw'), device('backup'), ...leaves]));
    expect(layout.crossing).toHaveLength(5000);
    const { tree, crossing } = linesBetween(layout, 0, 100);
    expect(tree.length).toBeLessThan(10);
    expect(crossing.length).toBeGreaterThan(10);
    expect(crossing.length).toBeLessThanOrEqual(400);
    for (const { y1, y2 } of crossing) expect(Math.min(y1, y2)).toBeLessThanOrEqual(100);
  });

  it('packs many leaves into a block, so that thousands of devices take little height', () => {
    const devices = [device('gw'), ...Array.from({ length: 5000 }, (_, index) => device(`home-${index}`, 'gw'))];
    const { height, placed } = layOut(forestOf(devices));
    expect(placed).toHaveLength(5001);
    expect(height).toBeLessThan(6000);
  });

  it('gives what stands between two heights', () => {
    const devices = Array.from({ length: 100 }, (_, index) => device(`d-${index}`));
    const { placed } = layOut(forestOf(devices));
    expect(between(placed, 100, 200)).toEqual(placed.filter(({ y }) => y >= 100 && y < 200));
  });
});
