/** Why this machine cannot be readied; the message says what to do. */
export class SetupError extends Error {
  /** @override */
  name = 'SetupError';
}
