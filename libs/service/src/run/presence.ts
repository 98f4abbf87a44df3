import type { Wire, Bus, Will } from '@guaita/bus';
import { channels, type Presence } from '@guaita/messages';
import type { Id } from '@guaita/model';
import type { Clock, Timer } from '../clock.ts';

/** A third of the 60 s after which it expires: one that is lost or late does no harm. */
const PRESENCE_AGAIN_MS = 20_000;

/** Who speaks: a service of a monitor, and which start of it. */
export interface Speaker {
  readonly base: string;
  readonly monitor: Id;
  readonly service: Id;
  /** Random, new at each start. */
  readonly instance: Id;
}

/** The will of the main connection: the service is offline. Its `at` is when the connection was asked for. */
export function statusWill({ base, monitor, service }: Speaker, now_ms: number): Will {
  const topic = channels.service.topic(base, { monitor, service });
  return { topic, payload: channels.service.encode({ state: 'offline', at: iso(now_ms) }), retain: true };
}

/** The will of the presence connection takes the retained presence away: instance ids never come back. */
export function presenceWill({ base, monitor, service, instance }: Speaker): Will {
  return { topic: channels.presence.topic(base, { monitor, service, instance }), payload: '', retain: true };
}

/**
 * Says on the main connection that the service is online, at each connection anew. When the broker says otherwise
 * while it runs (the late will of an instance that lost its power), says it again.
 *
 * @returns what says goodbye.
 */
export async function sayStatus(wire: Wire, speaker: Speaker, clock: Clock): Promise<() => Promise<void>> {
  const { monitor, service } = speaker;
  let isLeaving = false;
  const say = (state: 'online' | 'offline'): void => {
    wire.say(channels.service, { monitor, service }, { state, at: iso(clock.now_ms()) });
  };
  const unhear = await wire.hear(channels.service, { monitor, service }, ({ value, message }) => {
    // What was stored before is what this connection's own birth takes the place of.
    if (!isLeaving && !message.retain && value?.state !== 'online') say('online');
  });
  const unwatch = atEachConnection(wire.bus, () => say('online'));
  return async () => {
    isLeaving = true;
    unwatch();
    // Said before anything is waited for: a broker that does not answer must not keep it from the outbox.
    say('offline');
    await unhear();
  };
}

/**
 * Says on the presence connection which instance speaks, and again well before that expires: a broker that was killed
 * with us sends no will, so that nothing else would take the presence of this instance away.
 *
 * @param isPreferred asked each time.
 * @returns what says goodbye.
 */
export function sayPresence(wire: Wire, speaker: Speaker, clock: Clock, isPreferred: () => boolean): () => void {
  const { monitor, service, instance } = speaker;
  let again: Timer | undefined;
  const say = (): void => {
    wire.say(channels.presence, { monitor, service, instance }, presenceNow(clock.now_ms(), isPreferred()));
    again?.cancel();
    again = clock.after(PRESENCE_AGAIN_MS, say);
  };
  const unwatch = atEachConnection(wire.bus, say);
  return () => {
    unwatch();
    again?.cancel();
    wire.clear(channels.presence, { monitor, service, instance });
  };
}

/** What an instance says that is there. */
export function presenceNow(now_ms: number, isPreferred: boolean): Presence {
  return { state: 'online', at: iso(now_ms), ...(isPreferred ? { preferred: true } : {}) };
}

function atEachConnection(bus: Bus, callback: () => void): () => void {
  if (bus.connected) callback();
  return bus.onConnection((connected) => {
    if (connected) callback();
  });
}

function iso(now_ms: number): string {
  return new Date(now_ms).toISOString();
}
