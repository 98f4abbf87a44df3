import { MqttBus, Wire } from '@guaita/bus';
import { channels, type DeviceSpec, type FoundService, type MonitorView, type SerfMember } from '@guaita/messages';
import type { Alert, PingObservation, Silence, SnmpObservation, Verdict, VerdictState, Vote } from '@guaita/model';

/** Always the same numbers between 0 and 1 (mulberry32), so that pictures differ only where the page does. */
export function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface DemoDevice {
  readonly id: string;
  spec: DeviceSpec;
  /** In milliseconds, from which each monitor's round trips differ a little. */
  readonly usual_ms: number;
  readonly loss_percent: number;
}

const MONITORS = [
  ['pi-1', 'home'],
  ['pi-2', 'home'],
  ['pi-3', 'home'],
  ['rack-1', 'rack'],
  ['rack-2', 'rack'],
] as const;

/** Speaks on a broker as a whole site would: a community network of so many devices, watched by five monitors. */
export class DemoNetwork {
  readonly devices: DemoDevice[] = [];
  readonly #wire: Wire;
  readonly #random = numbers(7);
  readonly #byId = new Map<string, DemoDevice>();
  /** Of each device, what was said of it last, and since when it is so. */
  readonly #states = new Map<string, { readonly state: VerdictState; readonly since_ms: number }>();

  constructor(url: string, size: number) {
    const bus = new MqttBus({
      url,
      clientId: `a-site-of-${size}`,
      log: () => {},
      retry: { first_ms: 50, most_ms: 200 },
    });
    this.#wire = new Wire(bus, () => undefined);
    this.#devise(size);
    for (const device of this.devices) this.#byId.set(device.id, device);
  }

  async start(): Promise<void> {
    await this.#wire.bus.start(AbortSignal.timeout(20_000));
  }

  async stop(): Promise<void> {
    await this.#wire.bus.stop(500);
  }

  async flushed(): Promise<void> {
    await this.#wire.bus.flushed();
  }

  /** Says all that a site keeps on its broker. */
  sayAll(now_ms = Date.now()): void {
    for (const [monitor] of MONITORS) {
      this.monitor(monitor);
      for (const service of ['assign', 'alert', 'ping', 'snmp', 'storage']) {
        this.#wire.say(channels.service, { monitor, service }, { state: 'online', at: iso(now_ms) });
      }
    }
    for (const { id, spec } of this.devices) {
      this.#wire.say(channels.spec, { device: id }, spec);
      this.state(id, 'up', now_ms - Math.floor(this.#random() * 40 * 86_400_000));
    }
  }

  /** Each monitor says its newest probe of each device that it watches; of what is unknown there is none. */
  probeAll(now_ms = Date.now()): void {
    for (const { id } of this.devices) if (this.stateOf(id) !== 'unknown') this.probe(id, now_ms);
  }

  probe(id: string, now_ms = Date.now()): void {
    const device = this.#byId.get(id)!;
    for (const monitor of device.spec.monitors) {
      this.#wire.say(channels.ping, { monitor, device: id }, this.#observation(device, monitor, now_ms), 60);
    }
  }

  monitor(monitor: string, fields: Partial<MonitorView> = {}): void {
    const site = MONITORS.find(([id]) => id === monitor)![1];
    const devices = this.devices.filter(({ spec }) => spec.monitors.includes(monitor)).length;
    this.#wire.say(
      channels.cluster,
      { monitor },
      {
        ...{ site, devices, alive: true, isolated: false, probing: true, at: iso(Date.now()), complete: true },
        ...{
          capacity: Math.ceil(this.devices.length * 0.9),
          held: devices,
          leaving: 0,
          links: ['mqtt'],
          draining: false,
        },
        ...fields,
      },
    );
  }

  spec(id: string, fields: Partial<DeviceSpec>): void {
    const device = this.#byId.get(id)!;
    device.spec = { ...device.spec, ...fields };
    this.#wire.say(channels.spec, { device: id }, device.spec);
  }

  state(id: string, state: VerdictState, since_ms = Date.now(), fields: Partial<Verdict> = {}): void {
    const device = this.#byId.get(id)!;
    this.#states.set(id, { state, since_ms });
    const seen_by: Vote[] = device.spec.monitors.map((monitor) => ({
      ...{ monitor, counts: true, sees: this.answers(device, monitor, since_ms) ? 'answering' : 'down' },
    }));
    const reason = REASONS[state]
      .replace('{n}', String(device.spec.monitors.length))
      .replace('{m}', device.spec.monitors[0] ?? '');
    this.#wire.say(
      channels.state,
      { device: id },
      { state, since: iso(since_ms), reason, episode: 1, seen_by, ...fields },
    );
  }

