/** At which step a tag could not be read. */
export type TagMistake = 'length' | 'base64' | 'bzip2' | 'utf-8' | 'json' | 'record';

/** A tag that is not what Cloudy's nodes read; whoever reads it knows whose it is, and says so. */
export class TagError extends Error {
  override readonly name = 'TagError';
  readonly mistake: TagMistake;

  constructor(mistake: TagMistake, cause: string, options?: ErrorOptions) {
    super(`tag "services": ${cause}`, options);
    this.mistake = mistake;
  }
}
