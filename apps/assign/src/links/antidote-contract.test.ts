import { AntidoteClient, assign } from '@guaita/antidote';
import { AntidoteDouble } from '@guaita/antidote/double';
import { linkContract, type LinkHarness } from '@guaita/cluster/contract';
import { TcpProxy } from '@guaita/lab';
import { pino } from 'pino';
import { connectDataCentres } from '../antidote/connect-data-centres.ts';
import { Layout } from '../antidote/layout.ts';
import type { AntidotePace } from '../antidote/pace.ts';
import { AntidoteLink } from './antidote-link.ts';

/** Fast, so that the suite does not take minutes; the order of what happens is the same. */
const PACE: AntidotePace = {
  gap_ms: 20_000,
  poll_ms: 100,
  busyPoll_ms: 50,
  busy_ms: 5_000,
  beat_ms: 200,
  write_ms: 20,
  repair_ms: 1_000,
};

let runs = 0;

/** A mesh in a namespace of its own; each monitor has a path of its own to one of the servers. */
async function harness(servers: readonly string[], close: () => Promise<void>): Promise<LinkHarness> {
  runs += 1;
  const namespace = `contract-${process.pid}-${Date.now()}-${runs}`;
  await connectDataCentres(servers, { namespace });
  const proxies: TcpProxy[] = [];
  return {
    makeLink: async (monitor) => {
      const server = servers[proxies.length % servers.length] ?? '';
      const proxy = new TcpProxy(Number(server.split(':').at(-1)));
      await proxy.start();
      proxies.push(proxy);
      const link = new AntidoteLink({
        ...{ monitor, namespace, pace: PACE, log: pino({ level: 'silent' }) },
        addresses: [`127.0.0.1:${proxy.port}`],
      });
      return { link, cut: async () => proxy.block(), mend: async () => proxy.unblock() };
    },
    spoil: async (monitor, bucket) => {
      const layout = new Layout(namespace);
      const client = new AntidoteClient({ addresses: [servers[0] ?? ''] });
      client.start();
      await client.update([
        assign(layout.header(monitor), '{"host_key":"nonsense"}'),
        assign(layout.claims(monitor, bucket), '{"claims":[]}'),
        assign(layout.life(monitor), 'no JSON at all'),
      ]);
      await client.stop();
    },
    close: async () => {
      await Promise.all(proxies.map((proxy) => proxy.stop()));
      await close();
    },
  };
}

linkContract(
  'AntidoteDB’s double',
  async () => {
    const double = new AntidoteDouble();
    await double.start();
    return harness([double.address], () => double.stop());
  },
  { answersItself: true },
);

const url = process.env['ANTIDOTE_URL'];
if (url === undefined) {
  console.log('ANTIDOTE_URL is not set (host:port[,…] of data centres): the link contract on AntidoteDB is left out');
} else {
  linkContract('AntidoteDB', () => harness(url.split(','), async () => {}), {
    answersItself: true,
    // One data centre hears of what was written at another within 2.6 s.
    silence_ms: 4_000,
    patience_ms: 60_000,
  });
}
