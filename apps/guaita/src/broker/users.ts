import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { compileFilter, covers } from '@guaita/bus';
import { Id } from '@guaita/model';
import { PasswordChecks, type Asker } from './password-checks.ts';
import { hashPassword, verifyPassword } from './passwords.ts';

/**
 * Somebody who may use the broker, by a password that a person chose or by a token: a password of at least 128 random
 * bits, made anew at each start for the services of this process. Nobody guesses that one, so that it needs no slow
 * hash: scrypt takes a Raspberry Pi about a second.
 */
export type BrokerUser = UserRights & (WithPassword | WithToken);

interface UserRights {
  readonly name: string;
  /** Topic filters that it may subscribe to, in whole or in part. */
  readonly read: readonly string[];
  /** Topic filters whose topics it may publish to. */
  readonly write: readonly string[];
}

interface WithPassword {
  /** As `hashPassword` makes it. */
  readonly passwordHash: string;
  readonly token?: undefined;
}

interface WithToken {
  readonly token: string;
  readonly passwordHash?: undefined;
}

/** A secret that all monitors of a site share: whoever has it comes in as any of them, and as nobody else. */
export interface SiteKey {
  readonly key: string;
  /** Below which topic all stand. */
  readonly base: string;
  /** The monitor whose broker it is: it needs no key, and nobody else may come by its name. */
  readonly self: Id;
}

/** What somebody who is connected may do. */
export interface Rights {
  /** The user's name; `undefined` for an anonymous client. */
  readonly user: string | undefined;
  maySubscribe(filter: string): boolean;
  mayRead(topic: string): boolean;
  mayWrite(topic: string): boolean;
}

/** What an anonymous client on this host may do: everything. */
export const ANONYMOUS: Rights = {
  user: undefined,
  maySubscribe: () => true,
  mayRead: () => true,
  mayWrite: () => true,
};

/** The users of a broker and what they may do. */
export class Users {
  readonly #users = new Map<string, { readonly user: BrokerUser; readonly rights: Rights }>();
  /** The passwords that were right, in a form of no use outside this process: services reconnect often, scrypt is slow. */
  readonly #verified = new Map<string, string>();
  readonly #key = randomBytes(32);
  readonly #checks = new PasswordChecks();
  /** Verified for names that nobody has, so that an answer's time does not tell which names exist. */
  #decoy: Promise<string> | undefined;

  readonly #site: SiteKey | undefined;

  constructor(users: readonly BrokerUser[], site?: SiteKey) {
    this.#site = site;
    for (const user of users) this.#users.set(user.name, { user, rights: rightsOf(user) });
  }

  /** How many users there are. */
  get size(): number {
    return this.#users.size;
  }

  /** Whether a user is called so. */
  has(name: string): boolean {
    return this.#users.has(name) || this.#mayBeMonitor(name);
  }

  /** Another monitor of the site. An id holds no wildcard: its rights are its own. */
  #mayBeMonitor(name: string): boolean {
    return this.#site !== undefined && name !== this.#site.self && Id.safeParse(name).success;
  }

  /**
   * The rights of a user; `undefined` when the name or the password is wrong.
   *
   * @throws {TooManyChecks} when it has to be asked again later.
   */
  async authenticate(name: string, password: string, asker: Asker): Promise<Rights | undefined> {
    const found = this.#users.get(name);
    if (found?.user.token !== undefined) return isSame(password, found.user.token) ? found.rights : undefined;
    const { key, base } = this.#site ?? {};
    if (found === undefined && key !== undefined && this.#mayBeMonitor(name) && isSame(password, key))
      return rightsOf({ name, read: [], write: [`${base}/monitor/${name}/#`] });
    const mark = createHmac('sha256', this.#key).update(password).digest('base64');
    if (found !== undefined && this.#verified.get(name) === mark) return found.rights;
    const right = await this.#checks.check(asker, async () => {
      this.#decoy ??= hashPassword('');
      return (await verifyPassword(password, found?.user.passwordHash ?? (await this.#decoy))) && found !== undefined;
    });
    if (!right || found === undefined) return undefined;
    this.#verified.set(name, mark);
    return found.rights;
  }
}

function rightsOf({ name, read, write }: UserRights): Rights {
  const readable = read.map(compileFilter);
  const writable = write.map(compileFilter);
  return {
    user: name,
    maySubscribe: (filter) => read.some((pattern) => covers(pattern, filter)),
    mayRead: (topic) => readable.some((matches) => matches(topic)),
    mayWrite: (topic) => writable.some((matches) => matches(topic)),
  };
}

/** Compares in a time that tells nothing of either. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
