import { randomBytes } from 'node:crypto';
import { channels } from '@guaita/messages';
import { AlertKind, Severity, type AlertScope, type Id } from '@guaita/model';
import { DURATION_HINT, EXIT, readDuration } from '@guaita/service';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { addCommandFlags, giveCommands, type CommandOptions } from './give-command.ts';
import { idOf, idsOf } from './ids.ts';
import { addListSilences } from './list-silences.ts';
import { readMoment } from './moment.ts';
import { addOperatorFlags, operatorOf, type OperatorOptions } from './operator.ts';
import type { Shell } from './shell.ts';

interface AddOptions extends CommandOptions, OperatorOptions {
  readonly id?: Id;
  readonly device?: readonly Id[];
  readonly onMonitor?: readonly Id[];
  readonly tag?: readonly Id[];
  readonly onSite?: readonly Id[];
  readonly kind?: readonly AlertKind[];
  readonly severity?: readonly Severity[];
  readonly for?: number;
  readonly until?: string;
}

/** Adds `guaita silence add|list|remove`. */
export function addSilence(program: Command, shell: Shell): void {
  const silence = program.command('silence').description('Keep alerts from being told for a while, at all brokers.');
  addAdd(silence, shell);
  addListSilences(silence, shell);
  addRemove(silence, shell);
}

function addAdd(silence: Command, { output, exit }: Shell): void {
  addOperatorFlags(addCommandFlags(silence.command('add')))
    .description('Silence alerts. They show as open all the same, and what is still open at the end is told then.')
    .option('--device <ID...>', 'alerts on these devices', idsOf)
    .option('--on-monitor <ID...>', 'alerts on these monitors', idsOf)
    .option('--tag <TAG...>', 'on what bears one of these tags', idsOf)
    .option('--on-site <SITE...>', 'on monitors of these sites, and on devices that no other site may watch', idsOf)
    .addOption(new Option('--kind <KIND...>', 'of these kinds').choices(AlertKind.options))
    .addOption(new Option('--severity <SEVERITY...>', 'of these severities').choices(Severity.options))
    .option('--for <TIME>', 'for so long: 90s, 30m, 2h, 1h30m, 3d, 1w', secondsOf)
    .option('--until <TIME>', 'until then: 2026-03-01T12:00:00Z, or "2026-03-01 12:00" by this host’s clock', momentOf)
    .option('--id <ID>', 'what it is called; one that is there is changed (default: a made-up name)', idOf)
    .addHelpText(
      'after',
      `
Of several flags an alert has to fit each; devices and monitors together are one.

Examples:
  guaita silence add --device roof-ap --for 2h --why "new antenna"
  guaita silence add --tag attic --kind down disputed --until "2026-03-01 18:00" --why "power cut" --by Ada
  guaita silence add --severity info --for 1w --why "we know" --id quiet-week

Exit codes: 0 set and on disk, 1 refused, 2 wrong usage, 3 nobody answered.`,
    )
    .action(async (options: AddOptions) => {
      if ((options.for === undefined) === (options.until === undefined)) {
        process.stderr.write('a silence needs one end: give --for TIME or --until TIME\n');
        exit(EXIT.usage);
        return;
      }
      const id = options.id ?? `s-${randomBytes(4).toString('hex')}`;
      const payload = { silence: id, ...scopeOf(options), ...operatorOf(options), ...endOf(options) };
      const order = { channel: channels.addSilence, payload, about: [id] };
      exit(await giveCommands([order], `silence ${id} is set`, options, output));
    });
}

function addRemove(silence: Command, { output, exit }: Shell): void {
  addCommandFlags(silence.command('remove'))
    .description('Take silences away: what they kept from being told and is still open is told.')
    .argument('<ids...>', 'as "guaita silence list" shows them', idsOf)
    .addHelpText(
      'after',
      `
Example:
  guaita silence remove s-1f0c2a9b

Exit codes: 0 removed, and that is on disk, 1 refused, 2 wrong usage, 3 nobody answered.`,
    )
    .action(async (silences: Id[], options: CommandOptions) => {
      const order = { channel: channels.removeSilences, payload: { silences }, about: silences };
      const done = silences.length === 1 ? 'the silence is removed' : `${silences.length} silences are removed`;
      exit(await giveCommands([order], done, options, output));
    });
}

function scopeOf({
  device = [],
  onMonitor = [],
  tag = [],
  onSite = [],
  kind = [],
  severity = [],
}: AddOptions): AlertScope {
  return {
    ...{ devices: [...device], monitors: [...onMonitor], tags: [...tag], sites: [...onSite] },
    ...{ kinds: [...kind], severities: [...severity] },
  };
}

function endOf({ for: for_s, until }: AddOptions): { for_s: number } | { until: string | undefined } {
  return for_s === undefined ? { until } : { for_s };
}

function secondsOf(text: string): number {
  const ms = readDuration(text);
  if (ms === undefined) throw new InvalidArgumentError(`It is no duration: ${DURATION_HINT}.`);
  return ms / 1000;
}

function momentOf(text: string): string {
  const ms = readMoment(text);
  if (ms === undefined)
    throw new InvalidArgumentError('It is no time: give one like 2026-03-01T12:00:00Z or "2026-03-01 12:00".');
  return new Date(ms).toISOString();
}
