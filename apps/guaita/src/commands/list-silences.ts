import type { Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { Id, Silence } from '@guaita/model';
import { addCommonFlags } from '@guaita/service';
import type { Command } from 'commander';
import { printable } from '../printable.ts';
import { hearKept } from '../status/hear-kept.ts';
import { table } from '../table.ts';
import { lookAt, type LookOptions } from './look-at.ts';
import { PresentInstances } from './presence.ts';
import type { Shell } from './shell.ts';

interface KnownSilences {
  /** The one that ends first comes first. */
  readonly silences: readonly (Silence & { readonly id: Id })[];
  /** No assign service is there: what is kept may be old. */
  readonly stale: boolean;
}

/** Adds `guaita silence list`. */
export function addListSilences(silence: Command, { output, exit }: Shell): void {
  addCommonFlags(silence.command('list'))
    .description('Say which alerts are silenced now, by whom, why and until when.')
    .option('--json', 'one JSON object, for programs')
    .addHelpText(
      'after',
      `
Examples:
  guaita silence list
  guaita silence list --json | jq -r '.silences[].id' | xargs guaita silence remove

Exit codes: 0 told, whether there are any or not; 2 wrong usage or configuration; 3 it cannot be told: no broker, or no
assign service on it.`,
    )
    .action(async (options: LookOptions) => {
      exit(await lookAt({ purpose: 'silences', hear: hearSilences, render, isWell: () => true }, options, output));
    });
}

async function hearSilences(wire: Wire): Promise<KnownSilences> {
  const silences = new Map<Id, Silence>();
  const present = new PresentInstances();
  await hearKept((heard) =>
    Promise.all([
      wire.hear(channels.silence, {}, ({ parameters: { silence: id }, value }) => {
        if (value === undefined) silences.delete(id);
        else silences.set(id, value);
        heard();
      }),
      present.hear(wire, 'assign', heard),
    ]),
  );
  const all = [...silences].map(([id, silence]) => ({ id, ...silence }));
  return { silences: all.sort((a, b) => Date.parse(a.until) - Date.parse(b.until)), stale: present.none };
}

function render({ silences, stale }: KnownSilences, broker: string): string[] {
  const rows = silences.map((silence) =>
    [silence.id, silence.until, silence.by, whatOf(silence), silence.why].map(printable),
  );
  return [
    ...(rows.length === 0 ? ['nothing is silenced'] : table([['id', 'until', 'by', 'what', 'why'], ...rows])),
    ...(stale ? [`no assign service is on ${broker} now: what it keeps may be old; start a monitor there`] : []),
  ];
}

/** `devices roof-ap; kinds down, disputed`. */
function whatOf({ devices, monitors, tags, sites, kinds, severities }: Silence): string {
  return Object.entries({ devices, monitors, tags, sites, kinds, severities })
    .filter(([, list]) => list.length > 0)
    .map(([name, list]) => `${name} ${list.join(', ')}`)
    .join('; ');
}
