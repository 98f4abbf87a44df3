import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { secret } from '@guaita/service';
import { z } from 'zod';

/** `viewer` reads; `operator` gives commands, too. */
export const Role = z.enum(['viewer', 'operator']);
export type Role = z.infer<typeof Role>;

/** Somebody who may come in: what is done by it is done in this name. */
export interface Visitor {
  readonly name: string;
  readonly role: Role;
}

/** A name that people know somebody by; it is said to all monitors with what is done in it. */
export const TokenName = z
  .string()
  .regex(
    /^[^\p{C}\p{Z}](?:[^\p{C}]{0,62}[^\p{C}\p{Z}])?$/u,
    'is no name; give one like "ada", of at most 64 characters',
  );

/** The field `tokens` of the section `storage`: who may come in, by name. */
export const tokensConfig = z
  .record(
    TokenName,
    z.strictObject({
      role: Role,
      sha256: secret(
        z.string().regex(/^[0-9a-f]{64}$/, 'is not the hash of a token; give what `guaita token` prints'),
      ).describe('as `guaita token` prints it'),
    }),
  )
  .default({})
  .describe('who may see the page and use the API from other hosts; without any, this host alone');
export type TokensConfig = z.output<typeof tokensConfig>;

/**
 * 256 random bits. Nobody finds such a token by trial, also not with its hash in hand, so that one round of SHA-256 is
 * enough: slow hashes are for passwords that people choose.
 */
const TOKEN_bytes = 32;

/** By which people, and programs that look for secrets in the wrong place, know it for what it is. */
const MARK = 'guaita_';

/** Makes a token, and what is kept of it. */
export function makeToken(): { readonly token: string; readonly sha256: string } {
  const token = MARK + randomBytes(TOKEN_bytes).toString('base64url');
  return { token, sha256: digest(token).toString('hex') };
}

/** The tokens of the configuration. */
export class Tokens {
  readonly #known: readonly { readonly digest: Buffer; readonly visitor: Visitor }[];

  constructor(config: TokensConfig) {
    this.#known = Object.entries(config).map(([name, { role, sha256 }]) => {
      return { digest: Buffer.from(sha256, 'hex'), visitor: { name, role } };
    });
  }

  get none(): boolean {
    return this.#known.length === 0;
  }

  /** Whose token it is. Takes as long whatever it is: each is compared, by its hash and in constant time. */
  holderOf(token: string): Visitor | undefined {
    const given = digest(token);
    return this.#known.filter((each) => timingSafeEqual(each.digest, given))[0]?.visitor;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
