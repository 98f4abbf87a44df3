import { literal, quoted } from '../engine/sql.ts';
import type { Column, Kind } from '../kinds/kind.ts';
import { BUCKET_ms, ROLLED, type Rolled } from './resolution.ts';
import { rolledKinds, rollups, type Figure, type RolledKind, type Rollup } from './rollup.ts';

/** The name, and folder, of a kind’s buckets of a resolution. */
export type BucketName = `${RolledKind}-${Rolled}`;

/** Buckets of each resolution as kinds of their own: a published schema, a key, an order. */
export const bucketKinds = Object.fromEntries(
  rolledKinds.flatMap((kind) =>
    ROLLED.map((resolution) => {
      const name: BucketName = `${kind}-${resolution}`;
      const rollup = rollups[kind];
      const made: Kind<BucketName> = {
        name,
        meaning: `${rollup.of.meaning}, put together by ${resolution}`,
        columns: bucketColumns(rollup),
        key: ['monitor', 'device', ...rollup.parts, 'at'],
        order: ['device', ...rollup.parts, 'monitor', 'at'],
      };
      return [name, made];
    }),
  ),
) as Readonly<Record<BucketName, Kind<BucketName>>>;

export const bucketNames = Object.keys(bucketKinds) as BucketName[];

function bucketColumns({ of, parts, figures }: Rollup): readonly Column[] {
  const line = ['monitor', 'device', ...parts].map((name) => of.columns.find((column) => column.name === name)!);
  return [...line, { name: 'at', type: 'TIMESTAMP', unit: 'UTC', meaning: 'when the bucket begins' }, ...figures];
}

/**
 * `SELECT` of buckets out of measurements. A figure that its column cannot hold (other hosts’ files may have any number in
 * them) is null, so that one value never keeps all others from being put together.
 *
 * @param measurements a `SELECT` of the kind’s columns that has each measurement once.
 */
export function selectBuckets({ parts, figures }: Rollup, resolution: Rolled, measurements: string): string {
  const line = ['monitor', 'device', ...parts].map(quoted);
  return (
    `SELECT ${line.join(', ')}, bucket AS "at", ${worked(figures)} ` +
    `FROM (SELECT ${beginOf(resolution)} AS bucket, * EXCLUDE ("at") FROM (${measurements})) ` +
    `GROUP BY ${[...line, 'bucket'].join(', ')}`
  );
}

/**
 * `SELECT` of the buckets of all resolutions, which a further column `resolution` tells apart: the measurements are read
 * once for all of them.
 */
export function selectAllBuckets({ parts, figures }: Rollup, measurements: string): string {
  const line = ['monitor', 'device', ...parts].map(quoted);
  const begins = ROLLED.map((resolution) => `${beginOf(resolution)} AS ${quoted(resolution)}`);
  const sets = ROLLED.map((resolution) => `(${[...line, quoted(resolution)].join(', ')})`);
  // Each group is of one set, and has no value in the columns of the others.
  const which = ROLLED.map((resolution) => `WHEN ${quoted(resolution)} IS NOT NULL THEN ${literal(resolution)}`);
  return (
    `SELECT ${line.join(', ')}, coalesce(${ROLLED.map(quoted).join(', ')}) AS "at", ${worked(figures)}, ` +
    `CASE ${which.join(' ')} END AS resolution ` +
    `FROM (SELECT ${begins.join(', ')}, * EXCLUDE ("at") FROM (${measurements})) GROUP BY GROUPING SETS (${sets.join(', ')})`
  );
}

const worked = (figures: readonly Figure[]): string =>
  figures.map(({ name, type, sql }) => `TRY_CAST(${sql} AS ${type}) AS ${quoted(name)}`).join(', ');

const beginOf = (resolution: Rolled): string =>
  `time_bucket(to_milliseconds(${BUCKET_ms[resolution]}), "at"::TIMESTAMP)`;

/** `SELECT` of each bucket once: of several that hosts have made of one, that which is made of most. */
export function selectFullest({ key }: Kind<BucketName>, buckets: string): string {
  const columns = key.map(quoted).join(', ');
  return `SELECT DISTINCT ON (${columns}) * FROM (${buckets}) ORDER BY ${columns}, measurements DESC`;
}

/** `SELECT` of each row once, of those that meet a condition, whoever has kept them. */
export function selectMerged({ key }: Kind, rows: string, condition: string): string {
  return `SELECT DISTINCT ON (${key.map(quoted).join(', ')}) * FROM (${rows}) WHERE ${condition}`;
}
