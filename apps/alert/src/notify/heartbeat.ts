import { ALL_KEPT } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { Id } from '@guaita/model';
import { endInTurn, type MonitorContext, type Timer } from '@guaita/service';
import { get } from './post.ts';
import type { HeartbeatConfig } from './config.ts';
import type { NotifyReports } from './reports.ts';
import { NEEDED, Wellness } from './wellness.ts';

/** What heartbeats are ranked by: who is first of all for this calls. */
const WORK: Id = 'heartbeat';
/** As often it is looked whether a monitor that was not well is, or another has to call from now on. */
const LOOK_EVERY_ms = 5_000;

export interface HeartbeatOptions {
  readonly context: MonitorContext;
  readonly config: NonNullable<HeartbeatConfig>;
  readonly reports: NotifyReports;
  /** Whether this monitor's broker is there, and has said all that it keeps. */
  readonly isListening: () => boolean;
}

/** Calls somebody outside at intervals while all is well: the first in rank of the monitors that are well does. */
export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #wellness: Wellness;
  readonly #stopping = new AbortController();
  readonly #releases: (() => Promise<void>)[] = [];
  #called_ms = -Infinity;
  #timer: Timer | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#wellness = new Wellness(options.context.monitor);
  }

  /** Hears how monitors are. What the broker keeps of that comes before the mark of whoever hears after this. */
  async hear(): Promise<void> {
    const { wire, clock, monitor } = this.#options.context;
    for (const service of NEEDED) {
      const release = await wire.hear(
        channels.service,
        { service },
        ({ parameters, value }) => this.#wellness.service(parameters.monitor, service, value?.state === 'online'),
        ALL_KEPT,
      );
      this.#releases.push(release);
    }
    this.#releases.push(
      await wire.hear(
        channels.cluster,
        {},
        ({ parameters, value }) => this.#wellness.view(parameters.monitor, value),
        ALL_KEPT,
      ),
      await wire.hear(channels.probing, { monitor }, ({ value, message }) => {
        // What is kept tells what was, not that anybody probes.
        if (!message.retain) this.#wellness.probing(value, clock.monotonic_ms());
      }),
    );
  }

  /** Begins to call. */
  start(): void {
    this.#later(0);
  }

  async stop(): Promise<void> {
    this.#timer?.cancel();
    this.#stopping.abort();
    const failures = await endInTurn(this.#releases.splice(0).reverse());
    if (failures.length > 0) throw new AggregateError(failures, 'the heartbeat still hears how monitors are');
  }

  #later(delay_ms: number): void {
    const { clock } = this.#options.context;
    this.#timer = clock.after(delay_ms, () => {
      void this.#beat();
      const due_ms = this.#called_ms + this.#options.config.every_s * 1000 - clock.monotonic_ms();
      this.#later(due_ms > 0 ? Math.min(due_ms, LOOK_EVERY_ms) : LOOK_EVERY_ms);
    });
  }

  async #beat(): Promise<void> {
    const { config, context, isListening, reports } = this.#options;
    const now_ms = context.clock.monotonic_ms();
    if (!isListening() || now_ms < this.#called_ms + config.every_s * 1000) return;
    const trouble = this.#wellness.trouble(now_ms);
    if (trouble !== undefined) {
      reports.noHeartbeat(trouble);
      return;
    }
    if (this.#wellness.ranked(WORK)[0] !== context.monitor) {
      reports.noHeartbeat();
      return;
    }
    this.#called_ms = now_ms;
    const { outcome } = await get(config.url, this.#stopping.signal);
    if (this.#stopping.signal.aborted) return;
    reports.heartbeat(outcome.is === 'arrived' ? undefined : outcome.why);
  }
}
