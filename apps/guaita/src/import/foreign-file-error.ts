/** Why a file of another tool cannot be read: the cause and the mend, to be said after its name. */
export class ForeignFileError extends Error {
  override readonly name = 'ForeignFileError';
}