  alert(id: string, fields: Partial<Alert> = {}, number = 1): void {
    const device = this.#byId.get(id)!;
    const alert: Alert = {
      ...{
        id: alertId(number),
        kind: 'down',
        severity: 'critical',
        subject: id,
        name: device.spec.name,
      },
      ...{ tags: device.spec.tags, episode: 1, since: iso(Date.now() - 60_000), at: iso(Date.now()) },
      text: `${device.spec.name} is down: “no reply” say all of ${device.spec.monitors.length} monitors`,
      ...{ seen_by: [], resolves: false },
      ...fields,
    };
    this.#wire.say(channels.openAlert, { alert: alert.id }, alert);
  }

  /** What `alert` of that number told is over. */
  resolved(number: number): void {
    this.#takeBack(channels.openAlert.topic(this.#wire.base, { alert: alertId(number) }));
  }

  /** Silences alerts for an hour; without a scope it ends. */
  silence(silence: string, scope: Partial<Silence> | undefined): void {
    const all = { devices: [], monitors: [], tags: [], sites: [], kinds: [], severities: [] };
    const said = { ...all, by: 'ada', why: 'it is worked on', until: iso(Date.now() + 3_600_000) };
    if (scope === undefined) this.#takeBack(channels.silence.topic(this.#wire.base, { silence }));
    else this.#wire.say(channels.silence, { silence }, { ...said, ...scope });
  }

  snmp(id: string, monitor: string, observation: SnmpObservation): void {
    this.#wire.say(channels.snmp, { monitor, device: id }, observation, 60);
  }

  service(name: string, fields: Partial<FoundService> = {}): void {
    const service = {
      type: 'http',
      address: '10.20.0.2',
      port: 80,
      protocol: 'tcp' as const,
      description: '',
      txt: {},
    };
    const found = { ...service, name, node: 'pi-1', source: 'kubernetes', ...fields };
    this.#wire.say(channels.foundService, { type: found.type, name }, found);
  }

  member(name: string, fields: Partial<SerfMember> = {}): void {
    const member = { name, address: '10.20.0.2', port: 7946, status: 'alive' as const, tags: {} };
    this.#wire.say(channels.serfMember, { name }, { ...member, since: iso(Date.now() - 3_600_000), ...fields });
  }

  /** What was said of a device last. */
  stateOf(id: string): VerdictState {
    return this.#states.get(id)?.state ?? 'up';
  }

  /** What is down or cut off answers nobody, what is disputed all but the first of its monitors, since that is said of it. */
  answers({ id, spec }: DemoDevice, monitor: string, at_ms: number): boolean {
    const { state, since_ms } = this.#states.get(id) ?? { state: 'up', since_ms: 0 };
    if (at_ms < since_ms || (state === 'disputed' && monitor !== spec.monitors[0])) return true;
    return !['down', 'unreachable', 'disputed'].includes(state);
  }

