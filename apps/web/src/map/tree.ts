import type { State } from '../network/state.ts';

/** A device as the map needs it. */
export interface MapDevice {
  readonly id: string;
  readonly name: string;
  readonly state: State;
  readonly parents: readonly string[];
}

/** A device with all that is reached through it. */
export interface TreeNode {
  readonly device: MapDevice;
  readonly children: TreeNode[];
  /** How many devices are reached through it, at any depth. */
  below: number;
}

/**
 * The forest of devices by their first parent that is known. Rings of parents, which an inventory may hold by mistake, are
 * opened at one of their devices: no device is lost and none stands twice.
 */
export function forestOf(devices: readonly MapDevice[]): TreeNode[] {
  const nodes = new Map(devices.map((device) => [device.id, { device, children: [], below: 0 } as TreeNode]));
  const roots: TreeNode[] = [];
  const parentOf = new Map<string, string>();
  for (const { id, parents } of devices) {
    const parent = parents.find((name) => name !== id && nodes.has(name));
    if (parent === undefined || closesRing(parentOf, id, parent)) roots.push(nodes.get(id)!);
    else {
      parentOf.set(id, parent);
      nodes.get(parent)!.children.push(nodes.get(id)!);
    }
  }
  for (const root of roots) countBelow(root);
  const byName = (a: TreeNode, b: TreeNode): number => collator.compare(a.device.name, b.device.name);
  for (const { children } of nodes.values()) children.sort((a, b) => Math.sign(b.below) - Math.sign(a.below) || byName(a, b));
  return roots.sort((a, b) => b.below - a.below || byName(a, b));
}

const collator = new Intl.Collator('en', { numeric: true });

function closesRing(parentOf: ReadonlyMap<string, string>, id: string, parent: string): boolean {
  for (let above: string | undefined = parent; above !== undefined; above = parentOf.get(above)) if (above === id) return true;
  return false;
}

/** Without recursion: a chain may be as long as an inventory. */
function countBelow(root: TreeNode): void {
  const order = [root];
  for (let index = 0; index < order.length; index += 1) order.push(...order[index]!.children);
  for (const node of order.reverse()) node.below = node.children.reduce((sum, child) => sum + 1 + child.below, 0);
}
