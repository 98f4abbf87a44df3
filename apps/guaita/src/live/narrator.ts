import type { MonitorView, ServiceStatus } from '@guaita/messages';
import type { Alert, Id, PingObservation, ProbeState, SnmpObservation, Timestamp } from '@guaita/model';
import type { LiveEvent, SummaryEvent } from './events.ts';

/** Round trips kept for a summary's median; beyond it newer ones take the places of older ones in turn. */
const MEDIAN_SAMPLES = 10_000;

interface Seen {
  readonly monitor: Id;
  readonly device: Id;
  state: ProbeState;
  connection: number;
}

/** Something known, and on which connection it was last heard. */
interface Known<Value> {
  readonly value: Value;
  readonly connection: number;
}

/**
 * Turns messages into what is worth a line: changes. Pure: messages in, events out.
 * A device counts in the summary by the best that any monitor sees of it by ping, or by SNMP where it is not pinged.
 */
export class Narrator {
  readonly #ping = new Map<string, Seen>();
  readonly #snmp = new Map<string, Seen>();
  readonly #interfaces = new Map<string, Map<string, string>>();
  readonly #services = new Map<string, Known<'online' | 'offline'>>();
  readonly #isolated = new Map<Id, Known<boolean>>();
  /** By id, what was told of alerts that are open. */
  readonly #alerts = new Map<string, Known<Alert>>();
  /** Counts the connections to the broker. */
  #connection = 0;
  #rtts_ms: number[] = [];
  #observations = 0;

  /**
   * A ping observation, or `undefined` when the monitor stopped watching the device.
   *
   * @param isStored it was retained before we came: it tells what was seen last, and does not count as a new one.
   */
  ping(monitor: Id, device: Id, observation: PingObservation | undefined, isStored: boolean): LiveEvent[] {
    if (observation === undefined) {
      this.#ping.delete(`${monitor}/${device}`);
      return [];
    }
    if (isStored && this.#isOffline(monitor, 'ping')) return [];
    if (!isStored) this.#observations += 1;
    if (!isStored && observation.rtt_avg_ms !== null) {
      this.#rtts_ms[
        this.#rtts_ms.length < MEDIAN_SAMPLES ? this.#rtts_ms.length : this.#observations % MEDIAN_SAMPLES
      ] = observation.rtt_avg_ms;
    }
    const { at, address, state } = observation;
    const previous = this.#change(this.#ping, monitor, device, state);
    if (previous === state) return [];
    const detail = describePing(observation);
    return [{ event: 'device', at, monitor, device, check: 'ping', state, previous, address, detail }];
  }

