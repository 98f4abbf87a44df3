import { MqttBus, Wire } from '@guaita/bus';
import { startMosquitto, startNamespace } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { channels, type Probing } from '@guaita/messages';
import { PING_DEFAULTS, type PingObservation } from '@guaita/model';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const monitor = 'm1';
const anchor = '10.200.250.1';

/** Waits until something holds that others bring about. */
const until = (what: () => void): Promise<void> => eventually(what);

describe('the ping service with real Mosquitto, fping and the kernel’s ICMP', { timeout: 60_000 }, () => {
  const releases: (() => Promise<void>)[] = [];
  const observations = new Map<string, PingObservation[]>();
  const cleared = new Set<string>();
  let probing: Probing | undefined;
  let online: boolean | undefined;
  let wire: Wire;
  let namespace: Awaited<ReturnType<typeof startNamespace>>;
  let broker: Awaited<ReturnType<typeof startMosquitto>>;
  let service: ChildProcess;

  const assign = (device: string, addresses: string[], interval_s = 2): void => {
    const ping = { ...PING_DEFAULTS, interval_s, count: 2, timeout_ms: 500 };
    wire.say(channels.assigned, { monitor, device }, { name: device, addresses, checks: { ping } });
  };
  const newest = (device: string): PingObservation | undefined => observations.get(device)?.at(-1);

  beforeAll(async () => {
    namespace = await startNamespace({ networks: ['10.200.0.0/16', 'fd00:200::/64'] });
    releases.push(() => namespace.stop());
    broker = await startMosquitto({ persistence: true });
    releases.push(() => broker.stop());
    const bus = new MqttBus({ url: broker.url, clientId: 'observer', log: () => undefined });
    wire = new Wire(bus, (error) => {
      throw error;
    });
    await wire.hear(channels.ping, { monitor }, ({ parameters: { device }, value }) => {
      if (value === undefined) cleared.add(device);
      else observations.set(device, [...(observations.get(device) ?? []), value]);
    });
    await wire.hear(channels.probing, { monitor }, ({ value }) => {
      probing = value;
    });
    await wire.hear(channels.service, { monitor, service: 'ping' }, ({ value }) => {
      online = value?.state === 'online';
    });
    await bus.start();
    releases.push(() => bus.stop());
    assign('before', ['10.200.0.1']);

    const data = await mkdtemp(join(tmpdir(), 'ping-'));
    releases.push(() => rm(data, { recursive: true }));
    const main = new URL('./main.ts', import.meta.url).pathname;
    service = spawn(process.execPath, [main, '--broker', broker.url, '--monitor', monitor, '--data', data], {
      stdio: ['ignore', 'ignore', 'inherit'],
      // As a shell starts what it runs in a terminal.
      detached: true,
      env: {
        ...process.env,
        PATH: [await namespace.shims('fping'), process.env['PATH']].join(delimiter),
        GUAITA_HTTP_PORT: '0',
        GUAITA_LOG_LEVEL: 'error',
        GUAITA_PING_ANCHORS: anchor,
        GUAITA_PING_GATEWAY_ANCHOR: 'false',
      },
    });
    releases.push(async () => {
      if (service.exitCode !== null) return;
      service.kill('SIGTERM');
      const [code] = await once(service, 'exit');
      expect(code, 'the service ends in good order').toBe(0);
    });
  }, 30_000);

  afterAll(async () => {
    for (const release of releases.reverse()) await release();
  }, 30_000);

  it('pings what was assigned before it started, and what is assigned later', async () => {
    await until(() => expect(newest('before')).toMatchObject({ state: 'up', sent: 2, received: 2 }));
    assign('later', ['10.200.0.2']);
    assign('six', ['fd00:200::6']);
    await until(() => expect(newest('later')).toMatchObject({ state: 'up', address: '10.200.0.2' }));
    await until(() => expect(newest('six')).toMatchObject({ state: 'up', address: 'fd00:200::6' }));
  });

  it('says down some seconds after a device has fallen silent, and up when it is back', async () => {
    await namespace.silence('10.200.0.2');
    const from_ms = Date.now();
    await until(() => expect(newest('later')).toMatchObject({ state: 'down', received: 0, loss_percent: 100 }));
    // An interval of 2 s, and three probes of about one second, one second apart; and what a busy machine adds.
    expect(Date.now() - from_ms).toBeLessThan(15_000);
    expect(newest('before')).toMatchObject({ state: 'up' });
    await namespace.wake('10.200.0.2');
    await until(() => expect(newest('later')).toMatchObject({ state: 'up' }));
  });

  it('finds the address of a device that answers', async () => {
    await namespace.silence('10.200.0.3');
    assign('two', ['10.200.0.3', '10.200.0.4']);
    await until(() => expect(newest('two')).toMatchObject({ state: 'up', address: '10.200.0.4' }));
  });

  it('refuses a multicast address, and sends nothing', async () => {
    assign('all', ['224.0.0.1']);
    await until(() => expect(newest('all')).toMatchObject({ state: 'unknown', sent: 0 }));
    expect(newest('all')?.reason).toContain('refused');
  });

  it('clears a device that is released', async () => {
    wire.clear(channels.assigned, { monitor, device: 'all' });
    await until(() => expect(cleared).toContain('all'));
  });

  it('says that it is isolated when the cable is pulled, and calls no device down for it', async () => {
    await until(() => expect(probing).toMatchObject({ isolated: false, anchors: [{ address: anchor, state: 'up' }] }));
    const before = new Map([...observations].map(([device, all]) => [device, all.length]));
    await namespace.pullCable();
    await until(() => expect(probing).toMatchObject({ isolated: true, anchors: [{ state: 'down' }] }));
    await until(() => expect(newest('before')).toMatchObject({ state: 'unknown' }));
    await namespace.plugCable();
    await until(() => expect(probing).toMatchObject({ isolated: false }));
    await until(() => expect(newest('before')).toMatchObject({ state: 'up' }));
    for (const [device, all] of observations) {
      const states = all.slice(before.get(device)).map(({ state }) => state);
      expect(states, device).not.toContain('down');
    }
  });

  it('goes on after its broker was away', async () => {
    await broker.restart();
    const count = observations.get('before')!.length;
    await until(() => expect(observations.get('before')!.length).toBeGreaterThan(count + 1));
    expect(newest('before')).toMatchObject({ state: 'up' });
  });

  it('ends at Ctrl-C in a terminal, and says nothing of the probes that it abandons', async () => {
    const waiting = Array.from({ length: 20 }, (_, index) => `10.200.1.${index}`);
    await namespace.silence(...waiting);
    for (const address of waiting) assign(`waiting-${address}`, [address], 1);
    // Down: no confirmation is under way, and there is always a probe that waits for its replies.
    await until(() => {
      for (const address of waiting) expect(newest(`waiting-${address}`)).toMatchObject({ state: 'down' });
    });
    const before = new Map([...observations].map(([device, all]) => [device, all.length]));
    process.kill(-service.pid!, 'SIGINT');
    const [code] = (await once(service, 'exit')) as [number | null];
    expect(code).toBe(0);
    // Its goodbye comes after all that it had said.
    await until(() => expect(online).toBe(false));
    for (const [device, all] of observations) {
      const states = all.slice(before.get(device)).map(({ state }) => state);
      expect(states, device).not.toContain('unknown');
    }
  });
});
