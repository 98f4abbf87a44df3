import type { IncomingMessage, Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { Clock, Timer } from '@guaita/service';
import type { LiveEvent } from './events.ts';
import { Expiries } from './expiries.ts';
import { Narrator } from './narrator.ts';
import { renderEvent, type RenderOptions } from './render.ts';

/** The first summary comes when a first round of probes is over; it tells a newcomer that it works. */
const FIRST_SUMMARY_MS = 10_000;
/** A summary a minute: often enough to see that it lives, seldom enough to leave open. */
const SUMMARY_EVERY_MS = 60_000;
/** Long enough for a broker to send all that it has retained, also from a Pi with 100,000 topics. */
const HEARD_AGAIN_MS = 10_000;
/** More lines than this in a second are counted instead of printed: nobody reads 10,000 lines at a start. */
const LINES_PER_SECOND = 40;

export interface FollowOptions {
  readonly clock: Clock;
  /** Takes one line of output, without its end. */
  readonly print: (line: string) => void;
  /** One JSON object a line, every event, instead of lines for people. */
  readonly json: boolean;
  /** Alerts and nothing else. */
  readonly alertsOnly?: boolean;
  readonly render: RenderOptions;
}

/** Follows what a broker's audience hears, and prints it as it changes. */
export class Follower {
  readonly #wire: Wire;
  readonly #options: FollowOptions;
  readonly #narrator = new Narrator();
  readonly #expiries = new Expiries();
  #unsubscribe: (() => Promise<void>)[] = [];
  #unwatch: (() => void) | undefined;
  #summaryTimer: Timer | undefined;
  /** Runs after a reconnection until what was not heard again is forgotten. */
  #forgetTimer: Timer | undefined;
  /** Runs from the first line of a burst for a second. */
  #burstTimer: Timer | undefined;
  #printed = 0;
  #counted = 0;

  constructor(wire: Wire, options: FollowOptions) {
    this.#wire = wire;
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#unwatch = this.#wire.bus.onConnection((connected) => this.#onConnection(connected));
    const { alertsOnly = false } = this.#options;
    // Those that are open come first.
    this.#unsubscribe = [...(await this.#hearAlerts()), ...(alertsOnly ? [] : await this.#hearAll())];
    if (!alertsOnly) this.#armSummary(FIRST_SUMMARY_MS);
  }

  #hearAlerts(): Promise<(() => Promise<void>)[]> {
    const narrator = this.#narrator;
    return Promise.all([
      this.#wire.hear(channels.openAlert, {}, ({ parameters: { alert }, value, message }) => {
        // One that is opened while we listen is said as an alert, too, unless it is silenced.
        if ((message.retain && value?.untold !== true) || value === undefined)
          this.#tell(narrator.openAlert(alert, value));
      }),
      this.#wire.hear(channels.alert, {}, ({ value }) => {
        if (value !== undefined) this.#tell(narrator.alert(value));
      }),
    ]);
  }

  #hearAll(): Promise<(() => Promise<void>)[]> {
    const narrator = this.#narrator;
    return Promise.all([
      this.#wire.hear(channels.service, {}, ({ parameters: { monitor, service }, value }) => {
        if (value !== undefined) this.#tell(narrator.service(monitor, service, value));
      }),
      this.#wire.hear(channels.cluster, {}, ({ parameters: { monitor }, value }) => {
        this.#tell(narrator.monitor(monitor, value));
      }),
      this.#wire.hear(channels.ping, {}, ({ parameters: { monitor, device }, value, message }) => {
        this.#expect(message, () => narrator.ping(monitor, device, undefined, false));
        this.#tell(narrator.ping(monitor, device, value, message.retain));
      }),
      this.#wire.hear(channels.snmp, {}, ({ parameters: { monitor, device }, value, message }) => {
        this.#expect(message, () => narrator.snmp(monitor, device, undefined, false));
        this.#tell(narrator.snmp(monitor, device, value, message.retain));
      }),
    ]);
  }

  async stop(): Promise<void> {
    this.#summaryTimer?.cancel();
    this.#burstTimer?.cancel();
    this.#forgetTimer?.cancel();
    this.#unwatch?.();
    await Promise.all(this.#unsubscribe.map((unsubscribe) => unsubscribe()));
    this.#unsubscribe = [];
  }

  #onConnection(connected: boolean): void {
    this.#forgetTimer?.cancel();
    if (!connected) this.#narrator.disconnected();
    else this.#forgetTimer = this.#options.clock.after(HEARD_AGAIN_MS, () => this.#narrator.forgetUnheard());
  }

  /** What was said stands until it expires, unless it is said again. */
  #expect({ topic, expiry_s }: IncomingMessage, forget: () => void): void {
    this.#expiries.heard(topic, expiry_s, this.#options.clock.monotonic_ms(), forget);
  }

  #armSummary(delay_ms: number): void {
    this.#summaryTimer = this.#options.clock.after(delay_ms, () => {
      this.#expiries.forgetExpired(this.#options.clock.monotonic_ms());
      this.#print(this.#narrator.summary(new Date(this.#options.clock.now_ms()).toISOString()));
      this.#armSummary(SUMMARY_EVERY_MS);
    });
  }

  #tell(events: readonly LiveEvent[]): void {
    for (const event of events) {
      this.#burstTimer ??= this.#options.clock.after(1000, () => this.#endBurst());
      if (this.#options.json || this.#printed < LINES_PER_SECOND) {
        this.#printed += 1;
        this.#print(event);
      } else {
        this.#counted += 1;
      }
    }
  }

  #endBurst(): void {
    if (this.#counted > 0) this.#options.print(`          … and ${this.#counted} more changes in that second`);
    this.#burstTimer = undefined;
    this.#printed = 0;
    this.#counted = 0;
  }

  #print(event: LiveEvent): void {
    this.#options.print(this.#options.json ? JSON.stringify(event) : renderEvent(event, this.#options.render));
  }
}
