import { z } from 'zod';
import { FORMATS } from './inventory/index.ts';

const Named = z.strictObject({
  file: z.string().min(1),
  format: z.enum(FORMATS).optional().describe('told by the file’s name and content unless given'),
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
