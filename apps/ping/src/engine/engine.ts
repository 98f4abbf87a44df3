/** How one address is to be probed. Only IP addresses: names are resolved before. */
export interface ProbeTarget {
  readonly address: string;
  /** Echo requests, `REQUEST_PERIOD_MS` apart. */
  readonly count: number;
  /** Wait for each reply. */
  readonly timeout_ms: number;
  /** ICMP payload. */
  readonly size_bytes: number;
  /** IPv4 only. */
  readonly dont_fragment: boolean;
}

/** What came of a probe. */
export type ProbeResult =
  | {
      /** The round trip of each request in order, `null` where no reply came in time. */
      readonly rtts_ms: readonly (number | null)[];
      /** What the network said where replies are missing: `ICMP Host Unreachable from 10.0.0.254`. */
      readonly detail?: string;
      /** No request left this host, since it has no route. */
      readonly unsent?: true;
    }
  /** The engine cannot tell: it failed, or could not send. Says nothing of the device. */
  | { readonly unknown: string };

/**
 * Time between the requests of one probe. A quarter of a second keeps a probe of three under a second, and is more than
 * the 200 ms that `ping` allows to others than root.
 */
export const REQUEST_PERIOD_MS = 250;

/**
 * Sends ICMP echo requests. The port: `FpingEngine`, `PingPackageEngine`, and the twin `ScriptedEngine`; one contract
 * suite (`contract.ts`) holds them to the same behaviour.
 */
export interface ProbeEngine {
  readonly name: string;
  /** Programs or probes under way now, for the metrics. */
  readonly busy: number;

  /** Makes sure that it can probe. @throws {EngineError} when it cannot, with the cause and the mend. */
  start(): Promise<void>;

  /**
   * Probes every target and gives each exactly one result, as soon as that is known. The same address may occur more
   * than once. Resolves after the last result; never rejects.
   */
  probe<Target extends ProbeTarget>(
    targets: readonly Target[],
    onResult: (target: Target, result: ProbeResult) => void,
  ): Promise<void>;

  /** Ends all that is under way; targets without a result get `unknown`. */
  stop(): Promise<void>;
}

/** The engine cannot probe at all. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
}
