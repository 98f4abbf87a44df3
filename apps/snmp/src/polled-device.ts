import type { Assigned } from '@guaita/messages';
import type { SnmpCheck, SnmpObservation } from '@guaita/model';
import type { NameCache, Resolved } from '@guaita/probing';
import { newMemory, pollAgent, type DeviceMemory, type Readings } from './poll.ts';
import type { ReadyProfile } from './profiles.ts';
import { SnmpError, SnmpTimeout, type SnmpSession } from './session.ts';
import type { SessionPool } from './session-pool.ts';

/** Opens a session with an agent. */
export type OpenSession = (address: string, port: number, profile: ReadyProfile) => SnmpSession;

export interface PolledDeviceParts {
  readonly profiles: ReadonlyMap<string, ReadyProfile>;
  readonly names: NameCache;
  readonly pool: SessionPool;
  readonly openSession: OpenSession;
  readonly now_ms: () => number;
  readonly monotonic_ms: () => number;
}

/** A device that is polled by SNMP, and what is remembered of it between polls. */
export class PolledDevice {
  readonly check: SnmpCheck;
  /** Its addresses, names among them. */
  readonly addresses: readonly string[];
  readonly #device: string;
  readonly #parts: PolledDeviceParts;
  /** The address that answered last is asked first. */
  #answering: string | undefined;
  #memory: { readonly address: string; readonly state: DeviceMemory } | undefined;
  #current: string | undefined;
  readonly #keys = new Set<string>();
  #released = false;
  #interrupted = false;

  constructor(device: string, { addresses }: Assigned, check: SnmpCheck, parts: PolledDeviceParts) {
    this.#device = device;
    this.addresses = addresses;
    this.check = check;
    this.#parts = parts;
  }

  /**
   * Tells whether there is something to poll, or to say. Not so while all its names are looked up for the first time.
   *
   * @param onReady called when that is over.
   */
  ready(onReady: () => void): boolean {
    const resolved = this.#resolve(onReady);
    return resolved.some(({ kind }) => kind === 'addresses') || resolved.every(({ kind }) => kind === 'failed');
  }

  /** Polls once. Never rejects: what goes wrong is in the observation. */
  async poll(): Promise<SnmpObservation> {
    const { profile: name, port } = this.check;
    const profile = this.#parts.profiles.get(name);
    if (profile === undefined) {
      return this.#failed(null, 'unknown', `no profile is called "${name}": add it to snmp.profiles of this monitor`);
    }
    const { allowed, refused } = this.#targets(profile);
    let failure = refused;
    this.#interrupted = false;
    for (const address of allowed) {
      if (this.#released || this.#interrupted) break;
      try {
        const readings = await this.#pollAt(address, port, profile);
        this.#answering = address;
        return { at: this.#at(), address, state: 'up', ...readings };
      } catch (error) {
        if (!(error instanceof SnmpError)) throw error;
        failure = this.#failureAt(address, port, error);
      }
    }
    return failure;
  }

  /** Ends what is under way, and gives back what is kept for it. */
  release(): void {
    this.#released = true;
    for (const key of this.#keys) this.#parts.pool.drop(key);
  }

  /** Gives up the poll under way; the device stays. */
  interrupt(): void {
    this.#interrupted = true;
    if (this.#current !== undefined) this.#parts.pool.drop(this.#current);
  }

  /** Where these credentials may go, the best first; and what to say when nowhere. */
  #targets(profile: ReadyProfile): { allowed: readonly string[]; refused: SnmpObservation } {
    const resolved = this.#resolve();
    const found = resolved.flatMap((known) => (known.kind === 'addresses' ? known.addresses : []));
    const distinct = [...new Set(found)];
    const allowed = distinct.filter((address) => profile.allows(address));
    if (this.#answering !== undefined && allowed.includes(this.#answering)) {
      allowed.splice(allowed.indexOf(this.#answering), 1);
      allowed.unshift(this.#answering);
    }
    const [first] = distinct;
    const refused =
      first === undefined
        ? this.#failed(null, 'unknown', reasonsOf(resolved))
        : this.#failed(
            first,
            'unknown',
            `${distinct.join(', ')} is outside the networks that profile "${profile.name}" may be sent to; nothing was sent`,
          );
    return { allowed, refused };
  }

  #resolve(onSettled?: () => void): readonly Resolved[] {
    return this.addresses.map((address) => this.#parts.names.resolve(address, 'any', onSettled));
  }

  async #pollAt(address: string, port: number, profile: ReadyProfile): Promise<Readings> {
    const { pool, openSession, monotonic_ms } = this.#parts;
    // Of the device too: an address may be several devices', and requests of one session go one at a time.
    const key = `${this.#device} ${profile.name} ${address} ${port}`;
    this.#current = key;
    this.#keys.add(key);
    const session = pool.use(key, () => openSession(address, port, profile));
    if (this.#memory?.address !== address) this.#memory = { address, state: newMemory(session.version) };
    try {
      return await pollAgent(session, profile, this.#memory.state, monotonic_ms, this.check.interfaces);
    } catch (error) {
      // A version 3 session may hold an engine that is no more: another discovery finds the one that is.
      if (session.version === '3') pool.drop(key);
      throw error;
    } finally {
      this.#current = undefined;
    }
  }

  #failureAt(address: string, port: number, error: SnmpError): SnmpObservation {
    const at = `${address} port ${port}`;
    if (error instanceof SnmpTimeout) {
      const hint = 'it is off, a filter drops SNMP, or the credentials are not its own';
      return this.#failed(address, 'down', `${at}: ${error.message}; ${hint}`);
    }
    if (this.#interrupted)
      return this.#failed(address, 'down', `${at}: no whole answer in time; the poll was given up`);
    // It answers, but not so that anything could be said of it; or nothing could be sent.
    return this.#failed(address, 'unknown', `${at}: ${error.message}`);
  }

  #failed(address: string | null, state: 'down' | 'unknown', reason: string): SnmpObservation {
    return {
      at: this.#at(),
      address,
      state,
      reason,
      uptime_s: null,
      name: null,
      description: null,
      interfaces: {},
    };
  }

  #at(): string {
    return new Date(this.#parts.now_ms()).toISOString();
  }
}

function reasonsOf(resolved: readonly Resolved[]): string {
  return resolved.map((known) => (known.kind === 'failed' ? known.reason : 'a name is still looked up')).join('; ');
}
