import { startSerfAgent } from '@guaita/lab';
import { clientContract, type ContractAgent } from './contract.ts';
import { SerfDouble, type DoubleOptions } from './double/serf-double.ts';

async function startDouble(options: DoubleOptions): Promise<ContractAgent> {
  const double = new SerfDouble(options);
  await double.start();
  return {
    name: options.name ?? '',
    rpc: double.address,
    gossip: double.gossip,
    start: () => double.start(),
    kill: () => double.stop(),
    stop: () => double.stop(),
  };
}

clientContract('the double', (name, options) => startDouble({ name, ...options }));

clientContract('the double, which sends byte by byte', (name, options) =>
  startDouble({ name, ...options, piece_bytes: 1 }),
);

let hosts = 0;
clientContract('the real agent', (name, options) => {
  hosts += 1;
  return startSerfAgent({ name, host: `127.0.0.${hosts}`, ...options });
});
