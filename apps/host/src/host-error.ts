/** Something that has to be mended before what the host runs can start; its message says what and how. */
export class HostError extends Error {
  override readonly name = 'HostError';
}
