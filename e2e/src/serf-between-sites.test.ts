import { AntidoteDouble } from '@guaita/antidote/double';
import { systemProgram } from '@guaita/lab';
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIN } from './guaita-process.ts';
import { SerfSite } from './serf-site.ts';
import { inventory } from './stage.ts';

/** A shared machine may be slow; what is measured is told, and not asserted. */
const PATIENCE = { timeout: 300_000, interval: 100 };

/**
 * AntidoteDB bears 150 s of silence, and the last beat of who dies is at most 60 s old: before this it takes nobody for
 * dead.
 */
const ANTIDOTE_EARLIEST_ms = 85_000;

const DEVICES = Object.fromEntries(Array.from({ length: 12 }, (_, n) => [`device-${n}`, `10.200.1.${n + 1}`]));
const NAMES = Object.keys(DEVICES).sort();

/** A real AntidoteDB of several data centres, where `ANTIDOTE_URL` names it. */
const real = process.env['ANTIDOTE_URL']?.split(',');
const double = real === undefined ? new AntidoteDouble() : undefined;
const run = promisify(execFile);
const sites: SerfSite[] = [];
let folder: string;

const meet = (from: SerfSite, to: SerfSite): Promise<unknown> =>
  run(systemProgram('serf'), ['join', `-rpc-addr=${from.agent.rpc}`, to.agent.gossip]);

beforeAll(async () => {
  await double?.start();
  const servers = real ?? [double!.address];
  await run(process.execPath, [MAIN, 'antidote', 'connect', ...servers]);
  folder = await mkdtemp(join(tmpdir(), 'guaita-serf-sites-'));
  for (const [n, monitor] of ['home-pi', 'office-pi'].entries()) {
    const antidote = servers[n % servers.length] ?? '';
    const devices = n === 0 ? inventory(DEVICES) : 'devices: []\n';
    sites.push(await SerfSite.begin({ monitor, host: `127.0.0.${n + 1}`, antidote, devices, folder }));
  }
}, 300_000);

afterAll(async () => {
  for (const site of sites) await site.stop();
  await double?.stop();
  await rm(folder, { recursive: true });
});

test(
  'what a dead host watched is probed by another site as soon as Serf tells; a Serf that dies harms nothing',
  { timeout: 1_800_000 },
  async () => {
    const [home, office] = sites as [SerfSite, SerfSite];
    await meet(home, office);
    await home.start('assign', 'ping', 'serf-publisher');
    await office.start('assign', 'ping', 'serf-publisher');
    const shares = (): void => {
      const both = [home.assigned(), office.assigned()];
      for (const each of both) expect(each.length, home.log + office.log).toBeGreaterThan(0);
      expect(both.flat().sort()).toEqual(NAMES);
    };
    await eventually(shares, PATIENCE);
    const lives = (...links: string[]) =>
      eventually(() => expect(office.view('home-pi')).toMatchObject({ alive: true, links }), PATIENCE);

    // Its own agent dies, which tells of no death; and is back, with all that it knows.
    await office.agent.kill();
    await lives('antidote');
    await office.agent.start();
    await meet(office, home);
    await lives('serf', 'antidote');
    // So does who told of it.
    await office.kill('serf-publisher');
    await lives('antidote');
    await office.start('serf-publisher');
    await eventually(() => expect(office.listener.newest.has('guaita/serf/member/home-pi')).toBe(true), PATIENCE);
    await eventually(shares, PATIENCE);

    const left = new Set(home.assigned());
    const of = left.size;
    const died_ms = performance.now();
    await home.die();
    const unwatch = office.probes((device) => left.delete(device));
    await eventually(() => expect(office.view('home-pi')).toMatchObject({ alive: false }), PATIENCE);
    const told_ms = performance.now() - died_ms;
    await eventually(() => expect([...left]).toEqual([]), PATIENCE);
    const probed_ms = performance.now() - died_ms;
    unwatch();
    console.info(
      `${real?.length ?? 'a double of'} AntidoteDB: taken for dead after ${Math.round(told_ms)} ms, ` +
        `its ${of} devices probed after ${Math.round(probed_ms)} ms`,
    );
    expect(told_ms).toBeLessThan(ANTIDOTE_EARLIEST_ms);
    expect(office.assigned().sort()).toEqual(NAMES);
  },
);
