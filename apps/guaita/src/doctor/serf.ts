import { AuthenticationError, SerfClient } from '@guaita/serf';
import { printable } from '../printable.ts';
import type { Check } from './finding.ts';

/** An agent on this host answers in milliseconds; a person waits no longer than this. */
const PATIENCE_ms = 5_000;

const CHECK = 'serf';

/** The agent of the configuration. */
export interface ConfiguredAgent {
  /** `host:port` of its RPC. */
  readonly agent: string;
  readonly key?: string | undefined;
}

/** Does the Serf agent of the configuration answer us, and whom does it know? */
export function checkSerf(configured: ConfiguredAgent | undefined): Check {
  return async () => {
    if (configured === undefined) return [];
    const { agent: address, key } = configured;
    const client = new SerfClient({
      ...{ address, connectTimeout_ms: PATIENCE_ms, requestTimeout_ms: PATIENCE_ms },
      ...(key === undefined ? {} : { authKey: key }),
    });
    client.start();
    try {
      const members = await client.members();
      const alive = members.filter(({ status }) => status === 'alive').length;
      const detail = `the agent at ${address} answers; of ${members.length} members that it knows ${alive} are alive`;
      return [{ check: CHECK, level: 'ok', detail }];
    } catch (error) {
      const detail = printable(`${address}: ${(error as Error).message}`);
      return [{ check: CHECK, level: 'failure', detail, mend: mendOf(error, key) }];
    } finally {
      await client.stop();
    }
  };
}

function mendOf(error: unknown, key: string | undefined): string {
  if (!(error instanceof AuthenticationError))
    return 'See that "serf agent" runs there, and that its rpc_addr is that address. Services are told on MQTT meanwhile.';
  return key === undefined
    ? 'Give serf-publisher.serf.key what the agent has as rpc_auth: GUAITA_SERF_PUBLISHER_SERF_KEY_FILE names a file with it.'
    : 'Let serf-publisher.serf.key be what the agent has as rpc_auth.';
}
