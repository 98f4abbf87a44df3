import { isEligible } from '@guaita/assignment';
import { agree } from '@guaita/cluster';
import type { DeviceSpec, MonitorView } from '@guaita/messages';
import { COMMAND, type Id, type Policy } from '@guaita/model';
import type { Known } from './known.ts';

/** A device with fewer monitors than it should have. */
export interface UnderWatched {
  readonly device: Id;
  readonly held: number;
  readonly wanted: number;
  readonly why: string;
}

/** What is to be said of the cluster. */
export interface Judgement {
  readonly ok: boolean;
  /** Nobody speaks on this broker now: what it keeps may be old. */
  readonly stale: boolean;
  readonly monitors: readonly (MonitorView & { readonly monitor: Id })[];
  /** Monitors of which nothing is known but that they ended, or that devices stand in their inventory files. */
  readonly gone: readonly Id[];
  readonly policy: Policy | undefined;
  readonly devices: number;
  readonly under_watched: readonly UnderWatched[];
  /** What has to be mended. */
  readonly troubles: readonly string[];
  /** What is worth knowing. */
  readonly remarks: readonly string[];
}

/** Judges what a broker keeps of the cluster. Pure. */
export function judge(known: Known): Judgement {
  const { monitors, devices, present } = known;
  const policy = policyOf(known);
  const gone = goneOf(known);
  const dead = [...monitors].flatMap(([monitor, { alive }]) => (alive ? [] : [monitor]));
  const troubles = [
    ...[...monitors.values()].flatMap((view) => view.troubles ?? []),
    ...[...monitors].flatMap(([monitor, view]) => (view.alive ? troublesOf(monitor, view) : [])),
    ...[...dead, ...gone].map((monitor) => adviceFor(monitor, known)),
  ];
  const under_watched =
    policy === undefined ? [] : [...devices.values()].flatMap((spec) => underWatched(spec, policy, known));
  const stale = present.length === 0;
  return {
    ok: !stale && troubles.length === 0 && under_watched.length === 0,
    stale,
    monitors: [...monitors]
      .map(([monitor, view]) => ({ monitor, ...view }))
      .sort((a, b) => (a.monitor < b.monitor ? -1 : 1)),
    gone,
    policy,
    devices: devices.size,
    under_watched: under_watched.sort((a, b) => (a.device < b.device ? -1 : 1)),
    troubles: [...new Set(troubles)],
    remarks: remarksOf(known, policy),
  };
}

/** The policy that the monitors follow; none where no live one's header is kept. */
function policyOf({ monitors, headers }: Known): Policy | undefined {
  const [first, ...others] = [...headers].flatMap(([monitor, { policy }]) =>
    monitors.get(monitor)?.alive === true ? [policy] : [],
  );
  return first === undefined ? undefined : agree(first, others).policy;
}

/** Whoever is not heard of, but left something behind. */
function goneOf({ monitors, devices, ended }: Known): Id[] {
  const feeders = [...devices.values()].flatMap((spec) => spec.feeders ?? []);
  const left = new Set([...ended, ...feeders].filter((each) => each !== COMMAND && !monitors.has(each)));
  return [...left].sort();
}

/** What to do about a monitor that does not live. */
function adviceFor(monitor: Id, { devices }: Known): string {
  const alone = [...devices.values()].filter(({ feeders = [] }) => {
    return feeders.length > 0 && feeders.every((feeder) => feeder === monitor);
  }).length;
  const advice = `${monitor} is not alive: start it again, or, if it is gone for good, "guaita monitors forget ${monitor}"`;
  if (alone === 0) return advice;
  const stand = alone === 1 ? '1 device stands' : `${alone} devices stand`;
  return `${advice}; ${stand} in its inventory files alone: put those at another monitor first, or lose them by --with-devices`;
}

function troublesOf(monitor: Id, view: MonitorView): string[] {
  const own: string[] = [];
  if (view.isolated) own.push(`${monitor} is isolated: it reaches none of its anchors; look at its network`);
  if (!view.probing) own.push(`${monitor} does not probe: look at its ping service`);
  if (view.complete === false)
    own.push(`${monitor}’s claims are not known in full: they are asked for; look at the links`);
  return own;
}

/** Alive, probing, not isolated, not draining, and with room for any device at all. */
function isAble({ alive, probing, isolated, draining = false, capacity = 1 }: MonitorView): boolean {
  return alive && probing && !isolated && !draining && capacity > 0;
}

/** As many as it should have: no more than there are that may watch it, dead ones too, drained ones not. */
function underWatched(spec: DeviceSpec, policy: Policy, known: Known): UnderWatched[] {
  const { device, monitors: held, placement } = spec;
  if (held.length >= policy.monitors_per_device) return [];
  const expected = [...known.monitors].filter(([, { draining = false }]) => !draining);
  const allowed = expected.filter(([monitor, { site }]) =>
    isEligible({ site, tags: known.headers.get(monitor)?.tags ?? [] }, placement),
  );
  const wanted = Math.max(1, Math.min(policy.monitors_per_device, allowed.length));
  if (held.length >= wanted) return [];
  return [{ device, held: held.length, wanted, why: reason(spec, wanted, expected, allowed) }];
}

type Entries = readonly (readonly [Id, MonitorView])[];

function reason(
  { planned = [], leaving = [], monitors }: DeviceSpec,
  wanted: number,
  expected: Entries,
  allowed: Entries,
): string {
  if (expected.length === 0) return 'every monitor is drained';
  if (allowed.length === 0) return 'its placement keeps every monitor from it';
  const taking = planned.filter((monitor) => !monitors.includes(monitor));
  if (taking.length > 0) {
    const incomplete = taking.find((monitor) =>
      expected.some(([id, view]) => id === monitor && view.complete === false),
    );
    if (incomplete !== undefined) return `the claims of ${incomplete} are not known in full`;
    return leaving.length > 0 ? 'it is being handed over' : `${taking.join(', ')} is about to take it`;
  }
  const unable = allowed.filter(([, view]) => !isAble(view));
  if (allowed.length - unable.length < wanted) {
    return `too few monitors: ${unable.map(([monitor, view]) => `${monitor} ${whyUnable(view)}`).join(', ')}`;
  }
  return 'the monitors that may watch it are full: raise assign.capacity, or add a monitor';
}

function whyUnable({ alive, probing, isolated }: MonitorView): string {
  if (!alive) return 'is not alive';
  if (isolated) return 'is isolated';
  return probing ? 'takes no devices' : 'does not probe';
}

function remarksOf({ monitors, headers }: Known, policy: Policy | undefined): string[] {
  const remarks: string[] = [];
  const live = [...monitors].filter(([, { alive }]) => alive).map(([monitor]) => monitor);
  if (policy !== undefined && monitors.size > 0 && monitors.size < policy.monitors_per_device) {
    const wanted = policy.monitors_per_device;
    remarks.push(`${wanted} monitors per device are wanted and ${monitors.size} known: start more with --peer`);
  }
  for (const [monitor, { draining }] of monitors) if (draining === true) remarks.push(`${monitor} is drained`);
  const digests = new Set(live.flatMap((monitor) => headers.get(monitor)?.intents ?? []));
  if (digests.size > 1) remarks.push('the monitors do not all know the same inventory yet');
  return remarks;
}
