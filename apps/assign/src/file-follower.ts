import { watch, type FSWatcher } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Clock, Timer } from '@guaita/service';

/** Editors write in several steps; a half-written file would be reported as a mistake. */
const DEBOUNCE_ms = 250;

/**
 * Calls back when files may have changed. It watches their folders, since editors and Kubernetes replace files instead of
 * writing them, and calls at every poll besides, since network file systems and bind mounts tell nothing.
 */
export class FileFollower {
  readonly #folders: readonly string[];
  readonly #clock: Clock;
  readonly #poll_ms: number;
  readonly #onMaybeChanged: () => void;
  readonly #watchers = new Map<string, FSWatcher>();
  #debounce: Timer | undefined;
  #poll: Timer | undefined;

  constructor(files: readonly string[], clock: Clock, poll_ms: number, onMaybeChanged: () => void) {
    this.#folders = [...new Set(files.map((file) => dirname(resolve(file))))];
    this.#clock = clock;
    this.#poll_ms = poll_ms;
    this.#onMaybeChanged = onMaybeChanged;
  }

  start(): void {
    this.#watchFolders();
    this.#poll = this.#clock.after(this.#poll_ms, () => {
      this.start();
      this.#onMaybeChanged();
    });
  }

  stop(): void {
    this.#poll?.cancel();
    this.#debounce?.cancel();
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** A folder that cannot be watched (not there yet, no inotify watches left) is tried again at every poll. */
  #watchFolders(): void {
    for (const folder of this.#folders) {
      if (this.#watchers.has(folder)) continue;
      const forget = (): void => {
        this.#watchers.get(folder)?.close();
        this.#watchers.delete(folder);
      };
      try {
        const watcher = watch(folder, { persistent: false }, (event, name) => {
          this.#changed();
          // The folder itself was moved or deleted: its watcher will never tell again.
          if (event === 'rename' && name !== null && folder.endsWith(`/${name}`)) forget();
        });
        watcher.on('error', forget);
        this.#watchers.set(folder, watcher);
      } catch {
        // The poll reads the files all the same, and says what is wrong with them.
        this.#watchers.delete(folder);
      }
    }
  }

  #changed(): void {
    this.#debounce?.cancel();
    this.#debounce = this.#clock.after(DEBOUNCE_ms, this.#onMaybeChanged);
  }
}
