import type { AlertKind, AlertScope, Id, Severity } from '@guaita/model';
import { subjectOf } from './kinds.ts';

/** What of an alert tells whether it is meant. */
export interface About {
  readonly kind: AlertKind;
  readonly severity: Severity;
  readonly subject: Id;
  readonly tags: readonly Id[];
  /** Those of all monitors that may watch the device, or the monitor's own. */
  readonly sites: readonly Id[];
}

/** Whether an alert fits every list that is given. */
export function isMeant(scope: AlertScope, { kind, severity, subject, tags, sites }: About): boolean {
  const { devices, monitors } = scope;
  const named: readonly Id[] = { device: devices, monitor: monitors, site: [] }[subjectOf(kind)];
  return (
    (devices.length + monitors.length === 0 || named.includes(subject)) &&
    (scope.tags.length === 0 || tags.some((tag) => scope.tags.includes(tag))) &&
    (scope.sites.length === 0 || isWithin(sites, scope.sites)) &&
    (scope.kinds.length === 0 || scope.kinds.includes(kind)) &&
    (scope.severities.length === 0 || scope.severities.includes(severity))
  );
}

/** Whether something is of these sites alone. What nobody may watch is of no site. */
export function isWithin(sites: readonly Id[], of: readonly Id[]): boolean {
  return sites.length > 0 && sites.every((site) => of.includes(site));
}
