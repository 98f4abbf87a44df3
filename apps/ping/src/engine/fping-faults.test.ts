import { startNamespace } from '@guaita/lab';
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProbeResult } from './engine.ts';
import { FpingEngine, type FpingOptions } from './fping.ts';

const REPLY = "printf '10.0.0.1 : [0], 64 bytes, 0.1 ms (0.1 avg, 0%% loss)\\n'";
const releases: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

/** An engine whose fping is this shell script, but for the look at loopback at its start. */
async function engineWith(script: string, options: Partial<FpingOptions> = {}): Promise<FpingEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'fake-fping-'));
  releases.push(() => rm(folder, { recursive: true }));
  const command = join(folder, 'fping');
  await writeFile(
    command,
    `#!/bin/sh\nread -r first\n[ "$first" = 127.0.0.1 ] && { echo 127.0.0.1 | fping "$@"; exit 0; }\n${script}\n`,
  );
  await chmod(command, 0o755);
  const engine = new FpingEngine({ command, grace_ms: 500, ...options });
  await engine.start();
  releases.push(() => engine.stop());
  return engine;
}

async function probe(engine: FpingEngine, addresses: readonly string[], timeout_ms = 200): Promise<ProbeResult[]> {
  const results: ProbeResult[] = [];
  const targets = addresses.map((address) => ({ address, count: 1, timeout_ms, size_bytes: 56, dont_fragment: false }));
  await engine.probe(targets, (_target, result) => results.push(result));
  expect(results).toHaveLength(addresses.length);
  return results;
}

const addresses = ['10.0.0.1', '10.0.0.2'];
const answered = { rtts_ms: [0.1] };

describe('an fping that fails', () => {
  it('by hanging is killed; what it had told stands, the rest is unknown', async () => {
    const engine = await engineWith(`${REPLY}\nexec sleep 1000`);
    const [first, second] = await probe(engine, addresses);
    expect(first).toEqual(answered);
    expect(second).toEqual({ unknown: expect.stringContaining('was stuck and has been killed') as string });
    expect(engine.busy).toBe(0);
  });

  it('by dying makes what it left open unknown, with its complaint', async () => {
    const engine = await engineWith(`${REPLY}\necho "$0: can't create socket (must run as root?)" >&2\nexit 4`);
    const [first, second] = await probe(engine, addresses);
    expect(first).toEqual(answered);
    expect(second).toEqual({ unknown: expect.stringMatching(/failed \(exit 4: .*must run as root\?\)\)/) as string });
  });

  it('by a signal makes what it left open unknown', async () => {
    const engine = await engineWith(`${REPLY}\nkill -SEGV $$`);
    const [first, second] = await probe(engine, addresses);
    expect(first).toEqual(answered);
    expect(second).toEqual({ unknown: expect.stringContaining('was ended by signal 11') as string });
  });

  it('by ending well without results makes all unknown', async () => {
    const engine = await engineWith('exit 0');
    for (const result of await probe(engine, addresses)) expect(result).toHaveProperty('unknown');
  });

  it('by printing garbage makes all unknown', async () => {
    const engine = await engineWith('head -c 20000 /dev/urandom; head -c 20000 /dev/urandom >&2; exit 1');
    for (const result of await probe(engine, addresses)) expect(result).toHaveProperty('unknown');
  });

  it('by writing without end is killed before it has filled the memory', async () => {
    const engine = await engineWith('exec yes 10.0.0.9 : flood', { grace_ms: 20_000 });
    for (const result of await probe(engine, addresses)) {
      expect(result).toEqual({ unknown: expect.stringContaining('writes without end') as string });
    }
  });

  it('by being killed with its shell makes all unknown, and the next batch has a new one', async () => {
    const engine = await engineWith(`[ -e "$0.well" ] || { : >"$0.well"; kill -KILL 0; }; ${REPLY}`);
    for (const result of await probe(engine, addresses.slice(0, 1))) expect(result).toHaveProperty('unknown');
    expect(await probe(engine, addresses.slice(0, 1))).toEqual([answered]);
  });

  it('never has more processes than it may, and all batches get their results', async () => {
    const engine = await engineWith('exec sleep 1000', { maxProcesses: 2 });
    let most = 0;
    const watch = setInterval(() => (most = Math.max(most, engine.busy)), 10);
    const batches = Array.from({ length: 6 }, (_, index) => probe(engine, [`10.0.0.${index}`], 100 + index));
    for (const [result] of await Promise.all(batches)) expect(result).toHaveProperty('unknown');
    clearInterval(watch);
    expect(most).toBe(2);
  });

  it('is ended with the engine', async () => {
    const engine = await engineWith('exec sleep 1000', { grace_ms: 60_000 });
    const pending = probe(engine, addresses);
    await sleep(100);
    await engine.stop();
    for (const result of await pending) expect(result).toEqual({ unknown: 'the ping service is stopping' });
  });
});

