import type { AlertKind, AlertScope, Id, Severity } from '@guaita/model';
import { type SubjectKind, subjectOf } from './kinds.ts';

/** What of an alert tells whether it is meant. */
export interface About {
  readonly kind: AlertKind;
  readonly severity: Severity;
  readonly subject: Id;
  readonly tags: readonly Id[];
  /** Those of all monitors that may watch the device, or the monitor's own. */
  readonly sites: readonly Id[];
}

/**
 * Which alerts are meant: those that fit every list that is given. Lists are as long as somebody made them, and each
 * open alert is held against each of them: so they are sets here.
 */
export class Scope {
  /** Under any of these an alert that is meant looks for it: those of the list that means fewest. */
  readonly keys: readonly string[];
  readonly #named: Readonly<Record<SubjectKind, ReadonlySet<Id>>> | undefined;
  readonly #tags: ReadonlySet<Id>;
  readonly #sites: ReadonlySet<Id>;
  readonly #kinds: ReadonlySet<AlertKind>;
  readonly #severities: ReadonlySet<Severity>;

  constructor({ devices, monitors, tags, sites, kinds, severities }: AlertScope) {
    const isAnyNamed = devices.length + monitors.length > 0;
    this.#named = isAnyNamed ? { device: new Set(devices), monitor: new Set(monitors), site: new Set() } : undefined;
    this.#tags = new Set(tags);
    this.#sites = new Set(sites);
    this.#kinds = new Set(kinds);
    this.#severities = new Set(severities);
    if (isAnyNamed) this.keys = [...devices.map(keyOf.device), ...monitors.map(keyOf.monitor)];
    else if (tags.length > 0) this.keys = tags.map(keyOf.tag);
    else this.keys = sites.length > 0 ? sites.map(keyOf.site) : [ANY];
  }

  /** The keys under which scopes stand that may mean an alert. */
  static keysOf({ kind, subject, tags, sites }: About): readonly string[] {
    return [keyOf[subjectOf(kind)](subject), ...tags.map(keyOf.tag), ...sites.map(keyOf.site), ANY];
  }

  /** Whether an alert is meant. */
  means(about: About): boolean {
    return this.mayMean(about) && (this.#sites.size === 0 || isWithin(about.sites, (site) => this.#sites.has(site)));
  }

  /** Whether an alert is meant as far as that can be told without knowing of which sites it is. */
  mayMean({ kind, severity, subject, tags }: Omit<About, 'sites'>): boolean {
    return (
      (this.#named === undefined || this.#named[subjectOf(kind)].has(subject)) &&
      (this.#severities.size === 0 || this.#severities.has(severity)) &&
      (this.#kinds.size === 0 || this.#kinds.has(kind)) &&
      (this.#tags.size === 0 || tags.some((tag) => this.#tags.has(tag)))
    );
  }
}

const ANY = '';
const keyOf = {
  device: (id: Id) => `device/${id}`,
  monitor: (id: Id) => `monitor/${id}`,
  site: (id: Id) => `site/${id}`,
  tag: (id: Id) => `tag/${id}`,
};

/** Whether something is of these sites alone. What nobody may watch is of no site. */
export function isWithin(sites: readonly Id[], isOneOfThem: (site: Id) => boolean): boolean {
  return sites.length > 0 && sites.every(isOneOfThem);
}
