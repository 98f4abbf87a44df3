import { channels } from '@guaita/messages';
import type { Id, ProbeState } from '@guaita/model';
import type { ServiceContext } from '@guaita/service';
import type { AnchorState } from './isolation.ts';
import { observationOf } from './probe-round.ts';
import type { WatchedDevice } from './watched-device.ts';

/** What one probe showed of a device. */
export interface Seen {
  readonly state: ProbeState;
  readonly address: string | null;
  readonly rtts_ms: readonly (number | null)[];
  readonly reason: string | undefined;
}

/** How this monitor is doing. */
export interface Doing {
  readonly isolated: boolean;
  readonly anchors: readonly AnchorState[];
  readonly lastProbe_ms: number | undefined;
  readonly devices: number;
}

/** What the ping service says on the wire. */
export class Voice {
  readonly #context: ServiceContext;
  #written = { at_ms: NaN, text: '' };
  #silent = false;

  constructor(context: ServiceContext) {
    this.#context = context;
  }

  /** Says nothing more: what comes after this is due to our own end. */
  fallSilent(): void {
    this.#silent = true;
  }

  seen({ device, check }: WatchedDevice, { state, address, rtts_ms, reason }: Seen): void {
    const { monitor, wire } = this.#context;
    const observation = observationOf(this.#time(), state, address, rtts_ms, reason);
    this.#tell(() => wire.say(channels.ping, { monitor, device }, observation, check.interval_s));
  }

  /** Takes back what was said of a device. */
  released(device: Id): void {
    const { monitor, wire } = this.#context;
    this.#tell(() => wire.clear(channels.ping, { monitor, device }));
  }

  doing({ isolated, anchors, lastProbe_ms, devices }: Doing): void {
    const { monitor, wire } = this.#context;
    const probing = {
      at: this.#time(),
      isolated,
      anchors: anchors.map(({ address, state }) => ({ address, state })),
      last_probe_at: lastProbe_ms === undefined ? null : new Date(lastProbe_ms).toISOString(),
      devices,
    };
    this.#tell(() => wire.say(channels.probing, { monitor }, probing));
  }

  /** Says something; a bus that takes nothing more is reported, and does not end the probing. */
  #tell(say: () => void): void {
    if (this.#silent) return;
    try {
      say();
    } catch (error) {
      this.#context.log.error({ err: error }, 'an observation could not be said');
    }
  }

  /** Now. Results come many at a time, and to write a date costs as much as the rest of an observation. */
  #time(): string {
    const now_ms = Math.floor(this.#context.clock.now_ms());
    if (now_ms !== this.#written.at_ms) this.#written = { at_ms: now_ms, text: new Date(now_ms).toISOString() };
    return this.#written.text;
  }
}
