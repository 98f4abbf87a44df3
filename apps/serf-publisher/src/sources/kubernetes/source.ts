import type { Clock } from '@guaita/service';
import { recordsOf, type TellOptions } from '../../services/found-service.ts';
import { JsonApi } from '../http/json-api.ts';
import { RetriedSource, type Session } from '../retried-source.ts';
import { mendOfCluster, openCluster, type ClusterOptions } from './cluster.ts';
import { foundService } from './found.ts';
import { Services, WATCH_s } from './services.ts';

export interface KubernetesOptions extends TellOptions, ClusterOptions {
  /** Which are looked at; none: all. */
  readonly namespaces: readonly string[];
  /** Where the node of the cluster is reached whose node ports are told. */
  readonly address: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
}

/** A cluster answers a list in milliseconds; one on loaded Pis takes seconds. */
const TIMEOUT_ms = 10_000;
/** A watch that is silent beyond its end is dead. */
const SILENCE_ms = (WATCH_s + 10) * 1000;
/** Changes come in bunches: a deployment's services, and their addresses right after. */
const GATHER_ms = 50;

/** The Services of a Kubernetes cluster that can be reached from outside it. */
export function kubernetesSource(options: KubernetesOptions): RetriedSource {
  const { clock, random } = options;
  return new RetriedSource({ name: 'kubernetes', session: kubernetesSession(options), clock, random });
}

function kubernetesSession(options: KubernetesOptions): Session {
  const { clock, namespaces } = options;
  return async (tell, stop) => {
    const { what, entrance } = await openCluster(options);
    const api = new JsonApi({
      ...{ what, entrance, mend: mendOfCluster },
      ...{ timeout_ms: TIMEOUT_ms, silence_ms: SILENCE_ms },
    });
    const parts = (namespaces.length === 0 ? [undefined] : namespaces).map((each) => new Services(api, each));
    const ended = new AbortController();
    const signal = AbortSignal.any([stop, ended.signal]);
    const tellAll = (): void => {
      const told = parts
        .flatMap(({ all }) => all)
        .map((service) => recordsOf(foundService(service, options.address), options));
      const unreadable = parts.reduce((sum, part) => sum + part.unreadable, 0);
      tell(
        told.flatMap(({ records }) => records),
        [...told.flatMap(({ remarks }) => remarks), ...remarkOn(unreadable, what)],
      );
    };
    let gathering = clock.after(0, () => undefined);
    const onListed = (): void => {
      if (parts.every(({ listed }) => listed)) tellAll();
    };
    const onChange = (): void => {
      gathering.cancel();
      if (!signal.aborted) gathering = clock.after(GATHER_ms, onListed);
    };
    const following = parts.map((part) => part.follow(onListed, onChange, signal));
    try {
      // All begin anew where one ends: then they are of one moment again.
      await Promise.race(following);
    } finally {
      ended.abort();
      gathering.cancel();
      await Promise.allSettled(following);
    }
  };
}

function remarkOn(unreadable: number, what: string): readonly string[] {
  if (unreadable === 0) return [];
  return [
    `${what}: ${unreadable} services are not told, as they are not of core/v1; see "kubectl get services -o yaml"`,
  ];
}
