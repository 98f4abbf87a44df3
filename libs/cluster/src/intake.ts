import { claimOn, COMMAND, type Header, type Id } from '@guaita/model';
import type { Acknowledgements } from './acknowledgements.ts';
import { isFarFrom, MadeUp } from './believable.ts';
import type { Decider } from './decider.ts';
import type { Now } from './effect.ts';
import type { Identity } from './identity.ts';
import type { IntentChange } from './intents.ts';
import type { BucketMessage, HeaderMessage, LinkMessage, WantsMessage } from './link.ts';
import { ofBucket } from './peers.ts';
import type { Questions } from './questions.ts';
import { CLAIMS_LIMIT } from './record.ts';
import type { Situation } from './situation.ts';
import type { Teller } from './teller.ts';

/** News that a handover waits for is told after this time, not with the next beat: it comes in bursts. */
const NEWS_ms = 50;

/** The parts of a member that hear of what comes in. */
interface IntakeParts {
  readonly identity: Identity;
  readonly situation: Situation;
  readonly teller: Teller;
  readonly acknowledgements: Acknowledgements;
  readonly questions: Questions;
  readonly decider: Decider;
}

/** Joins what comes in, from links and from operators, into the situation. */
export class Intake {
  readonly #parts: IntakeParts;
  /** Monitors that leave a device that we hold, and wait until we say that we have seen it. */
  readonly #waiting = new Set<Id>();
  readonly #madeUp = new MadeUp();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
  }

  /** Takes in what a link carried. */
  heard(link: Id, message: LinkMessage, stored: boolean, now: Now): void {
    const { identity, situation } = this.#parts;
    const now_ms = now.monotonic_ms;
    // No monitor is called like that, and nothing could forget it.
    if (message.monitor === COMMAND) return;
    const own = message.monitor === situation.self;
    switch (message.kind) {
      case 'header':
        if (own) identity.heardOwn(message.header, stored, now_ms);
        else this.#header(link, message, stored, now_ms);
        return;
      case 'bucket':
        if (own) this.#former(message);
        else this.#bucket(message, now_ms);
        return;
      case 'offline': {
        const known = situation.peers.get(message.monitor)?.header;
        if (!own) situation.liveness.end(message.monitor, link, message, known, now_ms);
        return;
      }
      case 'life':
        // Of hosts on which no monitor is known there may be any number.
        if (!own && !stored && situation.peers.get(message.monitor)?.header !== undefined)
          situation.liveness.word(message.monitor, link, message.alive, now_ms);
        return;
      case 'wants':
        if (!own && message.peer === situation.self) this.#wants(link, message, now_ms);
        return;
      case 'intents':
        this.follow(situation.exchange.hear(link, message, stored, now));
        return;
    }
  }

  /** What was not followed of late since it must have been made up. */
  problem(now_ms: number): string | undefined {
    return this.#madeUp.problem(now_ms);
  }

  /** Follows what has become of operators' intents. */
  follow(changes: readonly IntentChange[]): void {
    const { identity, situation, decider } = this.#parts;
    for (const change of changes) {
      const device = situation.exchange.inventory.follow(change);
      if (device !== undefined) {
        situation.touched.add(device);
        decider.edited(device);
      }
      const { after } = change;
      if (after?.kind !== 'forget' || !after.wanted) continue;
      // Whoever is forgotten while it lives comes back as a new monitor.
      if (after.subject === situation.self) identity.exceed(after.incarnation);
      else this.#forget(after.subject, after.incarnation);
    }
  }

  #header(link: Id, { monitor, header }: HeaderMessage, stored: boolean, now_ms: number): void {
    const { identity, situation, acknowledgements } = this.#parts;
    if (this.#isMadeUp(link, monitor, header, stored, now_ms)) return;
    const known = situation.peers.get(monitor)?.header;
    // A host that lost its disk begins again with an incarnation that is known: it would be taken for its former self.
    if (!stored && known?.incarnation === header.incarnation && known.host_key !== header.host_key)
      this.#contradict(monitor, header.incarnation, now_ms);
    const seen = header.seen[situation.self];
    // What it has seen of others is not for us, and among 60 monitors the greatest part of a header that is kept.
    const kept = { ...header, seen: seen === undefined ? {} : { [situation.self]: seen } };
    const change = situation.peers.hearHeader(monitor, kept);
    if (stored && situation.peers.get(monitor) !== undefined) situation.liveness.met(monitor, link, now_ms);
    if (!change.advanced) {
      // What comes late of the living is no news; but nobody lives by a header that is never taken.
      const lives = situation.liveness.isAlive(monitor) && known?.host_key === header.host_key;
      if (!stored && !lives && acknowledgements.unheard(monitor, header, now_ms))
        this.#contradict(monitor, header.incarnation, now_ms);
      return;
    }
    situation.touch(change.devices);
    const exceed = stored ? undefined : situation.liveness.vouch(monitor, link, header, now_ms);
    if (exceed !== undefined) this.#contradict(monitor, exceed, now_ms);
    const { incarnation } = identity;
    const { version } = situation.claims.summary;
    if (
      seen !== undefined &&
      (seen.incarnation > incarnation || (seen.incarnation === incarnation && seen.version > version))
    )
      identity.exceed(seen.incarnation);
    this.#note(monitor, now_ms);
  }

  /**
   * Of two headers that are too far apart, that of who is heard here counts: what somebody makes up of the living is not
   * followed, and what somebody made up while it was away gives way when it speaks.
   */
  #isMadeUp(link: Id, monitor: Id, header: Header, stored: boolean, now_ms: number): boolean {
    const { peers, liveness } = this.#parts.situation;
    const known = peers.get(monitor)?.header;
    if (known === undefined || !isFarFrom(known, header)) return false;
    if (stored || liveness.links(monitor, now_ms).includes(link)) {
      this.#madeUp.note(monitor, header, known, link, now_ms);
      return true;
    }
    // Within one incarnation the beats of another life are as far: that has to take a greater one.
    if (header.incarnation === known.incarnation) return false;
    this.#parts.situation.touch(peers.drop(monitor));
    liveness.renew(monitor);
    this.#parts.acknowledgements.note(monitor);
    return false;
  }

  #contradict(monitor: Id, incarnation: number, now_ms: number): void {
    const { teller, acknowledgements } = this.#parts;
    acknowledgements.contradict(monitor, incarnation);
    teller.hurry(now_ms + NEWS_ms);
  }

  #bucket({ monitor, bucket, content }: BucketMessage, now_ms: number): void {
    const { peers, claims, touched } = this.#parts.situation;
    for (const device of peers.hearBucket(monitor, bucket, content).devices) {
      touched.add(device);
      const leaves = claimOn(content.claims, device)?.state === 'leaving';
      if (leaves && claims.states.get(device)?.state === 'held') this.#waiting.add(monitor);
    }
    this.#note(monitor, now_ms);
  }

  /** What our former self claimed is void; but the outages that it counted were. */
  #former({ bucket, content }: BucketMessage): void {
    const { identity, situation } = this.#parts;
    if (content.incarnation > identity.incarnation) identity.exceed(content.incarnation);
    // A life under our id that had our incarnation: what peers know of it and of us would be one.
    if (content.incarnation === identity.incarnation && situation.claims.isForeign(bucket, content))
      identity.exceed(content.incarnation);
    if (content.incarnation >= identity.incarnation) return;
    for (const [device, claim] of Object.entries(ofBucket(bucket, content).claims)) {
      const known = situation.former.get(device);
      if (known === undefined && situation.former.size >= CLAIMS_LIMIT) return;
      if (known === undefined || known.episode <= claim.episode) situation.former.set(device, claim);
    }
  }

  #wants(link: Id, { incarnation, versions, intents }: WantsMessage, now_ms: number): void {
    const { identity, situation, teller } = this.#parts;
    // They have a version of our claims that we never said: of a life under our id that had our incarnation.
    const { version } = situation.claims.summary;
    if (incarnation > identity.incarnation || versions.some((known) => known > version)) identity.exceed(incarnation);
    if (incarnation === identity.incarnation) teller.asked(link, versions, now_ms);
    if (intents !== undefined) situation.exchange.asked(link, intents, now_ms);
  }

  /** More is known of a monitor: it may settle claims of ours, or wait for our word. */
  #note(monitor: Id, now_ms: number): void {
    const { situation, questions, teller, acknowledgements, decider } = this.#parts;
    questions.note(monitor, now_ms);
    if (situation.peers.get(monitor)?.complete === true) decider.recheck();
    if (acknowledgements.note(monitor) && this.#waiting.delete(monitor)) teller.hurry(now_ms + NEWS_ms);
  }

  #forget(monitor: Id, incarnation: number): void {
    const { situation, questions, acknowledgements } = this.#parts;
    situation.touch(situation.peers.forget(monitor, incarnation, situation.liveness.isAlive(monitor)));
    if (situation.peers.get(monitor) !== undefined) return;
    situation.liveness.forget(monitor);
    questions.note(monitor, 0);
    acknowledgements.note(monitor);
  }
}
