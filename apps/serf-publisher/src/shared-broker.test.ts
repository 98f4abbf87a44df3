import { CommandClient, MemoryBus, Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import { eventually } from '@guaita/lab/eventually';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SharedBroker, type Announced } from './shared-broker.testdata.ts';

const MINUTE_ms = 60_000;

describe('the publishers of several hosts on one broker', { timeout: 240_000 }, () => {
  let site: SharedBroker;
  let releases: (() => Promise<unknown>)[];

  beforeEach(async () => {
    site = new SharedBroker();
    await site.start();
    releases = [() => site.stop()];
  });
  afterEach(async () => {
    for (const release of releases.splice(0).reverse()) await release();
  });

  it('tell of the services of all of them, whoever came first', async () => {
    await site.host('b', { 'http/wiki': 1 });
    await site.until('http/wiki 1 b');
    await site.host('a', { 'git/code': 2 });
    await site.host('c', { 'ssh/shell': 3 });
    await site.until('git/code 2 a', 'http/wiki 1 b', 'ssh/shell 3 c');
    expect(site.gone).toEqual([]);
  });

  it.each(['a', 'b'])(
    'take nothing of a living one away when %s dies, and what that had after a minute',
    async (dead) => {
      await site.host('a', { 'http/a': 1 });
      await site.host('b', { 'http/b': 2 });
      await site.host('c', { 'http/c': 3 });
      await site.until('http/a 1 a', 'http/b 2 b', 'http/c 3 c');
      await site.cut(dead);
      await site.pass(MINUTE_ms - 5_000);
      expect(site.told).toHaveLength(3);
      await site.pass(15_000);
      await site.until(...['http/a 1 a', 'http/b 2 b', 'http/c 3 c'].filter((each) => !each.endsWith(dead)));
      expect(site.gone).toEqual([`http/${dead}`]);
      // What it said to the others still stands, and nobody takes it for true before it is back.
      await site.host('0', {});
      await site.pass(MINUTE_ms);
      expect(site.gone).toEqual([`http/${dead}`]);
      await site.host(dead);
      await site.until('http/a 1 a', 'http/b 2 b', 'http/c 3 c');
    },
  );

  it('take nothing away when one is started anew, but what it has no more', async () => {
    await site.host('a', { 'http/a': 1, 'http/old': 9 });
    await site.host('b', { 'http/b': 2, 'http/older': 9 });
    await site.until('http/a 1 a', 'http/b 2 b', 'http/old 9 a', 'http/older 9 b');
    await site.end('a');
    await site.cut('b');
    await site.pass(20_000);
    await site.host('b', { 'http/b': 2 });
    await site.host('a', { 'http/a': 1 });
    await site.until('http/a 1 a', 'http/b 2 b');
    expect([...site.gone].sort()).toEqual(['http/old', 'http/older']);
  });

  it('tell of those that are called alike once: the lowest’s, and when that is gone the next’s', async () => {
    await site.host('b', { 'http/wiki': 2 });
    await site.host('c', { 'http/wiki': 3 });
    await site.until('http/wiki 2 b');
    await eventually(async () => {
      await site.pass(100);
      expect(site.log).toContain(
        'several services are http wiki: that of announcements of b at 192.0.2.1:2 counts, ' +
          'not that of announcements of c at 192.0.2.1:3; give them different names',
      );
    });
    await site.host('a', { 'http/wiki': 1 });
    await site.until('http/wiki 1 a');
    await site.cut('a');
    await site.pass(MINUTE_ms + 10_000);
    await site.until('http/wiki 2 b');
    await site.end('b');
    await site.pass(MINUTE_ms + 10_000);
    await site.until('http/wiki 3 c');
    expect(site.gone).toEqual([]);
  });

  it('have an announcement changed and taken back wherever it was made', async () => {
    const bus = new MemoryBus(site.broker);
    await bus.start();
    const client = new CommandClient(new Wire(bus, () => undefined), 'ada');
    await client.start();
    releases.push(() => bus.stop());
    const add = (port: number) => client.ask(channels.addService, { type: 'http', name: 'wiki', port });
    await site.host('b', { 'http/wiki': 2 });
    await site.until('http/wiki 2 b');
    await site.host('a', {});
    // It is the turn of `a` now.
    await site.pass(3_000);
    expect(await add(20)).toEqual({ ok: true, monitor: 'b' });
    await site.until('http/wiki 20 b');
    await site.end('b');
    expect(await add(10)).toEqual({ ok: true, monitor: 'a' });
    await site.host('b');
    await site.until('http/wiki 10 a');
    await site.pass(3_000);
    await add(30);
    const remove = (): Promise<unknown> => client.ask(channels.removeService, { type: 'http', name: 'wiki' });
    await site.until('http/wiki 30 a');
    expect(await remove()).toMatchObject({ ok: true });
    await site.until();
    expect(await remove()).toMatchObject({ ok: false, monitor: 'a' });
  });

  it('end up with what the living have, whatever went before, and never take a living one’s away', async () => {
    const monitor = fc.constantFrom('a', 'b', 'c');
    const announced = fc.dictionary(fc.constantFrom('http/x', 'http/y', 'git/z'), fc.integer({ min: 1, max: 9 }), {
      noNullPrototype: true,
    });
    const step = fc.record({ monitor, what: fc.constantFrom('start', 'cut', 'end', 'pass', 'pass'), announced });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 8 }), async (steps) => {
        const run = new SharedBroker();
        await run.start();
        const living = new Map<string, Announced>();
        try {
          for (const { monitor, what, announced } of steps) {
            if (what === 'pass') await run.pass(30_000);
            else if (what === 'start' && !living.has(monitor)) {
              await run.host(monitor, announced);
              living.set(monitor, announced);
            } else if (what === 'cut' || what === 'end') {
              living.delete(monitor);
              run.gone.length = 0;
              await (what === 'cut' ? run.cut(monitor) : run.end(monitor));
            }
            const before = run.gone.length;
            await run.pass(2_000);
            const kept = [...living.values()].flatMap((each) => Object.keys(each));
            expect(run.gone.slice(before).filter((key) => kept.includes(key))).toEqual([]);
          }
          run.gone.length = 0;
          await run.pass(MINUTE_ms + 15_000);
          const expected = new Map<string, string>();
          for (const [name, services] of [...living].sort(([a], [b]) => (a < b ? -1 : 1))) {
            for (const [key, port] of Object.entries(services)) {
              if (!expected.has(key)) expected.set(key, `${key} ${port} ${name}`);
            }
          }
          // Nobody is left who could take away what the last one said.
          if (living.size > 0) await run.until(...expected.values());
          expect(run.gone.filter((key) => expected.has(key))).toEqual([]);
        } finally {
          await run.stop();
        }
      }),
      { numRuns: 25 },
    );
  });
});
