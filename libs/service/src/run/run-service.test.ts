import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { MqttBus } from '@guaita/bus';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

/** A whole service in a process of its own, against a real broker. Nothing here waits finer than a second. */
const MAIN = fileURLToPath(new URL('./demo-main.testdata.ts', import.meta.url));
const STATUS = 'guaita/monitor/lab/service/storage';
const PRESENCE = 'guaita/host/lab/presence/storage/';

let broker: Mosquitto;
let listener: MqttBus;
let folder: string;
const retained = new Map<string, string>();
/** The states said, one after the other. */
const said: string[] = [];
const started = new Set<Run>();

class Run {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  output = '';

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    const { PATH = '' } = process.env;
    this.child = spawn(process.execPath, [MAIN, ...args], { cwd: folder, env: { PATH, ...env } });
    this.child.stdout?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.child.stderr?.on('data', (text: Buffer) => (this.output += text.toString()));
    this.exit = new Promise((resolve) => this.child.once('close', (code) => resolve(code)));
    started.add(this);
  }

  /** Where /metrics and /healthz are, as its log says. */
  async endpoint(): Promise<string> {
    const found = await until(() => /http:\/\/127\.0\.0\.1:\d+/.exec(this.output)?.[0], this);
    return found;
  }
}

async function until<T>(look: () => T | undefined | false, run?: Run): Promise<T> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const found = look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`did not come: ${look.toString()}\n${run?.output ?? ''}`);
    await pause(20);
  }
}

const state = (): string | undefined => {
  const text = retained.get(STATUS);
  return text === undefined ? undefined : (JSON.parse(text) as { state: string }).state;
};
const presences = (): string[] => [...retained.keys()].filter((topic) => topic.startsWith(PRESENCE));
const run = (args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Run =>
  new Run(['--monitor', 'lab', '--broker', broker.url, '--http-port', '0', ...args], env);

beforeAll(async () => {
  broker = await startMosquitto();
  listener = new MqttBus({ url: broker.url, clientId: 'listener', log: () => undefined });
  await listener.start();
  await listener.subscribe('guaita/#', ({ topic, payload }) => {
    const text = Buffer.from(payload).toString();
    if (topic === STATUS) said.push((JSON.parse(text) as { state: string }).state);
    if (text === '') retained.delete(topic);
    else retained.set(topic, text);
  });
}, 30_000);

afterAll(async () => {
  await listener.stop();
  await broker.stop();
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'service-'));
});

afterEach(async () => {
  for (const { child, exit } of started) {
    child.kill('SIGKILL');
    await exit;
  }
  started.clear();
  // The wills of those killed are for this test, not the next.
  await until(() => state() !== 'online' && presences().length === 0);
  await rm(folder, { recursive: true, force: true });
});

