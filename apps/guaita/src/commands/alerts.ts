import type { Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import { Severity, type Alert } from '@guaita/model';
import { addCommonFlags } from '@guaita/service';
import type { Command } from 'commander';
import { printable } from '../printable.ts';
import { hearKept } from '../status/hear-kept.ts';
import { table } from '../table.ts';
import { lookAt, type LookOptions } from './look-at.ts';
import { PresentInstances } from './presence.ts';
import type { Shell } from './shell.ts';

/** What a broker keeps of alerts. */
interface OpenAlerts {
  /** The gravest first, of these the newest. */
  readonly alerts: readonly Alert[];
  /** No alert service is there: what is kept may be old. */
  readonly stale: boolean;
}

/** Adds `guaita alerts`: what is amiss now. */
export function addAlerts(program: Command, { output, exit }: Shell): void {
  addCommonFlags(program.command('alerts'))
    .description('Say which alerts are open now, and which of them are silenced or acknowledged.')
    .option('--json', 'one JSON object, for programs')
    .addHelpText(
      'after',
      `
Examples:
  guaita alerts
  guaita alerts --json | jq '.alerts[] | select(.silenced == null) | .text'
  guaita alerts --broker mqtt://pi-1.lan:1883 > /dev/null || echo something is amiss

Exit codes: 0 no alert is open but silenced ones; 1 some are; 2 wrong usage or configuration; 3 it cannot be told: no broker, or no alert
service on it.`,
    )
    .action(async (options: LookOptions) => {
      exit(await lookAt({ purpose: 'alerts', hear: hearOpen, render, isWell: areAllSilenced }, options, output));
    });
}

function areAllSilenced({ alerts }: OpenAlerts): boolean {
  return alerts.every(({ silenced }) => silenced !== undefined);
}

async function hearOpen(wire: Wire): Promise<OpenAlerts> {
  const open = new Map<string, Alert>();
  const present = new PresentInstances();
  await hearKept((heard) =>
    Promise.all([
      wire.hear(channels.openAlert, {}, ({ parameters: { alert: id }, value }) => {
        if (value === undefined) open.delete(id);
        else open.set(id, value);
        heard();
      }),
      present.hear(wire, 'alert', heard),
    ]),
  );
  const grave = (alert: Alert): number => Severity.options.indexOf(alert.severity);
  const alerts = [...open.values()].sort((a, b) => grave(a) - grave(b) || Date.parse(b.since) - Date.parse(a.since));
  return { alerts, stale: present.none };
}

function render({ alerts, stale }: OpenAlerts, broker: string): string[] {
  const rows = alerts.map((alert) => {
    const { id, severity, kind, name, since, text } = alert;
    return [id, severity, kind, since, name, [text, ...notesOf(alert)].join('; ')].map(printable);
  });
  const columns = ['id', 'severity', 'kind', 'since', 'who', 'what'];
  return [
    ...(rows.length === 0 ? ['no alert is open'] : table([columns, ...rows])),
    ...(stale ? [`no alert service is on ${broker} now: what it keeps may be old; start a monitor there`] : []),
  ];
}

/** What operators want of an alert. */
function notesOf({ silenced, acknowledged }: Alert): string[] {
  return [
    ...(silenced === undefined
      ? []
      : [`silenced by ${silenced.by} until ${silenced.until} (${silenced.silence}: ${silenced.why})`]),
    ...(acknowledged === undefined ? [] : [`acknowledged by ${acknowledged.by} (${acknowledged.why})`]),
  ];
}