  #takeBack(topic: string): void {
    this.#wire.bus.publish({ topic, payload: '', qos: 1, retain: true });
  }

  #observation(device: DemoDevice, monitor: string, now_ms: number): PingObservation {
    const sent = 5;
    const some = Math.floor((device.loss_percent / 100) * sent + this.#random() * (device.loss_percent > 0 ? 1 : 0));
    const lost = this.answers(device, monitor, now_ms) ? some : sent;
    const received = sent - lost;
    const average = round(device.usual_ms * (0.9 + this.#random() * 0.25));
    return {
      ...{ at: iso(now_ms), address: device.spec.addresses[0]!, sent, received, state: received === 0 ? 'down' : 'up' },
      loss_percent: (lost / sent) * 100,
      rtt_min_ms: received === 0 ? null : round(average * 0.85),
      rtt_avg_ms: received === 0 ? null : average,
      rtt_max_ms: received === 0 ? null : round(average * (1.1 + this.#random() * 0.4)),
      jitter_ms: received < 2 ? null : round(average * 0.1),
    };
  }

  /** A gateway, backbones behind it, radio sites behind those, some behind two, and homes. */
  #devise(size: number): void {
    const random = this.#random;
    const add = (id: string, name: string, parents: string[], tags: string[], usual_ms: number): void => {
      const number = this.devices.length;
      const own = MONITORS.map(([monitor]) => monitor).sort((a, b) => hash(`${id} ${a}`) - hash(`${id} ${b}`));
      const spec: DeviceSpec = {
        ...{ device: id, name, parents, tags, source: 'devices.yaml', monitors: own.slice(0, 3) },
        addresses: [`10.${20 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`],
        checks: {
          ping: { interval_s: 60, count: 5, timeout_ms: 1000, size_bytes: 56, dont_fragment: false, family: 'any' },
        },
      };
      this.devices.push({
        id,
        spec,
        usual_ms,
        loss_percent: random() < 0.012 && tags.includes('home') ? 5 + random() * 30 : 0,
      });
    };
    add('gateway', 'Gateway', [], ['backbone'], 0.6);
    const backbones = Math.max(2, Math.round(size / 120));
    const radios: string[] = [];
    for (let index = 1; index <= backbones && this.devices.length < size; index += 1) {
      const id = `backbone-${index}`;
      add(id, `Backbone ${PLACES[index % PLACES.length]} ${index}`, ['gateway'], ['backbone'], 1 + random() * 3);
      for (let radio = 1; radio <= 6 && this.devices.length < size; radio += 1) {
        const node = `radio-${index}-${radio}`;
        const name = `Radio ${PLACES[(index * 7 + radio) % PLACES.length]} ${index}.${radio}`;
        // The last of each backbone sees the next one, too.
        const parents = radio < 6 ? [id] : [id, `backbone-${(index % backbones) + 1}`];
        add(node, name, parents, ['radio'], 2 + random() * 9);
        radios.push(node);
      }
    }
    for (let index = 1; this.devices.length < size; index += 1) {
      const parent = radios[hash(`home ${index}`) % radios.length]!;
      add(`home-${index}`, `Home ${index}`, [parent], index % 5 === 0 ? ['home', 'wifi'] : ['home'], 4 + random() * 26);
    }
  }
}

const PLACES = ['Serra', 'Molí', 'Ermita', 'Castell', 'Font', 'Pla', 'Riera', 'Torre', 'Bosc', 'Pont', 'Cim', 'Vall'];

const REASONS: Readonly<Record<VerdictState, string>> = {
  up: 'all of {n} monitors get replies',
  down: '“no reply” say all of {n} monitors',
  disputed: '{m} gets no reply, the others do',
  unreachable: 'what it is reached through is down',
  unknown: 'no monitor has probed it yet',
  maintenance: 'it is worked on: new antennas',
};

function hash(text: string): number {
  let value = 2_166_136_261;
  for (const letter of text) value = Math.imul(value ^ letter.codePointAt(0)!, 16_777_619);
  return value >>> 0;
}

function alertId(number: number): string {
  return number.toString(16).padStart(16, '0');
}

function iso(at_ms: number): string {
  return new Date(at_ms).toISOString();
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