describe('a service in its own process', { timeout: 60_000 }, () => {
  test('says online, answers over HTTP, and at SIGTERM says offline and ends with 0', async () => {
    const service = run();
    const at = await service.endpoint();
    await until(() => state() === 'online' && presences().length === 1, service);
    const health = await fetch(`${at}/healthz`);
    expect([health.status, await health.json()]).toEqual([
      200,
      { ok: true, parts: { 'storage/broker': { ok: true, detail: '' } } },
    ]);
    const metrics = await (await fetch(`${at}/metrics`)).text();
    expect(metrics).toContain('guaita_bus_connected{service="storage"} 1');
    expect(metrics).toContain('process_cpu_user_seconds_total');
    expect((await stat(join(folder, 'data'))).mode & 0o777).toBe(0o700);

    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
    await until(() => state() === 'offline' && presences().length === 0, service);
    expect((await readdir(join(folder, 'data'))).sort()).toEqual(['storage']);
    expect(service.output).toContain('"msg":"stopped"');
  });

  test('killed at once, its wills say offline and take its presence away, and its lock is taken over', async () => {
    const first = run();
    await until(() => state() === 'online' && presences().length === 1, first);
    const before = presences();
    first.child.kill('SIGKILL');
    await until(() => state() === 'offline' && presences().length === 0, first);

    const second = run();
    await until(() => state() === 'online' && presences().length === 1, second);
    expect(presences()).not.toEqual(before);
    second.child.kill('SIGINT');
    expect(await second.exit).toBe(0);
  });

  test('says online again when another instance’s late will says offline', async () => {
    const service = run();
    await until(() => state() === 'online', service);
    listener.publish({
      topic: STATUS,
      payload: '{"state":"offline","at":"2026-01-01T00:00:00.000Z"}',
      qos: 1,
      retain: true,
    });
    await until(() => said.slice(-2).join() === 'offline,online', service);
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
    await until(() => state() === 'offline', service);
  });

  test('says online again when the broker comes back empty', async () => {
    const service = run();
    await until(() => state() === 'online' && presences().length === 1, service);
    retained.clear();
    await broker.restart({ empty: true });
    await until(() => state() === 'online' && presences().length === 1, service);
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
  });

  test('waits for a broker, unhealthy meanwhile, and ends with 0 when asked to', async () => {
    const service = new Run(['--broker', 'mqtt://127.0.0.1:1', '--http-port', '0']);
    const at = await service.endpoint();
    const health = await fetch(`${at}/healthz`);
    expect([health.status, await health.json()]).toMatchObject([503, { ok: false }]);
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(0);
  });

  test('ends within its time though the broker is frozen, and says what hung', async () => {
    const frozen = await startMosquitto();
    const service = run(['--broker', frozen.url]);
    await until(() => service.output.includes('"started"'), service);
    frozen.freeze();
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(1);
    expect(service.output).toContain('storage: goodbye did not end within 1 s');
    expect(service.output).not.toContain('the graceful stop did not end');
    expect(await readdir(join(folder, 'data'))).toEqual(['storage']);
    await frozen.stop();
  });

  test('with a wrong configuration says all that is wrong and ends with 2', async () => {
    await writeFile(join(folder, 'guaita.yaml'), 'site: My Home\nstorage:\n  tokn: x\nsnmp: {unknown: here}\n');
    const service = run([], { GUAITA_LOG_LEVELL: 'info' });
    expect(await service.exit).toBe(2);
    expect(service.output.split('\n')).toEqual([
      'guaita.yaml:1 site: "My Home" must be an id: a-z, 0-9, ".", "_" or "-", at most 63 characters; correct it',
      'guaita.yaml:3 storage.tokn: unknown key; did you mean "token"?',
      'GUAITA_LOG_LEVELL: unknown variable; did you mean GUAITA_LOG_LEVEL?',
      '',
    ]);
  });

  test('with an unknown flag, or a configuration that is not there, ends with 2', async () => {
    const flag = new Run(['--colour', 'red']);
    expect(await flag.exit).toBe(2);
    expect(flag.output).toContain("unknown option '--colour'");
    const file = new Run(['--config', 'none.yaml']);
    expect(await file.exit).toBe(2);
    expect(file.output).toBe('--config: cannot read none.yaml (ENOENT); name a readable file\n');
  });

  test('says its version and its help, with examples, and ends with 0', async () => {
    const version = new Run(['--version']);
    expect(await version.exit).toBe(0);
    expect(version.output).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = new Run(['--help']);
    expect(await help.exit).toBe(0);
    expect(help.output).toContain('Examples:\n  guaita-storage --broker');
  });

  test('logs no secret', async () => {
    await writeFile(join(folder, 'token'), 'hunter2\n');
    const service = run([], { GUAITA_STORAGE_TOKEN_FILE: 'token' });
    await until(() => service.output.includes('"started"'), service);
    expect(service.output).toContain('working with [secret]');
    expect(service.output).not.toContain('hunter2');
  });

  test('that cannot start says why, and ends with 1', async () => {
    const service = run([], { GUAITA_STORAGE_TROUBLE: 'start' });
    expect(await service.exit).toBe(1);
    expect(service.output).toContain('it is full');
    expect(await readdir(join(folder, 'data'))).toEqual(['storage']);
  });

  test('that hangs while it stops says what hung, and ends with 1 after its goodbye', async () => {
    const service = run([], { GUAITA_STORAGE_TROUBLE: 'stop' });
    await until(() => state() === 'online', service);
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(1);
    expect(service.output).toContain('storage: stop did not end within 4 s');
    await until(() => state() === 'offline' && presences().length === 0, service);
  });

  test('that hangs ends at once at a second signal', async () => {
    const service = run([], { GUAITA_STORAGE_TROUBLE: 'stop' });
    await until(() => state() === 'online', service);
    service.child.kill('SIGTERM');
    await until(() => service.output.includes('SIGTERM: stopping'), service);
    // The same one, passed on by whoever started us, does not count.
    service.child.kill('SIGTERM');
    await pause(1_000);
    expect(service.output).not.toContain('SIGTERM again');
    service.child.kill('SIGTERM');
    expect(await service.exit).toBe(1);
    expect(service.output).toContain('SIGTERM again: ending at once');
  });

  test('ends with 1 when an error reaches nobody', async () => {
    const service = run([], { GUAITA_STORAGE_TROUBLE: 'rejection' });
    expect(await service.exit).toBe(1);
    expect(service.output).toContain('nobody hears this');
  });

  test('does not share its data folder with another monitor, or with itself', async () => {
    const first = run();
    await until(() => state() === 'online', first);
    const twin = run();
    expect(await twin.exit).toBe(1);
    const said = `the data folder ${join(folder, 'data')} is in use by monitor lab, process ${first.child.pid}; stop that one (kill ${first.child.pid}) or choose another folder with --data`;
    expect(twin.output).toContain(said);
    const stranger = run(['--monitor', 'other']);
    expect(await stranger.exit).toBe(1);
    expect(stranger.output).toContain(said);
  });

  test('names the port that is in use and how to choose another', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => squatter.once('listening', resolve));
    const { port } = squatter.address() as AddressInfo;
    const service = run(['--http-port', String(port)]);
    expect(await service.exit).toBe(1);
    expect(service.output).toContain(
      `cannot listen on 127.0.0.1 port ${port} (/metrics and /healthz): EADDRINUSE; something else listens there: choose another with http.port or --http-port, 0 for any`,
    );
    squatter.close();
  });

  test('says so when the data folder cannot be made', async () => {
    await writeFile(join(folder, 'file'), '');
    await mkdir(join(folder, 'x'));
    const service = run(['--data', 'file/data']);
    expect(await service.exit).toBe(1);
    expect(service.output).toContain(`cannot use the data folder ${join(folder, 'file/data')}: ENOTDIR`);
  });
});
