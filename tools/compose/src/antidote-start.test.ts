import { end, tied } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { workspaceFile } from './paths.ts';

const NTP = { set: '0', unset: '5' } as const;

/** Later than the script itself, by whatever clock the machine of this test goes. */
const NOW_s = 2_000_000_000;

let folder: string;
let child: ChildProcess | undefined;
let said: string;

/** A program in front of the system's own of that name. */
async function fake(name: string, script: string): Promise<void> {
  const file = join(folder, 'bin', name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

const setClock = (now_s: number): Promise<void> => writeFile(join(folder, 'now'), String(now_s));
const setUptime = (uptime_s: number): Promise<void> => writeFile(join(folder, 'uptime'), `${uptime_s}.00 0.00\n`);
const setNtp = (state: string): Promise<void> => writeFile(join(folder, 'ntp'), state);

async function writtenAt(name: string, at_s: number): Promise<void> {
  const file = join(folder, 'data', name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, 'log');
  await utimes(file, at_s, at_s);
}

/** Runs the wrapper; what takes AntidoteDB's place says how it was started, and stays. */
function start(environment: Record<string, string> = {}): ChildProcess {
  said = '';
  child = tied(
    spawn('sh', [workspaceFile('deploy/antidote/start.sh')], {
      env: {
        PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
        GUAITA_MONITOR: 'pi-1',
        GUAITA_ANTIDOTE_HOME: join(folder, 'home'),
        GUAITA_ANTIDOTE_DATA: join(folder, 'data'),
        GUAITA_CLOCK_UPTIME: join(folder, 'uptime'),
        GUAITA_CLOCK_WATCH: '0.1',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  child.stdout?.on('data', (piece: Buffer) => (said += piece.toString()));
  child.stderr?.on('data', (piece: Buffer) => (said += piece.toString()));
  return child;
}

const started = (): Promise<void> => eventually(() => expect(said).toContain('started as'));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guaita-antidote-start-'));
  for (const each of ['bin', 'data', 'home/bin', 'home/releases/1'])
    await mkdir(join(folder, each), { recursive: true });
  await fake('date', `[ "$1" = +%s ] && cat '${join(folder, 'now')}' || echo 'some day'`);
  await fake('perl', `cat '${join(folder, 'ntp')}'`);
  await fake('uname', 'echo x86_64');
  await fake('sleep', 'exec /bin/sleep 0.1');
  const server = join(folder, 'home/bin/antidote');
  await writeFile(server, '#!/bin/sh\necho "started as $NODE_NAME in $ROOT_DIR_PREFIX with $*"\nexec /bin/sleep 600\n');
  await chmod(server, 0o755);
  await writeFile(join(folder, 'home/releases/1/network.config'), '[].');
  await setClock(NOW_s);
  await setUptime(1_000);
  await setNtp(NTP.set);
});

afterEach(async () => {
  await end(child);
  await rm(folder, { recursive: true, force: true });
});

describe('deploy/antidote/start.sh', () => {
  it('starts the server in the name of its host and generation, durable, and knowing no address of old', async () => {
    start({ GUAITA_MONITOR: 'Pi 1', GUAITA_ANTIDOTE_GENERATION: '7' });
    await started();
    expect(said).toContain(`started as antidote-g7-pi-1@127.0.0.1 in ${join(folder, 'data/g7')}/ with foreground`);
    expect(said).toContain('-antidote sync_log true');
    expect(said).toContain('-antidote recover_meta_data_on_start false');
    expect(said).toContain('-kernel inet_dist_use_interface {127,0,0,1}');
    expect(said).not.toContain('guaita:');
  });

  it('begins anew with another generation, and keeps the data of the same', async () => {
    await writtenAt('g1/data_antidote/0.LOG', NOW_s - 60);
    start();
    await started();
    expect(existsSync(join(folder, 'data/g1/data_antidote/0.LOG'))).toBe(true);
    await end(child);
    start({ GUAITA_ANTIDOTE_GENERATION: '2' });
    await started();
    expect(said).toContain(`generation 2 begins: ${join(folder, 'data/g1')} is deleted`);
    expect(existsSync(join(folder, 'data/g1'))).toBe(false);
  });

  it('waits for a clock that is behind what it wrote, and says so once', async () => {
    await writtenAt('g1/data_antidote/0.LOG', NOW_s + 3_600);
    start();
    await eventually(() => expect(said).toContain('is 3600 s behind the newest file'));
    await setClock(NOW_s + 10);
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(said.match(/not started/g)).toHaveLength(1);
    expect(said).not.toContain('started as');
    await setClock(NOW_s + 3_601);
    await started();
    expect(said).toMatch(/the clock is right after \d+ s/);
  });

  it('begins another generation though the clock was ahead once', async () => {
    await writtenAt('g1/data_antidote/0.LOG', NOW_s + 86_400);
    start({ GUAITA_ANTIDOTE_GENERATION: '2' });
    await started();
  });

  it('waits for a clock that is before its own making', async () => {
    await setClock(1_000_000_000);
    start();
    await eventually(() => expect(said).toContain('which is before this program was made'));
    await setClock(NOW_s);
    await started();
  });

  it('waits for NTP, but no longer than it is told to', async () => {
    await setNtp(NTP.unset);
    start({ GUAITA_CLOCK_NTP_WAIT: '600' });
    await eventually(() => expect(said).toContain('NTP has not set the clock yet; 600 s are waited for it'));
    await setNtp(NTP.set);
    await started();
    await end(child);
    await setNtp(NTP.unset);
    start({ GUAITA_CLOCK_NTP_WAIT: '3' });
    await started();
    expect(said).toContain('NTP has not set the clock in 3 s; it is later than all that was written here');
  });

  it('goes on where nobody can tell it of NTP', async () => {
    await fake('perl', 'exit 1');
    start();
    await started();
    expect(said).not.toContain('NTP');
  });

  it('says that the clock went back while the server runs', async () => {
    start();
    await started();
    await setClock(NOW_s - 3_600);
    await eventually(() => expect(said).toContain('the clock went back by 3600 s'));
    await setClock(NOW_s);
    await eventually(() => expect(said).toContain('the clock went ahead by 3600 s'));
  });

  it('ends at once when it is told to while it waits', async () => {
    await setClock(0);
    const waiting = start();
    await eventually(() => expect(said).toContain('not started'));
    waiting.kill('SIGTERM');
    expect(await once(waiting, 'exit')).toEqual([0, null]);
  });

  it('refuses to start without a name, with a generation that is no number, or in an image without AntidoteDB', async () => {
    for (const [environment, complaint] of [
      [{ GUAITA_MONITOR: '' }, 'GUAITA_MONITOR is not set'],
      [{ GUAITA_ANTIDOTE_GENERATION: '../x' }, 'GUAITA_ANTIDOTE_GENERATION is "../x": it must be a whole number'],
      [{ GUAITA_ANTIDOTE_HOME: '/nowhere' }, 'there is no /nowhere/bin/antidote'],
    ] as const) {
      const refused = start(environment);
      expect(await once(refused, 'exit')).toEqual([78, null]);
      await eventually(() => expect(said).toContain(complaint));
    }
  });

  it('is understood by a plain POSIX shell', async () => {
    expect(await readFile(workspaceFile('deploy/antidote/start.sh'), 'utf8')).not.toMatch(/\[\[|\blocal |<\(/);
  });
});
