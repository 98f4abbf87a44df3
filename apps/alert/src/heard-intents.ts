import { ALL_KEPT } from '@guaita/bus';
import { channels } from '@guaita/messages';
import type { Acknowledgement, Id, Silence } from '@guaita/model';
import { endInTurn, RollCall, type MonitorContext } from '@guaita/service';

export interface HeardIntentsOptions {
  readonly context: MonitorContext;
  /** Given each silence that begins or is changed; `undefined`: it is over. */
  readonly silence: (id: Id, silence: Silence | undefined) => void;
  /** Given each alert that is acknowledged; `undefined`: no longer. */
  readonly acknowledgement: (alert: Id, acknowledgement: Acknowledgement | undefined) => void;
}

/** Hears what operators want of alerts, as assign tells the broker's audience. */
export class HeardIntents {
  readonly #options: HeardIntentsOptions;
  readonly #silences = new Set<Id>();
  readonly #acknowledged = new Set<Id>();
  readonly #silenceCall = new RollCall();
  readonly #acknowledgedCall = new RollCall();
  readonly #releases: (() => Promise<void> | void)[] = [];

  constructor(options: HeardIntentsOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { wire, clock } = this.#options.context;
    const calls = [this.#silenceCall, this.#acknowledgedCall];
    this.#releases.push(
      wire.bus.onConnection((connected) => {
        for (const call of calls)
          if (connected) call.back(clock.monotonic_ms());
          else call.begin();
      }),
      await wire.hear(channels.silence, {}, ({ parameters, value }) => this.#hear(parameters.silence, value), ALL_KEPT),
      await wire.hear(
        channels.acknowledgement,
        {},
        ({ parameters, value }) => this.#hearAcknowledgement(parameters.alert, value),
        ALL_KEPT,
      ),
    );
  }

  async stop(): Promise<void> {
    const failures = await endInTurn(this.#releases.splice(0).reverse());
    if (failures.length > 0) throw new AggregateError(failures, 'what operators want could not be unheard');
  }

  /** Lets go of what was taken away while we could not hear it. */
  sweep(): void {
    const now_ms = this.#options.context.clock.monotonic_ms();
    for (const id of this.#silenceCall.absent(this.#silences, now_ms)) this.#hear(id, undefined);
    for (const id of this.#acknowledgedCall.absent(this.#acknowledged, now_ms))
      this.#hearAcknowledgement(id, undefined);
  }

  #hear(id: Id, silence: Silence | undefined): void {
    this.#silenceCall.hears(id, this.#options.context.clock.monotonic_ms());
    note(this.#silences, id, silence !== undefined);
    this.#options.silence(id, silence);
  }

  #hearAcknowledgement(alert: Id, acknowledgement: Acknowledgement | undefined): void {
    this.#acknowledgedCall.hears(alert, this.#options.context.clock.monotonic_ms());
    note(this.#acknowledged, alert, acknowledgement !== undefined);
    this.#options.acknowledgement(alert, acknowledgement);
  }
}

function note(set: Set<Id>, id: Id, isIn: boolean): void {
  if (isIn) set.add(id);
  else set.delete(id);
}
