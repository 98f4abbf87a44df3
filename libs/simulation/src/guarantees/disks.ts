import type { Id, Intent } from '@guaita/model';
import type { Disk } from '../world/disk.ts';
import type { Entry, Host } from '../world/host.ts';
import type { World } from '../world/world.ts';
import { compare, joined, keyOf } from './ledger.ts';
import { Violation } from './violation.ts';

/** A month, after which tombstones go, and a disk that was away is not believed. */
const MONTH_ms = 30 * 24 * 3_600_000;

/** What was entered stands on every disk that it once stood on: a part of guarantee 5. */
export class Disks {
  readonly #world: World;
  readonly #disks = new Map<Host, { disk: Disk; buckets: Map<number, readonly Intent[]> }>();

  constructor(world: World) {
    this.#world = world;
  }

  /** An operator has said something at a host: it counts there from now on, or was so before. */
  entered(host: Host, change: Entry): void {
    if (host.stalled || isOver(host, change)) return;
    const feeder = change.kind === 'device' ? change.feeder : '';
    const key = [change.kind, change.subject, feeder].join(' ');
    const intent = joined([host]).get(key);
    if (intent?.wanted === change.wanted || (intent === undefined && !change.wanted)) return;
    this.#violated(`${host.id} did not keep what was said there of "${key}"`, change.subject);
  }

  /** A host has stored a bucket: a disk never goes back. */
  stores(host: Host, bucket: number): void {
    const known = this.#disks.get(host);
    const disk = known?.disk === host.disk ? known : { disk: host.disk, buckets: new Map<number, readonly Intent[]>() };
    this.#disks.set(host, disk);
    const after = host.disk.intents.get(bucket) ?? [];
    const byKey = new Map(after.map((intent) => [keyOf(intent), intent]));
    for (const before of disk.buckets.get(bucket) ?? []) {
      const now = byKey.get(keyOf(before));
      if (now !== undefined && compare(now, before) >= 0) continue;
      // That its author was forgotten may stand in a bucket that is stored next.
      this.#world.agenda.after(0, () => {
        if (now === undefined && (isForgotten(host, before) || isOld(host, before))) return;
        this.#violated(`${host.id} loses what was intended of "${keyOf(before)}"`, before.subject);
      });
    }
    disk.buckets.set(bucket, after);
  }

  #violated(what: string, device: Id): never {
    throw new Violation(5, this.#world.agenda.now_ms, what, device);
  }
}

/** A silence that was over when it was set is withdrawn at once. */
function isOver(host: Host, change: Entry): boolean {
  return change.kind === 'silence' && change.silence !== undefined && Date.parse(change.silence.until) < host.wall_ms;
}

/** What a forgotten monitor had left may go from a disk. */
function isForgotten(host: Host, intent: Intent): boolean {
  const about = intent.kind === 'device' ? intent.feeder : intent.kind === 'drain' ? intent.subject : undefined;
  return about !== undefined && joined([host]).has(`forget ${about} `);
}

function isOld(host: Host, intent: Intent): boolean {
  if (host.wall_ms - intent.stamp.at_ms > MONTH_ms) return true;
  return [...joined([host]).values()].some(({ stamp }) => stamp.at_ms - intent.stamp.at_ms > MONTH_ms);
}
