import type { Clock } from '@guaita/service';
import { recordsOf, type TellOptions } from '../../services/found-service.ts';
import { RetriedSource, type Session } from '../retried-source.ts';
import type { EngineAddress } from './engine-address.ts';
import { EngineApi } from './engine-api.ts';
import { hasHostPorts, servicesIn } from './found.ts';
import { News } from './news.ts';

export interface SwarmOptions extends TellOptions {
  readonly engine: EngineAddress;
  /** Where the node that is asked is reached; by default as the Swarm's other nodes reach it. */
  readonly address: string | undefined;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** Events may get lost where a Swarm chooses another leader; so much later all is known again. */
const RELIST_ms = 60_000;
/** Of containers at other nodes there are no events here: where those matter it is looked as often. */
const RELIST_TASKS_ms = 3_000;

/** The services of a Docker Swarm, asked of one of its managers. */
export function swarmSource(options: SwarmOptions): RetriedSource {
  const { clock, random } = options;
  return new RetriedSource({ name: 'swarm', session: swarmSession(options), clock, random });
}

function swarmSession(options: SwarmOptions): Session {
  return async (tell, stop) => {
    const ended = new AbortController();
    const signal = AbortSignal.any([stop, ended.signal]);
    const api = new EngineApi(options.engine);
    try {
      await api.agree(signal);
      const { node, address } = await api.self(signal);
      // Listened to before the first list: what happens between the two is heard.
      const news = new News(await api.changes(signal), options.clock);
      for (;;) {
        const services = await api.services(signal);
        const areTasksAsked = services.some(hasHostPorts);
        const [tasks, nodes] = areTasksAsked ? await Promise.all([api.tasks(signal), api.nodes(signal)]) : [[], []];
        const self = { node, address: options.address ?? address };
        const told = servicesIn({ services, tasks, nodes, self }).map((service) => recordsOf(service, options));
        tell(
          told.flatMap(({ records }) => records),
          told.flatMap(({ remarks }) => remarks),
        );
        await news.next(areTasksAsked ? RELIST_TASKS_ms : RELIST_ms);
        if (news.isOver) return;
      }
    } finally {
      ended.abort();
    }
  };
}
