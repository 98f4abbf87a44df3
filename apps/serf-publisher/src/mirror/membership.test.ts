import { RequestRefusedError, SerfError, type EventListener, type Member } from '@guaita/serf';
import { ManualClock } from '@guaita/service';
import { describe, expect, it } from 'vitest';
import { Membership, type MembershipAgent } from './membership.ts';
import { member } from './members.testdata.ts';

/** An agent that answers when it is told to. */
class Agent implements MembershipAgent {
  members_ = [member('a')];
  name = 'a';
  failure: Error | undefined;
  lists = 0;
  stream_: EventListener | undefined;
  /** What is waited for before a list is given. */
  gate: Promise<void> = Promise.resolve();

  async self(): Promise<{ readonly name: string }> {
    if (this.failure !== undefined) throw this.failure;
    return { name: this.name };
  }

  async members({ signal }: { readonly signal: AbortSignal }): Promise<readonly Member[]> {
    this.lists += 1;
    const members = this.members_;
    await this.gate;
    signal.throwIfAborted();
    if (this.failure !== undefined) throw this.failure;
    return members;
  }

  stream(_: string, listener: EventListener) {
    this.stream_ = listener;
    return { stop: () => (this.stream_ = undefined) };
  }

  happens(to: string): void {
    this.stream_?.event({ kind: 'member-update', members: [member(to)] });
  }
}

function follow(agent: Agent) {
  const clock = new ManualClock();
  const membership = new Membership({ agent, clock });
  const told: string[] = [];
  membership.start({
    ownTagsMayDiffer: () => told.push('tags?'),
    has: (members, self) => told.push(`${self}: ${members.map(({ name }) => name).join(' ')}`),
    fails: ({ message }) => told.push(message),
  });
  return { clock, membership, told };
}

describe('who is in the cluster', () => {
  it('is told when the agent answers, and again when anything happens', async () => {
    const agent = new Agent();
    const { clock, told, membership } = follow(agent);
    await clock.advance(0);
    agent.stream_?.opened?.();
    await clock.advance(0);
    expect(told).toEqual(['a: a', 'tags?', 'a: a']);
    agent.members_ = [member('a'), member('b')];
    agent.happens('b');
    await clock.advance(0);
    expect(told.slice(3)).toEqual(['a: a b']);
    agent.happens('a');
    await clock.advance(0);
    expect(told.slice(4)).toEqual(['tags?', 'a: a b']);
    await membership.stop();
  });

  it('is looked at now and then, since agents drop events', async () => {
    const agent = new Agent();
    const { clock, told, membership } = follow(agent);
    await clock.advance(1_000);
    agent.members_ = [member('a'), member('unheard-of')];
    await clock.advance(60_000);
    expect(told).toEqual(['a: a', 'a: a unheard-of']);
    // And no sooner than that after it was looked at for another reason.
    await clock.advance(30_000);
    agent.happens('b');
    await clock.advance(59_000);
    expect(agent.lists).toBe(3);
    await clock.advance(2_000);
    expect(agent.lists).toBe(4);
    await membership.stop();
  });

  it('is asked for once more, however much happens while the list is on its way', async () => {
    const agent = new Agent();
    const { clock, told, membership } = follow(agent);
    await clock.advance(0);
    let give: (() => void) | undefined;
    agent.gate = new Promise((resolve) => (give = resolve));
    agent.happens('b');
    await clock.advance(0);
    agent.members_ = [member('a'), member('b')];
    for (let time = 0; time < 10; time += 1) agent.happens('b');
    give?.();
    await clock.advance(0);
    expect(told).toEqual(['a: a', 'a: a', 'a: a b']);
    expect(agent.lists).toBe(3);
    await membership.stop();
  });

  it('is said not to be known while the agent is away, which may come back as another', async () => {
    const agent = new Agent();
    agent.failure = new SerfError('no agent within 10000 ms');
    const { clock, told, membership } = follow(agent);
    await clock.advance(0);
    await clock.advance(60_000);
    expect(told).toEqual(['no agent within 10000 ms', 'no agent within 10000 ms']);
    agent.failure = undefined;
    agent.stream_?.opened?.();
    await clock.advance(0);
    agent.stream_?.interrupted?.(new SerfError('closed'));
    agent.name = 'renamed';
    agent.stream_?.opened?.();
    await clock.advance(0);
    expect(told.slice(2)).toEqual(['tags?', 'a: a', 'closed', 'tags?', 'renamed: a']);
    agent.stream_?.refused(new RequestRefusedError('stream', 'no'));
    expect(told.at(-1)).toBe('stream: the agent refuses: no');
    await membership.stop();
  });

  it('is told no more once it is stopped', async () => {
    const agent = new Agent();
    const { clock, told, membership } = follow(agent);
    let give: (() => void) | undefined;
    agent.gate = new Promise((resolve) => (give = resolve));
    const stopped = membership.stop();
    give?.();
    await stopped;
    await clock.advance(200_000);
    expect(agent.stream_).toBeUndefined();
    expect(told).toEqual([]);
  });
});
