import { eventually } from '@guaita/lab/eventually';
import { isId } from '@guaita/model';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Source } from '../source.ts';
import { Recorder } from './recorder.ts';
import type { World, WorldPort, WorldService } from './world.ts';

/** Several such states in turn. */
const TEST_ms = 300_000;

/** Names that no rule lets be. */
const HOSTILE_NAMES = [
  '',
  '/',
  '../../etc/passwd',
  '#',
  '$SYS/+',
  '__proto__',
  'ñandú 🙂',
  'x'.repeat(5_000),
  '\u0000\n',
];

/**
 * What every source does that watches an orchestrator, whatever that does.
 *
 * @param make a world of its own, in which nothing runs
 */
export function sourceContract(name: string, make: () => Promise<World>): void {
  describe(`a source of ${name}`, { timeout: TEST_ms }, () => {
    let world: World;
    let running: Source[] = [];

    beforeAll(async () => {
      world = await make();
    }, TEST_ms);

    afterEach(async () => {
      await Promise.all(running.map((source) => source.stop()));
      running = [];
      await world.mend();
      await world.clear();
    }, TEST_ms);

    afterAll(() => world.stop(), TEST_ms);

    async function listen(): Promise<{ source: Source; told: Recorder }> {
      const told = new Recorder();
      const source = world.makeSource();
      running.push(source);
      await source.start(told);
      return { source, told };
    }

    function web(published: number, other: Partial<WorldService> = {}): WorldService {
      return { name: 'web', ports: [{ inside: 80, published }], ...other };
    }

    /** Waits until this is what counts: each `type name port`. */
    async function until(told: Recorder, ...expected: readonly string[]): Promise<void> {
      const lines = expected.map((line) => line.replace(/ (\d+)$/, ` ${world.address}:$1`)).sort();
      await eventually(() => expect(told.now).toEqual(lines));
    }

    async function untilItFails(told: Recorder, after = 0): Promise<void> {
      await eventually(() => expect(told.failures.length).toBeGreaterThan(after));
    }

    it('says that there is nothing, where there is nothing', async () => {
      const { told } = await listen();
      await until(told);
      expect(told.failures).toEqual([]);
    });

    it('tells what runs already, what appears, and withdraws what vanishes', async () => {
      await world.put(web(30_080));
      const { told } = await listen();
      await until(told, 'http web 30080');
      await world.put({ name: 'shell', ports: [{ inside: 22, published: 30_022 }] });
      await until(told, 'http web 30080', 'ssh shell 30022');
      await world.remove('web');
      await until(told, 'ssh shell 30022');
      await world.remove('shell');
      await until(told);
      expect(told.failures).toEqual([]);
    });

    it('tells every published port', async () => {
      const ports: WorldPort[] = [
        { inside: 80, published: 30_080 },
        { inside: 443, published: 30_443 },
        { inside: 53, published: 30_053, protocol: 'udp' },
        { inside: 8080, published: 30_081 },
      ];
      await world.put({ name: 'all', ports });
      const { told } = await listen();
      await until(told, 'http all-30080 30080', 'https all 30443', 'domain all 30053', 'http all-30081 30081');
      expect(told.said.at(-1)?.find(({ type }) => type === 'domain')?.protocol).toBe('udp');
      await world.put({ name: 'all', ports: ports.slice(0, 2) });
      await until(told, 'http all 30080', 'https all 30443');
    });

    it('tells the new port of a service, and no longer the old one', async () => {
      await world.put(web(30_080));
      const { told } = await listen();
      await until(told, 'http web 30080');
      await world.put(web(30_081));
      await until(told, 'http web 30081');
    });

    it('does not tell what vanished while no source ran', async () => {
      await world.put(web(30_080));
      const first = await listen();
      await until(first.told, 'http web 30080');
      await first.source.stop();
      await world.remove('web');
      await world.put({ name: 'shell', ports: [{ inside: 22, published: 30_022 }] });
      const second = await listen();
      await until(second.told, 'ssh shell 30022');
      for (const lines of second.told.since(0)) expect(lines).toEqual([`ssh shell ${world.address}:30022`]);
    });

    it('keeps what it had while it is cut off, and withdraws afterwards what vanished meanwhile, each time', async () => {
      await world.put({ name: 'stays', ports: [{ inside: 22, published: 30_022 }] });
      const { told } = await listen();
      for (const round of [1, 2]) {
        await world.put(web(30_080));
        await until(told, 'http web 30080', 'ssh stays 30022');
        await world.cut();
        await untilItFails(told, told.failures.length);
        const said = told.said.length;
        await world.remove('web');
        await world.put({ name: `new-${round}`, ports: [{ inside: 80, published: 30_090 }] });
        await untilItFails(told, told.failures.length);
        expect(told.said).toHaveLength(said);
        await world.mend();
        await until(told, `http new-${round} 30090`, 'ssh stays 30022');
        await world.remove(`new-${round}`);
        await until(told, 'ssh stays 30022');
      }
    });

    it('withdraws nothing while the API restarts, and follows what comes after', async () => {
      await world.put(web(30_080));
      const { told } = await listen();
      await until(told, 'http web 30080');
      const said = told.said.length;
      await world.restart();
      await world.put({ name: 'shell', ports: [{ inside: 22, published: 30_022 }] });
      await until(told, 'http web 30080', 'ssh shell 30022');
      for (const lines of told.since(said)) expect(lines).toContain(`http web ${world.address}:30080`);
      await world.remove('web');
      await until(told, 'ssh shell 30022');
    });

    it('waits for an API that is not there, says so with the mend, and keeps trying', async () => {
      await world.put(web(30_080));
      await world.cut();
      const { told } = await listen();
      await untilItFails(told, 2);
      for (const { message } of told.failures) expect(message).toMatch(world.failure);
      expect(told.said).toEqual([]);
      await world.mend();
      await until(told, 'http web 30080');
    });

    it('does as labels wish, also as those change', async () => {
      const labels = {
        'guaita.service.type': 'gopher',
        'guaita.service.name': 'Burrow',
        'guaita.service.description': 'Where gophers live',
        'guaita.service.txt.path': '/down',
      };
      await world.put(web(30_080, { labels }));
      const { told } = await listen();
      await until(told, 'gopher burrow 30080');
      const [record] = told.said.at(-1) ?? [];
      expect(record).toMatchObject({ description: 'Where gophers live', txt: { path: '/down' }, protocol: 'tcp' });
      await world.put(web(30_080, { labels: { 'guaita.service.publish': 'false' } }));
      await until(told);
      await world.put(web(30_080));
      await until(told, 'http web 30080');
    });

    it('does not withdraw a service in order to tell something else of it', async () => {
      await world.put(web(30_080));
      const { told } = await listen();
      await until(told, 'http web 30080');
      const said = told.said.length;
      for (const words of ['one', 'two', 'three']) {
        await world.put(web(30_080, { labels: { 'guaita.service.description': words } }));
        await eventually(() => expect(told.said.at(-1)?.[0]?.description).toBe(words));
      }
      for (const lines of told.since(said)) expect(lines).toEqual([`http web ${world.address}:30080`]);
    });

    it('says of labels that make no sense what is wrong with them, and tells everything else', async () => {
      const labels = {
        'guaita.service.type': '¿?',
        'guaita.service.descripion': 'x',
        'guaita.service.description': `<script>alert("#")</script>\u0007\n\u202e${'x'.repeat(10_000)}`,
      };
      await world.put(web(30_080, { labels }));
      await world.put({ name: 'shell', ports: [{ inside: 22, published: 30_022 }] });
      const { told } = await listen();
      await until(told, 'http web 30080', 'ssh shell 30022');
      expect(told.remarks).toHaveLength(2);
      for (const remark of told.remarks) expect(remark).toMatch(/service \S*web: label guaita\.service\.\S+: .*; .+/);
      for (const { description } of told.said.at(-1) ?? []) {
        expect(description.length).toBeLessThanOrEqual(255);
        expect(description).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }
      await world.put(web(30_080));
      await eventually(() => expect(told.remarks).toEqual([]));
    });

    it('makes ids of whatever names there are, and says which it cannot', async () => {
      const names = world.takesAnyName ? HOSTILE_NAMES : ['A_b-C'];
      for (const [index, each] of names.entries()) {
        await world.put({ name: each, ports: [{ inside: 80, published: 30_100 + index }] });
      }
      await world.put(web(30_080));
      const { told } = await listen();
      await eventually(() => expect(told.now).toContain(`http web ${world.address}:30080`));
      for (const record of told.said.at(-1) ?? []) expect(isId(record.name)).toBe(true);
      expect((told.said.at(-1)?.length ?? 0) + told.remarks.length).toBe(names.length + 1);
    });

    it('leaves nothing open when it is stopped, and tells nothing more', async () => {
      await world.put(web(30_080));
      const { source, told } = await listen();
      await until(told, 'http web 30080');
      await eventually(() => expect(world.connections()).toBeGreaterThan(0));
      await source.stop();
      await eventually(() => expect(world.connections()).toBe(0));
      const said = told.said.length;
      await world.remove('web');
      const other = await listen();
      await until(other.told);
      expect(told.said).toHaveLength(said);
      expect(told.failures).toEqual([]);
    });

    it('can be stopped at any moment', async () => {
      for (let turns = 0; turns < 20; turns += 1) {
        const { source } = await listen();
        for (let turn = 0; turn < turns; turn += 1) await new Promise((resolve) => setImmediate(resolve));
        await source.stop();
      }
      await eventually(() => expect(world.connections()).toBe(0));
    });
  });
}
