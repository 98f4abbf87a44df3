import type { Id } from '@guaita/model';
import { expect, test } from 'vitest';
import { linkContract } from './contract.ts';
import type { LinkMessage } from './link.ts';
import { MemoryHub, MemoryLink } from './memory-link.ts';

/** A hub that loses all but headers when it is told to, and knows what was said. */
class WatchedHub extends MemoryHub {
  readonly said: LinkMessage[] = [];
  loses = false;

  override say(message: LinkMessage): void {
    if (this.loses && message.kind !== 'header') return;
    this.said.push(message);
    super.say(message);
  }
}

const QUEUE = 'the queue of the hub';
const QUEUE_LIMIT = 100;

linkContract(
  'memory',
  async () => {
    const hub = new WatchedHub(() => 0.5);
    return {
      makeLink: async (monitor, incarnation) => {
        const link = new MemoryLink(hub, monitor, incarnation);
        return { link, cut: async () => link.cut(), mend: async () => link.mend() };
      },
      spoil: async (monitor, bucket) => {
        hub.say({ kind: 'header', monitor, header: { host_key: 'nonsense' } } as unknown as LinkMessage);
        hub.say({ kind: 'bucket', monitor, bucket, content: { claims: [] } } as unknown as LinkMessage);
      },
      jam: async () => {
        hub.faults = { delay: 1, queue: QUEUE_LIMIT };
        return {
          isOver: (said) => said > 2 * QUEUE_LIMIT,
          clear: async () => {
            hub.faults = {};
            hub.deliver();
          },
        };
      },
      lose: async (_monitor, say) => {
        hub.loses = true;
        say();
        hub.loses = false;
      },
      keep: async (monitor: Id) => {
        const said = hub.said.filter((message) => message.monitor === monitor);
        return async () => said.forEach((message) => hub.say(message));
      },
      close: async () => {},
    };
  },
  { queues: [QUEUE], silence_ms: 20 },
);

async function listener(hub: MemoryHub, monitor: string): Promise<LinkMessage[]> {
  const heard: LinkMessage[] = [];
  const link = new MemoryLink(hub, monitor, 1);
  await link.start({ heard: (message) => heard.push(message), connected: () => {} }, new AbortController().signal);
  return heard;
}

const life = (alive: boolean): LinkMessage => ({ kind: 'life', monitor: 'one', alive });

test('a hub loses, doubles and delays what it is told to', async () => {
  const hub = new MemoryHub(() => 0);
  const heard = await listener(hub, 'two');
  hub.faults = { lose: 1 };
  hub.say(life(true));
  expect(heard).toEqual([]);
  hub.faults = { double: 1 };
  hub.say(life(true));
  expect(heard).toHaveLength(2);
  hub.faults = { delay: 1 };
  hub.say(life(false));
  expect(heard).toHaveLength(2);
  hub.deliver();
  expect(heard.slice(2)).toEqual([life(false)]);
});

test('what was delayed comes in any order', async () => {
  const hub = new MemoryHub(() => 0.99);
  const heard = await listener(hub, 'two');
  hub.faults = { delay: 1 };
  hub.say(life(true));
  hub.say(life(false));
  hub.deliver();
  expect(heard).toEqual([life(false), life(true)]);
});

test('what is more than the queue of a hub holds is lost, the newest first', async () => {
  const hub = new MemoryHub(() => 0);
  const heard = await listener(hub, 'two');
  hub.faults = { delay: 1, queue: 1 };
  hub.say(life(true));
  hub.say(life(false));
  hub.deliver();
  expect(heard).toEqual([life(true)]);
});
