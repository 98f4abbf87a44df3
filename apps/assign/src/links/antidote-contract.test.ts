import { AntidoteClient, assign } from '@guaita/antidote';
import { AntidoteDouble } from '@guaita/antidote/double';
import { linkContract, type LinkHarness } from '@guaita/cluster/contract';
import { TcpProxy } from '@guaita/lab';
import type { Id } from '@guaita/model';
import { pino } from 'pino';
import { connectDataCentres } from '../antidote/connect-data-centres.ts';
import { Layout } from '../antidote/layout.ts';
import type { AntidotePace } from '../antidote/pace.ts';
import { AntidoteContents } from './antidote-contents.testdata.ts';
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

/** It has none that can be full: the newest of each thing waits. So it is more than any queue elsewhere holds. */
const QUEUE = 'any queue elsewhere (here the newest of each waits)';
const QUEUE_LIMIT = 1_000;

let runs = 0;

/** A mesh in a namespace of its own; each monitor has a path of its own to one of the servers. */
async function harness(servers: readonly string[], close: () => Promise<void>): Promise<LinkHarness> {
  runs += 1;
  const namespace = `contract-${process.pid}-${Date.now()}-${runs}`;
  await connectDataCentres(servers, { namespace });
  const proxies = new Map<Id, TcpProxy>();
  const layout = new Layout(namespace);
  const clients = servers.map((server) => new AntidoteClient({ addresses: [server] }));
  for (const client of clients) client.start();
  const [client, ...others] = clients as [AntidoteClient, ...AntidoteClient[]];
  const contents = new AntidoteContents([client, ...others], layout);
  return {
    makeLink: async (monitor) => {
      const server = servers[proxies.size % servers.length] ?? '';
      const proxy = new TcpProxy(Number(server.split(':').at(-1)));
      await proxy.start();
      proxies.set(monitor, proxy);
      const link = new AntidoteLink({
        ...{ monitor, namespace, pace: PACE, log: pino({ level: 'silent' }) },
        addresses: [`127.0.0.1:${proxy.port}`],
      });
      return { link, cut: async () => proxy.block(), mend: async () => proxy.unblock() };
    },
    spoil: async (monitor, bucket) => {
      await client.update([
        assign(layout.header(monitor), '{"host_key":"nonsense"}'),
        assign(layout.claims(monitor, bucket), '{"claims":[]}'),
        assign(layout.life(monitor), 'no JSON at all'),
      ]);
    },
    jam: async (_queue, speaker) => {
      proxies.get(speaker)?.block();
      return { isOver: (said) => said > 2 * QUEUE_LIMIT, clear: async () => proxies.get(speaker)?.unblock() };
    },
    lose: async (monitor, say) => {
      const before = await contents.read(monitor);
      say();
      await contents.moved(monitor, before);
      // Or it would find out, and write it again, before anybody has looked.
      proxies.get(monitor)?.block();
      const { counts } = await contents.read(monitor);
      await contents.restore(monitor, { ...before, counts });
    },
    keep: async (monitor) => {
      const before = await contents.read(monitor);
      return async () => {
        // It would write the newest again before what is older stands at every data centre.
        proxies.get(monitor)?.block();
        await contents.restore(monitor, before);
        proxies.get(monitor)?.unblock();
      };
    },
    close: async () => {
      await Promise.all(clients.map((each) => each.stop()));
      await Promise.all([...proxies.values()].map((proxy) => proxy.stop()));
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
  { queues: [QUEUE], answersItself: true },
);

const url = process.env['ANTIDOTE_URL'];
if (url === undefined) {
  console.log('ANTIDOTE_URL is not set (host:port[,…] of data centres): the link contract on AntidoteDB is left out');
} else {
  linkContract('AntidoteDB', () => harness(url.split(','), async () => {}), {
    queues: [QUEUE],
    answersItself: true,
    // One data centre hears of what was written at another within 2.6 s.
    silence_ms: 4_000,
  });
}
