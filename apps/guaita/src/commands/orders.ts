import { ANSWER_ms, CommandClient, type Wire } from '@guaita/bus';
import type { Channel } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { z } from 'zod';

/** One message on one of the channels for commands, its payload as yet unchecked. It is done as a whole or not at all. */
export interface Order {
  readonly channel: Channel<string, z.ZodType>;
  readonly payload: unknown;
  /** The devices, or the monitor, that it is about. */
  readonly about: readonly Id[];
}

/** What became of all orders: whatever they were about stands in one of the three lists. */
export interface Outcome {
  readonly ok: boolean;
  /** Who answered last; none when nobody did. */
  readonly monitor?: Id;
  /** Why not all is done, and the mend. */
  readonly problem?: string;
  /** What is done, but likely not as it is meant. */
  readonly remarks?: readonly string[];
  /** How many devices went with a monitor that is forgotten. */
  readonly devices_gone?: number;
  readonly done: readonly Id[];
  /** Given and not answered: it may be done. */
  readonly unsure: readonly Id[];
  /** Refused, or no longer given. */
  readonly not_done: readonly Id[];
}

/** What came of one order; of no monitor when nobody answered. */
interface Answer {
  readonly ok: boolean;
  readonly monitor?: Id;
  readonly problem?: string;
  readonly remarks?: readonly string[] | undefined;
  readonly devices_gone?: number | undefined;
}

/** Who asks, and how long each answer is waited for. */
export interface Asker {
  /** The user of the broker below whose name answers are wanted: there others neither read nor write. */
  readonly user: Id;
  /** The broker, for people. */
  readonly url: string;
  /** Default: 10 s. */
  readonly patience_ms?: number;
}

/**
 * Gives orders to the monitor that speaks on the broker, one after the other while they are done: what comes later may
 * stand on what comes before.
 *
 * @throws {BusError} when the broker does not let us hear the answers: nothing is given then.
 */
export async function giveOrders(wire: Wire, orders: readonly Order[], asker: Asker): Promise<Outcome> {
  const { user, url, patience_ms = ANSWER_ms } = asker;
  const client = new CommandClient(wire, user);
  await client.start();
  const answers: Answer[] = [];
  for (const { channel, payload } of orders) {
    const answer = (await client.ask(channel, payload, patience_ms)) ?? silence(url, patience_ms);
    answers.push(answer);
    if (!answer.ok) break;
  }
  await client.stop();
  return outcome(orders, answers);
}

/** What became of orders of which nothing could be given. */
export function notGiven(orders: readonly Order[], problem: string): Outcome {
  return { ...outcome(orders, []), problem };
}

function outcome(orders: readonly Order[], answers: readonly Answer[]): Outcome {
  const about = (which: (answer: Answer | undefined) => boolean): Id[] =>
    orders.flatMap((order, at) => (which(answers[at]) ? order.about : []));
  const isSilence = (answer: Answer | undefined): boolean => answer !== undefined && answer.monitor === undefined;
  const { monitor } = answers.findLast((answer) => !isSilence(answer)) ?? {};
  const { problem, devices_gone } = answers.at(-1) ?? {};
  const remarks = answers.flatMap((answer) => answer.remarks ?? []);
  return {
    ok: answers.length === orders.length && answers.every(({ ok }) => ok),
    ...(monitor === undefined ? {} : { monitor }),
    ...(problem === undefined ? {} : { problem }),
    ...(remarks.length === 0 ? {} : { remarks }),
    ...(devices_gone === undefined ? {} : { devices_gone }),
    done: about((answer) => answer?.ok === true),
    unsure: about(isSilence),
    not_done: about((answer) => answer?.ok !== true && !isSilence(answer)),
  };
}

function silence(url: string, patience_ms: number): Answer {
  const problem = `nobody on ${url} answered within ${patience_ms / 1000} s, so it may not be done: see "guaita status"`;
  return { ok: false, problem };
}
