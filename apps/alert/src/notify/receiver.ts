import type { Alert, AlertKind, Id, Severity } from '@guaita/model';
import type { Times } from './times.ts';

/** Who is told what, and when: a receiver without the way to it. */
export interface Receiver {
  readonly name: Id;
  /** Of which severities, kinds and tags; `undefined`: of all. */
  readonly severities: ReadonlySet<Severity> | undefined;
  readonly kinds: ReadonlySet<AlertKind> | undefined;
  readonly tags: ReadonlySet<Id> | undefined;
  readonly times: Times;
  /** Only what has been open for so long, and nobody has acknowledged, is told. */
  readonly after_ms: number;
  /** How often it is told again; `undefined`: never. */
  readonly remind_ms: number | undefined;
  /** Whether ends are told. */
  readonly resolves: boolean;
  /** How many a minute, at most. */
  readonly perMinute: number;
}

/** Tells whether an alert is for a receiver at all. */
export function takes({ severities, kinds, tags }: Receiver, alert: Alert): boolean {
  if (severities !== undefined && !severities.has(alert.severity)) return false;
  if (kinds !== undefined && !kinds.has(alert.kind)) return false;
  return tags === undefined || alert.tags.some((tag) => tags.has(tag));
}
