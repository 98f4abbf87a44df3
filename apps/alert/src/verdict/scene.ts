import type { DeviceSpec, MonitorView } from '@guaita/messages';
import type { Id, PingObservation, Verdict } from '@guaita/model';
import type { Now } from '../now.ts';
import { VERDICT_DEFAULTS, type VerdictOptions } from './options.ts';
import { type VerdictChange, Verdicts } from './verdicts.ts';

/** When the wall clocks of all scenes stand at 0 s. */
const BEGIN_MS = Date.parse('2026-03-01T12:00:00Z');

/** What a scene tells of a device, beside its claims. */
export type Entry = Partial<Pick<DeviceSpec, 'parents' | 'tags'>> & { readonly interval_s?: number };

/** A network told to `Verdicts` by hand, in simulated time: for tests. */
export class Scene {
  readonly verdicts: Verdicts;
  /** All that was said of each device, in its order. */
  readonly changes: VerdictChange[] = [];
  readonly #specs = new Map<Id, DeviceSpec>();
  #now_s = 0;

  constructor(options: Partial<VerdictOptions> = {}) {
    this.verdicts = new Verdicts({ ...VERDICT_DEFAULTS, ...options });
  }

  get now(): Now {
    return { monotonic_ms: this.#now_s * 1000, wall_ms: BEGIN_MS + this.#now_s * 1000 };
  }

  /** The monitors named so; each is well but for `view`. */
  monitors(names: string, view: Partial<MonitorView> = {}): void {
    for (const name of names.split(' ')) this.verdicts.monitor(name, { ...WELL, at: stamp(this.#now_s), ...view });
  }

  /**
   * Enters a device, or changes its entry.
   *
   * @param claims as `claimsOf` reads them.
   */
  device(device: Id, claims: string, entry: Entry = {}): void {
    const { interval_s = 60, ...rest } = entry;
    const ping = {
      interval_s,
      count: 3,
      timeout_ms: 1000,
      size_bytes: 56,
      dont_fragment: false,
      family: 'any',
    } as const;
    const spec: DeviceSpec = {
      device,
      name: device,
      addresses: ['10.0.0.1'],
      parents: [],
      tags: [],
      ...rest,
      checks: { ping },
      source: 'devices.yaml',
      monitors: [],
      claims: claimsOf(claims, stamp(this.#now_s)),
    };
    this.#specs.set(device, spec);
    this.verdicts.spec(device, spec);
  }

  /** The claims of a device are these now; its entry stays. A monitor that saw it down before has seen it down since. */
  sees(device: Id, claims: string): void {
    const spec = this.#specs.get(device);
    if (spec === undefined) throw new Error(`the scene has no device ${device}`);
    const before = new Map(spec.claims?.map((claim) => [claim.monitor, claim]));
    const now = claimsOf(claims, stamp(this.#now_s)).map((claim) => {
      const was = before.get(claim.monitor);
      return claim.sees === 'down' && was?.sees === 'down' ? { ...claim, down_since: was.down_since } : claim;
    });
    const after = { ...spec, claims: now };
    this.#specs.set(device, after);
    this.verdicts.spec(device, after);
  }

  /** A monitor has probed a device now: all answered unless told otherwise. */
  probed(monitor: Id, device: Id, observation: Partial<PingObservation> = {}): void {
    this.verdicts.observed(monitor, device, { ...ANSWERED, at: stamp(this.#now_s), ...observation });
  }

  /** Does what is due now, and gives what that says anew. */
  settle(): VerdictChange[] {
    const changes = this.verdicts.advance(this.now);
    this.changes.push(...changes);
    return changes;
  }

  /** Lets time pass, and does what falls due at the moment at which it does. */
  pass(seconds: number): void {
    this.settle();
    const end_s = this.#now_s + seconds;
    while (this.verdicts.nextDeadline_ms <= end_s * 1000) {
      this.#now_s = this.verdicts.nextDeadline_ms / 1000;
      this.settle();
    }
    this.#now_s = end_s;
  }

  /** What was said of a device last. */
  verdict(device: Id): Verdict {
    const after = this.changes.findLast((change) => change.device === device)?.after;
    if (after === undefined) throw new Error(`nothing is said of ${device}`);
    return after;
  }

  /** The states in which a device was said to be, one after the other. */
  states(device: Id): string[] {
    const states = this.changes.flatMap((change) => (change.device === device ? [change.after?.state ?? 'gone'] : []));
    return states.filter((state, n) => state !== states[n - 1]);
  }
}

/** The stamp of a moment so many seconds after the scene’s begin. */
export function stamp(seconds: number): string {
  return new Date(BEGIN_MS + seconds * 1000).toISOString();
}

/**
 * Reads `a:up b:down c:unprobed`: what each monitor claims to see. `d:down!` is a leaving claim, `e:down#7` sees outage 7;
 * 1 when none is named.
 */
function claimsOf(text: string, at: string): NonNullable<DeviceSpec['claims']> {
  return Array.from(
    text.matchAll(/([\w-]+):(up|down|unprobed)(!?)(?:#(\d+))?/g),
    ([, monitor = '', sees, leaving, n]) => ({
      monitor,
      state: leaving === '!' ? 'leaving' : 'held',
      sees: sees === 'down' || sees === 'unprobed' ? sees : 'answering',
      ...(sees === 'down' ? { down_since: at } : {}),
      episode: Number(n ?? 1),
    }),
  );
}

const WELL = { site: 'home', alive: true, isolated: false, probing: true, devices: 0 } as const;

const ANSWERED = {
  address: '10.0.0.1',
  sent: 3,
  received: 3,
  loss_percent: 0,
  rtt_min_ms: 1,
  rtt_avg_ms: 2,
  rtt_max_ms: 3,
  jitter_ms: 1,
  state: 'up',
} as const;
