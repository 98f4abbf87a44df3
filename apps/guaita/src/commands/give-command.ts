import { normaliseId } from '@guaita/model';
import { addCommonFlags, commonFlagValues, EXIT, loadConfig } from '@guaita/service';
import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { printable } from '../printable.ts';
import { sections } from '../sections.ts';
import { someNames } from '../some-names.ts';
import { CANNOT_TELL, UnreachableError, withBroker } from './broker-client.ts';
import { giveOrders, notGiven, type Order, type Outcome } from './orders.ts';
import { reachable } from './own-broker.ts';

/** Some is done and the rest is not, or not for sure. A code of its own: to give all again may be refused. */
export const PARTLY = 4;

/** What a command line is told beside its own flags. */
export interface CommandOptions extends Record<string, unknown> {
  readonly config?: string;
  readonly json?: boolean;
}

/** Adds the flags of every command that is given to a running cluster. */
export function addCommandFlags(command: Command): Command {
  return addCommonFlags(command).option(
    '--json',
    'one JSON object: ok, problem, remarks, and what is done, unsure, not_done',
  );
}

/**
 * Gives orders to the monitor that speaks on the broker, and says what became of them.
 *
 * @param done what is printed when all is done.
 * @returns the exit code.
 */
export async function giveCommands(
  orders: readonly Order[],
  done: string,
  options: CommandOptions,
  output: Output,
): Promise<number> {
  const outcome = await give(orders, options);
  if (options.json === true) output.print(JSON.stringify(outcome));
  else if (outcome.ok)
    output.print([`${done}${withDevices(outcome)} (${outcome.monitor})`, ...remarksOf(outcome)].join('\n'));
  else process.stderr.write(renderFailure(outcome, orders.length > 1).join(''));
  return exitCode(outcome);
}

/** Gives orders to the monitor that speaks on the broker that the options name. */
export async function give(orders: readonly Order[], options: CommandOptions): Promise<Outcome> {
  const config = loadConfig({ definitions: sections, file: options.config, flags: commonFlagValues(options) });
  const common = reachable(config);
  const { url, username = 'guaita' } = common.mqtt;
  const asker = { user: normaliseId(username) ?? 'guaita', url };
  try {
    return await withBroker(common, 'command', (wire) => giveOrders(wire, orders, asker));
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    return notGiven(orders, error.message);
  }
}

/** 0 all done, 1 refused and nothing done, 3 nobody answered and nothing done for sure, 4 some done. */
export function exitCode({ ok, monitor, done }: Outcome): number {
  if (ok) return EXIT.ok;
  if (done.length > 0) return PARTLY;
  return monitor === undefined ? CANNOT_TELL : EXIT.failure;
}

function withDevices({ devices_gone: gone = 0 }: Outcome): string {
  if (gone === 0) return '';
  return gone === 1 ? ', and 1 device with it' : `, and ${gone} devices with it`;
}

function remarksOf({ remarks = [] }: Outcome): string[] {
  return remarks.map((remark) => `note: ${printable(remark)}`);
}

/** Lines for people: the problem, and, of several orders, how far they came. */
function renderFailure(outcome: Outcome, several: boolean): string[] {
  const { problem = '', done, unsure, not_done } = outcome;
  const lists = { done, 'may be done': unsure, 'not done': not_done };
  const parts = Object.entries(lists).filter(([, ids]) => several && ids.length > 0);
  const notes = remarksOf(outcome).map((note) => `${note}\n`);
  return [
    `${printable(problem)}\n`,
    ...notes,
    ...parts.map(([what, ids]) => `${what}: ${ids.length} (${someNames(ids)})\n`),
  ];
}
