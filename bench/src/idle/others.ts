// Plays all other monitors of a mesh, at a real broker and, where there is one, in a real AntidoteDB: what they say, not
// what they do. The first line of its input says what to play (`Play`), and `die N` then ends N of them at once. It tells
// each second how things are (`Told`).
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { plan, type PlanMonitor } from '@guaita/assignment';
import { MqttBus, Wire } from '@guaita/bus';
import { bucketLevel, bucketOf, channels } from '@guaita/messages';
import type { Claim, Header, Id, Seen } from '@guaita/model';
import { ClaimsSeen } from '@guaita/site-lab';
import { AntidoteOthers } from './antidote-others.ts';
import { OtherMonitor } from './other-monitor.ts';
import type { Play, Told } from './play.ts';

const BEAT_ms = 1_000;
/** How long the living take to see that others are dead. */
const PATIENCE_ms = 3_000;
/** How long who leaves a device goes on watching it. */
const HANDOVER_ms = 3_000;
const SAY_PROBING_EVERY_S = 5;

const input = createInterface({ input: process.stdin });
const [first] = (await once(input, 'line')) as [string];
const play = JSON.parse(first) as Play;
const { self, policy, capacity } = play;
const bus = new MqttBus({ url: play.broker, clientId: 'others' });
const wire = new Wire(bus, (error) => {
  throw error;
});
const all = play.others.map((other) => new OtherMonitor({ ...other, capacity, policy }));
const sites = new Map(play.others.map(({ monitor, site }) => [monitor, site]));
let living = [...all];
/** Those that wait to hear how far their claims are known. */
let leaving: readonly OtherMonitor[] = [];
const antidote = play.antidote === undefined ? undefined : new AntidoteOthers(play.antidote, all);

/** What the measured monitor says. */
const claims = new ClaimsSeen();
let header: Header | undefined;
let beat_ms = Infinity;
let pause_ms = 0;
let bucketBytes = 0;
let planned = new Set<Id>();
let ready = false;

await wire.hear(channels.status, { monitor: self }, ({ value, message }) => {
  if (value?.state !== 'online' || message.retain) return;
  const now_ms = performance.now();
  pause_ms = Math.max(pause_ms, now_ms - beat_ms);
  beat_ms = now_ms;
  header = value;
  claims.run(value.incarnation);
});
await wire.hear(channels.claims, { monitor: self }, ({ parameters, value, message }) => {
  const bucket = bucketOf(parameters.bucket);
  if (value === undefined || bucket === undefined) return;
  bucketBytes += message.payload.length;
  claims.hear(bucket, value);
});
await wire.hear(channels.wants, {}, ({ parameters: { peer }, value }) => {
  const asked = living.find(({ monitor }) => monitor === peer);
  if (asked === undefined || value === undefined) return;
  value.versions.forEach((version, bucket) => {
    const content = asked.bucket(bucket);
    if (content.version !== version) wire.say(channels.claims, { monitor: peer, bucket: bucketLevel(bucket) }, content);
  });
});
await bus.start();

/** The plan that all of them make, from what each knows of all. */
function planAll(): Map<Id, readonly Id[]> {
  const monitors: PlanMonitor[] = living.map(({ monitor }) => ({
    monitor,
    site: sites.get(monitor) ?? '',
    tags: [],
    capacity,
  }));
  monitors.push({ monitor: self, site: 'site-0', tags: [], capacity });
  return plan(
    play.devices.map((device) => ({ device })),
    monitors,
    policy,
  );
}

