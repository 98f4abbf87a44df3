import type { Id } from '@guaita/model';
import type { Agenda, Appointment } from '../engine/agenda.ts';
import { between, seededRandom, type Random } from '../engine/random.ts';
import { Broker } from './broker.ts';
import { Pipe, type Losses, type Weather } from './pipe.ts';

/** A connection whose other end says nothing more is given up after this long (an MQTT keepalive of 4 s, and a half). */
export const GIVE_UP_ms = 6000;

/** A lost connection is tried again within this. */
export const RECONNECT_ms = 1000;

/** Tells whoever judges what came of a change of the network that it is not quiet. */
export interface Witness extends Losses {
  /** Something that the network does after a fault, and that is no fault itself: a connection is back. */
  stirred(): void;
}

interface Bridge {
  readonly from: Broker;
  readonly to: Broker;
  readonly pipe: Pipe;
  blocks: number;
  timer: Appointment | undefined;
}

/** All brokers, and the bridges between them: each broker pushes to each other one. */
export class MqttNetwork {
  readonly brokers = new Map<Id, Broker>();
  readonly #bridges: Bridge[] = [];
  readonly #agenda: Agenda;
  readonly #random: Random;
  readonly #witness: Witness;

  /** @param monitors the monitors of each broker */
  constructor(options: {
    agenda: Agenda;
    seed: number;
    monitors: ReadonlyMap<Id, ReadonlySet<Id>>;
    weather: () => Weather;
    queueLimit: number;
    witness: Witness;
  }) {
    const { agenda, seed, weather, queueLimit, witness } = options;
    this.#agenda = agenda;
    this.#witness = witness;
    this.#random = seededRandom(seed, 'reconnections');
    for (const [id, monitors] of options.monitors) this.brokers.set(id, new Broker(id, monitors));
    for (const from of this.brokers.values()) {
      for (const to of this.brokers.values()) {
        if (from === to) continue;
        const pipe = new Pipe({
          agenda,
          random: seededRandom(seed, `bridge ${from.id} ${to.id}`),
          weather,
          limit: queueLimit,
          deliver: (parcel) => to.publish(parcel),
          losses: witness,
        });
        from.bridge(to.id, pipe);
        const bridge: Bridge = { from, to, pipe, blocks: 0, timer: undefined };
        this.#bridges.push(bridge);
        this.#reconnect(bridge);
      }
    }
  }

  /** Nothing goes from these brokers to those any more; cuts add up. */
  cut(from: ReadonlySet<Id>, to: ReadonlySet<Id>): void {
    for (const bridge of this.#between(from, to)) {
      bridge.blocks++;
      if (bridge.blocks > 1) continue;
      bridge.pipe.freeze();
      this.#schedule(bridge, GIVE_UP_ms, () => bridge.pipe.disconnect());
    }
  }

  /** Undoes one `cut`. */
  heal(from: ReadonlySet<Id>, to: ReadonlySet<Id>): void {
    for (const bridge of this.#between(from, to)) {
      bridge.blocks--;
      if (bridge.blocks > 0) continue;
      if (bridge.pipe.connected) {
        this.#schedule(bridge, 0, () => undefined);
        bridge.pipe.thaw();
      } else this.#reconnect(bridge);
    }
  }

  /** A broker's program ends. */
  stopBroker(id: Id): void {
    const broker = this.#broker(id);
    if (!broker.up) return;
    broker.stop();
    for (const bridge of this.#bridges) {
      if (bridge.from !== broker && bridge.to !== broker) continue;
      bridge.pipe.disconnect();
      if (bridge.from === broker) bridge.pipe.empty();
    }
  }

  /** It is back, with what it kept on its disk, or with nothing. */
  startBroker(id: Id, emptied: boolean): void {
    const broker = this.#broker(id);
    if (broker.up) return;
    broker.restart(emptied);
    for (const bridge of this.#bridges) {
      if (bridge.from === broker || bridge.to === broker) this.#reconnect(bridge);
    }
  }

  /** Whether something said at this broker reaches that one. */
  reaches(from: Id, to: Id): boolean {
    if (from === to) return this.#broker(from).up;
    const bridge = this.#bridges.find((one) => one.from.id === from && one.to.id === to);
    return bridge !== undefined && this.#mayStand(bridge);
  }

  /** Whether every connection that can stand does, with nothing waiting in it for long. */
  get settled(): boolean {
    return this.#bridges.every((bridge) => !this.#mayStand(bridge) || bridge.pipe.connected);
  }

  #broker(id: Id): Broker {
    const broker = this.brokers.get(id);
    if (broker === undefined) throw new Error(`there is no broker ${id}`);
    return broker;
  }

  #between(from: ReadonlySet<Id>, to: ReadonlySet<Id>): Bridge[] {
    return this.#bridges.filter((bridge) => from.has(bridge.from.id) && to.has(bridge.to.id));
  }

  #mayStand(bridge: Bridge): boolean {
    return bridge.from.up && bridge.to.up && bridge.blocks === 0;
  }

  #reconnect(bridge: Bridge): void {
    this.#schedule(bridge, between(this.#random, RECONNECT_ms / 10, RECONNECT_ms), () => {
      if (!this.#mayStand(bridge) || bridge.pipe.connected) return;
      bridge.pipe.thaw();
      bridge.pipe.connect();
      bridge.from.bridgeConnected(bridge.to.id);
      this.#witness.stirred();
    });
  }

  #schedule(bridge: Bridge, delay_ms: number, happen: () => void): void {
    if (bridge.timer !== undefined) bridge.timer.cancelled = true;
    bridge.timer = this.#agenda.after(delay_ms, happen);
  }
}
