import { textsIn } from '../read-object.ts';

/** Which alerts a flow wants: those that fit all that is given. What is empty fits any. */
export interface Wanted {
  readonly severities: readonly string[];
  readonly kinds: readonly string[];
  /** The alert's subject bears one of them. */
  readonly tags: readonly string[];
  /** Devices or monitors. */
  readonly subjects: readonly string[];
  /** Alerts that begin, their ends, or both. */
  readonly phase: 'both' | 'begin' | 'end';
}

/** Whether an alert, as it came, is one that is wanted. */
export function wants(wanted: Wanted, alert: Readonly<Record<string, unknown>>): boolean {
  const { severity, kind, subject, tags, resolves } = alert;
  const fits = (list: readonly string[], ...values: readonly unknown[]): boolean =>
    list.length === 0 || list.some((each) => values.includes(each));
  return (
    fits(wanted.severities, severity) &&
    fits(wanted.kinds, kind) &&
    fits(wanted.subjects, subject) &&
    fits(wanted.tags, ...textsIn(tags)) &&
    (wanted.phase === 'both' || (wanted.phase === 'end') === (resolves === true))
  );
}