describe('an fping that is asked to end with everything else', () => {
  it('ends its batch', async () => {
    const engine = await engineWith(`kill -TERM 0; kill -INT 0; ${REPLY}`);
    expect(await probe(engine, addresses.slice(0, 1))).toEqual([answered]);
  });
});

describe('a host without a usable fping', () => {
  it('is told at the start what is missing and how to mend it', async () => {
    const engine = new FpingEngine({ command: 'no-such-fping' });
    await expect(engine.start()).rejects.toThrow(/no-such-fping cannot be started .*not found.*apt-get install fping/);
  });
});

describe('the real fping', () => {
  it('killed in the middle of a batch makes unknown what it had not told', async () => {
    const namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
    releases.push(() => namespace.stop());
    await namespace.silence('10.200.0.1');
    const engine = new FpingEngine({ command: join(await namespace.shims('fping'), 'fping') });
    await engine.start();
    releases.push(() => engine.stop());
    // The namespace's holder, the shell, and not yet fping.
    const before = new Set(await descendants());
    const pending = probe(engine, ['10.200.0.1', '10.200.0.2', '10.200.0.3'], 30_000);
    await sleep(1000);
    for (const pid of await descendants()) if (!before.has(pid)) process.kill(pid, 'SIGKILL');
    const results = await pending;
    expect(results.slice(0, 2)).toEqual([0, 1].map(() => ({ rtts_ms: [expect.any(Number)] as unknown[] })));
    expect(results[2]).toEqual({ unknown: expect.stringContaining('was ended by signal 9') as string });
  });

  it('says why the kernel would not send: no route is no answer, a size that does not fit is unknown', async () => {
    const namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
    releases.push(() => namespace.stop());
    const engine = new FpingEngine({ command: join(await namespace.shims('fping'), 'fping') });
    await engine.start();
    releases.push(() => engine.stop());
    expect(await probe(engine, ['203.0.113.1', '10.200.0.1', '2001:db8:9::1'])).toEqual([
      { rtts_ms: [expect.any(Number) as number] },
      { rtts_ms: [null], detail: 'no route: Network is unreachable', unsent: true },
      { rtts_ms: [null], detail: 'no route: Network is unreachable', unsent: true },
    ]);
    await namespace.run('ip', ['route', 'add', 'prohibit', '10.200.0.9/32', 'table', 'local']);
    expect(await probe(engine, ['10.200.0.9'])).toEqual([
      { unknown: 'the request could not be sent: Permission denied' },
    ]);
  });

  it('sweeps all 65,000 addresses of a network, and is right about each', { timeout: 240_000 }, async () => {
    const namespace = await startNamespace({ networks: ['10.200.0.0/16'] });
    releases.push(() => namespace.stop());
    const all = Array.from({ length: 65_536 }, (_, index) => `10.200.${index >> 8}.${index & 255}`);
    const silent = new Set(all.filter((_, index) => index % 1009 === 7));
    await namespace.silence(...silent);
    // Every raw socket gets every reply of the namespace: more at a time would overrun each other's buffers.
    const engine = new FpingEngine({ command: join(await namespace.shims('fping'), 'fping'), maxProcesses: 8 });
    await engine.start();
    releases.push(() => engine.stop());
    const sweep = async (addresses: readonly string[]): Promise<string[]> => {
      const targets = addresses.map((address) => ({
        ...{ address, count: 1, timeout_ms: 500, size_bytes: 56, dont_fragment: false },
      }));
      const lost: string[] = [];
      let told = 0;
      await engine.probe(targets, ({ address }, result) => {
        told += 1;
        expect(result).toHaveProperty('rtts_ms');
        if ('rtts_ms' in result && result.rtts_ms[0] === null) lost.push(address);
      });
      expect(told).toBe(addresses.length);
      return lost;
    };
    const lost = await sweep(all);
    expect(lost.length).toBeLessThan(silent.size + 65);
    expect(new Set(await sweep(lost))).toEqual(silent);
  });
});

/** The processes that this one has started, and those that they have. */
async function descendants(pid: number | 'self' = 'self'): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const lists = await Promise.all(tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'latin1')));
  const children = lists.flatMap((list) => list.trim().split(' ').filter(Boolean).map(Number));
  return [...children, ...(await Promise.all(children.map((child) => descendants(child)))).flat()];
}
