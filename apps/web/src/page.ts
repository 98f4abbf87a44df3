import { createContext } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';
import { Sparks } from './history/sparks.ts';
import { ask, type Me } from './http/server.ts';
import { Broker } from './live/broker.ts';
import { nextConnection, type Connection } from './live/connection.ts';
import { browserClock, Frames } from './live/frames.ts';
import { Network } from './network/network.ts';
import { TOPICS } from './network/topics.ts';

/** After so long in one connection, all that the broker keeps has come. */
const SETTLED_ms = 15_000;

/** What the views stand on: the network as it is known, how it is heard, and who looks. */
export class LivePage {
  readonly me: Me;
  readonly network = new Network();
  readonly sparks: Sparks;
  readonly #broker: Broker;
  readonly #frames: Frames;
  readonly #views = new Set<() => void>();
  readonly #listeners = new Set<(topic: string, payload: string) => void>();
  #connection: Connection = { phase: 'connecting', since_ms: Date.now() };
  #settling: ReturnType<typeof setTimeout> | undefined;

  constructor(me: Me, location: Pick<Location, 'protocol' | 'host'>) {
    this.me = me;
    this.#frames = new Frames(browserClock, () => {
      for (const view of this.#views) view();
    });
    this.sparks = new Sparks({
      ask,
      now_ms: () => performance.now(),
      later: (act, delay_ms) => browserClock.later(act, delay_ms),
      changed: () => this.#frames.changed('soon'),
    });
    const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/mqtt`;
    this.#broker = new Broker(url, me.base, Object.values(TOPICS), {
      opened: () => {
        this.network.connected();
        this.#became({ what: 'open' });
        clearTimeout(this.#settling);
        this.#settling = setTimeout(() => {
          const urgency = this.network.settled();
          if (urgency !== undefined) this.#frames.changed(urgency);
        }, SETTLED_ms);
      },
      closed: (why) => {
        clearTimeout(this.#settling);
        this.#became({ what: 'closed', why });
      },
      heard: (topic, payload) => {
        const urgency = this.network.take(topic, payload, Date.now());
        if (urgency !== undefined) this.#frames.changed(urgency);
        for (const listener of this.#listeners) listener(topic, payload);
      },
    });
  }

  get connection(): Connection {
    return this.#connection;
  }

  get mayCommand(): boolean {
    return this.me.role === 'operator';
  }

  start(): void {
    this.#broker.start();
  }

  stop(): void {
    clearTimeout(this.#settling);
    this.sparks.stop();
    this.#frames.stop();
    this.#broker.stop();
  }

  /** Calls a view whenever there is something new to draw. @returns what ends that. */
  onDraw(view: () => void): () => void {
    this.#views.add(view);
    return () => this.#views.delete(view);
  }

  /** Listens to a topic that only one view needs. @returns what ends that. */
  listen(filter: string, heard: (topic: string, payload: string) => void): () => void {
    this.#listeners.add(heard);
    const end = this.#broker.listen(filter);
    return () => {
      this.#listeners.delete(heard);
      end();
    };
  }

  #became(event: Parameters<typeof nextConnection>[1]): void {
    this.#connection = nextConnection(this.#connection, event, Date.now());
    this.#frames.changed('now');
  }
}

export const PageContext = createContext<LivePage | undefined>(undefined);

/** The page as it is now; the view that asks is drawn again when it changes. */
export function useLive(): LivePage {
  const page = usePage();
  const [, setVersion] = useState(0);
  useEffect(() => page.onDraw(() => setVersion((version) => version + 1)), [page]);
  return page;
}

/** The page, for who needs no news. */
export function usePage(): LivePage {
  const page = useContext(PageContext);
  if (page === undefined) throw new Error('a view stands outside the page: wrap it in PageContext');
  return page;
}
