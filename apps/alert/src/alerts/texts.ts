import type { DiskState, ServicesLeftOut } from '@guaita/messages';
import type { AlertKind, Id, Timestamp, Verdict, VerdictState } from '@guaita/model';
import { listed } from '../listed.ts';
import { subjectOf } from './kinds.ts';

/** `Router 1 is down for a and b, answering for c; since 12:03 UTC`. */
export function downText(name: string, verdict: Verdict, wall_ms: number): string {
  const votes = votesText(verdict);
  const since = sinceText(verdict.since, wall_ms);
  return votes === '' ? `${name} is down ${since}` : `${name} is ${votes}; ${since}`;
}

export function disputedText(name: string, verdict: Verdict, wall_ms: number): string {
  const votes = votesText(verdict);
  return `${name} is disputed ${sinceText(verdict.since, wall_ms)}${votes === '' ? '' : `: ${votes}`}`;
}

export function flappingText(name: string, since: Timestamp, wall_ms: number): string {
  return `${name} keeps going down and coming back, last ${atText(since, wall_ms)}: its changes are not told until it is steady`;
}

export function underWatchedText(
  name: string,
  held: number,
  wanted: number,
  since: Timestamp,
  wall_ms: number,
): string {
  const count = held === 0 ? 'nobody' : counted(held, 'monitor');
  return `${name} is watched by ${count} instead of ${wanted} ${sinceText(since, wall_ms)}`;
}

export function lostText(monitor: Id, site: Id, since: Timestamp, wall_ms: number): string {
  return `Monitor ${monitor} at ${site} is silent ${sinceText(since, wall_ms)}: it is down, or cut off from the others`;
}

export function isolatedText(monitor: Id, site: Id, since: Timestamp, wall_ms: number): string {
  return `Monitor ${monitor} at ${site} reaches none of its anchors ${sinceText(since, wall_ms)}: what it sees of devices does not count`;
}

/** What of a disk tells how it stands. */
type Disk = Pick<DiskState, 'since' | 'free_bytes' | 'total_bytes' | 'history_bytes' | 'gave_up'>;

export function diskLowText(monitor: Id, disk: Disk, wall_ms: number): string {
  const when = sinceText(disk.since, wall_ms);
  return disk.gave_up === 'budget'
    ? `The history of monitor ${monitor} holds ${bytesText(disk.history_bytes)}, as much as it may, ${when}: measurements are kept for fewer days than they should be`
    : `The disk of monitor ${monitor} is nearly full ${when}, with ${leftText(disk)}: the oldest measurements are given up next`;
}

export function diskFullText(monitor: Id, disk: Disk, wall_ms: number): string {
  const what =
    disk.gave_up === 'room' ? 'the oldest measurements are given up' : 'no measurements can be given up for it';
  return `The disk of monitor ${monitor} is full ${sinceText(disk.since, wall_ms)}, with ${leftText(disk)}: ${what}`;
}

/** So many services are read in one sentence. */
const SERVICES_NAMED = 5;

export function leftOutText(monitor: Id, said: ServicesLeftOut, wall_ms: number): string {
  const named = said.services.slice(0, SERVICES_NAMED);
  const more = said.count - named.length;
  const names = listed(more > 0 ? [...named, `${more} more`] : named);
  return (
    `Monitor ${monitor} cannot tell of ${counted(said.count, 'service')} by Serf ${sinceText(said.since, wall_ms)}, ` +
    `as the tags of its agent may have ${said.room_bytes} bytes: ${names}; shorten descriptions, tell of fewer services, ` +
    'or raise serf.tag_bytes if it is below 512'
  );
}

function leftText({ free_bytes, total_bytes }: Disk): string {
  return `${bytesText(free_bytes)} of ${bytesText(total_bytes)} left`;
}

function bytesText(bytes: number): string {
  return bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
}

export function siteLostText(site: Id, monitors: readonly Id[], since: Timestamp, wall_ms: number): string {
  return `Site ${site} is silent ${sinceText(since, wall_ms)}: nothing is heard of ${listed(monitors)}`;
}

/** What ends an alert on a device that is told by its verdict. */
export function endText(name: string, kind: 'down' | 'disputed' | 'flapping', state: VerdictState): string {
  switch (kind) {
    case 'down':
      return `${name} is up again`;
    case 'disputed':
      return `${name} is no longer disputed: it is ${state}`;
    case 'flapping':
      return `${name} is steady again: it is ${state}`;
  }
}

export function watchedText(name: string, held: number): string {
  return `${name} is watched by ${counted(held, 'monitor')}, as many as it should have`;
}

/** What is said of an alert when its subject is there no more. */
export function goneText(name: string, kind: AlertKind): string {
  switch (subjectOf(kind)) {
    case 'monitor':
      return `Monitor ${name} is forgotten: it is not waited for any more`;
    case 'site':
      return `Site ${name} has no monitors any more`;
    case 'device':
      return `${name} is no longer in the inventory`;
  }
}

/** What is said of an alert when a later event of its kind has begun before its end was seen. */
export function supersededText(name: string): string {
  return `What was told of ${name} is over, but has begun again`;
}

/** `for 12 minutes`, as people say it. */
export function lastedText(since: Timestamp, wall_ms: number): string {
  const seconds = Math.max(0, Math.round((wall_ms - Date.parse(since)) / 1000));
  if (seconds < 120) return counted(seconds, 'second');
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return counted(minutes, 'minute');
  const hours = Math.round(minutes / 60);
  return hours < 48 ? counted(hours, 'hour') : counted(Math.round(hours / 24), 'day');
}

function votesText({ seen_by }: Verdict): string {
  const names = (sees: 'down' | 'answering'): Id[] =>
    seen_by.filter((vote) => vote.counts && vote.sees === sees).map(({ monitor }) => monitor);
  return (['down', 'answering'] as const)
    .filter((sees) => names(sees).length > 0)
    .map((sees) => `${sees} for ${listed(names(sees))}`)
    .join(', ');
}

export function sinceText(since: Timestamp, wall_ms: number): string {
  return `since ${momentText(since, wall_ms)}`;
}

function atText(since: Timestamp, wall_ms: number): string {
  return `at ${momentText(since, wall_ms)}`;
}

/** With the day when it is another one. */
function momentText(since: Timestamp, wall_ms: number): string {
  const [day = '', time = ''] = since.split('T');
  const today = new Date(wall_ms).toISOString().slice(0, day.length);
  return `${day === today ? '' : `${day} `}${time.slice(0, 'hh:mm'.length)} UTC`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
