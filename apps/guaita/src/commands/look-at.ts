import type { Wire } from '@guaita/bus';
import { commonFlagValues, EXIT, loadConfig } from '@guaita/service';
import type { Output } from '../output.ts';
import { sections } from '../sections.ts';
import { CANNOT_TELL, UnreachableError, withBroker } from './broker-client.ts';
import { reachable } from './own-broker.ts';

/** What a command line that looks at a broker is told. */
export interface LookOptions extends Record<string, unknown> {
  readonly config?: string;
  readonly json?: boolean;
}

/** What is looked for, and how it is told. */
export interface Look<Seen extends { readonly stale: boolean }> {
  /** In the client id, for who looks at the broker's log. */
  readonly purpose: string;
  readonly hear: (wire: Wire) => Promise<Seen>;
  /** Lines for people. @param broker its URL. */
  readonly render: (seen: Seen, broker: string) => readonly string[];
  /** Whether there is nothing amiss. */
  readonly isWell: (seen: Seen) => boolean;
}

/**
 * Looks at what a broker keeps, and tells it.
 *
 * @returns the exit code: 0 all is well, 1 it is not, 3 it cannot be told, since there is no broker, or what it keeps may
 * be old (`stale`).
 */
export async function lookAt<Seen extends { readonly stale: boolean }>(
  { purpose, hear, render, isWell }: Look<Seen>,
  options: LookOptions,
  output: Output,
): Promise<number> {
  const config = loadConfig({ definitions: sections, file: options.config, flags: commonFlagValues(options) });
  const common = reachable(config);
  try {
    const seen = await withBroker(common, purpose, hear);
    if (options.json === true) output.print(JSON.stringify(seen));
    else for (const line of render(seen, common.mqtt.url)) output.print(line);
    if (seen.stale) return CANNOT_TELL;
    return isWell(seen) ? EXIT.ok : EXIT.failure;
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
    process.stderr.write(`${error.message}\n`);
    return CANNOT_TELL;
  }
}
