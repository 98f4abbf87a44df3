import type { IncomingMessage } from 'node:http';
import { isByTls, isLoopback } from '@guaita/service';
import { HttpProblem } from '../problem.ts';
import { Crowd } from './crowd.ts';
import { FailedLogins } from './failed-logins.ts';
import { isOwnOrigin } from './origin.ts';
import { Tokens, type Role, type TokensConfig, type Visitor } from './tokens.ts';

/** Who comes in while there are no tokens: as with the embedded broker, whoever is on this host. */
const LOCAL: Visitor = { name: 'local', role: 'operator' };

/** By which a proxy says that it asks for somebody else (RFC 7239, RFC 9110 §7.6.3, and what was used before). */
const PASSED_ON = ['forwarded', 'via', 'x-forwarded-for', 'x-real-ip'];

/** Once logged in, a wall display stays so; the token is taken back in the configuration. */
const COOKIE_s = 365 * 86_400;

export interface DoorOptions {
  readonly tokens: TokensConfig;
  /** The names under which the page may be shown beside the one that is asked for. */
  readonly names: readonly string[];
  /** Hosts have one jar for all their ports: monitors on one host need a cookie each. */
  readonly cookie: string;
  readonly monotonic_ms: () => number;
}

/** Who may come in, and as what. */
export class Door {
  readonly #tokens: Tokens;
  readonly #options: DoorOptions;
  readonly #failed: FailedLogins;
  readonly #crowd = new Crowd();

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#tokens = new Tokens(options.tokens);
    this.#failed = new FailedLogins(options.monotonic_ms);
  }

  /** Nobody beyond this host can come in. */
  get localOnly(): boolean {
    return this.#tokens.none;
  }

  /**
   * Who asks.
   *
   * @throws {HttpProblem} 401, 403 or 429 when it is nobody whom we know.
   */
  visitor(request: IncomingMessage): Visitor {
    if (this.localOnly) {
      if (isLocal(request)) return LOCAL;
      throw new HttpProblem(
        403,
        'this monitor has no tokens, so only its own host may come in: make one with "guaita token"',
      );
    }
    const token = bearer(request) ?? cookieOf(request, this.#options.cookie);
    if (token !== undefined) return this.login(token, request);
    const challenge = { 'www-authenticate': 'Bearer realm="guaita"' };
    throw new HttpProblem(401, 'who asks? Log in, or send a token: "Authorization: Bearer guaita_…"', challenge);
  }

  /**
   * Whose token it is. The right token comes in however many wrong ones came from there.
   *
   * @throws {HttpProblem} 401 or 429 when it is nobody's.
   */
  login(token: string, { socket }: IncomingMessage): Visitor {
    const visitor = this.#tokens.holderOf(token);
    if (visitor !== undefined) return visitor;
    const wait_s = this.#failed.note(socket.remoteAddress ?? '');
    if (wait_s === 0) throw new HttpProblem(401, 'this token is not known here: "guaita token" makes one');
    throw new HttpProblem(429, `too many wrong tokens; try again in ${wait_s} s`, { 'retry-after': String(wait_s) });
  }

  /**
   * Counts a request of somebody; what it gives ends that.
   *
   * @throws {HttpProblem} 429 when too many of theirs are being answered.
   */
  enter({ name }: Visitor): () => void {
    return this.#crowd.enter(name);
  }

  /** @throws {HttpProblem} 403 when somebody's role does not reach so far. */
  require(role: Role, visitor: Visitor): void {
    if (role === 'viewer' || visitor.role === 'operator') return;
    throw new HttpProblem(403, `"${visitor.name}" is a viewer: only an operator may do this`);
  }

  /** @throws {HttpProblem} 403 when another site's page asks in its reader's name. */
  refuseForeign(request: IncomingMessage): void {
    const { origin, host } = request.headers;
    if (isOwnOrigin(origin, host, this.#options.names, isByTls(request))) return;
    throw new HttpProblem(
      403,
      `a page of ${JSON.stringify(origin)} may not do this; where it is a proxy's, add its name to http.allowed_hosts`,
    );
  }

  /** The cookie by which the page comes in; without a token, the one that ends that. */
  cookie(token: string | undefined, request: IncomingMessage): string {
    const life = token === undefined ? 0 : COOKIE_s;
    // The page itself tells whether it came by TLS, also where a proxy has taken that off.
    const secure = isByTls(request) || request.headers.origin?.startsWith('https:') === true ? '; Secure' : '';
    return `${this.#options.cookie}=${token ?? ''}; Path=/; Max-Age=${life}; HttpOnly; SameSite=Strict${secure}`;
  }
}

function isLocal({ socket, headers }: IncomingMessage): boolean {
  return isLoopback(socket.remoteAddress ?? '') && PASSED_ON.every((name) => headers[name] === undefined);
}

function bearer({ headers: { authorization } }: IncomingMessage): string | undefined {
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}

function cookieOf({ headers: { cookie = '' } }: IncomingMessage, name: string): string | undefined {
  const pair = cookie.split(/; */).find((each) => each.startsWith(`${name}=`));
  const value = pair?.slice(name.length + 1);
  return value === '' ? undefined : value;
}
