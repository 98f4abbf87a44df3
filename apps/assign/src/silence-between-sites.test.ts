import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AntidoteDouble } from '@guaita/antidote/double';
import { eventually } from '@guaita/lab/eventually';
import { channels, type Reply } from '@guaita/messages';
import { expect, test } from 'vitest';
import { connectDataCentres } from './antidote/connect-data-centres.ts';
import { memoryHost, startMonitor, type Monitor } from './monitor.testdata.ts';

type SomeHost = Awaited<ReturnType<typeof memoryHost>>;

const ALERT = '0123456789abcdef';
const WHO = { by: 'Ada', why: 'a new mast' };

test('a silence and an acknowledgement said at one site hold at another, where they share AntidoteDB alone', async () => {
  const double = new AntidoteDouble();
  await double.start();
  await connectDataCentres([double.address]);
  const hosts: SomeHost[] = [];
  const monitors: Monitor[] = [];
  const start = async (id: string, site: string): Promise<readonly [SomeHost, Monitor]> => {
    const host = await memoryHost();
    hosts.push(host);
    const devices = join(host.folder, 'devices.yaml');
    await writeFile(devices, 'devices:\n  - { name: A, address: 192.0.2.1 }\n');
    const assign = { devices, antidote: { addresses: [double.address] } };
    const monitor = await startMonitor(id, host, { site, assign });
    monitors.push(monitor);
    return [host, monitor];
  };
  const until = (holds: () => void): Promise<void> =>
    eventually(async () => {
      for (const { clock } of hosts) await clock.advance(200);
      holds();
    });
  const kept = ({ broker }: SomeHost, topic: string): unknown =>
    JSON.parse(broker.retained.get(`guaita/${topic}`) ?? 'null');
  const command = async ({ broker }: SomeHost, { wire }: Monitor, verb: string, payload: object): Promise<void> => {
    let answer: Reply | undefined;
    const end = await wire.hear(channels.reply, { user: 'ada' }, ({ value }) => {
      answer = value;
    });
    const asked = { topic: `guaita/command/${verb}`, payload: JSON.stringify(payload), qos: 1, retain: false } as const;
    broker.publish({ ...asked, responseTopic: 'guaita/reply/ada/1' });
    await until(() => expect(answer).toMatchObject({ ok: true }));
    await end();
  };
  try {
    const [home, m1] = await start('m1', 'home');
    const [work, m2] = await start('m2', 'work');
    await until(() => expect(kept(work, 'cluster/m1')).toMatchObject({ links: ['antidote'] }));
    await command(home, m1, 'silence/add', { silence: 'mast', tags: ['roof'], for_s: 86_400, ...WHO });
    await until(() => expect(kept(work, 'silence/mast')).toMatchObject({ tags: ['roof'], ...WHO }));

    const at = new Date().toISOString();
    m2.wire.say(
      channels.openAlert,
      { alert: ALERT },
      {
        ...({ id: ALERT, kind: 'down', severity: 'critical', subject: 'a', name: 'A', tags: [], episode: 1 } as const),
        ...{ since: at, at, text: 'A is down', seen_by: [], resolves: false },
      },
    );
    await until(() => expect(kept(work, `alert-open/${ALERT}`)).not.toBeNull());
    await command(work, m2, 'ack', { alert: ALERT, ...WHO });
    await until(() => expect(kept(home, `ack/${ALERT}`)).toMatchObject(WHO));

    // What the one set the other takes away, also while that one is gone.
    await m1.stop();
    monitors.shift();
    await command(work, m2, 'silence/remove', { silences: ['mast'] });
    hosts.shift();
    const again = await startMonitor('m1', home, {
      site: 'home',
      assign: { antidote: { addresses: [double.address] } },
    });
    monitors.push(again);
    hosts.push(home);
    await until(() => expect(kept(home, 'silence/mast')).toBeNull());
    expect(kept(work, 'silence/mast')).toBeNull();
  } finally {
    for (const monitor of monitors) await monitor.stop();
    await double.stop();
    for (const { folder } of hosts) await rm(folder, { recursive: true });
  }
}, 150_000);
