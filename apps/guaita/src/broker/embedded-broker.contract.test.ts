import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { busContract, overTcp } from '@guaita/bus/contract';
import { freePort } from '@guaita/lab';
import { EmbeddedBroker } from './embedded-broker.ts';

const SILENT = { debug: () => {}, info: () => {}, warn: () => {} };

busContract('the embedded broker', async () => {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'broker-'));
  const make = (): EmbeddedBroker => new EmbeddedBroker({ port, data: folder, monitor: 'one', log: SILENT });
  let broker = make();
  await broker.start();
  return overTcp(port, {
    stopBroker: () => broker.stop(),
    startBroker: async ({ empty }) => {
      await broker.stop();
      if (empty) await rm(folder, { recursive: true });
      broker = make();
      await broker.start();
    },
    persists: true,
    close: async () => {
      await broker.stop();
      await rm(folder, { recursive: true, force: true });
    },
  });
});