/** The living claim what is planned; what they had beside it they leave, and release a little later. */
async function follow(): Promise<void> {
  const devicesOf = new Map<Id, Map<Id, Claim['state']>>([[self, new Map()]]);
  for (const { monitor } of living) devicesOf.set(monitor, new Map());
  for (const [device, monitors] of planAll()) {
    for (const monitor of monitors) devicesOf.get(monitor)?.set(device, 'held');
  }
  planned = new Set(devicesOf.get(self)?.keys());
  for (const other of living) {
    const held = devicesOf.get(other.monitor) ?? new Map<Id, Claim['state']>();
    const left = [...other.devices].filter((device) => !held.has(device));
    sayClaims(other, new Map([...held, ...left.map((device) => [device, 'leaving'] as const)]));
  }
  leaving = living.filter(({ leaves }) => leaves);
  await bus.flushed();
  await pause(HANDOVER_ms);
  for (const other of living) sayClaims(other, devicesOf.get(other.monitor) ?? new Map<Id, Claim['state']>());
  leaving = [];
  await bus.flushed();
}

function sayClaims(other: OtherMonitor, states: ReadonlyMap<Id, Claim['state']>): void {
  const { monitor } = other;
  for (const bucket of other.claim(states)) {
    const content = other.bucket(bucket);
    wire.say(channels.claims, { monitor, bucket: bucketLevel(bucket) }, content);
    antidote?.sayBucket(monitor, bucket, content);
  }
}

function sayHeaders(some: readonly OtherMonitor[]): void {
  const seen: Record<Id, Seen> = Object.fromEntries(leaving.map((other) => [other.monitor, other.seen]));
  if (header !== undefined && [...claims.states.values()].includes('leaving'))
    seen[self] = { incarnation: header.incarnation, version: header.claims.version };
  for (const other of some) {
    const said = other.header(seen, header?.intents ?? '0'.repeat(16));
    wire.say(channels.status, { monitor: other.monitor }, { ...said, state: 'online' });
    antidote?.sayHeader(other.monitor, said);
  }
}

/** What the ping service of the measured monitor would say in one second. */
function sayPings(second: number): void {
  const at = new Date().toISOString();
  // In an order that stays, so that each has its turn.
  const watched = [...claims.states.keys()].sort();
  for (let index = second % play.interval_s; index < watched.length; index += play.interval_s) {
    const rtts = { rtt_min_ms: 0.1, rtt_avg_ms: 0.1, rtt_max_ms: 0.1, jitter_ms: null, loss_percent: 0 };
    const observation = { at, address: '127.0.0.1', sent: 1, received: 1, ...rtts, state: 'up' } as const;
    const device = watched[index];
    if (device !== undefined) wire.say(channels.ping, { monitor: self, device }, observation, play.interval_s);
  }
  if (second % SAY_PROBING_EVERY_S > 0) return;
  const probing = { at, isolated: false, anchors: [], last_probe_at: at, devices: watched.length };
  wire.say(channels.probing, { monitor: self }, probing);
}

/** Each says its header once a second, all of them spread over the second. */
async function beat(): Promise<never> {
  const TURNS = 20;
  let next_ms = performance.now();
  for (let turn = 0; ; turn += 1) {
    if (turn % TURNS === 0) {
      sayPings(turn / TURNS);
      tell();
    }
    sayHeaders(living.filter((_, index) => index % TURNS === turn % TURNS));
    next_ms += BEAT_ms / TURNS;
    await pause(Math.max(0, next_ms - performance.now()));
  }
}

function tell(): void {
  const states = [...claims.states];
  const settled = states.length === planned.size && states.every(([id, state]) => state === 'held' && planned.has(id));
  const told: Told = { ready, settled, claims: states.length, planned: planned.size, bucketBytes, pause_ms };
  process.stdout.write(`${JSON.stringify(told)}\n`);
}

async function die(count: number): Promise<void> {
  living = living.slice(count);
  antidote?.end(all.slice(0, all.length - living.length).map(({ monitor }) => monitor));
  pause_ms = 0;
  // Nobody settles before all have seen it.
  planned = new Set();
  await pause(PATIENCE_ms);
  await follow();
}

input.on('line', (line) => {
  const [, count] = /^die (\d+)$/.exec(line) ?? [];
  if (count === undefined) throw new Error(`unknown: ${line}`);
  void die(Number(count));
});

await antidote?.start();
void beat();
await follow();
await antidote?.written();
ready = true;
