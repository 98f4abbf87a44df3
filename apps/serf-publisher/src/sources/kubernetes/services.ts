import { onOneLine } from '../../services/names.ts';
import type { JsonApi } from '../http/json-api.ts';
import { KubernetesService, ServiceList, WatchEvent } from './api-service.ts';

/** As many services as are listed at a time: what the API server's own clients ask for. */
const PAGE = 500;

/** A list that goes on after so many pages goes on for ever. */
const MOST_PAGES = 200;

/**
 * A watch ends after so long, and the next begins with a list: then all is known again, also where a proxy lost an event
 * or the server's versions went back to a backup's.
 */
export const WATCH_s = 60;

/** The Services below one path of the API, and what cannot be read of them. */
export class Services {
  readonly #api: JsonApi;
  readonly #path: string;
  readonly #services = new Map<string, KubernetesService>();
  #unreadable = 0;
  #listed = false;

  /** @param namespace of those that are wanted; `undefined`: of all */
  constructor(api: JsonApi, namespace: string | undefined) {
    this.#api = api;
    this.#path =
      namespace === undefined ? '/api/v1/services' : `/api/v1/namespaces/${encodeURIComponent(namespace)}/services`;
  }

  get all(): readonly KubernetesService[] {
    return [...this.#services.values()];
  }

  /** How many were told of that are no Services as we know them. */
  get unreadable(): number {
    return this.#unreadable;
  }

  /** Whether they are complete. */
  get listed(): boolean {
    return this.#listed;
  }

  /**
   * Lists them, then follows what changes until the server ends that, as it does now and then.
   *
   * @throws {ApiError} where it fails; the signal's reason when that is aborted.
   */
  async follow(onListed: () => void, onChange: () => void, signal: AbortSignal): Promise<void> {
    const version = await this.#list(signal);
    this.#listed = true;
    onListed();
    const query = `watch=true&allowWatchBookmarks=true&timeoutSeconds=${WATCH_s}&resourceVersion=${encodeURIComponent(version)}`;
    for await (const value of await this.#api.stream(`${this.#path}?${query}`, signal)) {
      const { data: event } = WatchEvent.safeParse(value);
      if (event === undefined) throw this.#api.complaint(this.#path, 'gave a watch what is no event');
      if (event.type === 'BOOKMARK') continue;
      if (event.type === 'ERROR') {
        // Too old a version (410) is nobody's fault: a list gives a new one.
        if (event.object.code === 410) return;
        throw this.#api.complaint(
          this.#path,
          `ended its watch: ${onOneLine(event.object.message ?? '') || 'it does not say why'}`,
        );
      }
      this.#take(event.object, event.type === 'DELETED');
      onChange();
    }
  }

  /** @returns the version from which on a watch tells what is new. */
  async #list(signal: AbortSignal): Promise<string> {
    for (let page = '', count = 0; ;) {
      const query = `limit=${PAGE}${page === '' ? '' : `&continue=${encodeURIComponent(page)}`}`;
      const { metadata, items } = await this.#api.get(`${this.#path}?${query}`, ServiceList, signal);
      for (const item of items ?? []) this.#take(item, false);
      page = metadata.continue ?? '';
      if (page === '') return metadata.resourceVersion;
      count += 1;
      if (count === MOST_PAGES) throw this.#api.complaint(this.#path, `gave more than ${MOST_PAGES * PAGE} services`);
    }
  }

  #take(item: unknown, isDeleted: boolean): void {
    const { data: service } = KubernetesService.safeParse(item);
    if (service === undefined) {
      this.#unreadable += 1;
      return;
    }
    const key = `${service.metadata.namespace}/${service.metadata.name}`;
    if (isDeleted) this.#services.delete(key);
    else this.#services.set(key, service);
  }
}
