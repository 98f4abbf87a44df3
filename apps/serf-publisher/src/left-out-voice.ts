import { channels, type ServicesLeftOut } from '@guaita/messages';
import { StandingWord, type MonitorContext } from '@guaita/service';
import { keyOf } from './services/union.ts';
import type { LeftOut, Sink } from './sinks/sink.ts';

/** A third of the time after which brokers forget it, and alerts are over. */
const AGAIN_ms = 300_000;
/** What was said longer ago is over everywhere: what begins now is another event. */
const GOES_ON_ms = 900_000;
/** As many as people may want to read. */
const NAMED_MOST = 10;

/** What a sink leaves out now. */
interface Report {
  readonly leftOut: readonly LeftOut[];
  readonly room_bytes: number;
}

/** Says which services do not fit into the tag, when that changes, and now and then. */
export function leftOutVoice(
  context: Pick<MonitorContext, 'wire' | 'clock' | 'log' | 'monitor'>,
): StandingWord<ServicesLeftOut, Report> {
  const { clock } = context;
  const now = (): string => new Date(clock.now_ms()).toISOString();
  const next = ({ leftOut, room_bytes }: Report, said: ServicesLeftOut | undefined): ServicesLeftOut | undefined => {
    const count = leftOut.length;
    const services = leftOut.slice(0, NAMED_MOST).map(({ service }) => keyOf(service));
    // That all fit is only said to whoever heard otherwise.
    if (said === undefined ? count === 0 : isSame(said, { count, services, room_bytes })) return undefined;
    const goesOn = said !== undefined && said.count > 0 === count > 0;
    const at = now();
    return { count, services, room_bytes, since: goesOn ? said.since : at, at };
  };
  return new StandingWord({
    ...{ context, channel: channels.leftOut, again_ms: AGAIN_ms, next },
    goesOn: ({ at }) => Math.abs(clock.now_ms() - Date.parse(at)) < GOES_ON_ms,
    anew: (said) => ({ ...said, at: now() }),
  });
}

/** The same sink, of which it is said what it leaves out. */
export function tellingLeftOut(sink: Sink, room_bytes: number, voice: StandingWord<ServicesLeftOut, Report>): Sink {
  return {
    name: sink.name,
    publish: async (services, complete) => {
      const leftOut = await sink.publish(services, complete);
      // Of services that are not known yet it is not known whether they fit.
      if (complete || leftOut.length > 0) voice.report({ leftOut, room_bytes });
      return leftOut;
    },
  };
}

type Content = Pick<ServicesLeftOut, 'count' | 'services' | 'room_bytes'>;

function isSame(a: Content, b: Content): boolean {
  const [one, other] = [a, b].map(({ count, services, room_bytes }) => JSON.stringify([count, services, room_bytes]));
  return one === other;
}
