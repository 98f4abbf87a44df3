import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { compileFilter, covers } from '@guaita/bus';
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

  constructor(users: readonly BrokerUser[]) {
    for (const user of users) {
      const { name, read, write } = user;
      const readable = read.map(compileFilter);
      const writable = write.map(compileFilter);
      const rights: Rights = {
        user: name,
        maySubscribe: (filter) => read.some((pattern) => covers(pattern, filter)),
        mayRead: (topic) => readable.some((matches) => matches(topic)),
        mayWrite: (topic) => writable.some((matches) => matches(topic)),
      };
      this.#users.set(name, { user, rights });
    }
  }

  /** How many users there are. */
  get size(): number {
    return this.#users.size;
  }

  /** Whether a user is called so. */
  has(name: string): boolean {
    return this.#users.has(name);
  }

  /**
   * The rights of a user; `undefined` when the name or the password is wrong.
   *
   * @throws {TooManyChecks} when it has to be asked again later.
   */
  async authenticate(name: string, password: string, asker: Asker): Promise<Rights | undefined> {
    const found = this.#users.get(name);
    if (found?.user.token !== undefined) return isSame(password, found.user.token) ? found.rights : undefined;
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

/** Compares in a time that tells nothing of either. */
function isSame(one: string, other: string): boolean {
  const [a, b] = [one, other].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}
