import type { Namespace } from '@guaita/lab';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** One message as it came, read as JSON; `undefined` when its topic was cleared. */
export interface Heard {
  readonly topic: string;
  readonly value: Readonly<Record<string, unknown>> | undefined;
}

/** What an alert says: `end of down router`. */
export function inFewWords({ resolves, kind, subject }: Readonly<Record<string, unknown>>): string {
  return `${resolves === true ? 'end of ' : ''}${String(kind)} ${String(subject)}`;
}

/** How soon it asks again at a broker that does not run yet. */
const AGAIN_ms = 250;

/**
 * A stranger who subscribes on a host, as soon as its broker runs: `mosquitto_sub`, and the newest of each topic that it
 * heard.
 */
export class Listener {
  /** By topic; a cleared one is gone. */
  readonly newest = new Map<string, Readonly<Record<string, unknown>>>();
  readonly #begin: () => ChildProcess;
  #child: ChildProcess;
  #again: NodeJS.Timeout | undefined;
  readonly #watchers = new Set<(heard: Heard) => void>();
  /** Topics on which something was said since it subscribed. */
  readonly #live = new Set<string>();

  constructor(namespace: Pick<Namespace, 'spawn'>, port: number, filter: string) {
    const args = ['-V', '5', '-p', String(port), '-t', filter, '-F', '%r %t %p'];
    this.#begin = () => namespace.spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#child = this.#listen();
  }

  /** Calls back at each message, until the function that it gives is called. */
  watch(watcher: (heard: Heard) => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** Calls back at each alert and each end of one. */
  alerts(heard: (alert: Readonly<Record<string, unknown>>) => void): void {
    this.watch(({ topic, value }) => {
      if (value !== undefined && topic.startsWith('guaita/alert/')) heard(value);
    });
  }

  async stop(): Promise<void> {
    clearTimeout(this.#again);
    this.#child.removeAllListeners('exit');
    if (this.#child.exitCode !== null) return;
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }

  /** It ends only where it finds no broker; from one that goes it comes back by itself. */
  #listen(): ChildProcess {
    const child = this.#begin();
    createInterface({ input: child.stdout! }).on('line', (line) => this.#take(line));
    child.once('exit', () => {
      this.#again = setTimeout(() => (this.#child = this.#listen()), AGAIN_ms);
    });
    return child;
  }

  #take(line: string): void {
    const [retained, topic = ''] = line.split(' ', 2);
    // A broker may send what it kept after what was said since: the older after the newer.
    if (retained === '1' && this.#live.has(topic)) return;
    if (retained === '0') this.#live.add(topic);
    const payload = line.slice(3 + topic.length);
    const value = payload === '' ? undefined : (JSON.parse(payload) as Readonly<Record<string, unknown>>);
    if (value === undefined) this.newest.delete(topic);
    else this.newest.set(topic, value);
    for (const watcher of this.#watchers) watcher({ topic, value });
  }
}
