import type { Namespace } from '@guaita/lab';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./receiver-program.ts', import.meta.url));

/** A notification as it arrived; of a heartbeat only its event, and as subject its path. */
export interface Arrived {
  readonly key: string;
  readonly event: string;
  readonly subject: string;
  readonly monitor: string;
  readonly text: string;
}

/** Somebody who is told of alerts, in a namespace: a web server of its own, that answers at once or is told to wait. */
export class Receiver {
  readonly arrived: Arrived[] = [];
  readonly #child: ChildProcess;

  constructor(namespace: Namespace, port: number) {
    this.#child = namespace.spawn(process.execPath, [PROGRAM, String(port)], { stdio: ['pipe', 'pipe', 'inherit'] });
    createInterface({ input: this.#child.stdout! }).on('line', (line) =>
      this.arrived.push(JSON.parse(line) as Arrived),
    );
  }

  /** Answers nobody from now on. */
  hold(): void {
    this.#child.stdin!.write('hold\n');
  }

  /** Answers all who wait, and those who come. */
  release(): void {
    this.#child.stdin!.write('release\n');
  }

  /** What arrived on a device, in order. */
  of(device: string): Arrived[] {
    return this.arrived.filter(({ subject }) => subject === device);
  }

  async stop(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGKILL');
    await closed;
  }
}
