import { isLoopback } from '@guaita/service';
import type { Client } from 'aedes';
import { ANONYMOUS, type Rights, type Users } from './users.ts';

export interface AdmissionOptions {
  readonly users: Users;
  /** Whether clients on this host need no user name. */
  readonly anonymous: boolean;
  /** Whose session is kept under a client id; a session without a user is an anonymous client's. */
  readonly keptFor: (clientId: string) => { readonly user: string | undefined } | undefined;
  readonly warn: (message: string) => void;
}

/** Who is let in, and what they may do. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #rights = new WeakMap<Client, Rights>();
  /** Who has each client id, from the moment they are let in until their connection is gone. */
  readonly #holders = new Map<string, { readonly user: string | undefined; connections: number }>();

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  /** What a client may do; `undefined` for one that was not let in. */
  rightsOf(client: Client | null): Rights | undefined {
    return client === null ? undefined : this.#rights.get(client);
  }

  /**
   * Tells whether a client may come in under its client id.
   *
   * @throws {TooManyChecks} when it has to come again later.
   */
  async admit(client: Client, username: string | undefined, password: Buffer | undefined): Promise<boolean> {
    const rights = await this.#identify(client, username, password);
    if (rights === undefined || client.conn.destroyed) return false;
    if (this.#belongsToAnother(client.id, rights.user)) {
      this.#options.warn(`${rights.user ?? 'somebody'} wants the client id ${client.id} of another user`);
      return false;
    }
    this.#rights.set(client, rights);
    this.#hold(client, rights.user);
    return true;
  }

  async #identify(
    client: Client,
    username: string | undefined,
    password: Buffer | undefined,
  ): Promise<Rights | undefined> {
    const address = addressOf(client);
    if (username === undefined) return this.#options.anonymous && isLoopback(address) ? ANONYMOUS : undefined;
    const asker = { address, gone: () => client.closed || client.conn.destroyed };
    return this.#options.users.authenticate(username, password?.toString() ?? '', asker);
  }

  /** Under the same client id one would throw the other out and have its session. */
  #belongsToAnother(clientId: string, user: string | undefined): boolean {
    const holder = this.#holders.get(clientId);
    if (holder !== undefined && holder.user !== user) return true;
    const kept = this.#options.keptFor(clientId);
    if (kept === undefined || kept.user === user) return false;
    // Nobody waits for the session of somebody who is not let in any more.
    return kept.user === undefined ? this.#options.anonymous : this.#options.users.has(kept.user);
  }

  #hold({ id, conn }: Client, user: string | undefined): void {
    const holder = this.#holders.get(id) ?? { user, connections: 0 };
    holder.connections += 1;
    this.#holders.set(id, holder);
    conn.once('close', () => {
      holder.connections -= 1;
      if (holder.connections === 0) this.#holders.delete(id);
    });
  }
}

function addressOf({ conn }: Client): string {
  return 'remoteAddress' in conn ? (conn.remoteAddress ?? '') : '';
}
