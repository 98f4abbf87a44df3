/** Why a command is not done: cause and mend. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
