import { setTimeout as pause } from 'node:timers/promises';
import { BUCKETS } from '@guaita/model';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { EMPTY_DIGEST } from './digest.ts';
import { bucketOf } from './hash.ts';
import { lossContract } from './contract/losses.ts';
import { wanted } from './contract/speaker.ts';
import { Stage, type LinkHarness } from './contract/stage.ts';
import type { LinkMessage } from './link.ts';

export type { Jam, LinkHarness } from './contract/stage.ts';

/** What a link can do less than others. */
export interface LinkContractOptions {
  /** Where all can be read at any time, nobody has to be asked: then no `wants` reach the peer. */
  readonly answersItself?: boolean;
  /** The queues on the way that can be full, by the names that the harness knows them by. */
  readonly queues: readonly string[];
  /** How long to listen before it is believed that nothing comes, in milliseconds. Default 400. */
  readonly silence_ms?: number;
}

/** What every `Link` that carries the replicated state does, whatever is behind it. */
export function linkContract(
  name: string,
  makeHarness: () => Promise<LinkHarness>,
  { queues, answersItself = false, silence_ms = 400 }: LinkContractOptions,
): void {
  describe(`the link contract on ${name}`, { timeout: 360_000 }, () => {
    const stage = new Stage();
    const { speaker, eventually, completes } = stage;
    beforeEach(async () => stage.open(await makeHarness()));
    afterEach(() => stage.close());

    test('a header, buckets and intents reach every other, and what is said now is not marked as stored', async () => {
      const [one, two, three] = [await speaker('one'), await speaker('two'), await speaker('three')];
      one.intend(wanted('router', 1));
      for (const device of ['router', 'switch', 'printer']) one.claim(device, true);
      one.sayHeader();
      for (const each of [two, three]) {
        await completes(each, one);
        expect([...(each.peers.get('one')?.claims() ?? [])].map(([device]) => device).sort()).toEqual([
          'printer',
          'router',
          'switch',
        ]);
        await eventually(() => expect(each.intents.digest).toBe(one.intents.digest));
        await eventually(() => {
          one.sayHeader();
          expect(each.of('header', 'one').some(({ stored }) => !stored)).toBe(true);
        });
      }
    });

    test('nobody hears itself', async () => {
      const [one, two] = [await speaker('one'), await speaker('two')];
      one.claim('router', true);
      one.sayHeader();
      await completes(two, one);
      await pause(silence_ms);
      expect([...one.of('header', 'one'), ...one.of('bucket', 'one')]).toEqual([]);
    });

    test('who comes later is given the newest of everything, as stored: it tells state, never life', async () => {
      const one = await speaker('one');
      const before = await speaker('before');
      one.claim('router', true);
      one.claim('switch', true);
      one.claim('router', false);
      one.intend(wanted('router', 1));
      one.intend(wanted('router', 2));
      one.sayHeader();
      one.sayHeader();
      await completes(before, one);
      await eventually(() => expect(before.intents.digest).toBe(one.intents.digest));
      await pause(silence_ms);
      const late = await speaker('late');
      await eventually(() => {
        expect(late.peers.get('one')?.complete).toBe(true);
        expect(late.peers.get('one')?.header?.beat).toBe(one.beat);
        expect(late.intents.digest).toBe(one.intents.digest);
      });
      expect([...(late.peers.get('one')?.claims() ?? [])].map(([device]) => device)).toEqual(['switch']);
      await pause(silence_ms);
      expect(late.of('header', 'one').filter(({ stored }) => !stored)).toEqual([]);
    });

    test('what was said while the speaker was cut off comes when it is back, the newest of each', async () => {
      const [one, two] = [await speaker('one'), await speaker('two')];
      one.claim('router', true);
      one.sayHeader();
      await completes(two, one);
      await stage.cut(one);
      await eventually(() => expect(one.connections.at(-1)).toBe(false));
      for (let version = 0; version < 5; version += 1) one.claim('switch', version % 2 === 0);
      one.claim('router', false);
      one.intend(wanted('router', 1));
      one.sayHeader();
      await stage.mend(one);
      await eventually(() => expect(one.connections.at(-1)).toBe(true));
      await completes(two, one);
      expect([...(two.peers.get('one')?.claims() ?? [])].map(([device]) => device)).toEqual(['switch']);
      await eventually(() => expect(two.intents.digest).toBe(one.intents.digest));
    });

    test('what was said while the listener was cut off comes when it is back', async () => {
      const [one, two] = [await speaker('one'), await speaker('two')];
      one.claim('router', true);
      one.sayHeader();
      await completes(two, one);
      await stage.cut(two);
      await eventually(() => expect(two.connections.at(-1)).toBe(false));
      one.claim('router', false);
      one.claim('switch', true);
      one.intend(wanted('switch', 1));
      one.sayHeader();
      await pause(silence_ms);
      await stage.mend(two);
      await eventually(() => expect(two.connections.at(-1)).toBe(true));
      await completes(two, one);
      expect([...(two.peers.get('one')?.claims() ?? [])].map(([device]) => device)).toEqual(['switch']);
      await eventually(() => expect(two.intents.digest).toBe(one.intents.digest));
    });

    test('many claims, changed many times while both ends are cut off now and then, are complete in the end', async () => {
      const [one, two] = [await speaker('one'), await speaker('two')];
      for (let round = 0; round < 4; round += 1) {
        const end = round % 2 === 0 ? one : two;
        for (let n = 0; n < 120; n += 1) {
          if (n === 40) await stage.cut(end);
          if (n === 80) await stage.mend(end);
          one.claim(`device-${n}`, (n + round) % 3 !== 0);
          if (n % 20 === 0) one.sayHeader();
        }
      }
      one.sayHeader();
      await completes(two, one);
      const claimed = [...(two.peers.get('one')?.claims() ?? [])].map(([device]) => device).sort();
      expect(claimed).toEqual([...one.claims.states.keys()].sort());
    });

    test('a goodbye ends the session that the speaker was in', async () => {
      const [one, two] = [await speaker('one'), await speaker('two')];
      one.sayHeader();
      await eventually(() => {
        one.sayHeader();
        expect(two.peers.get('one')?.header?.session).toBe(one.session);
      });
      await one.link.stop();
      await eventually(() => expect(two.of('offline', 'one')).not.toEqual([]));
      expect(two.of('offline', 'one').at(-1)?.message).toMatchObject({ incarnation: 1, session: one.session });
    });

    if (!answersItself) {
      test('a question reaches the peer that is asked, and nobody else', async () => {
        const [one, two, three] = [await speaker('one'), await speaker('two'), await speaker('three')];
        const versions = Array.from({ length: BUCKETS }, (_, bucket) => bucket);
        const intents = Array.from({ length: BUCKETS }, () => EMPTY_DIGEST);
        const question: LinkMessage = { kind: 'wants', monitor: 'one', peer: 'two', incarnation: 3, versions, intents };
        one.link.say(question);
        await eventually(() => expect(two.of('wants', 'one').map(({ message }) => message)).toEqual([question]));
        await pause(silence_ms);
        expect(three.of('wants', 'one')).toEqual([]);
      });
    }

    test('what is invalid reaches nobody, and takes away nothing', async () => {
      const [one, two] = [await speaker('one'), await speaker('two')];
      one.claim('router', true);
      one.sayHeader();
      await completes(two, one);
      const heard = two.heard.length;
      await stage.harness.spoil('one', bucketOf('router'));
      await pause(silence_ms);
      for (const { message } of two.heard.slice(heard)) {
        if (message.kind === 'header') expect(message.header.host_key).toBe('a'.repeat(32));
        if (message.kind === 'bucket') expect(message.content.claims).toHaveProperty('router');
      }
      expect(two.peers.get('one')?.claim('router')?.state).toBe('held');
      one.claim('switch', true);
      one.sayHeader();
      await completes(two, one);
    });

    lossContract(stage, { queues, answersItself, silence_ms });
  });
}
