import type { Clock, Health, Timer } from '@guaita/service';
import type { Logger } from 'pino';
import type { PublisherMetrics } from './metrics.ts';
import { Catalogue } from './services/catalogue.ts';
import { changesBetween, isChange } from './services/changes.ts';
import type { PublishedService } from './services/published-service.ts';
import { describeConflict, keyOf } from './services/union.ts';
import { SinkLane, type RepeatedSink } from './sink-lane.ts';
import type { LeftOut, Sink } from './sinks/sink.ts';
import type { Source } from './sources/source.ts';
import { Troubles } from './troubles.ts';

export interface PublisherOptions {
  /** Those whose word counts more first. */
  readonly sources: readonly Source[];
  readonly sinks: readonly RepeatedSink[];
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly log: Logger;
  readonly health: Health;
  readonly metrics: PublisherMetrics;
}

/** What sources say at the same moment is told at once. */
const GATHER_ms = 50;

/** As many names as a line of a log shows. */
const NAMES_SHOWN = 20;

/** Tells by all sinks what all sources have together. */
export class Publisher {
  readonly #options: PublisherOptions;
  readonly #catalogue: Catalogue;
  /** By the names of their sinks. */
  readonly #lanes: ReadonlyMap<string, SinkLane>;
  readonly #troubles: Troubles;
  #services: readonly PublishedService[] = [];
  #complete = false;
  #timer: Timer | undefined;

  constructor(options: PublisherOptions) {
    const { sources, sinks, clock, random, log, health } = options;
    this.#options = options;
    this.#catalogue = new Catalogue(sources.map(({ name }) => name));
    this.#troubles = new Troubles(log, health);
    const lanes = sinks.map(({ sink, repeat_ms }) => {
      const lane = new SinkLane({
        ...{ sink, repeat_ms, clock, random },
        onTold: (leftOut) => this.#told(sink, leftOut),
        onFailure: (error) => this.#sinkFails(sink, error),
      });
      return [sink.name, lane] as const;
    });
    this.#lanes = new Map(lanes);
  }

  /** @throws what keeps a source from starting. */
  async start(): Promise<void> {
    for (const source of this.#options.sources) {
      const { name } = source;
      await source.start({
        has: (services, remarks = []) => {
          this.#catalogue.take(name, services);
          this.#troubles.set(`source-${name}`, remarks);
          this.#gather();
        },
        fails: (error) => {
          this.#options.metrics.sourceFailures.inc({ source: name });
          this.#troubles.set(`source-${name}`, [`${error.message} (what it had still counts)`]);
        },
      });
    }
  }

  async stop(): Promise<void> {
    await Promise.all(this.#options.sources.map((source) => source.stop()));
    this.#timer?.cancel();
    await Promise.all([...this.#lanes.values()].map((lane) => lane.stop()));
  }

  /** Has a sink tell the same again, at once: what it told may be lost. */
  tellAgain(sink: string): void {
    this.#lanes.get(sink)?.again();
  }

  #gather(): void {
    this.#timer?.cancel();
    this.#timer = this.#options.clock.after(GATHER_ms, () => this.#publish());
  }

  #publish(): void {
    const { services, conflicts } = this.#catalogue.union();
    const complete = this.#catalogue.silent.length === 0;
    this.#troubles.set('conflicts', conflicts.map(describeConflict));
    const changes = changesBetween(this.#services, services);
    if (!isChange(changes) && complete === this.#complete) return;
    const { added, changed, removed } = changes;
    const named = { added: namesOf(added), changed: namesOf(changed), removed: namesOf(removed) };
    if (isChange(changes)) this.#options.log.info({ ...named, services: services.length }, 'services changed');
    this.#services = services;
    this.#complete = complete;
    this.#options.metrics.services(services);
    for (const lane of this.#lanes.values()) lane.offer(services, complete);
  }

  #told({ name }: Sink, leftOut: readonly LeftOut[]): void {
    this.#options.metrics.leftOut.set({ sink: name }, leftOut.length);
    const byCause = Map.groupBy(leftOut, ({ why }) => why);
    this.#troubles.set(
      `sink-${name}`,
      [...byCause].map(([why, left]) => `does not tell of ${namesOf(left.map(({ service }) => service))}: ${why}`),
    );
  }

  #sinkFails({ name }: Sink, error: Error): void {
    this.#options.metrics.sinkFailures.inc({ sink: name });
    this.#troubles.set(`sink-${name}`, [`${error.message} (tried again)`]);
  }
}

function namesOf(services: readonly PublishedService[]): string {
  const shown = services.slice(0, NAMES_SHOWN).map(keyOf).join(', ');
  return services.length > NAMES_SHOWN ? `${shown} and ${services.length - NAMES_SHOWN} more` : shown;
}
