import { CHANGES_KEPT, MOST } from './bounds.ts';
import { fields, moment, number, text, word, type Fields } from './read.ts';
import {
  readAlert,
  readMember,
  readMonitor,
  readService,
  readSilence,
  readSpec,
  readTroubles,
  readVerdict,
} from './readers.ts';
import type { AlertRow, Change, DeviceRow, MemberRow, MonitorRow, ServiceRow, SilenceRow } from './rows.ts';
import { Samples } from './samples.ts';
import type { State } from './state.ts';
import { aboutTopic, type Kind } from './topics.ts';

/** How soon people should see a change: something happened, or one more measurement came. */
export type Urgency = 'now' | 'soon';

/**
 * All that the broker has told, as the page needs it: messages in, rows out. It knows neither the connection nor the
 * browser; the time is given with each message.
 */
export class Network {
  readonly devices = new Map<string, DeviceRow>();
  readonly monitors = new Map<string, MonitorRow>();
  /** By monitor and service: whether it is online. */
  readonly services = new Map<string, Map<string, boolean>>();
  readonly alerts = new Map<string, AlertRow>();
  readonly silences = new Map<string, SilenceRow>();
  readonly found = new Map<string, ServiceRow>();
  readonly members = new Map<string, MemberRow>();
  /** What happened while the page was open, the newest first. */
  readonly changes: Change[] = [];
  /** How many handovers each monitor gained and lost a device in while the page was open. */
  readonly handovers = new Map<string, { gained: number; lost: number }>();
  /** Counts changes of which devices there are and how they are called. */
  names = 0;
  /** How many messages could not be read, or found no room. */
  readonly passedOver = { unreadable: 0, tooMany: 0 };
  #counts: Record<State, number> = { up: 0, down: 0, disputed: 0, unreachable: 0, unknown: 0, maintenance: 0 };
  /** Counts connections: what was not heard in the newest may be gone. */
  #connection = 0;
  /** Of which kinds something was heard in this connection. */
  readonly #heardKinds = new Set<Kind>();

  /** How many devices are in each state. */
  get counts(): Readonly<Record<State, number>> {
    return this.#counts;
  }

  /** A connection begins: the broker says again all that it keeps. */
  connected(): void {
    this.#connection += 1;
    this.#heardKinds.clear();
  }

