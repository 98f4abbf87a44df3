import type { ProbeEngine, ProbeResult, ProbeTarget } from './engine.ts';

/** What the twin's network does with requests to an address. */
export type Script = (target: ProbeTarget) => ProbeResult;

/** The twin of the real engines: a network that does what the test says. Addresses without a script answer in 1 ms. */
export class ScriptedEngine implements ProbeEngine {
  readonly name = 'scripted';
  readonly #scripts = new Map<string, Script>();
  /** All targets asked for, in order. */
  readonly probed: ProbeTarget[] = [];
  #otherwise: Script = answering(1);
  #stopped = false;

  get busy(): number {
    return 0;
  }

  /** Says what an address does from now on. */
  script(address: string, script: Script): void {
    this.#scripts.set(address, script);
  }

  /** Says what all addresses without a script of their own do. */
  otherwise(script: Script): void {
    this.#otherwise = script;
  }

  start(): Promise<void> {
    this.#stopped = false;
    return Promise.resolve();
  }

  async probe<Target extends ProbeTarget>(
    targets: readonly Target[],
    onResult: (target: Target, result: ProbeResult) => void,
  ): Promise<void> {
    await Promise.resolve();
    for (const target of targets) {
      this.probed.push(target);
      const script = this.#scripts.get(target.address) ?? this.#otherwise;
      onResult(target, this.#stopped ? { unknown: 'the engine was stopped' } : script(target));
    }
  }

  stop(): Promise<void> {
    this.#stopped = true;
    return Promise.resolve();
  }
}

/** Every request is answered after the same time. */
export function answering(rtt_ms: number): Script {
  return ({ count }) => ({ rtts_ms: Array<number>(count).fill(rtt_ms) });
}

/** No request is answered. */
export const silent: Script = ({ count }) => ({ rtts_ms: Array<null>(count).fill(null) });

/** There is no route. */
export const unrouted: Script = ({ count }) => ({
  ...{ rtts_ms: Array<null>(count).fill(null), detail: 'no route: Network is unreachable', unsent: true },
});

/** The engine itself fails. */
export function failing(reason: string): Script {
  return () => ({ unknown: reason });
}
