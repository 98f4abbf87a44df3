import { setTimeout as pause } from 'node:timers/promises';
import { AntidoteClient, text } from '@guaita/antidote';
import { ANTIDOTE_PACE, BelievedStore, decodeLife, Layout, NAMESPACE, OwnPart } from '@guaita/assign/antidote';
import { isId, type ClaimBucket, type Header, type Id } from '@guaita/model';
import type { OtherMonitor } from './other-monitor.ts';

interface Part {
  readonly own: OwnPart;
  /** When it looks next whether there is something to write. */
  next_ms: number;
}

/** As often as a real one would look whether something of it has to be written. */
const LOOK_ms = 500;

/**
 * What the monitors that are played write to AntidoteDB, by the code that real ones write with. They read nothing but what
 * that needs.
 */
export class AntidoteOthers {
  readonly #parts: Map<Id, Part>;
  readonly #client: AntidoteClient;
  readonly #store: BelievedStore;
  readonly #layout = new Layout(NAMESPACE);
  readonly #signal = new AbortController().signal;

  constructor(address: string, others: readonly OtherMonitor[]) {
    this.#client = new AntidoteClient({ addresses: [address] });
    this.#store = new BelievedStore(this.#client, this.#layout);
    this.#parts = new Map(
      others.map(({ monitor }) => {
        return [monitor, { own: new OwnPart(monitor, this.#store, ANTIDOTE_PACE), next_ms: 0 }];
      }),
    );
  }

  async start(): Promise<void> {
    this.#client.start();
    await this.#note();
    void this.#run();
  }

  sayBucket(monitor: Id, bucket: number, content: ClaimBucket): void {
    this.#parts.get(monitor)?.own.sayBucket(bucket, content);
  }

  sayHeader(monitor: Id, header: Header): void {
    this.#parts.get(monitor)?.own.sayHeader(header);
  }

  /** These write nothing more. */
  end(monitors: readonly Id[]): void {
    for (const monitor of monitors) this.#parts.delete(monitor);
  }

  /** Resolves when all that was said has been written. */
  async written(): Promise<void> {
    while ([...this.#parts.values()].some(({ own }) => own.hasNews)) await pause(LOOK_ms);
    await this.#note();
  }

  async #run(): Promise<never> {
    for (;;) {
      for (const part of this.#parts.values()) await part.own.flush(performance.now(), this.#signal);
      await pause(LOOK_ms);
    }
  }

  /** Tells each what stands there of it, as a poll would. */
  async #note(): Promise<void> {
    const monitors = [...this.#parts.keys()];
    const [listed, ...lives] = await this.#store.read(
      [this.#layout.monitors, ...monitors.map((monitor) => this.#layout.life(monitor))],
      this.#signal,
    );
    const known = new Set(listed.map(text).filter(isId));
    monitors.forEach((monitor, index) => {
      const life = text(lives[index] ?? new Uint8Array());
      this.#parts.get(monitor)?.own.note(life === '' ? undefined : decodeLife(JSON.parse(life)), known);
    });
  }
}
