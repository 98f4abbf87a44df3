import { z } from 'zod';
import { exportConfig } from './export/config.ts';
import { tokensConfig } from './http/access/tokens.ts';
import { diskConfig, keepConfig } from './retention/config.ts';

/** What a Pi with 1 GB has to spare: with twice as much a day of 1,000 devices and three monitors is sealed no sooner. */
const MEMORY_mb = 96;
/**
 * For each statement: what is asked runs beside what is sorted all the same. Two that sort one day take twice the processor
 * time of one, and thrice the disk for what does not fit in memory, and nobody waits for it.
 */
const THREADS = 1;
/** A query that sorts more than this is one that nobody waits for. */
const SPILL_mb = 1_000;

/** The section `storage:` of `guaita.yaml`. */
export const storageConfig = z.strictObject({
  scope: z
    .enum(['site', 'own'])
    .default('site')
    .describe('site: keep what all monitors of the site see; own: what this one sees, beside verdicts and alerts'),
  folder: z
    .string()
    .min(1)
    .optional()
    .describe('where the history stands, for other programs and hosts too; default: history in the data folder'),
  keep: keepConfig,
  max_mb: z.int().min(1).max(1e9).optional().describe('how much the history may hold; default: what the disk has'),
  disk: diskConfig,
  takes_away: z
    .enum(['own', 'all'])
    .default('own')
    .describe(
      'whose files are taken away. own: what this monitor has written, since a folder that hosts share loses at all of ' +
        'them what one takes away; all: also those of hosts that are gone',
    ),
  memory_mb: z
    .int()
    .min(64)
    .max(65_536)
    .default(MEMORY_mb)
    .describe('memory for queries and for sorting, at most; what does not fit goes to disk'),
  spill_mb: z.int().min(0).max(1_000_000).default(SPILL_mb).describe('disk for what does not fit in memory, at most'),
  tokens: tokensConfig,
  export: exportConfig.optional().describe('another store that is given all measurements, by remote write'),
  page: z.string().min(1).optional().describe('the folder of the built page; default: where the build puts it'),
  threads: z.int().min(1).max(64).default(THREADS).describe('processors that queries and sorting may use'),
});
export type StorageConfig = z.output<typeof storageConfig>;