  /**
   * Drops what the broker has not said again since it is connected: it went while the page was not. Of a kind of which
   * nothing at all came, all stays: a broker that lost its memory is told again by the services.
   */
  settled(): Urgency | undefined {
    const isOld = (heard: number): boolean => heard < this.#connection;
    let dropped = 0;
    const sweep = <Row extends { heard: number }>(kind: Kind, rows: Map<string, Row>): void => {
      if (!this.#heardKinds.has(kind)) return;
      for (const [id, { heard }] of rows) if (isOld(heard)) dropped += Number(rows.delete(id));
    };
    if (this.#heardKinds.has('spec') && this.#heardKinds.has('state')) {
      for (const row of this.devices.values()) {
        if (!isOld(row.specHeard) && !isOld(row.verdictHeard)) continue;
        this.#changeDevice(row, () => {
          if (isOld(row.specHeard)) row.spec = undefined;
          if (isOld(row.verdictHeard)) row.verdict = undefined;
        });
        dropped += 1;
      }
    }
    // Where devices are told again, so are alerts, were there any.
    if (this.#heardKinds.has('state')) this.#heardKinds.add('openAlert');
    if (this.#heardKinds.has('spec')) this.#heardKinds.add('silence');
    sweep('cluster', this.monitors);
    sweep('openAlert', this.alerts);
    sweep('silence', this.silences);
    sweep('found', this.found);
    sweep('member', this.members);
    return dropped > 0 ? 'now' : undefined;
  }

  /**
   * Takes in a message.
   *
   * @param topic below the base topic.
   * @param payload empty where what was said is taken back.
   * @returns how soon it should be seen; `undefined` when nothing changed.
   */
  take(topic: string, payload: string, now_ms: number): Urgency | undefined {
    const about = aboutTopic(topic);
    if (about === undefined) return undefined;
    let value: Fields | undefined;
    if (payload !== '') {
      value = parsed(payload);
      if (value === undefined) {
        this.passedOver.unreadable += 1;
        return undefined;
      }
      this.#heardKinds.add(about[0]);
    }
    const [kind, first, second] = about;
    const heard = this.#connection;
    switch (kind) {
      case 'spec':
        return this.#takeSpec(first, value, now_ms);
      case 'state':
        return this.#takeState(first, value, now_ms);
      case 'ping':
        return this.#takePing(first, second, value);
      case 'trouble':
        return this.#takeTrouble(first, second, value);
      case 'cluster':
        return this.#takeMonitor(first, value, now_ms);
      case 'service':
        return this.#takeService(first, second, value);
      case 'openAlert':
        return this.#keep(this.alerts, first, value && readAlert(value, first, heard), value, MOST.alerts);
      case 'silence':
        return this.#keep(this.silences, first, value && readSilence(value, first, heard), value, MOST.silences);
      case 'found': {
        const row = value && readService(value, first, second, heard);
        return this.#keep(this.found, `${first}/${second}`, row, value, MOST.found);
      }
      case 'member':
        return this.#keep(this.members, first, value && readMember(value, first, heard), value, MOST.found);
    }
  }

  /** The sites from which a device is watched, or may be. */
  sitesOf({ spec }: DeviceRow): string[] {
    if (spec === undefined) return [];
    const sites = new Set(spec.onlySites);
    for (const monitor of spec.monitors) {
      const site = this.monitors.get(monitor)?.site;
      if (site !== undefined) sites.add(site);
    }
    return [...sites];
  }

  #takeSpec(id: string, value: Fields | undefined, now_ms: number): Urgency | undefined {
    const row = this.#device(id, value !== undefined);
    if (row === undefined) return undefined;
    const before = row.spec;
    this.#changeDevice(row, () => {
      row.spec = value && readSpec(value, id);
      row.specHeard = this.#connection;
    });
    const { spec } = row;
    if (before !== undefined && spec !== undefined) {
      const gained = spec.monitors.filter((monitor) => !before.monitors.includes(monitor));
      const lost = before.monitors.filter((monitor) => !spec.monitors.includes(monitor));
      if (gained.length + lost.length > 0) {
        for (const monitor of gained) this.#handover(monitor).gained += 1;
        for (const monitor of lost) this.#handover(monitor).lost += 1;
        this.#happened({ what: 'handover', at_ms: now_ms, device: id, gained, lost });
      }
    }
    return 'now';
  }

  #takeState(id: string, value: Fields | undefined, now_ms: number): Urgency | undefined {
    const verdict = value && readVerdict(value);
    if (value !== undefined && verdict === undefined) {
      this.passedOver.unreadable += 1;
      return undefined;
    }
    const row = this.#device(id, value !== undefined);
    if (row === undefined) return undefined;
    const before = row.verdict;
    this.#changeDevice(row, () => {
      row.verdict = verdict;
      row.verdictHeard = this.#connection;
    });
    if (before !== undefined && verdict !== undefined && before.state !== verdict.state) {
      const { state: to, reason } = verdict;
      this.#happened({ what: 'state', at_ms: now_ms, device: id, from: before.state, to, reason });
    }
    return 'now';
  }

  #takePing(monitor: string, id: string, value: Fields | undefined): Urgency | undefined {
    const row = this.#device(id, value !== undefined);
    if (row === undefined) return undefined;
    if (value === undefined) return row.seen.delete(monitor) ? 'soon' : undefined;
    const at_ms = moment(value['at']);
    if (at_ms === undefined) {
      this.passedOver.unreadable += 1;
      return undefined;
    }
    let seen = row.seen.get(monitor);
    if (seen === undefined) {
      if (row.seen.size >= MOST.monitorsOfDevice) return this.#tooMany();
      const nothing = { reason: undefined, address: undefined, loss_percent: undefined, jitter_ms: undefined };
      const noTimes = { rttMin_ms: undefined, rtt_ms: undefined, rttMax_ms: undefined };
      seen = { at_ms, state: 'unknown', ...nothing, ...noTimes, samples: new Samples() };
      row.seen.set(monitor, seen);
    }
    seen.at_ms = at_ms;
    seen.state = word(value['state'], ['up', 'down', 'unknown']) ?? 'unknown';
    seen.reason = text(value['reason']);
    seen.address = text(value['address']);
    seen.loss_percent = number(value['loss_percent']);
    seen.rttMin_ms = number(value['rtt_min_ms']);
    seen.rtt_ms = number(value['rtt_avg_ms']);
    seen.rttMax_ms = number(value['rtt_max_ms']);
    seen.jitter_ms = number(value['jitter_ms']);
    if (seen.loss_percent !== undefined) {
      seen.samples.add({ at_ms, rtt_ms: seen.rtt_ms ?? NaN, loss_percent: seen.loss_percent });
    }
    return 'soon';
  }

  #takeTrouble(monitor: string, id: string, value: Fields | undefined): Urgency | undefined {
    const row = this.#device(id, value !== undefined);
    if (row === undefined) return undefined;
    if (value === undefined) return row.troubles.delete(monitor) ? 'now' : undefined;
    if (!row.troubles.has(monitor) && row.troubles.size >= MOST.monitorsOfDevice) return this.#tooMany();
    row.troubles.set(monitor, readTroubles(value));
    return 'now';
  }

  #takeMonitor(id: string, value: Fields | undefined, now_ms: number): Urgency | undefined {
    const before = this.monitors.get(id);
    const row = value && readMonitor(value, id, this.#connection);
    const urgency = this.#keep(this.monitors, id, row, value, MOST.monitors);
    const say = (what: string, isGood: boolean): void =>
      this.#happened({ what: 'monitor', at_ms: now_ms, monitor: id, text: what, isGood });
    if (before !== undefined && row !== undefined) {
      if (before.isAlive !== row.isAlive) say(row.isAlive ? 'is back' : 'is lost', row.isAlive);
      if (before.isIsolated !== row.isIsolated)
        say(row.isIsolated ? 'is isolated' : 'is no longer isolated', !row.isIsolated);
      if (before.isDraining !== row.isDraining)
        say(row.isDraining ? 'hands over all it watches' : 'takes devices again', !row.isDraining);
    }
    if (before !== undefined && row === undefined) say('was forgotten', true);
    return urgency;
  }

  #takeService(monitor: string, service: string, value: Fields | undefined): Urgency | undefined {
    let services = this.services.get(monitor);
    if (value === undefined) return services?.delete(service) ? 'now' : undefined;
    if (services === undefined) {
      if (this.services.size >= MOST.monitors) return this.#tooMany();
      services = new Map<string, boolean>();
      this.services.set(monitor, services);
    }
    if (!services.has(service) && services.size >= MOST.services) return this.#tooMany();
    services.set(service, value['state'] === 'online');
    return 'now';
  }

  #keep<Row>(
    rows: Map<string, Row>,
    id: string,
    row: Row | undefined,
    value: Fields | undefined,
    most: number,
  ): Urgency | undefined {
    if (value === undefined) return rows.delete(id) ? 'now' : undefined;
    if (row === undefined) {
      this.passedOver.unreadable += 1;
      return undefined;
    }
    if (!rows.has(id) && rows.size >= most) return this.#tooMany();
    rows.set(id, row);
    return 'now';
  }

  #device(id: string, isSaid: boolean): DeviceRow | undefined {
    let row = this.devices.get(id);
    if (row === undefined && isSaid) {
      if (this.devices.size >= MOST.devices) {
        this.#tooMany();
        return undefined;
      }
      const heard = { specHeard: this.#connection, verdictHeard: this.#connection };
      row = { id, spec: undefined, verdict: undefined, seen: new Map(), troubles: new Map(), haystack: id, ...heard };
      this.devices.set(id, row);
    }
    return row;
  }

  /** Changes a device's entry or verdict, and keeps the counts; a device without either is no more. */
  #changeDevice(row: DeviceRow, change: () => void): void {
    const name = row.spec?.name;
    if (isListed(row)) this.#counts[stateOf(row)] -= 1;
    else this.names += 1;
    change();
    if (isListed(row)) this.#counts[stateOf(row)] += 1;
    else this.devices.delete(row.id);
    const { spec } = row;
    if (spec?.name !== name || !isListed(row)) this.names += 1;
    row.haystack = spec
      ? [row.id, spec.name, ...spec.addresses, ...spec.tags, ...spec.monitors].join('\n').toLowerCase()
      : row.id;
  }

  #handover(monitor: string): { gained: number; lost: number } {
    let count = this.handovers.get(monitor);
    if (count === undefined) this.handovers.set(monitor, (count = { gained: 0, lost: 0 }));
    return count;
  }

  #happened(change: Change): void {
    this.changes.unshift(change);
    if (this.changes.length > CHANGES_KEPT) this.changes.length = CHANGES_KEPT;
  }

  #tooMany(): undefined {
    this.passedOver.tooMany += 1;
    return undefined;
  }
}

/** A device that was only measured is none of the inventory. */
export function isListed(row: DeviceRow): boolean {
  return row.spec !== undefined || row.verdict !== undefined;
}

export function stateOf(row: DeviceRow): State {
  return row.verdict?.state ?? 'unknown';
}

export function nameOf(row: DeviceRow): string {
  return row.spec?.name ?? row.id;
}

function parsed(payload: string): Fields | undefined {
  try {
    return fields(JSON.parse(payload));
  } catch {
    return undefined;
  }
}
