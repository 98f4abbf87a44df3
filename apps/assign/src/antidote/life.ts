import { hash } from 'node:crypto';
import { Incarnation, type Header } from '@guaita/model';
import { z } from 'zod';

const Encoded = z.tuple([Incarnation, z.int().min(0), z.string(), z.int().min(0)], z.int().min(0));

/** What is polled of a monitor: whether it goes on, and what of it has moved. */
export interface Life {
  readonly incarnation: number;
  readonly beat: number;
  /** Of the header, but for what each beat changes. */
  readonly headerDigest: string;
  /** The claims version. */
  readonly version: number;
  /** The session that it has ended by a goodbye. */
  readonly ended: number | undefined;
}

/** As short as it can be: it is read by everybody every few seconds. */
export function encodeLife({ incarnation, beat, headerDigest, version, ended }: Life): string {
  return JSON.stringify([incarnation, beat, headerDigest, version, ...(ended === undefined ? [] : [ended])]);
}

/** @throws {Error} when it is no life. */
export function decodeLife(json: unknown): Life {
  const [incarnation, beat, headerDigest, version, ended] = Encoded.parse(json);
  return { incarnation, beat, headerDigest, version, ended };
}

/** Below 0 when the first is older than the second, above 0 when newer. A goodbye comes after its beat. */
export function compareLives(a: Life, b: Life): number {
  return (
    a.incarnation - b.incarnation || a.beat - b.beat || Number(a.ended !== undefined) - Number(b.ended !== undefined)
  );
}

/** A digest of what in a header is worth writing it again for: not the beat, nor how old the newest probe is. */
export function headerDigest(header: Header): string {
  const { beat: _beat, probe_age_s: _age, ...rest } = header;
  return hash('sha1', JSON.stringify(rest)).slice(0, 8);
}

/** The version of each bucket of claims of one incarnation, 0 where nothing was ever claimed. */
export const BucketVersions = z.object({ incarnation: Incarnation, versions: z.array(z.int().min(0)) });
export type BucketVersions = z.infer<typeof BucketVersions>;
