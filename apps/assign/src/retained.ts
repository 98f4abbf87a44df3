/** Retained messages by topic. */
export type Retained = ReadonlyMap<string, string>;

/** What to do about one topic: say its new payload, or, `undefined`, clear it. */
export interface Effect {
  readonly topic: string;
  readonly payload: string | undefined;
}

/**
 * The fewest messages that turn what a broker keeps into what it should keep. What is gone is cleared first: a device
 * that moved to another id is released before it is taken up again, never watched twice.
 */
export function diff(previous: Retained, next: Retained): Effect[] {
  const effects: Effect[] = [];
  for (const topic of previous.keys()) if (!next.has(topic)) effects.push({ topic, payload: undefined });
  for (const [topic, payload] of next) if (previous.get(topic) !== payload) effects.push({ topic, payload });
  return effects;
}
