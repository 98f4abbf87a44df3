import { addCommonFlags, commonFlagValues, EXIT, loadConfig } from '@guaita/service';
import type { Command } from 'commander';
import type { Output } from '../output.ts';
import { sections } from '../sections.ts';
import { gather } from '../status/gather.ts';
import { judge } from '../status/judge.ts';
import { renderStatus } from '../status/render.ts';
import { CANNOT_TELL, UnreachableError, withBroker } from './broker-client.ts';
import { reachable } from './own-broker.ts';
import type { Shell } from './shell.ts';

interface StatusOptions extends Record<string, unknown> {
  readonly config?: string;
  readonly json?: boolean;
}

/** Adds `guaita status`: the monitors, what they watch, and what is wrong. */
export function addStatus(program: Command, { output, exit }: Shell): void {
  addCommonFlags(program.command('status'))
    .description('Say which monitors there are, what they watch, which devices have too few monitors, and why.')
    .option('--json', 'one JSON object, for programs')
    .addHelpText(
      'after',
      `
Examples:
  guaita status
  guaita status --broker mqtt://pi-1.lan:1883
  guaita status --json | jq .under_watched

Exit codes: 0 all is well; 1 a monitor is dead or in trouble, or devices have too few monitors; 2 wrong usage or
configuration; 3 it cannot be told: no broker, or nobody who speaks on it.`,
    )
    .action(async (options: StatusOptions) => {
      exit(await status(options, output));
    });
}

async function status(options: StatusOptions, output: Output): Promise<number> {
  const config = loadConfig({ definitions: sections, file: options.config, flags: commonFlagValues(options) });
  const common = reachable(config);
  try {
    const judgement = judge(await withBroker(common, 'status', gather));
    if (options.json === true) output.print(JSON.stringify(judgement));
    else for (const line of renderStatus(judgement, common.mqtt.url)) output.print(line);
    if (judgement.stale) return CANNOT_TELL;
    return judgement.ok ? EXIT.ok : EXIT.failure;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return CANNOT_TELL;
  }
}
