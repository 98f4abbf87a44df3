import type { Id } from '@guaita/model';
import type { Clock, Health } from '@guaita/service';
import type { Logger } from 'pino';
import type { Disk } from '../disk/disk.ts';
import type { Room } from '../disk/room.ts';
import type { Lane } from '../engine/engine.ts';
import { bucketNames, type BucketName } from '../rollup/buckets.ts';
import type { RollupFiles } from '../rollup/rollup-files.ts';
import { Rounds, type Attempt } from '../rounds.ts';
import type { Store } from '../store.ts';
import { carryOver } from './carry-over.ts';
import { floorOf, standing, type Floor, type Standing } from './floor.ts';
import { holdings, type Holdings } from './holdings.ts';
import type { Kept, KeptName } from './kept.ts';
import { enough, expired, givenUp, type KeptDays } from './policy.ts';

const MB = 2 ** 20;

/** A disk that a copy fills at 100 MB/s has 500 MB for some seconds only; most are filled within days. */
const LOOK_ms = 30_000;
/** What is too old goes within so long, and so often what the folder holds is counted. */
const COUNT_ms = 600_000;
/**
 * So often a day is given up while there is room for what comes: whoever filled the disk with something else has five
 * hours before a month of history is gone.
 */
const PACE_ms = 600_000;
/** Below so much of what is to stay free nobody is waited for. */
const URGENT_SHARE = 0.25;
/** Who has given up a day gives up another tomorrow: that is one event, not one each day. */
const REMEMBERED_ms = 26 * 3_600_000;

/** What of it is kept how long, and how much of the disk it may take. */
export interface RetentionLimits {
  readonly days: KeptDays;
  readonly floor: Floor;
  /** Of the folder `history`, with other hosts’ files. */
  readonly max_bytes: number | undefined;
  /** Of which monitor files may be taken away; `undefined`: of all. */
  readonly whose: Id | undefined;
}

/** How the disk stands. */
export interface DiskReport {
  readonly standing: Standing;
  /** Of the disk, of the service’s own folder and of the history, that has less. */
  readonly room: Room;
  readonly history_bytes: number;
  /** Measurements were given up for lack of room, or since the folder holds more than it may. */
  readonly gaveUp: 'room' | 'budget' | undefined;
}

export interface RetentionParts {
  readonly limits: RetentionLimits;
  readonly monitor: Id;
  /** The service’s own folder. */
  readonly folder: string;
  /** The folder `history`. */
  readonly history: string;
  readonly store: Store;
  readonly rollups: RollupFiles;
  readonly lane: Lane;
  readonly disk: Disk;
  readonly roomOf: (folder: string) => Promise<Room>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly health: Health;
  /** Told each time it was looked. */
  readonly told: (report: DiskReport) => void;
}

/** Takes away what is too old, gives up what there is no room for, and says how the disk stands. */
export class Retention {
  readonly #parts: RetentionParts;
  readonly #rounds: Rounds;
  #held: Holdings | undefined;
  #counted_ms = -Infinity;
  #gaveUp_ms = { room: -Infinity, budget: -Infinity };
  #standing: Standing = 'ok';

  constructor(parts: RetentionParts) {
    this.#parts = parts;
    const { clock, health, log } = parts;
    const round = (attempt: Attempt): Promise<void> => attempt('taking away what is too old', () => this.#look());
    this.#rounds = new Rounds({ component: 'retention', round, every_ms: LOOK_ms, clock, health, log });
  }

  /** Looks now and every so often. */
  start(): void {
    this.#rounds.start();
  }

  async stop(): Promise<void> {
    await this.#rounds.stop();
  }

  /** Resolves once it has looked. */
  async idle(): Promise<void> {
    await this.#rounds.idle();
  }

  async #look(): Promise<void> {
    const { clock, folder, history, limits, roomOf } = this.#parts;
    if (this.#held === undefined || clock.monotonic_ms() - this.#counted_ms >= COUNT_ms) {
      await this.#count();
      await this.#endOfLife();
      await this.#withinBudget();
    }
    const place = await roomOf(history);
    if (place.free_bytes < floorOf(limits.floor, place)) await this.#makeRoom(place);
    const rooms = await Promise.all([folder, history].map(roomOf));
    this.#tell(rooms.reduce((least, room) => (share(room, limits) < share(least, limits) ? room : least)));
  }

