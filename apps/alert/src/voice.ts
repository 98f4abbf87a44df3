/** Who says something on the broker's behalf when it is this monitor's turn. */
export interface Voice {
  /** It is our turn, or still is. */
  speak(): void;
  /** It is another's turn. */
  fallSilent(): void;
  /** All is known by now: what is kept beside that is taken away. */
  purge(): void;
}
