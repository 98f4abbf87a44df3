import type { NameCache } from '@guaita/probing';
import type { Clock, Timer } from '@guaita/service';
import { addressesToProbe, judge, UNPROBED, type ConfirmationPolicy, type Standing } from './confirmation.ts';
import type { ProbeEngine, ProbeTarget } from './engine/engine.ts';
import { isIsolated, type Anchor, type AnchorState, type Witnesses } from './isolation.ts';
import type { Permission } from './permission.ts';
import { WaysOut } from './ways-out.ts';

/** One request is enough for an anchor: it is asked every few seconds, and confirmed like any device. */
const REQUEST = { count: 1, timeout_ms: 1000, size_bytes: 56, dont_fragment: false } as const;
/**
 * One that was silent is asked thrice: where a tenth of all packets is lost, two single requests would make the host
 * isolated every ten minutes, and on a busy host fping may be late for the only answer.
 */
const CONFIRMATION = { ...REQUEST, count: 3 } as const;
/** Asked where there is no anchor to ask, so that it shows all the same that this service can probe. */
const LOOPBACK = '127.0.0.1';
/** How many devices that answered lately are asked when the gateway does not answer. */
const WITNESSES = 3;
/** Doubts that come while a look is under way, or just over, are answered by the next, this much later. */
const SOON_MS = 100;
const LEAST_GAP_MS = 1000;

export interface AnchorWatchOptions {
  readonly engine: ProbeEngine;
  readonly clock: Clock;
  readonly names: NameCache;
  readonly permission: () => Permission;
  readonly policy: ConfirmationPolicy;
  readonly interval_s: number;
  readonly configured: readonly string[];
  /** The default gateways as they are now. */
  readonly gateways: () => Promise<readonly string[]>;
  /** A look is over; `changed` when the anchors' states or the isolation are not what they were. */
  readonly onLook: (look: { readonly changed: boolean; readonly probed: boolean }) => void;
}

interface Asked extends ProbeTarget {
  readonly anchor: string | undefined;
}

/** Looks at the anchors every few seconds, and at once when a device's silence raises the question. */
export class AnchorWatch {
  readonly #options: AnchorWatchOptions;
  readonly #standings = new Map<string, Standing>();
  #anchors: readonly Anchor[] = [];
  #gateways: readonly string[] = [];
  #witnesses: readonly string[] = [];
  /** What is to be gone by where there is no anchor. */
  readonly #ways = new WaysOut();
  #isolated = false;
  #doubtful = false;
  #lookedAt_ms = -Infinity;
  #looking = false;
  #timer: Timer | undefined;
  /** The next look is on its way already. */
  #soon = false;
  /** The look that is under way may have begun too early for what is to be found out. */
  #again = false;
  #stopped = false;

  constructor(options: AnchorWatchOptions) {
    this.#options = options;
  }

  /** Every anchor fails, confirmed; or there is none, and no route to anybody. */
  get isolated(): boolean {
    return this.#isolated;
  }

  /**
   * The newest look found nobody who answers, or, where there is no anchor, no way to anybody: the silence of a device
   * says nothing of the device.
   *
   * @param unsent no request to it left this host.
   * @param isConfirming it was silent before: what is said now is believed.
   */
  doubts(unsent: boolean, isConfirming: boolean): boolean {
    if (this.#isolated || this.#doubtful) return true;
    if (this.#anchors.length > 0 || !unsent) return false;
    // No request was sent, so that no look had the time that a request has.
    return this.#ways.isDoubtful || (isConfirming && (this.#soon || this.#looking));
  }

  get states(): readonly AnchorState[] {
    return this.#anchors.map((anchor) => {
      const { state, answered } = this.#standing(anchor.address);
      return { ...anchor, state, proven: answered !== undefined };
    });
  }

  /** Takes the first look. */
  async start(): Promise<void> {
    await this.#look();
  }

