/** What was to be carried could not be; nothing was changed. */
export class TransferError extends Error {
  override readonly name = 'TransferError';
}

/** What carrying may take of a machine on which all else goes on. */
export const TRANSFER_LIMITS = {
  memory_bytes: 256 * 2 ** 20,
  spill_bytes: 16 * 2 ** 30,
  threads: 2,
  queries: 1,
} as const;