  /** An SNMP observation, or `undefined` when the monitor stopped polling the device; `isStored` as of `ping`. */
  snmp(monitor: Id, device: Id, observation: SnmpObservation | undefined, isStored: boolean): LiveEvent[] {
    const key = `${monitor}/${device}`;
    if (observation === undefined) {
      this.#snmp.delete(key);
      this.#interfaces.delete(key);
      return [];
    }
    if (isStored && this.#isOffline(monitor, 'snmp')) return [];
    if (!isStored) this.#observations += 1;
    const { at, address, state } = observation;
    const events: LiveEvent[] = [];
    const previous = this.#change(this.#snmp, monitor, device, state);
    if (previous !== state) {
      const detail = describeSnmp(observation);
      events.push({ event: 'device', at, monitor, device, check: 'snmp', state, previous, address, detail });
    }
    if (state === 'up') events.push(...this.#interfaceChanges(at, monitor, device, observation));
    return events;
  }

  /** A service's own word, or its will. What an ended probing service saw is no longer known. */
  service(monitor: Id, service: Id, status: ServiceStatus): LiveEvent[] {
    const key = `${monitor}/${service}`;
    const before = this.#services.get(key);
    this.#services.set(key, { value: status.state, connection: this.#connection });
    if (before?.value === status.state) return [];
    if (status.state === 'offline') {
      const observed = service === 'ping' ? this.#ping : service === 'snmp' ? this.#snmp : undefined;
      for (const [each, seen] of observed ?? []) if (seen.monitor === monitor) observed?.delete(each);
      for (const each of this.#interfaces.keys()) if (!this.#snmp.has(each)) this.#interfaces.delete(each);
      // A service that was gone before we came is no news.
      if (before === undefined) return [];
    }
    return [{ event: 'service', at: status.at, monitor, service, state: status.state }];
  }

  /** What the broker's own monitor knows of a monitor. */
  monitor(monitor: Id, view: MonitorView | undefined): LiveEvent[] {
    const before = this.#isolated.get(monitor)?.value ?? false;
    const isolated = view?.isolated ?? false;
    this.#isolated.set(monitor, { value: isolated, connection: this.#connection });
    if (before === isolated || view === undefined) return [];
    return [{ event: 'monitor', at: view.at, monitor, isolated }];
  }

  /** An alert that begins or is over, as it is said; one that is said twice is told once. */
  alert(alert: Alert): LiveEvent[] {
    const known = this.#alerts.get(alert.id);
    if (alert.resolves) this.#alerts.delete(alert.id);
    else this.#alerts.set(alert.id, { value: alert, connection: this.#connection });
    if (known !== undefined && !alert.resolves && known.value.severity === alert.severity) return [];
    return [{ event: 'alert', ...alert }];
  }

  /** An alert that the broker keeps as open, or, `undefined`, keeps no longer. */
  openAlert(id: string, alert: Alert | undefined): LiveEvent[] {
    if (alert !== undefined) return this.alert(alert);
    this.#alerts.delete(id);
    return [];
  }

  /** The connection to the broker broke: what is known is to be heard again on the next one. */
  disconnected(): void {
    this.#connection += 1;
  }

  /** Forgets what was not heard again on this connection, since it was cleared or expired while there was none. */
  forgetUnheard(): void {
    for (const known of [this.#ping, this.#snmp, this.#services, this.#isolated, this.#alerts]) {
      for (const [key, { connection }] of known) if (connection < this.#connection) known.delete(key);
    }
    for (const key of this.#interfaces.keys()) if (!this.#snmp.has(key)) this.#interfaces.delete(key);
  }

  /** How things stand; begins a new count. */
  summary(at: Timestamp): SummaryEvent {
    const best = new Map<Id, ProbeState>();
    const pinged = new Set([...this.#ping.values()].map(({ device }) => device));
    for (const { device, state } of this.#ping.values()) best.set(device, better(best.get(device), state));
    for (const { device, state } of this.#snmp.values()) {
      if (!pinged.has(device)) best.set(device, better(best.get(device), state));
    }
    const devices = { up: 0, down: 0, unknown: 0 };
    for (const state of best.values()) devices[state] += 1;
    const monitors = new Set(
      [...this.#services].filter(([, { value }]) => value === 'online').map(([key]) => key.split('/')[0]),
    );
    const sorted = this.#rtts_ms.sort((a, b) => a - b);
    const rtt_median_ms = sorted[Math.floor(sorted.length / 2)] ?? null;
    const observations = this.#observations;
    this.#rtts_ms = [];
    this.#observations = 0;
    return { event: 'summary', at, monitors: monitors.size, devices, observations, rtt_median_ms };
  }

  #interfaceChanges(at: Timestamp, monitor: Id, device: Id, { interfaces }: SnmpObservation): LiveEvent[] {
    const key = `${monitor}/${device}`;
    const before = this.#interfaces.get(key);
    const now = new Map(Object.entries(interfaces).map(([name, { oper }]) => [name, oper ?? 'unknown']));
    this.#interfaces.set(key, now);
    const events: LiveEvent[] = [];
    for (const [name, state] of now) {
      const previous = before?.get(name);
      if (previous === undefined || previous === state) continue;
      events.push({ event: 'interface', at, monitor, device, interface: name, state, previous });
    }
    return events;
  }

  /** Notes a state and gives the one before it. */
  #change(seen: Map<string, Seen>, monitor: Id, device: Id, state: ProbeState): ProbeState | null {
    const key = `${monitor}/${device}`;
    const known = seen.get(key);
    const connection = this.#connection;
    if (known === undefined) {
      seen.set(key, { monitor, device, state, connection });
      return null;
    }
    const previous = known.state;
    known.state = state;
    known.connection = connection;
    return previous;
  }

  #isOffline(monitor: Id, service: Id): boolean {
    return this.#services.get(`${monitor}/${service}`)?.value === 'offline';
  }
}

/** One monitor that reaches a device is enough to know that it is up. */
function better(a: ProbeState | undefined, b: ProbeState): ProbeState {
  if (a === 'up' || b === 'up') return 'up';
  return a === 'down' || b === 'down' ? 'down' : 'unknown';
}

function describePing({ rtt_avg_ms, loss_percent, sent, reason }: PingObservation): string {
  if (rtt_avg_ms !== null) return `${formatRtt(rtt_avg_ms)}, ${Math.round(loss_percent ?? 0)} % loss`;
  return reason ?? `no reply to ${sent} requests`;
}

function describeSnmp({ name, interfaces, reason, state }: SnmpObservation): string {
  if (state !== 'up') return reason ?? 'no answer';
  const count = Object.keys(interfaces).length;
  return `${name ?? 'no name'}, ${count} interface${count === 1 ? '' : 's'}`;
}

/** A round trip with as many digits as one can use. */
export function formatRtt(rtt_ms: number): string {
  return `${rtt_ms < 10 ? rtt_ms.toFixed(2) : rtt_ms.toFixed(rtt_ms < 100 ? 1 : 0)} ms`;
}
