import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import type { Namespace } from '@guaita/lab';

/** What a stranger hears of devices on a broker: which are up, and when each was first told to be down. */
export class Ear {
  readonly up = new Set<string>();
  /** By device, by this process's monotonic clock. */
  readonly told_ms = new Map<string, number>();
  /** Alerts on anything else, or a second one on a device. */
  readonly others: string[] = [];
  readonly #child: ChildProcess;

  constructor(namespace: Namespace, port: number) {
    const topics = ['-t', 'guaita/device/+/state', '-t', 'guaita/alert/+/+'];
    const args = ['-V', '5', '-p', String(port), ...topics, '-F', '%t %p'];
    this.#child = namespace.spawn('mosquitto_sub', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#take(line));
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }

  #take(line: string): void {
    const at_ms = performance.now();
    const split = line.indexOf(' ');
    const levels = line.slice(0, split).split('/');
    const value = JSON.parse(line.slice(split + 1) || '{}') as Readonly<Record<string, unknown>>;
    if (levels[1] === 'device') {
      const device = levels[2] ?? '';
      if (value['state'] === 'up') this.up.add(device);
      else this.up.delete(device);
      return;
    }
    const subject = String(value['subject']);
    if (value['kind'] === 'down' && value['resolves'] === false && !this.told_ms.has(subject)) {
      this.told_ms.set(subject, at_ms);
    } else this.others.push(`${String(value['kind'])} ${subject}`);
  }
}

/** A few addresses at a time: to silence each by itself would take longer than the bench may. */
const EVERY_ms = 100;

/**
 * Silences devices one after the other, evenly over some seconds.
 *
 * @returns when each was silent, by this process's monotonic clock.
 */
export async function silenceAll(
  namespace: Namespace,
  devices: readonly { readonly id: string; readonly address: string }[],
  over_s: number,
): Promise<ReadonlyMap<string, number>> {
  const silent_ms = new Map<string, number>();
  const begin_ms = performance.now();
  while (silent_ms.size < devices.length) {
    const elapsed_ms = performance.now() - begin_ms;
    const due = Math.min(devices.length, Math.ceil((devices.length * elapsed_ms) / (over_s * 1000)));
    const next = devices.slice(silent_ms.size, due);
    if (next.length > 0) {
      await namespace.silence(...next.map(({ address }) => address));
      for (const { id } of next) silent_ms.set(id, performance.now());
    }
    await pause(EVERY_ms);
  }
  return silent_ms;
}
