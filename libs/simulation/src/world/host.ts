import { Member, type Effect, type LinkMessage, type Patience } from '@guaita/cluster';
import type { Device, Id, Intent, Policy } from '@guaita/model';
import type { Agenda, Appointment } from '../engine/agenda.ts';
import { HostClock } from '../engine/host-clock.ts';
import { between, chance, seededRandom, type Random } from '../engine/random.ts';
import type { HostLink, LinkEnd } from '../network/host-link.ts';
import type { MonitorSpec } from '../scenario/scenario.ts';
import { newDisk, type Disk } from './disk.ts';
import type { Sabotage } from './sabotage.ts';
import { Told } from './told.ts';

/** What an operator says at a monitor. */
export type Entry = Parameters<Member['intend']>[0];

/** Is told all that a host does. */
export interface HostWatcher {
  effect(host: Host, effect: Effect): void;
}

/** A probe takes this long until it tells what it saw. */
const PROBE_ms = [50, 500] as const;

export interface HostOptions {
  readonly spec: MonitorSpec;
  readonly agenda: Agenda;
  readonly seed: number;
  readonly policy: Policy;
  readonly patience: readonly Patience[];
  readonly watcher: HostWatcher;
  readonly sabotage: Sabotage;
  /** A timer is this late: what comes in meanwhile is looked at with it. */
  readonly batch_ms: number;
  readonly links: (host: Host) => readonly HostLink[];
}

/** One monitoring server: its clock, its disk, its links, and the member that runs on it. */
export class Host implements LinkEnd {
  readonly id: Id;
  readonly clock: HostClock;
  readonly #options: HostOptions;
  readonly #agenda: Agenda;
  readonly #random: Random;
  spec: MonitorSpec;
  disk: Disk;
  links: readonly HostLink[] = [];
  /** What its inventory file has. */
  file: readonly Device[];
  facts = { probing: true, isolated: false };
  readonly down = new Set<Id>();
  /** Monitors whose beats do not come here. */
  readonly deafTo = new Set<Id>();
  /** When the program last started, by the true time. */
  started_ms = 0;
  /** When a link of this run of the program last came to stand, or told what was stored. */
  filled_ms: number | undefined;
  /** Monitors that this run of the program has heard, or heard of, over MQTT. */
  readonly metOverMqtt = new Set<Id>();
  readonly told = new Told();
  #member: Member | undefined;
  #starts = 0;
  #deadline: Appointment | undefined;
  #stalled = false;
  #inbox: (() => void)[] = [];

  constructor(options: HostOptions) {
    this.#options = options;
    this.spec = options.spec;
    this.id = options.spec.monitor;
    this.file = options.spec.file;
    this.#agenda = options.agenda;
    this.#random = seededRandom(options.seed, `host ${this.id}`);
    const { rate, start_ms, wallError_ms } = options.spec.clock;
    this.clock = new HostClock(rate, start_ms, wallError_ms);
    this.disk = newDisk(this.#random);
  }

  get alive(): boolean {
    return this.#member !== undefined;
  }

  get stalled(): boolean {
    return this.#stalled;
  }

  /** What its wall clock reads now. */
  get wall_ms(): number {
    return this.#now().wall_ms;
  }

  /** The program starts, with what is on the disk. */
  start(): void {
    if (this.#member !== undefined) return;
    this.#starts++;
    this.started_ms = this.#agenda.now_ms;
    this.filled_ms = undefined;
    this.metOverMqtt.clear();
    const { incarnation, hostKey, intents, written_ms, alone } = this.disk;
    const { policy, patience, seed, links } = this.#options;
    this.#member = new Member({
      self: this.id,
      site: this.spec.site,
      tags: this.spec.tags,
      capacity: this.spec.capacity,
      hostKey,
      incarnation: incarnation + 1,
      policy,
      patience,
      alone,
      intents: [...intents.values()].flat(),
      written_ms,
      random: seededRandom(seed, `member ${this.id} ${this.#starts}`),
    });
    this.disk.incarnation++;
    this.links = links(this);
    this.#do((member) => member.start(this.#now()));
    this.#tellFacts();
    this.#do((member) => member.feed(this.id, this.file, this.#now()));
    for (const link of this.links) link.start();
  }

