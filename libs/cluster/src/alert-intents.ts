import { type Acknowledgement, type Id, type Silence, SILENCE_LONGEST_ms } from '@guaita/model';
import type { Effect, Now } from './effect.ts';
import { STAMP_AHEAD_ms } from './hlc.ts';
import type { Change } from './intent-exchange.ts';
import type { IntentChange } from './intents.ts';

/** As often it is looked whether a silence has ended. */
const LOOK_ms = 1_000;

/**
 * What is over is withdrawn so long after its end: whose clock is ahead by less ends nothing too early, and what is said
 * by one whose clock is ahead by more is refused.
 */
const WITHDRAWN_AFTER_ms = STAMP_AHEAD_ms;

/** And up to as much later: mostly another has done so by then, which is heard within seconds. */
const WITHDRAWN_SPREAD_ms = 60_000;

/** An acknowledgement of which nobody has told that its alert is over goes after as long as a silence may last. */
const ACKNOWLEDGED_MOST_ms = SILENCE_LONGEST_ms;

/**
 * So many silences are told, ten times what commands set: each alert is held against each of them. Whoever makes up
 * more must not keep all others busy.
 */
const TOLD_MOST = 10_000;

interface Standing<T> {
  /** `undefined`: no longer, and that is yet to be told. */
  readonly wanted: T | undefined;
  readonly ends_ms: number;
  readonly withdrawn_ms: number;
  /** What was told of it last. */
  told: T | undefined;
}

/** What is wanted of alerts, as far as operators say it to a monitor. */
export interface KnownAlertIntents {
  /** The silences that nobody has withdrawn; some may have ended. */
  silences(): ReadonlyMap<Id, Silence>;
  isAcknowledged(alert: Id): boolean;
}

/** The silences and acknowledgements that operators want: tells which of them count now, and which are long over. */
export class AlertIntents implements KnownAlertIntents {
  readonly #random: () => number;
  readonly #silences = new Map<Id, Standing<Silence>>();
  readonly #acknowledgements = new Map<Id, Standing<Acknowledgement>>();
  #look_ms = -Infinity;
  /** How many silences are told. */
  #told = 0;
  #passedOver: Id | undefined;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Something has become of what operators intend. */
  follow({ before, after }: IntentChange): void {
    const either = after ?? before;
    if (either?.kind === 'silence') {
      const silence = after?.kind === 'silence' && after.wanted ? after.silence : undefined;
      this.#note(this.#silences, either.subject, silence, Date.parse(silence?.until ?? ''));
    } else if (either?.kind === 'acknowledgement') {
      const given = after?.kind === 'acknowledgement' && after.wanted ? after.acknowledgement : undefined;
      const ends_ms = Date.parse(given?.at ?? '') + ACKNOWLEDGED_MOST_ms;
      this.#note(this.#acknowledgements, either.subject, given, ends_ms);
    }
  }

  silences(): ReadonlyMap<Id, Silence> {
    const wanted = new Map<Id, Silence>();
    for (const [id, { wanted: silence }] of this.#silences) if (silence !== undefined) wanted.set(id, silence);
    return wanted;
  }

  isAcknowledged(alert: Id): boolean {
    return this.#acknowledgements.get(alert)?.wanted !== undefined;
  }

  /** What is over for so long that it is to be withdrawn. */
  over({ wall_ms }: Now): Change[] {
    const over = (all: ReadonlyMap<Id, Standing<unknown>>): Id[] =>
      [...all].flatMap(([id, { wanted, withdrawn_ms }]) =>
        wanted !== undefined && wall_ms > withdrawn_ms ? [id] : [],
      );
    return [
      ...over(this.#silences).map((subject): Change => ({ kind: 'silence', subject, wanted: false })),
      ...over(this.#acknowledgements).map((subject): Change => ({ kind: 'acknowledgement', subject, wanted: false })),
    ];
  }

  /** What has come to count, or counts no longer. */
  *effects({ wall_ms }: Now): IterableIterator<Effect> {
    this.#passedOver = undefined;
    const hasRoom = (id: Id): boolean => {
      if (this.#told < TOLD_MOST) return true;
      this.#passedOver ??= id;
      return false;
    };
    for (const [id, silence, before] of news(this.#silences, wall_ms, hasRoom)) {
      this.#told += Number(silence !== undefined) - Number(before !== undefined);
      yield { kind: 'silence', id, silence };
    }
    for (const [alert, acknowledgement] of news(this.#acknowledgements, wall_ms))
      yield { kind: 'acknowledgement', alert, acknowledgement };
  }

  /** What is not told, and how it is mended. */
  get problem(): string | undefined {
    if (this.#passedOver === undefined) return undefined;
    return (
      `${TOLD_MOST} silences are followed, and "${this.#passedOver}" is passed over with all that come after it: ` +
      'take some away with "guaita silence remove", or find who makes them up'
    );
  }

  /** Tells, every now and then and after every change, that it is time to look at all of them. */
  isDue({ monotonic_ms }: Now): boolean {
    if (monotonic_ms < this.#look_ms) return false;
    this.#look_ms = monotonic_ms + LOOK_ms;
    return true;
  }

  #note<T>(all: Map<Id, Standing<T>>, id: Id, wanted: T | undefined, ends_ms: number): void {
    this.#look_ms = -Infinity;
    const withdrawn_ms = ends_ms + WITHDRAWN_AFTER_ms + this.#random() * WITHDRAWN_SPREAD_ms;
    all.set(id, { wanted, ends_ms, withdrawn_ms, told: all.get(id)?.told });
  }
}

/** What differs from what was told: also what has ended, and, since clocks are set right, what has not after all. */
function* news<T>(
  all: Map<Id, Standing<T>>,
  wall_ms: number,
  hasRoom: (id: Id) => boolean = () => true,
): IterableIterator<readonly [Id, now: T | undefined, before: T | undefined]> {
  for (const [id, standing] of all) {
    const { wanted, ends_ms, told } = standing;
    const counts = wall_ms < ends_ms ? wanted : undefined;
    if (wanted === undefined) all.delete(id);
    if (counts === told || (counts !== undefined && told === undefined && !hasRoom(id))) continue;
    standing.told = counts;
    yield [id, counts, told];
  }
}
