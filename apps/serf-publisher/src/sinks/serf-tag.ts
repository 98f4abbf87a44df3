import type { SerfClient } from '@guaita/serf';
import { InTurn } from '../in-turn.ts';
import type { PublishedService } from '../services/published-service.ts';
import type { CloudyHost } from '../tag/cloudy-record.ts';
import { planTag, SERVICES_TAG } from '../tag/plan-tag.ts';
import { TagError } from '../tag/tag-error.ts';
import { SinkError, type LeftOut, type Sink } from './sink.ts';

export interface SerfTagOptions {
  readonly agent: Pick<SerfClient, 'self' | 'tags'>;
  readonly host: CloudyHost;
  /** How many bytes all tags of this host's agent may have together. */
  readonly room_bytes: number;
}

/** The name of the sink. */
export const SERF_TAG_SINK = 'serf';

/**
 * Tells of services in the tag of this host's Serf agent, as Cloudy's nodes do. It looks at the tag each time, so that what
 * the agent forgot, or another one wrote, is mended; and it writes only what differs, since each write is told to the whole
 * cluster.
 */
export class SerfTagSink implements Sink {
  readonly name = SERF_TAG_SINK;
  readonly #options: SerfTagOptions;
  readonly #inTurn = new InTurn();

  constructor(options: SerfTagOptions) {
    this.#options = options;
  }

  publish(services: readonly PublishedService[], complete: boolean): Promise<readonly LeftOut[]> {
    return this.#inTurn.run(async () => {
      try {
        return await this.#publish(services, complete);
      } catch (cause) {
        throw new SinkError(explain(cause as Error), { cause });
      }
    });
  }

  async #publish(services: readonly PublishedService[], complete: boolean): Promise<readonly LeftOut[]> {
    const { agent, host, room_bytes } = this.#options;
    const tags = Object.fromEntries((await agent.self()).tags);
    const { tag, leftOut } = planTag({ services, complete, host, tags, room_bytes });
    if (tag !== undefined) {
      await agent.tags(tag === null ? { delete: [SERVICES_TAG] } : { set: { [SERVICES_TAG]: tag } });
    }
    const why =
      `the tags of this host's Serf agent have ${room_bytes} bytes together, and are full: announce fewer services, or ` +
      'take other tags away';
    return leftOut.map((service) => ({ service, why }));
  }
}

function explain(cause: Error): string {
  return cause instanceof TagError
    ? `Serf: ${cause.message}; it may be somebody's, so it is left as it is: take it away with ` +
        `"serf tags -delete ${SERVICES_TAG}" where it is not`
    : `Serf: cannot tell of services now: ${cause.message}`;
}
