import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '@guaita/lab/eventually';
import type { SerfUserEvent } from '@guaita/messages';
import { RequestRefusedError, SerfClient, type StreamListener, type Subscription } from '@guaita/serf';
import { SerfDouble } from '@guaita/serf/double';
import { ManualClock } from '@guaita/service';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SerfEvents, type EventResult } from './serf-events.ts';
import { WantedEvents } from './wanted-events.ts';

describe('user events of Serf', { timeout: 60_000 }, () => {
  let agent: SerfDouble;
  let client: SerfClient;
  let clock: ManualClock;
  let speaks: boolean;
  let said: { topic: string; event: SerfUserEvent }[];
  let results: Partial<Record<EventResult, number>>;
  let troubles: string[];
  const ends: (() => void)[] = [];

  beforeEach(async () => {
    agent = new SerfDouble({ name: 'pi-1' });
    await agent.start();
    client = new SerfClient({ address: agent.address, random: () => 0 });
    client.start();
    clock = new ManualClock();
    speaks = true;
    said = [];
    results = {};
    troubles = [];
  });
  afterEach(async () => {
    for (const end of ends.splice(0)) end();
    await client.stop();
    await agent.stop();
  });

  async function tell(...names: string[]): Promise<void> {
    const events = new SerfEvents({
      ...{ agent: client, clock, wanted: new WantedEvents(names), speaks: () => speaks },
      say: (topic, event) => void said.push({ topic, event }),
      onResult: (result) => (results[result] = (results[result] ?? 0) + 1),
      onTrouble: (remarks) => void troubles.push(remarks.join()),
    });
    events.start();
    ends.push(() => events.stop());
    await eventually(() => expect(agent.requests.filter((each) => each === 'stream')).toHaveLength(1));
  }

  const send = (name: string, text = ''): Promise<void> => client.event(name, Buffer.from(text));

  it('are told where they are wanted, and no others; nor are our own, which would be told as somebody’s', async () => {
    await tell('*');
    await send('guaita/alert', '{"id": "0123456789abcdef"}');
    await send('¿?');
    await send('Deploy/now', 'v2');
    await eventually(() => expect(said).toHaveLength(1));
    expect(said[0]).toEqual({
      topic: 'deploy-now',
      event: {
        ...{ name: 'Deploy/now', payload: 'v2', encoding: 'utf-8', lamport_time: expect.any(String) as string },
        at: new Date(clock.now_ms()).toISOString(),
      },
    });
    expect(results).toEqual({ told: 1, unfit: 1 });
  });

  it('come again after the agent was restarted', async () => {
    await tell('deploy');
    await agent.stop();
    await agent.start();
    await eventually(() => expect(agent.requests.filter((each) => each === 'stream')).toHaveLength(2));
    await send('deploy');
    await eventually(() => expect(said).toHaveLength(1));
  });

  it('are left to another publisher of this broker while it is its turn', async () => {
    await tell('deploy');
    speaks = false;
    await send('deploy', '1');
    // The same agent tells of it before it answers this.
    await client.stats();
    await pause(20);
    speaks = true;
    await send('deploy', '2');
    await eventually(() => expect(said.map(({ event }) => event.payload)).toEqual(['2']));
  });

  it('that come in a flood are passed over, counted, and warned of once', async () => {
    await tell('noise-*');
    for (let sent = 0; sent < 300; sent += 1) await send(`noise-${sent}`);
    await eventually(() => expect(results).toEqual({ told: 100, flood: 200 }));
    expect(said).toHaveLength(100);
    expect(troubles).toEqual([expect.stringContaining('more than 10 a second come')]);
    await clock.advance(59_000);
    await send('noise-301');
    await eventually(() => expect(said).toHaveLength(101));
    expect(troubles).toHaveLength(1);
    await clock.advance(1_000);
    expect(troubles).toEqual([expect.any(String), '']);
  });

  it('that the agent will not tell of are a trouble that says why', () => {
    const stream = (_: string, listener: StreamListener): Subscription => {
      listener.refused(new RequestRefusedError('stream', 'Invalid event filter'));
      return { stop: () => undefined };
    };
    const events = new SerfEvents({
      ...{ agent: { stream }, clock, wanted: new WantedEvents(['x']), speaks: () => true },
      ...{ say: () => undefined, onResult: () => undefined },
      onTrouble: (remarks) => void troubles.push(remarks.join()),
    });
    events.start();
    events.stop();
    expect(troubles).toEqual(['stream: the agent refuses: Invalid event filter']);
  });
});
