import type { Member } from '@guaita/serf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PublishedService } from '../services/published-service.ts';
import { isOurs, toCloudy } from '../tag/cloudy-record.ts';
import { pack, unpack, type RawRecord } from '../tag/packing.ts';
import { HOST, service, typicalServices } from '../tag/services.testdata.ts';
import { SerfTagSink, type SerfTagOptions } from './serf-tag.ts';
import { SinkError } from './sink.ts';

/** An agent that counts what it tells its cluster. */
class Agent {
  readonly tagsNow = new Map<string, string>();
  updates = 0;
  failure: Error | undefined;

  self(): Promise<Member> {
    if (this.failure !== undefined) return Promise.reject(this.failure);
    const versions = { min: 1, max: 5, current: 5 };
    return Promise.resolve({
      ...{ name: 'ada', address: '127.0.0.1', port: 7946, status: 'alive', tags: this.tagsNow },
      ...{ protocol: versions, delegate: versions },
    });
  }

  tags(change: { set?: Readonly<Record<string, string>>; delete?: readonly string[] }): Promise<boolean> {
    this.updates += 1;
    for (const name of change.delete ?? []) this.tagsNow.delete(name);
    for (const [name, value] of Object.entries(change.set ?? {})) this.tagsNow.set(name, value);
    return Promise.resolve(true);
  }

  get records(): RawRecord[] {
    const text = this.tagsNow.get('services');
    return text === undefined ? [] : unpack(text);
  }

  set records(records: readonly RawRecord[]) {
    if (records.length === 0) this.tagsNow.delete('services');
    else this.tagsNow.set('services', pack(records));
  }
}

function sinkOf(agent: SerfTagOptions['agent']): SerfTagSink {
  return new SerfTagSink({ agent, host: HOST, room_bytes: 512 });
}

const OTHER = { s: 'syncthing', d: 'S', m: 'pi3.guifi.local', i: '10.139.40.22', p: '22000', e: '', t: 'node_id=A' };

describe('the tag of the agent', { timeout: 120_000 }, () => {
  it('is written when services change, and not when they stay', async () => {
    const agent = new Agent();
    const sink = sinkOf(agent);
    for (let time = 0; time < 5; time += 1) expect(await sink.publish([service()], true)).toEqual([]);
    expect(agent.updates).toBe(1);
    expect(agent.records).toEqual([toCloudy(service(), HOST)]);
    await sink.publish([], true);
    expect([agent.updates, agent.tagsNow.size]).toEqual([2, 0]);
    await sink.publish([], true);
    expect(agent.updates).toBe(2);
  });

  it('is written again when the agent has forgotten it, and by a publisher that starts anew only where it differs', async () => {
    const agent = new Agent();
    await sinkOf(agent).publish(typicalServices(3), true);
    agent.tagsNow.clear();
    await sinkOf(agent).publish(typicalServices(3), true);
    expect(agent.records).toHaveLength(3);
    const next = sinkOf(agent);
    await next.publish([], false);
    await next.publish(typicalServices(3), true);
    expect(agent.updates).toBe(2);
    await next.publish(typicalServices(2), true);
    expect(agent.records).toHaveLength(2);
  });

  it('names what is left out, and what to do', async () => {
    const agent = new Agent();
    const leftOut = await sinkOf(agent).publish(typicalServices(200), true);
    expect(leftOut).toHaveLength(200 - agent.records.length);
    expect(leftOut[0]?.why).toBe(
      "the tags of this host's Serf agent have 512 bytes together, and are full: announce fewer services, or take other " +
        'tags away',
    );
  });

  it('that cannot be read is left as it is, and so is one whose agent is away', async () => {
    const agent = new Agent();
    agent.tagsNow.set('services', 'not ours!');
    await expect(sinkOf(agent).publish([service()], true)).rejects.toThrow(
      new SinkError(
        'Serf: tag "services": is not base64; it may be somebody\'s, so it is left as it is: take it away with ' +
          '"serf tags -delete services" where it is not',
      ),
    );
    agent.failure = new Error('no agent within 10000 ms');
    await expect(sinkOf(agent).publish([service()], true)).rejects.toThrow(
      'Serf: cannot tell of services now: no agent within 10000 ms',
    );
    expect([agent.updates, agent.tagsNow.get('services')]).toEqual([0, 'not ours!']);
  });

  it('has the services that there are and all records of others, whatever happened in whatever order', async () => {
    type Step = (world: { agent: Agent; services: Map<number, PublishedService>; others: RawRecord[] }) => unknown;
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ port: fc.integer({ min: 1, max: 6 }), text: fc.string({ maxLength: 6 }) }).map(
        ({ port, text }): Step =>
          ({ services }) =>
            services.set(port, service({ port, description: text })),
      ),
      fc.integer({ min: 1, max: 6 }).map(
        (port): Step =>
          ({ services }) =>
            services.delete(port),
      ),
      // As avahi-ps does: all turned round, and its own at the end.
      fc.integer({ min: 20, max: 22 }).map((port): Step => ({ agent, others }) => {
        const record = { ...OTHER, p: String(port) };
        const rest = agent.records.filter(({ p }) => p !== record.p);
        agent.records = [...rest.toReversed(), record];
        others.splice(0, others.length, ...agent.records.filter((each) => !isOurs(each)));
      }),
      fc.constant<Step>(({ agent, others }) => {
        agent.tagsNow.clear();
        others.length = 0;
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
        const world = { agent: new Agent(), services: new Map<number, PublishedService>(), others: [] as RawRecord[] };
        for (const each of steps) {
          each(world);
          const services = [...world.services.values()];
          expect(await sinkOf(world.agent).publish(services, true)).toEqual([]);
          const { updates, records } = world.agent;
          expect(records.filter((record) => !isOurs(record))).toEqual(world.others);
          expect(new Set(records.filter(isOurs).map((record) => JSON.stringify(record)))).toEqual(
            new Set(services.map((one) => JSON.stringify(toCloudy(one, HOST)))),
          );
          await sinkOf(world.agent).publish(services, true);
          expect(world.agent.updates).toBe(updates);
        }
      }),
      { numRuns: 100 },
    );
  });
});
