import type { Clock } from '@guaita/service';
import { z } from 'zod';
import type { PublishedService } from '../services/published-service.ts';
import { byKey } from '../services/published-service.ts';
import type { RunProgram } from './run-program.ts';
import { SinkError, type LeftOut, type Sink } from './sink.ts';
import { InTurn } from '../in-turn.ts';

/** What avahi-ps was told of one service, as its arguments. It knows it by type and port. */
const Published = z.object({ type: z.string(), port: z.string(), description: z.string(), txt: z.string() });
type Published = z.infer<typeof Published>;

/** What is kept over restarts, so that what went meanwhile can be taken back. */
export const PublishedList = z.array(Published);

export interface AvahiPsOptions {
  /** Runs avahi-ps with arguments. */
  readonly run: RunProgram;
  readonly clock: Pick<Clock, 'monotonic_ms'>;
  /** Addresses at which this host is reached: of others avahi-ps cannot tell. */
  readonly addresses: ReadonlySet<string>;
  readonly kept: {
    read(): Promise<readonly Published[] | undefined>;
    write(published: Published[]): Promise<void>;
  };
}

/** As often as Cloudy's own services are told again (`avahi-service.cron`): Avahi may have restarted, and forgotten them. */
const AGAIN_ms = 10 * 60_000;
/** What a page shows in a row. */
const DESCRIPTION_LONGEST = 48;
/**
 * All else becomes `_`. avahi-ps gives its arguments on to `echo`, `grep` and the shell without quotes: white space would
 * split them, `*` would put the names of files in their place, and a `-` at the beginning would be an option.
 */
const UNSAFE = /[^\p{L}\p{M}\p{N}._:@/+,-]+/gu;

/**
 * Tells of services by Cloudy's program avahi-ps, which publishes on Avahi and whatever else the node is set up for.
 *
 * What it was told before is known from disk. It is told all again at the first occasion after a start, and ten minutes
 * after each time, since the host or its Avahi may have restarted; avahi-ps publishes nothing twice.
 */
export class AvahiPsSink implements Sink {
  readonly name = 'avahi-ps';
  readonly #options: AvahiPsOptions;
  readonly #inTurn = new InTurn();
  /** What avahi-ps has; `undefined` before the first occasion. */
  #published: Map<string, Published> | undefined;
  /** When avahi-ps was told of them, since the start. */
  readonly #told = new Map<string, number>();

  constructor(options: AvahiPsOptions) {
    this.#options = options;
  }

  publish(services: readonly PublishedService[], complete: boolean): Promise<readonly LeftOut[]> {
    return this.#inTurn.run(() => this.#publish(services, complete));
  }

  async #publish(services: readonly PublishedService[], complete: boolean): Promise<readonly LeftOut[]> {
    const { kept, clock } = this.#options;
    this.#published ??= new Map(((await kept.read()) ?? []).map((each) => [keyOf(each), each]));
    const published = this.#published;
    const { wanted, leftOut } = this.#sift(services);
    for (const [key, each] of [...published]) {
      const wish = wanted.get(key);
      const isSame = wish !== undefined && JSON.stringify(wish) === JSON.stringify(each);
      if (isSame || (wish === undefined && !complete)) continue;
      await this.#run('unpublish', each.type, each.port);
      published.delete(key);
      this.#told.delete(key);
      // It ends whatever begins with that type and port: with 80 also 8080.
      for (const [other, { type, port }] of published) {
        if (type === each.type && port.startsWith(each.port)) this.#told.delete(other);
      }
      await kept.write([...published.values()]);
    }
    for (const [key, each] of wanted) {
      if (clock.monotonic_ms() < (this.#told.get(key) ?? -Infinity) + AGAIN_ms) continue;
      // On disk before it is done: a crash in between leaves nothing that nobody takes back.
      published.set(key, each);
      await kept.write([...published.values()]);
      const { type, port, description, txt } = each;
      await this.#run('publish', description, type, port, ...(txt === '' ? [] : [txt]));
      this.#told.set(key, clock.monotonic_ms());
    }
    return leftOut;
  }

  /** What avahi-ps can be told, by type and port, and what not. */
  #sift(services: readonly PublishedService[]): { wanted: Map<string, Published>; leftOut: LeftOut[] } {
    const wanted = new Map<string, Published>();
    const leftOut: LeftOut[] = [];
    for (const service of services.toSorted(byKey)) {
      const published = argumentsFor(service);
      const why = !this.#options.addresses.has(service.address)
        ? `avahi-ps tells of this host only, and ${service.address} is none of its addresses`
        : service.protocol === 'udp'
          ? 'avahi-ps tells of TCP only'
          : wanted.has(keyOf(published))
            ? `avahi-ps can tell of one ${service.type} at port ${service.port} only`
            : undefined;
      if (why === undefined) wanted.set(keyOf(published), published);
      else leftOut.push({ service, why });
    }
    return { wanted, leftOut };
  }

  async #run(...args: readonly string[]): Promise<void> {
    try {
      await this.#options.run(args);
    } catch (cause) {
      throw new SinkError(`avahi-ps ${args.join(' ')}: ${(cause as Error).message}`, { cause });
    }
  }
}

function argumentsFor({ type, name, port, description, txt }: PublishedService): Published {
  const attributes = Object.entries(txt).sort(([a], [b]) => (a < b ? -1 : 1));
  const words = safe(description.trim() || name);
  return {
    ...{ type: safe(type), port: String(port) },
    description: [...words].slice(0, DESCRIPTION_LONGEST).join('') || safe(name),
    txt: attributes.map(([key, value]) => [key, ...(value === '' ? [] : [value])].map(safe).join('=')).join('&'),
  };
}

function safe(text: string): string {
  return text.toWellFormed().replace(UNSAFE, '_').replace(/^-+/, '');
}

function keyOf({ type, port }: Published): string {
  return `${type} ${port}`;
}
