import type { Change, KnownAlertIntents, KnownDevices } from '@guaita/cluster';
import type { AcknowledgeAlert, AddSilence, RemoveSilences } from '@guaita/messages';
import { type Id, type Silence, SILENCE_LONGEST_ms } from '@guaita/model';
import { CommandError } from '@guaita/service';

/** Each alert is held against each of them, at each broker. Who needs more silences tags. */
const SILENCES_MOST = 1_000;

const DAY_ms = 24 * 3_600_000;

/** What commands on alerts are judged by. */
export interface AlertKnowledge {
  readonly alerts: KnownAlertIntents;
  readonly inventory: KnownDevices;
  monitors(): ReadonlyMap<Id, unknown>;
}

/** What a silence comes to. */
interface SilenceDeed {
  readonly change: Change;
  /** What it names that is not there. */
  readonly remarks: readonly string[];
}

/**
 * What setting a silence comes to.
 *
 * @param name what it is called when the command does not say.
 * @throws {CommandError} when it has no end, or none that may be, or is of all alerts.
 */
export function addSilence(command: AddSilence, name: Id, known: AlertKnowledge, now_ms: number): SilenceDeed {
  const { silence: subject = name, until: _until, for_s: _for_s, ...rest } = command;
  const silence: Silence = { ...rest, until: endOf(subject, command, now_ms) };
  const { devices, monitors, tags, sites, kinds, severities } = silence;
  if ([devices, monitors, tags, sites, kinds, severities].every((list) => list.length === 0)) {
    throw new CommandError(
      `silence "${subject}" would be of all alerts: name devices, monitors, tags, sites, kinds or severities; ` +
        'to silence really all, name every severity',
    );
  }
  const all = known.alerts.silences();
  if (!all.has(subject) && all.size >= SILENCES_MOST) {
    throw new CommandError(
      `silence "${subject}" is not set: there are ${all.size}, and no more may be; take some away with ` +
        '"guaita silence remove", or silence a tag',
    );
  }
  const strangers = [
    ...devices.filter((device) => !known.inventory.has(device)).map((device) => `no device is called "${device}"`),
    ...monitors.filter((monitor) => !known.monitors().has(monitor)).map((each) => `no monitor is called "${each}"`),
  ];
  const remarks = [...new Set(strangers)].slice(0, 10);
  return { change: { kind: 'silence', subject, wanted: true, silence }, remarks };
}

/** @throws {CommandError} when one of them is not known. */
export function removeSilences({ silences }: RemoveSilences, known: AlertKnowledge): Change[] {
  const all = known.alerts.silences();
  return [...new Set(silences)].map((subject): Change => {
    if (!all.has(subject))
      throw new CommandError(`silence "${subject}" is not known, or over; look at "guaita silence list"`);
    return { kind: 'silence', subject, wanted: false };
  });
}

/**
 * What taking an alert on, or giving it back, comes to.
 *
 * @param isOpen whether the broker keeps an alert as open.
 * @throws {CommandError} when there is no such alert.
 */
export function acknowledgeAlert(
  { alert: subject, by, why, acknowledge }: AcknowledgeAlert,
  isOpen: (alert: Id) => boolean,
  known: AlertKnowledge,
  now_ms: number,
): Change {
  if (acknowledge) {
    if (!isOpen(subject)) throw new CommandError(`alert "${subject}" is not open here; look at "guaita alerts"`);
    const acknowledgement = { by, why, at: new Date(now_ms).toISOString() };
    return { kind: 'acknowledgement', subject, wanted: true, acknowledgement };
  }
  if (!known.alerts.isAcknowledged(subject))
    throw new CommandError(`alert "${subject}" is acknowledged by nobody; look at "guaita alerts"`);
  return { kind: 'acknowledgement', subject, wanted: false };
}

function endOf(name: Id, { until, for_s }: AddSilence, now_ms: number): string {
  const how = 'give "until" (a time like 2026-03-01T12:00:00Z) or "for_s" (seconds)';
  if (until === undefined && for_s === undefined) throw new CommandError(`silence "${name}" has no end: ${how}`);
  if (until !== undefined && for_s !== undefined) throw new CommandError(`silence "${name}" has two ends: ${how}`);
  const end_ms = until === undefined ? Math.floor(now_ms + (for_s ?? 0) * 1000) : Date.parse(until);
  if (end_ms <= now_ms) {
    const [end, now] = [end_ms, now_ms].map((at_ms) => new Date(at_ms).toISOString());
    throw new CommandError(`silence "${name}" would end at ${end}, which is past; it is ${now} here: give a later end`);
  }
  if (end_ms > now_ms + SILENCE_LONGEST_ms) {
    throw new CommandError(
      `silence "${name}" would last longer than ${SILENCE_LONGEST_ms / DAY_ms} days: give an earlier end, and set it anew ` +
        'then; or change the rules that make the alert',
    );
  }
  return new Date(end_ms).toISOString();
}
