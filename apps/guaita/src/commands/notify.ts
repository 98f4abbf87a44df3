import { alert, tryReceiver } from '@guaita/alert';
import { addCommonFlags, commonFlagValues, EXIT, loadConfig, nearest, sectionOf } from '@guaita/service';
import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { printable } from '../printable.ts';
import { sections } from '../sections.ts';
import type { Shell } from './shell.ts';

interface NotifyOptions extends Record<string, unknown> {
  readonly config?: string;
}

/** Adds `guaita notify test`: whether somebody outside can be told. */
export function addNotify(program: Command, { output, exit }: Shell): void {
  const notify = program.command('notify').description('Look after those outside who are told of alerts.');
  addCommonFlags(notify.command('test'))
    .description('Send one test notification to a receiver, and say what came back.')
    .argument('<name>', 'its name in alert.notify')
    .addHelpText(
      'after',
      `
It is sent from here, by the address and headers of guaita.yaml and the environment, to whomever they name at any time.

Example:
  guaita notify test phone --config /etc/guaita.yaml

Exit codes: 0 it arrived; 1 it did not; 2 wrong usage or configuration.`,
    )
    .action(async (name: string, options: NotifyOptions) => {
      exit(await test(name, options, output));
    });
}

async function test(name: string, options: NotifyOptions, output: Output): Promise<number> {
  const config = loadConfig({ definitions: sections, file: options.config, flags: commonFlagValues(options) });
  const { notify } = sectionOf(config, alert);
  const receiver = Object.hasOwn(notify, name) ? notify[name] : undefined;
  if (receiver === undefined) {
    process.stderr.write(`no receiver is called ${JSON.stringify(name)}; ${mendFor(name, Object.keys(notify))}\n`);
    return EXIT.usage;
  }
  const { signal } = new AbortController();
  const { outcome, status, answer } = await tryReceiver(receiver, config.common.monitor, Date.now(), signal);
  const arrived = outcome.is === 'arrived';
  const answered = status === undefined ? '' : `; it answered ${status}`;
  output.print(`${name} (${receiver.type}): ${arrived ? `it arrived${answered}` : outcome.why}`);
  for (const line of answer.split('\n')) if (line.trim() !== '') output.print(`  ${printable(line)}`);
  return arrived ? EXIT.ok : EXIT.failure;
}

function mendFor(name: string, known: readonly string[]): string {
  if (known.length === 0) return 'give one in guaita.yaml, under alert.notify, or name the file with --config';
  const guess = nearest(name, known);
  return guess === undefined ? `give one of ${known.join(', ')}` : `did you mean ${guess}?`;
}
