import { OWN_SERF_EVENTS } from '@guaita/messages';

/** At the end of a name: whatever comes there. */
const ANY_ENDING = '*';

/** Which user events are told on MQTT: by their names, or by how these begin. Guaita’s own never are. */
export class WantedEvents {
  readonly #exact: ReadonlySet<string>;
  readonly #beginnings: readonly string[];

  /** @param names those with a `*` at the end stand for all that begin so. */
  constructor(names: readonly string[]) {
    this.#exact = new Set(names.filter((name) => !name.endsWith(ANY_ENDING)));
    this.#beginnings = names
      .filter((name) => name.endsWith(ANY_ENDING))
      .map((name) => name.slice(0, -ANY_ENDING.length));
  }

  /**
   * What to have an agent stream. It looks at names itself where all are known, so that a flood of others never gets to us
   * and takes the place of these.
   */
  get types(): string {
    return this.#beginnings.length > 0 ? 'user' : [...this.#exact].map((name) => `user:${name}`).join();
  }

  has(name: string): boolean {
    if (name.startsWith(OWN_SERF_EVENTS)) return false;
    return this.#exact.has(name) || this.#beginnings.some((beginning) => name.startsWith(beginning));
  }
}

/** Says what is wrong with a name of wanted events, and what to write instead; `undefined` when nothing is. */
export function wantedFault(name: string): string | undefined {
  if (name.startsWith(OWN_SERF_EVENTS)) {
    return `is an event of Guaita’s own, which are not told again; take it out (alerts stand at alert/…)`;
  }
  // Serf parts what it shall stream by commas.
  if (!/^[^,*]*\*?$/u.test(name))
    return 'is no name of events; give one without comma, "*" only at its end for any ending';
  if (!/[a-z0-9*]/iu.test(name)) return 'has nothing of which a topic can be made; give one with letters or digits';
  return undefined;
}
