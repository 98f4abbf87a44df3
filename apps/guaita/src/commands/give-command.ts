import { randomBytes } from 'node:crypto';
import type { Wire } from '@guaita/bus';
import { channels, type Channel, type Reply } from '@guaita/messages';
import { normaliseId } from '@guaita/model';
import { addCommonFlags, commonFlagValues, EXIT, loadConfig, type CommonConfig } from '@guaita/service';
import type { Command } from 'commander';
import type { z } from 'zod';
import type { Output } from '../output.ts';
import { sections } from '../sections.ts';
import { CANNOT_TELL, UnreachableError, withBroker } from './broker-client.ts';
import { reachable } from './own-broker.ts';

/** Done means on disk, which takes a Pi's card a second at worst; a monitor that just takes over needs 4 s. */
const ANSWER_MS = 10_000;

/** What a command line is told beside its own flags. */
export interface CommandOptions extends Record<string, unknown> {
  readonly config?: string;
  readonly json?: boolean;
}

/** Adds the flags of every command that is given to a running cluster. */
export function addCommandFlags(command: Command): Command {
  return addCommonFlags(command).option('--json', 'one JSON object with the answer');
}

/** One message on one of the channels for commands, its payload as yet unchecked. */
export interface Order {
  readonly channel: Channel<string, z.ZodType>;
  readonly payload: unknown;
}

/**
 * Gives orders to the monitor that speaks on the broker, one after the other while they are done.
 *
 * @param done what is printed when all is done.
 * @returns the exit code: 0 done, 1 not done, 3 nobody answered.
 */
export async function giveCommands(
  orders: readonly Order[],
  done: string,
  options: CommandOptions,
  output: Output,
): Promise<number> {
  const config = loadConfig({ definitions: sections, file: options.config, flags: commonFlagValues(options) });
  const common = reachable(config);
  const { json = false } = options;
  try {
    const reply = await withBroker(common, 'command', (wire) => giveAll(wire, common, orders));
    if (json) output.print(JSON.stringify(reply));
    else if (reply.ok) output.print(`${done} (${reply.monitor})`);
    else process.stderr.write(`${reply.problem}\n`);
    return reply.ok ? EXIT.ok : EXIT.failure;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return CANNOT_TELL;
  }
}

async function giveAll(wire: Wire, { mqtt }: CommonConfig, orders: readonly Order[]): Promise<Reply> {
  // Below the own user, where the broker lets others neither read nor write.
  const user = normaliseId(mqtt.username ?? 'guaita') ?? 'guaita';
  const request = randomBytes(8).toString('hex');
  const responseTopic = channels.reply.topic(wire.base, { user, request });
  let answer = Promise.withResolvers<Reply>();
  const end = await wire.hear(channels.reply, { user, request }, ({ value }) => {
    if (value !== undefined) answer.resolve(value);
  });
  let last: Reply | undefined;
  for (const { channel, payload } of orders) {
    answer = Promise.withResolvers();
    const topic = channel.topic(wire.base, {});
    wire.bus.publish({ topic, payload: JSON.stringify(payload), qos: 1, retain: false, responseTopic });
    last = await answered(answer.promise, mqtt.url);
    if (!last.ok) break;
  }
  await end();
  if (last === undefined) throw new RangeError('there is no command to give');
  return last;
}

async function answered(answer: Promise<Reply>, url: string): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const problem = `nobody on ${url} answered within ${ANSWER_MS / 1000} s, so it may not be done: see "guaita status"`;
    timer = setTimeout(() => reject(new UnreachableError(problem)), ANSWER_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
