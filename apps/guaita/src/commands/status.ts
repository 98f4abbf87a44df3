import { addCommonFlags } from '@guaita/service';
import type { Command } from 'commander';
import { gather } from '../status/gather.ts';
import { judge, type Judgement } from '../status/judge.ts';
import { renderStatus } from '../status/render.ts';
import { lookAt, type Look, type LookOptions } from './look-at.ts';
import type { Shell } from './shell.ts';

const STATUS: Look<Judgement> = {
  purpose: 'status',
  hear: async (wire) => judge(await gather(wire)),
  render: renderStatus,
  isWell: ({ ok }) => ok,
};

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
    .action(async (options: LookOptions) => {
      exit(await lookAt(STATUS, options, output));
    });
}
