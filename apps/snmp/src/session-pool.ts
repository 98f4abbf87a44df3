import type { SnmpSession } from './session.ts';

/** Keeps sessions, least recently used first out: an SNMPv3 session knows its agent's engine, which costs two exchanges. */
export class SessionPool {
  readonly #most: number;
  readonly #sessions = new Map<string, SnmpSession>();

  /** @param most how many sessions are kept. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** The session of a key, made by `open` when there is none. */
  use(key: string, open: () => SnmpSession): SnmpSession {
    const known = this.#sessions.get(key);
    const session = known ?? open();
    this.#sessions.delete(key);
    this.#sessions.set(key, session);
    if (this.#sessions.size > this.#most) {
      const [oldest] = this.#sessions.keys();
      if (oldest !== undefined) this.drop(oldest);
    }
    return session;
  }

  /** Closes a session; the next use makes another. */
  drop(key: string): void {
    this.#sessions.get(key)?.close();
    this.#sessions.delete(key);
  }

  close(): void {
    for (const session of this.#sessions.values()) session.close();
    this.#sessions.clear();
  }
}
