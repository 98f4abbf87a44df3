import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { wanted, type Speaker } from './speaker.ts';
import type { Stage } from './stage.ts';

/** So many devices are claimed and wanted at once, before it is seen whether the queue is full: two messages each. */
const BATCH = 40;

/** What every link does where something is lost on the way, or comes again. Called among the tests of the contract. */
export function lossContract(
  stage: Stage,
  {
    queues,
    answersItself,
    silence_ms,
  }: { readonly queues: readonly string[]; readonly answersItself: boolean; readonly silence_ms: number },
): void {
  const { speaker, eventually, completes } = stage;

  const agrees = async (listener: Speaker, other: Speaker): Promise<void> => {
    await completes(listener, other);
    expect(claimsOf(listener, other)).toEqual([...other.claims.states.keys()].sort());
    let attempts = 0;
    await eventually(() => {
      attempts += 1;
      // Their headers differ in the digest of intents, so both ask.
      if (attempts % 10 === 0) listener.ask(other.id);
      if (attempts % 10 === 0) other.ask(listener.id);
      expect(listener.intents.digest).toBe(other.intents.digest);
    });
  };

  for (const queue of queues) {
    test(`more is said than ${queue} holds: what is lost is asked for, and nothing lacks in the end`, async () => {
      const [one, two] = [await speaker('one'), await speaker('two')];
      one.claim('router', true);
      one.sayHeader();
      await completes(two, one);
      const jam = await stage.harness.jam(queue, one.id, two.id);
      let devices = 0;
      await eventually(() => {
        for (const end = devices + BATCH; devices < end; devices += 1) {
          one.claim(`device-${devices}`, true);
          one.intend(wanted(`device-${devices}`, 1));
        }
        expect(jam.isOver(2 * devices)).toBe(true);
      });
      // What is said once it is full.
      for (const device of ['router', 'device-0']) one.claim(device, false);
      one.claim('printer', true);
      one.intend(wanted('printer', 1));
      one.sayHeader();
      await jam.clear();
      await agrees(two, one);
    });
  }

  test('what a header counts is lost but for the header: the copy is incomplete until it was asked for again', async () => {
    const [one, two] = [await speaker('one'), await speaker('two')];
    one.claim('router', true);
    one.intend(wanted('router', 1));
    one.sayHeader();
    await agrees(two, one);
    await stage.cut(two);
    await eventually(() => expect(two.connections.at(-1)).toBe(false));
    two.incomplete.clear();
    await stage.harness.lose(one.id, () => {
      one.claim('router', false);
      for (const device of ['switch', 'printer', 'camera']) one.claim(device, true);
      one.intend(wanted('switch', 2));
      one.sayHeader();
    });
    await stage.mend(two);
    await eventually(() => expect([...two.incomplete]).toEqual(['one']));
    expect(two.intents.digest).not.toBe(one.intents.digest);
    await stage.mend(one);
    await agrees(two, one);
  });

  test('what was said before comes again, after newer: it changes nothing, and keeps nobody from the newest', async () => {
    const [one, two] = [await speaker('one'), await speaker('two')];
    one.claim('router', true);
    one.claim('switch', true);
    one.intend(wanted('router', 1));
    one.sayHeader();
    await agrees(two, one);
    const again = await stage.harness.keep(one.id);
    one.claim('router', false);
    one.claim('printer', true);
    one.intend(wanted('router', 2));
    one.sayHeader();
    await agrees(two, one);
    const [heard, known] = [two.heard.length, knownBy(two, one)];
    await again();
    // What is older than what was read before is passed over where it is read.
    if (!answersItself) await eventually(() => expect(two.heard.slice(heard).map(kindOf)).toContain('bucket'));
    await pause(silence_ms);
    expect(knownBy(two, one)).toEqual(known);
    await agrees(await speaker('late'), one);
  });
}

const kindOf = ({ message }: Speaker['heard'][number]): string => message.kind;

function claimsOf(listener: Speaker, other: Speaker): string[] {
  return [...(listener.peers.get(other.id)?.claims() ?? [])].map(([device]) => device).sort();
}

function knownBy(listener: Speaker, other: Speaker): unknown {
  const record = listener.peers.get(other.id);
  return {
    complete: record?.complete,
    counted: record?.header?.claims,
    claims: [...(record?.claims() ?? [])],
    versions: record?.versions(),
    intents: [...listener.intents],
  };
}
