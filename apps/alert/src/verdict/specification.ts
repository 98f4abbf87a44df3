import type { DeviceSpec } from '@guaita/messages';
import type { Id, PingObservation, VerdictState } from '@guaita/model';
import { Schedule } from '../maintenance/schedule.ts';
import type { Now } from '../now.ts';
import { mustLast_s } from './hold.ts';
import type { VerdictOptions } from './options.ts';
import type { Voter } from './votes.ts';

/** What a specification says of a device. */
export interface Said {
  state: VerdictState;
  since_ms: number;
  flapping: boolean;
}

interface Memory extends Said {
  coming: { readonly state: VerdictState; readonly began: Now } | undefined;
  definite: VerdictState | undefined;
  changes_ms: number[];
  calm_ms: number;
}

type Claim = NonNullable<DeviceSpec['claims']>[number];

/** What verdicts are to be, in the plainest words: all devices are judged at each moment, and nothing is looked up. */
export class Specification {
  readonly specs = new Map<Id, DeviceSpec>();
  readonly monitors = new Map<Id, Voter>();
  readonly observations = new Map<string, PingObservation>();
  readonly #said = new Map<Id, Memory>();
  readonly #options: VerdictOptions;

  constructor(options: VerdictOptions) {
    this.#options = options;
  }

  /** Judges all devices: to be called at each moment at which anything can change. */
  judge(now: Now): void {
    for (const device of this.#said.keys()) if (!this.specs.has(device)) this.#said.delete(device);
    for (const device of this.specs.keys()) if (!this.#said.has(device)) this.#said.set(device, unheardOf(now));
    const devices = [...this.specs.keys()];
    for (const device of devices) if (!this.#isCalledDown(device)) this.#settle(device, now);
    for (const device of devices) if (this.#isCalledDown(device)) this.#settle(device, now);
  }

  /** What is said of each device. */
  get all(): Map<Id, Said> {
    return new Map(
      Array.from(this.#said, ([device, { state, since_ms, flapping }]) => [device, { state, since_ms, flapping }]),
    );
  }

  #voters(device: Id): Claim[] {
    return (this.specs.get(device)?.claims ?? []).filter(({ monitor, sees }) => {
      const voter = this.monitors.get(monitor);
      return voter?.alive === true && voter.probing && !voter.isolated && sees !== 'unprobed';
    });
  }

  #isCalledDown(device: Id): boolean {
    const voters = this.#voters(device);
    return voters.filter(({ sees }) => sees === 'down').length > voters.length / 2;
  }

  #isGone(device: Id): boolean {
    const state = this.#said.get(device)?.state;
    return this.#isCalledDown(device) || state === 'down' || state === 'unreachable';
  }

  #parents(device: Id): Id[] {
    return (this.specs.get(device)?.parents ?? []).filter((parent) => this.specs.has(parent));
  }

  /** It has parents, and all have gone. */
  #isBereft(device: Id): boolean {
    const parents = this.#parents(device);
    return parents.length > 0 && parents.every((parent) => this.#isGone(parent));
  }

  /** All that is above a device. */
  #above(device: Id): Set<Id> {
    let above = new Set(this.#parents(device));
    for (;;) {
      const wider = new Set([
        ...above,
        ...[...above].flatMap((each) => (this.#isBereft(each) ? this.#parents(each) : [])),
      ]);
      if (wider.size === above.size) return above;
      above = wider;
    }
  }

  #isWorkedOn(device: Id, { wall_ms }: Now): boolean {
    return this.#options.maintenance.some(
      ({ devices, duration_ms, ...recurrence }) =>
        devices.includes(device) && new Schedule(recurrence, duration_ms).until_ms(wall_ms) !== undefined,
    );
  }

  #state(device: Id, now: Now): VerdictState {
    const state = this.#called(device);
    return state !== 'up' && state !== 'unknown' && this.#isWorkedOn(device, now) ? 'maintenance' : state;
  }

  #called(device: Id): VerdictState {
    const voters = this.#voters(device);
    if (voters.length === 0) return 'unknown';
    if (!this.#isCalledDown(device)) return voters.some(({ sees }) => sees === 'down') ? 'disputed' : 'up';
    if (!this.#isBereft(device)) return 'down';
    const above = this.#above(device);
    return [...above].some((each) => !this.#isBereft(each)) || !above.has(device) ? 'unreachable' : 'down';
  }

  /** Until a parent that has not gone is known not to have. */
  #parentsSeenWithin_s(device: Id): number {
    const standing = this.#parents(device).filter((parent) => !this.#isGone(parent));
    const vouched = standing.some((parent) =>
      this.#voters(device).some(({ monitor, down_since }) => {
        const observation = this.observations.get(`${monitor} ${parent}`);
        return down_since !== undefined && observation?.loss_percent === 0 && observation.at > down_since;
      }),
    );
    return vouched || standing.length === 0 ? 0 : Math.min(...standing.map((parent) => this.#lookedAtWithin_s(parent)));
  }

  #lookedAtWithin_s(device: Id): number {
    return (this.specs.get(device)?.checks.ping?.interval_s ?? -5) + 5;
  }

  #settle(device: Id, now: Now): void {
    const said = this.#said.get(device);
    if (said === undefined) return;
    const state = this.#state(device, now);
    said.flapping &&= now.monotonic_ms < said.calm_ms;
    if (!said.flapping && said.calm_ms <= now.monotonic_ms) {
      said.changes_ms = said.changes_ms.filter((at_ms) => at_ms > said.calm_ms);
      said.calm_ms = Infinity;
    }
    if (state === said.state) said.coming = undefined;
    else if (said.coming?.state !== state) said.coming = { state, began: now };
    if (said.coming === undefined) return;
    const { began } = said.coming;
    const waits = { parents_s: this.#parentsSeenWithin_s(device), again_s: this.#lookedAtWithin_s(device) };
    const held_s = (now.monotonic_ms - began.monotonic_ms) / 1000;
    if (held_s < mustLast_s(said.state, state, this.#options.hold([]), waits)) return;
    said.coming = undefined;
    said.state = state;
    said.since_ms = state === 'down' ? Math.min(now.wall_ms, ...this.#downSince_ms(device)) : began.wall_ms;
    if (state === 'up' || state === 'down') this.#note(said, state, now.monotonic_ms);
  }

  #downSince_ms(device: Id): number[] {
    return this.#voters(device).flatMap(({ down_since }) => (down_since === undefined ? [] : [Date.parse(down_since)]));
  }

  #note(said: Memory, state: VerdictState, now_ms: number): void {
    const { within_s, changes } = this.#options.flapping([]);
    if (said.definite !== undefined && said.definite !== state) {
      said.changes_ms.push(now_ms);
      const lately = said.changes_ms.filter((at_ms) => at_ms > now_ms - within_s * 1000);
      said.flapping ||= lately.length > changes;
      if (said.flapping) said.calm_ms = now_ms + (2 * within_s * 1000) / changes;
    }
    said.definite = state;
  }
}

function unheardOf({ wall_ms }: Now): Memory {
  const said = { state: 'unknown', since_ms: wall_ms, flapping: false } as const;
  return { ...said, coming: undefined, definite: undefined, changes_ms: [], calm_ms: Infinity };
}
