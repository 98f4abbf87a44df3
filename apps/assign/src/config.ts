import { parseAddress } from '@guaita/antidote';
import { Policy } from '@guaita/model';
import { z } from 'zod';
import { FORMATS } from './inventory/index.ts';

const Named = z.strictObject({
  file: z.string().min(1),
  format: z.enum(FORMATS).optional().describe('told by the file’s name and content unless given'),
});

/**
 * A ping costs 80 to 150 µs of CPU with all that belongs to it (docs/benchmarks.md), so 100,000 devices at the default of
 * one a minute take about a quarter of a server's core, or one of a Pi 4's four, which is four times as slow. The
 * outbox, too, has room for just that many.
 */
export const DEFAULT_CAPACITY = 100_000;

const AntidoteAddress = z.string().superRefine((text, context) => {
  try {
    // A lone word is taken for an address too easily: here the port is asked for.
    if (!/:\d+$/.test(text.trim()))
      throw new TypeError(`"${text}" has no port: write it as host:port, such as 127.0.0.1:8087`);
    parseAddress(text);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    context.addIssue({ code: 'custom', message: error.message.replace(': write', '; write') });
  }
});

/** The section `assign` of `guaita.yaml`. */
export const assignConfig = z.strictObject({
  devices: z
    .union([z.string().min(1), z.array(z.union([z.string().min(1), Named])).min(1)])
    .default('devices.yaml')
    .describe('the inventory: a file, or a list of files that are read as one'),
  poll_s: z
    .number()
    .min(1)
    .max(3600)
    .default(10)
    .describe('files are read again this often, for file systems that tell nothing of changes; else they tell at once'),
  capacity: z.int().min(0).default(DEFAULT_CAPACITY).describe('how many devices this monitor can watch'),
  policy: z
    .strictObject(Policy.shape)
    .prefault({})
    .describe('how devices are given to monitors; the same at all of them'),
  antidote: z
    .strictObject({
      addresses: z
        .array(AntidoteAddress)
        .default([])
        .describe('AntidoteDB servers of this site, host:port; the next is asked when one fails'),
      own_host: z
        .boolean()
        .default(false)
        .describe(
          'of the servers under these addresses only that of this host, which is named after the monitor; it is kept connected with the others',
        ),
      data: z
        .string()
        .min(1)
        .optional()
        .describe('the folder of its data, where it is of this host: its growth is watched'),
      data_max_mb: z.number().min(1).default(1_000).describe('how large it may become before that is said'),
    })
    .prefault({}),
});
export type AssignConfig = z.output<typeof assignConfig>;

/** A file of the inventory. */
export interface ConfiguredFile {
  readonly file: string;
  readonly format?: (typeof FORMATS)[number] | undefined;
}

/** The files as one list. */
export function configuredFiles({ devices }: AssignConfig): ConfiguredFile[] {
  return [devices].flat().map((entry) => (typeof entry === 'string' ? { file: entry } : entry));
}
