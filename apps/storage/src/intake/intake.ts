import { NotTaken, type Bus, type Wire } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { MonitorContext } from '@guaita/service';
import { JournalFull } from '../journal/journal.ts';
import type { Rows } from './rows.ts';

/** What is stored: all that this broker gets, or only what this monitor says. */
export type Scope = 'site' | 'own';

/**
 * Observations expire after three intervals, so that one a minute is of no use to the broker after three minutes, nor one
 * each five minutes after fifteen. What has expired fills the queue all the same, and a queue that is full takes nothing
 * new (Mosquitto 2.0 looks for it only when the client is back): a session that lasted longer would come back empty.
 */
const OBSERVATIONS_KEPT_s = 15 * 60;

/** Verdicts and alerts are few and do not expire. */
const EVENTS_KEPT_s = 86_400;

/** As other connections that nobody waits for. */
const KEEPALIVE_s = 30;

/** A broker that has taken our other connections takes these within moments. */
const FIRST_CONNECTION_ms = 5_000;

export interface IntakeOptions {
  readonly context: Pick<MonitorContext, 'connect' | 'wire' | 'monitor' | 'health' | 'clock'>;
  readonly scope: Scope;
  readonly rows: Rows;
  /** Told of each message that could not be kept. */
  readonly refused: () => void;
}

/**
 * Hears what is to be stored, over connections whose sessions the broker keeps. What comes together is stored
 * together, before it is acknowledged; what cannot be stored now is not acknowledged, and comes again.
 */
export class Intake {
  readonly #options: IntakeOptions;
  /** By their purposes. */
  readonly #buses = new Map<string, Bus>();
  readonly #releases: (() => void)[] = [];
  #connecting: Promise<unknown> | undefined;
  readonly #ended = new AbortController();
  /** The first connection takes longer. */
  readonly #delayed = Promise.withResolvers<void>();
  #failing = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Resolves once both connections are there, or it is plain that this takes longer: they go on trying. */
  async start(signal: AbortSignal): Promise<void> {
    const { rows, scope, context } = this.#options;
    const { monitor, clock } = context;
    const whose = scope === 'own' ? { monitor } : {};
    // A session keeps the filters that it was made with: those of another scope are of another client.
    const observations = this.#connect(`observations-${scope}`, OBSERVATIONS_KEPT_s);
    const events = this.#connect('events', EVENTS_KEPT_s);
    const onlyNew = { retained: 'if-new' } as const;
    await observations.hear(
      channels.ping,
      whose,
      ({ parameters: { monitor: by, device }, value }) => {
        if (value !== undefined) this.#take(() => rows.ping(by, device, value));
      },
      onlyNew,
    );
    await observations.hear(
      channels.snmp,
      whose,
      ({ parameters: { monitor: by, device }, value }) => {
        if (value !== undefined) this.#take(() => rows.snmp(by, device, value));
      },
      onlyNew,
    );
    await events.hear(
      channels.state,
      {},
      ({ parameters: { device }, value }) => this.#take(() => rows.verdict(device, value)),
      onlyNew,
    );
    await events.hear(channels.alert, {}, ({ value }) => {
      if (value !== undefined) this.#take(() => rows.alert(value));
    });
    const started = Promise.all(
      [...this.#buses.values()].map((bus) => bus.start(AbortSignal.any([signal, this.#ended.signal]))),
    );
    // They are patient: nothing but our own end ends them.
    this.#connecting = started.catch(() => undefined);
    const timer = clock.after(FIRST_CONNECTION_ms, () => this.#delayed.resolve());
    try {
      await Promise.race([this.#connecting, this.#delayed.promise]);
    } finally {
      timer.cancel();
    }
    for (const [purpose, { connected }] of this.#buses) this.#tell(purpose, connected);
  }

  /** Hears no more; what comes from now on waits at the broker. */
  async stop(): Promise<void> {
    this.#ended.abort();
    for (const release of this.#releases.splice(0)) release();
    await Promise.all([...this.#buses.values()].map((bus) => bus.stop()));
    await this.#connecting;
  }

  #connect(purpose: string, kept_s: number): Wire {
    const { connect, wire } = this.#options.context;
    const bus = connect({ purpose, kept_s, keepalive_s: KEEPALIVE_s, patient: true });
    this.#buses.set(purpose, bus);
    this.#releases.push(
      bus.onHandedOut(() => this.#options.rows.keep()),
      bus.onConnection((connected) => this.#tell(purpose, connected)),
    );
    return wire.over(bus);
  }

  #tell(purpose: string, connected: boolean): void {
    const detail = connected ? '' : 'nothing is heard: there is no connection to the broker';
    this.#options.context.health.report(purpose, connected, detail);
  }

  /** Keeps what a message holds. @throws {NotTaken} when it cannot now. */
  #take(keep: () => void): void {
    const { context, refused } = this.#options;
    const { health } = context;
    try {
      keep();
    } catch (error) {
      if (!(error instanceof JournalFull)) throw error;
      this.#failing = true;
      refused();
      this.#delayed.resolve();
      const wait = 'meanwhile what is heard waits at the broker, until it expires there';
      health.report('intake', false, `${error.message}; ${wait}`);
      throw new NotTaken(error.message, { cause: error });
    }
    if (!this.#failing) return;
    this.#failing = false;
    health.report('intake', true);
  }
}
