import { channels, type DiskState } from '@guaita/messages';
import { StandingWord, type MonitorContext } from '@guaita/service';
import type { DiskReport } from './retention.ts';

/** A quarter of the time after which brokers forget it. */
const AGAIN_ms = 6 * 3_600_000;

/** Says how the disk stands, when that changes. */
export function diskVoice(
  context: Pick<MonitorContext, 'wire' | 'clock' | 'log' | 'monitor'>,
): StandingWord<DiskState, DiskReport> {
  const next = (
    { standing, room, history_bytes, gaveUp }: DiskReport,
    said: DiskState | undefined,
  ): DiskState | undefined => {
    if (said?.state === standing && said.gave_up === gaveUp) return undefined;
    // What is given up otherwise than before is the same event.
    const since = said?.state === standing ? said.since : new Date(context.clock.now_ms()).toISOString();
    return {
      ...{ state: standing, since, free_bytes: room.free_bytes, total_bytes: room.total_bytes, history_bytes },
      ...(gaveUp === undefined ? {} : { gave_up: gaveUp }),
    };
  };
  return new StandingWord({ context, channel: channels.disk, again_ms: AGAIN_ms, next });
}
