import { DEFAULT_BASE } from '@guaita/messages';
import { READER, type Site } from '@guaita/site';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UnreachableError, withBroker } from '../commands/broker-client.ts';
import { gather } from '../status/gather.ts';
import { judge, type Judgement } from '../status/judge.ts';
import type { Patience } from './rollout.ts';
import { RolloutError } from './rollout.ts';
import { FILES, passwordFile } from './secrets.ts';

/** What the first broker that answers keeps of the monitors; or why none does. */
export type Heard =
  { readonly broker: string; readonly judgement: Judgement } | { readonly broker?: undefined; readonly why: string };

/** Asks the site’s brokers. */
export type AskMonitors = () => Promise<Heard>;

/** Asks the brokers of a site as whoever may read everything: behind the floating IP, and then of one host after the other. */
export function monitorsOf(site: Site, folder: string): AskMonitors {
  return async () => {
    const password = (await readFile(join(folder, passwordFile(READER)), 'utf8')).trim();
    const addresses = [...(site.floating_ip === undefined ? [] : [site.floating_ip]), ...site.hosts];
    const reasons: string[] = [];
    for (const { address } of addresses) {
      const broker = `mqtts://${address.includes(':') ? `[${address}]` : address}:${site.ports.mqtt}`;
      const mqtt = { url: broker, username: READER, password, ca_file: join(folder, FILES.authority) };
      try {
        const known = await withBroker({ mqtt, base: DEFAULT_BASE }, 'deploy', gather);
        return { broker, judgement: judge(known) };
      } catch (error) {
        if (!(error instanceof UnreachableError)) throw error;
        reasons.push(error.cause instanceof Error ? error.cause.message : error.message);
      }
    }
    return { why: reasons.join('; ') };
  };
}

/** How long one look at the monitors stands. */
const POLL_ms = 2_000;

/**
 * Waits until every host's monitor lives.
 *
 * @throws {RolloutError} when that takes too long.
 */
export async function monitorsLive(
  site: Site,
  ask: AskMonitors,
  { now, sleep, tell, limit_ms }: Patience,
): Promise<void> {
  const deadline_ms = now() + limit_ms;
  let told = '';
  for (;;) {
    const heard = await ask();
    const away = heard.broker === undefined ? site.hosts.map(({ id }) => id) : awayOf(site, heard.judgement);
    const line = `monitors        ${site.hosts.length - away.length} of ${site.hosts.length} live`;
    if (line !== told) tell(line);
    told = line;
    if (away.length === 0) return;
    if (now() >= deadline_ms) {
      const why =
        heard.broker === undefined
          ? `no broker answers: ${heard.why}`
          : `${heard.broker} does not hear of ${away.join(', ')}`;
      throw new RolloutError(`not every monitor lives: ${why}; guaita deploy status and docker service logs say more`);
    }
    await sleep(POLL_ms);
  }
}

function awayOf(site: Site, { monitors }: Judgement): string[] {
  const alive = new Set<string>(monitors.filter((view) => view.alive).map(({ monitor }) => monitor));
  return site.hosts.map(({ id }) => id).filter((id) => !alive.has(id));
}