  /** A look under way ends with the engine, and changes nothing any more. */
  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** A device on another host has answered: a witness to ask, should the gateway not answer. */
  answered(address: string): void {
    this.#ways.open(address);
    if (this.#witnesses.includes(address)) return;
    this.#witnesses = [address, ...this.#witnesses].slice(0, WITNESSES);
  }

  /** A device has not answered. @param unsent no request to it left this host. */
  silent(address: string, unsent: boolean): void {
    if (unsent) this.#ways.lost(address);
    else this.#ways.open(address);
  }

  /** A device has fallen silent: looks at once, unless it looked within the last second. */
  lookSoon(): void {
    const hasNothingToAsk = this.#anchors.length === 0 && this.#ways.toAsk.length === 0;
    if (this.#stopped || this.#soon || hasNothingToAsk) return;
    if (this.#looking) {
      // Anchors are asked in each look; what there is to ask without them was not known at its beginning.
      this.#again = this.#anchors.length === 0;
      return;
    }
    this.#soon = true;
    const since_ms = this.#options.clock.monotonic_ms() - this.#lookedAt_ms;
    this.#lookAfter(since_ms < LEAST_GAP_MS ? LEAST_GAP_MS - since_ms : SOON_MS);
  }

  #lookAfter(delay_ms: number): void {
    this.#timer?.cancel();
    if (this.#stopped) return;
    this.#timer = this.#options.clock.after(delay_ms, () => void this.#look());
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      await this.#ask();
    } finally {
      this.#looking = false;
    }
    if (!this.#again) return;
    this.#again = false;
    this.lookSoon();
  }

  async #ask(): Promise<void> {
    const { clock, configured, engine, gateways, interval_s, onLook, policy } = this.#options;
    const found = await gateways();
    // A cable that is pulled takes the route along: the gateway that was there is the one to ask for.
    if (found.length > 0) this.#gateways = found;
    this.#anchors = [
      ...configured.map((address) => ({ address, origin: 'configured' }) as const),
      ...this.#gateways.filter((address) => !configured.includes(address)).map(asGateway),
    ];
    this.#lookedAt_ms = clock.monotonic_ms();
    this.#soon = false;

    const targets = this.#targets();
    const answers = new Map<string, string>();
    const told = new Set<string>();
    let witnesses: Witnesses = 'none';
    const ways: boolean[] = [];
    let probed = false;
    await engine.probe(targets, ({ anchor, address }, result) => {
      if ('unknown' in result) return;
      probed = true;
      const answered = result.rtts_ms.some((rtt) => rtt !== null);
      if (address === LOOPBACK && anchor === undefined) return;
      if (this.#anchors.length === 0) ways.push(result.unsent !== true);
      else if (anchor === undefined) witnesses = answered || witnesses === 'answer' ? 'answer' : 'silent';
      else if (answered) answers.set(anchor, address);
      else told.add(anchor);
    });
    if (this.#stopped) return;

    const before = JSON.stringify([this.states, this.#isolated]);
    let confirm = false;
    for (const { address } of this.#anchors) {
      const answer = answers.get(address);
      const judgement = judge(
        this.#standing(address),
        answer !== undefined
          ? { kind: 'answered', address: answer }
          : { kind: told.has(address) ? 'silent' : 'untold' },
        policy,
      );
      this.#standings.set(address, judgement.standing);
      confirm ||= judgement.askAgain_s !== undefined;
    }
    if (ways.length > 0) this.#ways.looked(ways.includes(true));
    const { blindLooks } = this.#ways;
    confirm ||= this.#anchors.length === 0 && blindLooks > 0 && blindLooks <= policy.confirmations;
    this.#isolated =
      this.#anchors.length === 0 ? blindLooks > policy.confirmations : isIsolated(this.states, witnesses);
    // At first silence already, and with less to go by: it keeps a device from being called down, nothing more.
    this.#doubtful = told.size > 0 && answers.size === 0 && this.#decisiveSilent(told) && !heard(witnesses);
    onLook({ changed: before !== JSON.stringify([this.states, this.#isolated]), probed });
    this.#lookAfter((confirm ? Math.min(policy.confirm_after_s, interval_s) : interval_s) * 1000);
  }

  /** Tells whether all anchors that decide were asked and silent: the configured ones, or else the gateways. */
  #decisiveSilent(silent: ReadonlySet<string>): boolean {
    const configured = this.#anchors.filter(({ origin }) => origin === 'configured');
    const decisive = configured.length > 0 ? configured : this.#anchors;
    return decisive.every(({ address }) => silent.has(address));
  }

  /** The anchors' addresses; the witnesses' where no configured anchor decides and the gateway was silent last time. */
  #targets(): Asked[] {
    const { names, permission } = this.#options;
    const targets: Asked[] = [];
    for (const { address } of this.#anchors) {
      const resolved = names.resolve(address, 'any');
      if (resolved.kind !== 'addresses') continue;
      const allowed = resolved.addresses.filter((ip) => permission().refusal(ip) === undefined);
      const standing = this.#standing(address);
      for (const ip of addressesToProbe(standing, allowed)) {
        targets.push({ ...(standing.silent > 0 ? CONFIRMATION : REQUEST), address: ip, anchor: address });
      }
    }
    if (this.#anchors.length === 0) {
      for (const address of [LOOPBACK, ...this.#ways.toAsk]) targets.push({ ...REQUEST, address, anchor: undefined });
    } else if (!this.#anchors.some(({ address, origin }) => origin === 'configured' || this.#isUp(address))) {
      for (const address of this.#witnesses) targets.push({ ...REQUEST, address, anchor: undefined });
    }
    return targets;
  }

  #isUp(address: string): boolean {
    const { state, silent } = this.#standing(address);
    return state === 'up' && silent === 0;
  }

  #standing(address: string): Standing {
    return this.#standings.get(address) ?? UNPROBED;
  }
}

function heard(witnesses: Witnesses): boolean {
  return witnesses === 'answer';
}

function asGateway(address: string): Anchor {
  return { address, origin: 'gateway' };
}
