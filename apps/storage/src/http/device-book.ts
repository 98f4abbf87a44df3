import { ALL_KEPT, type Wire } from '@guaita/bus';
import { channels, type DeviceSpec, type MonitorView } from '@guaita/messages';
import type { Alert, Id, Verdict } from '@guaita/model';
import type { Clock, Timer } from '@guaita/service';
import type { Logger } from 'pino';
import { Kept } from './kept.ts';

/** As many as a monitor watches unless told otherwise; some 200 MB. What is beyond is in the broker all the same. */
const DEVICES_MOST = 100_000;
const ALERTS_MOST = 100_000;
const MONITORS_MOST = 1_000;

/** A broker sends what it keeps within seconds; what it did not send by then is not there any more. */
const RETURN_ms = 30_000;

/** The kinds of alerts that are on monitors and sites, which may be called as a device is. */
const OF_OTHERS = /^(?:monitor|site)-/;

/** What is known of a device now. */
export interface KnownDevice {
  readonly spec: DeviceSpec;
  /** None while nobody has judged it. */
  readonly verdict: Verdict | undefined;
  readonly alerts: readonly Alert[];
}

/** By what devices are chosen; what is left out chooses all. */
export interface Choice {
  readonly state?: Verdict['state'] | undefined;
  readonly tag?: Id | undefined;
  /** One whose monitors watch it. */
  readonly site?: Id | undefined;
  /** In its id, its name or an address, in any case. */
  readonly text?: string | undefined;
}

/** All devices as the broker's retained messages tell them: what they are, what is thought of them, what is amiss. */
export class DeviceBook {
  readonly #wire: Wire;
  readonly #clock: Clock;
  readonly #specs: Kept<DeviceSpec>;
  readonly #verdicts: Kept<Verdict>;
  readonly #alerts: Kept<Alert>;
  readonly #monitors: Kept<MonitorView>;
  readonly #ends: (() => Promise<void>)[] = [];
  #sweep: Timer | undefined;
  /** Their ids in order, and the alerts of each; made when they are asked for. */
  #order: readonly Id[] | undefined;
  #bySubject: ReadonlyMap<Id, readonly Alert[]> | undefined;

  constructor(wire: Wire, clock: Clock, log: Logger) {
    this.#wire = wire;
    this.#clock = clock;
    const full = (what: string, most: number) => (): void =>
      log.warn(`the API knows no more than ${most} ${what}: the broker keeps more, of which it tells nothing`);
    this.#specs = new Kept(DEVICES_MOST, full('devices', DEVICES_MOST));
    this.#verdicts = new Kept(DEVICES_MOST, full('verdicts', DEVICES_MOST));
    this.#alerts = new Kept(ALERTS_MOST, full('alerts', ALERTS_MOST));
    this.#monitors = new Kept(MONITORS_MOST, full('monitors', MONITORS_MOST));
  }

  async start(): Promise<void> {
    const wire = this.#wire;
    const { cluster, spec, state, openAlert } = channels;
    this.#ends.push(
      await wire.hear(
        cluster,
        {},
        ({ parameters: { monitor }, value }) => this.#monitors.put(monitor, value),
        ALL_KEPT,
      ),
      await wire.hear(spec, {}, ({ parameters: { device }, value }) => this.#keepSpec(device, value), ALL_KEPT),
      await wire.hear(state, {}, ({ parameters: { device }, value }) => this.#verdicts.put(device, value), ALL_KEPT),
      await wire.hear(openAlert, {}, ({ parameters: { alert }, value }) => this.#keepAlert(alert, value), ALL_KEPT),
    );
    const unwatch = wire.bus.onConnection((connected) => this.#connection(connected));
    this.#ends.push(async () => unwatch());
  }

  async stop(): Promise<void> {
    this.#sweep?.cancel();
    for (const end of this.#ends.splice(0)) await end();
  }

  has(device: Id): boolean {
    return this.#specs.get(device) !== undefined;
  }

  device(device: Id): KnownDevice | undefined {
    const spec = this.#specs.get(device);
    if (spec === undefined) return undefined;
    return { spec, verdict: this.#verdicts.get(device), alerts: this.#alertsOf().get(device) ?? [] };
  }

  /** The ids of all that fit, in order. */
  chosen({ state, tag, site, text }: Choice): readonly Id[] {
    const wanted = text?.toLowerCase();
    return this.#ids().filter((device) => {
      const spec = this.#specs.get(device);
      if (spec === undefined) return false;
      if (state !== undefined && (this.#verdicts.get(device)?.state ?? 'unknown') !== state) return false;
      if (tag !== undefined && !spec.tags.includes(tag)) return false;
      if (site !== undefined && !spec.monitors.some((monitor) => this.#monitors.get(monitor)?.site === site))
        return false;
      return wanted === undefined || textOf(spec).some((each) => each.toLowerCase().includes(wanted));
    });
  }

  #ids(): readonly Id[] {
    this.#order ??= [...this.#specs.keys()].sort();
    return this.#order;
  }

  #alertsOf(): ReadonlyMap<Id, readonly Alert[]> {
    this.#bySubject ??= Map.groupBy(
      [...this.#alerts.values()].filter(({ kind }) => !OF_OTHERS.test(kind)),
      ({ subject }) => subject,
    );
    return this.#bySubject;
  }

  #keepAlert(id: Id, alert: Alert | undefined): void {
    this.#bySubject = undefined;
    this.#alerts.put(id, alert);
  }

  #keepSpec(device: Id, spec: DeviceSpec | undefined): void {
    if (spec === undefined || !this.has(device)) this.#order = undefined;
    this.#specs.put(device, spec);
  }

  /** What went while there was no connection is not told: what is not heard again has gone. */
  #connection(connected: boolean): void {
    this.#sweep?.cancel();
    const all = [this.#specs, this.#verdicts, this.#alerts, this.#monitors];
    if (!connected) {
      for (const kept of all) kept.doubt();
      return;
    }
    this.#sweep = this.#clock.after(RETURN_ms, () => {
      for (const kept of all) kept.dropDoubted();
      this.#order = undefined;
      this.#bySubject = undefined;
    });
  }
}

function textOf({ device, name, addresses }: DeviceSpec): readonly string[] {
  return [device, name, ...addresses];
}