  /** The program is killed. */
  crash(what: 'host' | 'program', disk: 'kept' | 'lost'): void {
    if (disk === 'lost') this.disk = newDisk(this.#random);
    this.#end();
    for (const link of this.links) link.die(what === 'host');
  }

  /** The program says goodbye and ends. */
  leave(): void {
    for (const link of this.links) link.leave();
    this.#end();
  }

  /** From now on the program does nothing, until `wake`. */
  stall(): void {
    this.#stalled = true;
  }

  /** Goes on: with what has come in the meantime, or with its timers, whichever it looks at first. */
  wake(): void {
    this.#stalled = false;
    const inbox = this.#inbox;
    this.#inbox = [];
    if (chance(this.#random, 0.5)) this.#advance();
    for (const input of inbox) input();
    this.#advance();
  }

  /** Anchors and probes. */
  setFacts(facts: Partial<Host['facts']>): void {
    this.facts = { ...this.facts, ...facts };
    this.#tellFacts();
  }

  /** The inventory file is changed. */
  setFile(devices: readonly Device[]): void {
    this.file = devices;
    this.#do((member) => member.feed(this.id, devices, this.#now()));
  }

  /** An operator says something here. */
  intend(change: Entry): void {
    this.#do((member) => {
      member.intend(change, this.#now());
      member.advance(this.#now());
    });
  }

  heard(link: Id, message: LinkMessage, stored: boolean): void {
    if (message.kind === 'header' && this.deafTo.has(message.monitor)) return;
    if (stored) this.filled_ms = this.#agenda.now_ms;
    if (link === 'mqtt' && (message.kind === 'header' || message.kind === 'offline'))
      this.metOverMqtt.add(message.monitor);
    const heard = this.#options.sabotage.hear?.(this, link, message, stored) ?? [message];
    for (const one of heard) this.#do((member) => member.heard(link, one, stored, this.#now()));
  }

  connected(link: Id, connected: boolean, session?: number): void {
    if (connected) this.filled_ms = this.#agenda.now_ms;
    // A link that is lost before the first decision starts over when it is back.
    else if (this.#member?.decides === false) this.filled_ms = undefined;
    this.#do((member) => member.connected(link, connected, this.#now(), session));
  }

  get incarnation(): number {
    return this.disk.incarnation;
  }

  /** A device begins or ceases to answer: who watches it finds out. */
  deviceAnswers(device: Id, answers: boolean): void {
    if (answers) this.down.delete(device);
    else this.down.add(device);
    if (this.told.watched.has(device)) this.#probe(device);
  }

  #now() {
    return this.clock.read(this.#agenda.now_ms);
  }

  #end(): void {
    this.#member = undefined;
    this.#stalled = false;
    this.#inbox = [];
    if (this.#deadline !== undefined) this.#deadline.cancelled = true;
    this.told.clear();
  }

  #tellFacts(): void {
    const { probing, isolated } = this.facts;
    const probe_age_s = this.told.watched.size === 0 ? null : 0;
    this.#do((member) => member.facts({ probing, probe_age_s, isolated }, this.#now()));
  }

  #probe(device: Id): void {
    const starts = this.#starts;
    this.#agenda.after(between(this.#random, ...PROBE_ms), () => {
      if (this.#starts !== starts || !this.told.watched.has(device)) return;
      this.#do((member) => member.sees(device, this.down.has(device) ? 'down' : 'answering', this.#now()));
    });
  }

  #do(input: (member: Member) => void): void {
    if (this.#stalled) {
      this.#inbox.push(() => this.#do(input));
      return;
    }
    const member = this.#member;
    if (member === undefined) return;
    input(member);
    this.#take(member);
  }

  #advance(): void {
    this.#do((member) => member.advance(this.#now()));
  }

  #take(member: Member): void {
    for (const effect of member.effects()) this.#carryOut(effect);
    if (member !== this.#member) return;
    const due_ms = this.clock.trueTime_ms(member.nextDeadline_ms) + this.#options.batch_ms;
    if (this.#deadline !== undefined) {
      if (!this.#deadline.cancelled && this.#deadline.at_ms === due_ms) return;
      this.#deadline.cancelled = true;
    }
    if (!Number.isFinite(due_ms)) return;
    const deadline = this.#agenda.at(due_ms, () => {
      deadline.cancelled = true;
      this.#advance();
    });
    this.#deadline = deadline;
  }

  #carryOut(effect: Effect): void {
    switch (effect.kind) {
      case 'say':
        for (const link of this.links) {
          if (effect.links === undefined || effect.links.includes(link.name)) link.say(effect.message);
        }
        break;
      case 'watch':
        if (!this.told.watched.has(effect.device.device)) this.#probe(effect.device.device);
        break;
      case 'monitor':
        if (effect.monitor !== this.id) this.disk.alone = false;
        break;
      case 'store':
        this.disk.written_ms = this.#now().wall_ms;
        this.#store(effect.bucket, [...effect.intents]);
        break;
      case 'incarnation':
        this.disk.incarnation = effect.incarnation;
        break;
      case 'unwatch':
      case 'device':
      case 'silence':
      case 'acknowledgement':
      case 'trouble':
        break;
    }
    this.told.take(effect);
    this.#options.watcher.effect(this, effect);
  }

  #store(bucket: number, intents: readonly Intent[]): void {
    this.disk.intents.set(bucket, this.#options.sabotage.store?.(this, intents) ?? intents);
  }
}
