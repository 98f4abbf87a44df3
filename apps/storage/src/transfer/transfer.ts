/** What was to be carried could not be; nothing was changed. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

/** How a file of history is written. */
export const EXPORT_FORMATS = ['parquet', 'csv'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** What carrying may take of a machine on which all else goes on. */
export const TRANSFER_LIMITS = {
  memory_bytes: 256 * 2 ** 20,
  spill_bytes: 16 * 2 ** 30,
  threads: 2,
  queries: 1,
} as const;
