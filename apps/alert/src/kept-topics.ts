import type { Id } from '@guaita/model';
import { endInTurn, RollCall, type MonitorContext } from '@guaita/service';

export interface KeptTopicsOptions<Value> {
  readonly context: Pick<MonitorContext, 'wire' | 'clock'>;
  /** Hears them all, and tells what each says. Gives what ends it. */
  readonly hear: (tell: Told<Value>) => Promise<() => Promise<void>>;
  /** Given what is kept under an id, when it is heard. */
  readonly take: Told<Value>;
}

/** `undefined`: nothing any more. */
type Told<Value> = (id: Id, value: Value | undefined) => void;

/** All that the broker keeps of one kind, each under an id. What was taken away while nobody could hear it is found, too. */
export class KeptTopics<Value> {
  readonly #options: KeptTopicsOptions<Value>;
  readonly #known = new Set<Id>();
  readonly #rollCall = new RollCall();
  readonly #releases: (() => Promise<void> | void)[] = [];

  constructor(options: KeptTopicsOptions<Value>) {
    this.#options = options;
  }

  /** Of how many something is kept. */
  get size(): number {
    return this.#known.size;
  }

  async start(): Promise<void> {
    const { context, hear } = this.#options;
    const { wire, clock } = context;
    this.#releases.push(
      wire.bus.onConnection((connected) => {
        if (connected) this.#rollCall.back(clock.monotonic_ms());
        else this.#rollCall.begin();
      }),
    );
    this.#releases.push(await hear((id, value) => this.#take(id, value)));
  }

  async stop(): Promise<void> {
    const failures = await endInTurn(this.#releases.splice(0).reverse());
    if (failures.length > 0) throw new AggregateError(failures, 'what the broker keeps is still heard');
  }

  /** Lets go of what was taken away unheard. To be called now and then. */
  sweep(): void {
    for (const id of this.#rollCall.absent(this.#known, this.#options.context.clock.monotonic_ms())) {
      this.#take(id, undefined);
    }
  }

  #take(id: Id, value: Value | undefined): void {
    this.#rollCall.hears(id, this.#options.context.clock.monotonic_ms());
    if (value === undefined) this.#known.delete(id);
    else this.#known.add(id);
    this.#options.take(id, value);
  }
}
