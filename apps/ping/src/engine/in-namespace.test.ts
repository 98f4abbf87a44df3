import { startNamespace } from '@guaita/lab';
import { delimiter, join } from 'node:path';
import { probeEngineContract, type ContractNetwork } from './contract.ts';
import { FpingEngine } from './fping.ts';
import { PingPackageEngine } from './ping-package.ts';

const answering = [
  ...Array.from({ length: 20 }, (_, index) => `10.200.${index}.${index + 1}`),
  'fd00:200::1',
  'fd00:200:0:0::2',
];
const silent = ['10.200.99.1', '10.200.99.2', 'fd00:200::dead'];

async function network() {
  const namespace = await startNamespace({ networks: ['10.200.0.0/16', 'fd00:200::/64'] });
  await namespace.silence(...silent);
  return namespace;
}

probeEngineContract('of fping', async (): Promise<ContractNetwork> => {
  const namespace = await network();
  const command = join(await namespace.shims('fping'), 'fping');
  return { engine: new FpingEngine({ command }), answering, silent, stop: () => namespace.stop() };
});

probeEngineContract('of the ping package', async (): Promise<ContractNetwork> => {
  const namespace = await network();
  // The package starts the first `ping` of the path.
  const path = process.env['PATH'] ?? '';
  process.env['PATH'] = [await namespace.shims('ping', 'ping6'), path].join(delimiter);
  return {
    engine: new PingPackageEngine(),
    answering,
    silent,
    stop: async () => {
      process.env['PATH'] = path;
      await namespace.stop();
    },
  };
});
