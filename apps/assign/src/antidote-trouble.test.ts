import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AntidoteDouble } from '@guaita/antidote/double';
import { eventually } from '@guaita/lab/eventually';
import { channels } from '@guaita/messages';
import { expect, test } from 'vitest';
import { connectDataCentres } from './antidote/connect-data-centres.ts';
import { memoryHost, startMonitor } from './monitor.testdata.ts';

test('an AntidoteDB that is away shows in health and in what is told of the monitor, which lives on, until it is back', async () => {
  const host = await memoryHost();
  const double = new AntidoteDouble();
  await double.start();
  await connectDataCentres([double.address]);
  await double.stop();
  const devices = join(host.folder, 'devices.yaml');
  await writeFile(devices, 'devices:\n  - { name: A, address: 192.0.2.1 }\n');
  const monitor = await startMonitor('m1', host, { assign: { devices, antidote: { addresses: [double.address] } } });
  const part = () => monitor.health.parts.get('antidote');
  const told = (): readonly string[] => {
    const text = host.broker.retained.get('guaita/cluster/m1');
    return (text === undefined ? undefined : channels.cluster.decode('', Buffer.from(text))?.troubles) ?? [];
  };
  try {
    const wrong = `nothing goes over AntidoteDB (${double.address}): no server within`;
    await eventually(async () => {
      await host.clock.advance(100);
      expect(told()).toEqual([expect.stringContaining(wrong)]);
    });
    expect(part()).toMatchObject({ ok: true, detail: expect.stringMatching(/ECONNREFUSED.*guaita doctor/) as string });
    expect(monitor.health.ok).toBe(true);
    await double.start();
    await eventually(async () => {
      await host.clock.advance(100);
      expect(told()).toEqual([]);
    });
    expect(part()).toEqual({ ok: true, detail: '' });
  } finally {
    await monitor.stop();
    await double.stop();
    await rm(host.folder, { recursive: true });
  }
}, 150_000);