  async #count(): Promise<Holdings> {
    const { clock, disk, history, limits } = this.#parts;
    this.#held = await holdings(disk, history, limits.whose);
    this.#counted_ms = clock.monotonic_ms();
    return this.#held;
  }

  async #endOfLife(): Promise<void> {
    const { clock, limits, log, monitor, store, lane } = this.#parts;
    const old = expired(this.#held?.kept ?? [], limits.days, clock.now_ms());
    const verdicts = old.filter(({ name }) => name === 'verdict').flatMap(({ files }) => files);
    const carried = verdicts.length === 0 ? 0 : await carryOver({ store, lane, monitor }, verdicts);
    if (carried > 0) log.info({ devices: carried }, 'kept the last verdicts of devices that have not changed since');
    for (const each of old) {
      if (each.name !== 'verdict' || carried === 0) await this.#remove(each, 'it is older than it is to be kept');
    }
  }

  async #withinBudget(): Promise<void> {
    const { clock, limits } = this.#parts;
    const { kept = [], size_bytes = 0 } = this.#held ?? {};
    const over_bytes = size_bytes - (limits.max_bytes ?? Infinity);
    if (over_bytes <= 0) return;
    for (const each of enough(givenUp(kept, clock.now_ms()), over_bytes).flat()) {
      await this.#remove(each, 'the history holds more than storage.max_mb');
      this.#gaveUp_ms.budget = clock.monotonic_ms();
    }
  }

  /** Gives up a day at a time: what there is to see for people, and whoever mends it, is worth the wait. */
  async #makeRoom(room: Room): Promise<void> {
    const { clock, limits } = this.#parts;
    const urgent = room.free_bytes < floorOf(limits.floor, room) * URGENT_SHARE;
    if (!urgent && clock.monotonic_ms() - this.#gaveUp_ms.room < PACE_ms) return;
    const { kept } = await this.#count();
    const [oldest = []] = givenUp(kept, clock.now_ms());
    const why = `the disk has ${mb(room.free_bytes)} of ${mb(room.total_bytes)} left`;
    for (const each of oldest) {
      await this.#remove(each, why);
      this.#gaveUp_ms.room = clock.monotonic_ms();
    }
  }

  async #remove({ name, period, files, size_bytes }: Kept, why: string): Promise<void> {
    const { log, rollups, store } = this.#parts;
    if (this.#rounds.signal.aborted) return;
    if (isBucketName(name)) await rollups.remove(name, files);
    else await store.remove(name, files);
    const { kept = [], size_bytes: held_bytes = 0 } = this.#held ?? {};
    this.#held = {
      kept: kept.filter((each) => each.name !== name || each.period !== period),
      size_bytes: held_bytes - size_bytes,
    };
    log.warn({ kind: name, period, files: files.length, bytes: size_bytes, why }, 'took history away');
  }

  #tell(room: Room): void {
    const { clock, health, limits, told } = this.#parts;
    const now_ms = clock.monotonic_ms();
    const isRecent = (at_ms: number): boolean => now_ms - at_ms < REMEMBERED_ms;
    const { room: room_ms, budget: budget_ms } = this.#gaveUp_ms;
    const gaveUp = isRecent(room_ms) ? 'room' : isRecent(budget_ms) ? 'budget' : undefined;
    const byRoom = standing(room, limits.floor, this.#standing);
    this.#standing = gaveUp === 'room' ? 'full' : gaveUp === 'budget' && byRoom === 'ok' ? 'low' : byRoom;
    const report = { standing: this.#standing, room, history_bytes: this.#held?.size_bytes ?? 0, gaveUp } as const;
    health.report('disk', report.standing !== 'full', detailOf(report, limits));
    told(report);
  }
}

function isBucketName(name: KeptName): name is BucketName {
  return (bucketNames as readonly KeptName[]).includes(name);
}

/** How much is free, of what is to stay so. */
function share(room: Room, { floor }: RetentionLimits): number {
  return room.free_bytes / floorOf(floor, room);
}

function detailOf({ standing: stands, room, history_bytes, gaveUp }: DiskReport, { floor }: RetentionLimits): string {
  if (stands === 'ok') return '';
  const free = `the disk has ${mb(room.free_bytes)} of ${mb(room.total_bytes)} left, and ${mb(floorOf(floor, room))} are to stay free`;
  switch (gaveUp) {
    case 'room':
      return `${free}: the oldest measurements were given up; free some space, or keep them elsewhere (storage.folder)`;
    case 'budget':
      return `the history holds ${mb(history_bytes)}, as much as it may: measurements are kept for fewer days than they should be; raise storage.max_mb, or lower storage.keep.measurements_days`;
    case undefined:
      return `${free}: ${stands === 'full' ? 'nothing of the history can be given up that would help' : 'then the oldest measurements are given up'}; free some space`;
  }
}

function mb(bytes: number): string {
  return `${Math.round(bytes / MB)} MB`;
}
