import type { Id } from '@guaita/model';
import type { MonitorContext } from '@guaita/service';
import { DataCentreKeeper } from './antidote/data-centre-keeper.ts';
import { LogGrowth } from './antidote/log-growth.ts';
import { serverName } from './antidote/server-name.ts';
import type { AssignConfig } from './config.ts';
import { AntidoteLink } from './links/antidote-link.ts';
import { MqttLink } from './links/mqtt-link.ts';
import { SerfLink } from './links/serf-link.ts';
import type { LinkInUse } from './service.ts';

/** Beats come every second: three in a row missed are no accident. */
const MQTT_SILENCE_ms = 3_000;
/**
 * Others notice our silence by our beats. The broker must not take for dead who plans anew for thousands of devices, a
 * matter of seconds on a small host: on the next connection all would be said and heard again, and longer still.
 */
const MQTT_KEEPALIVE_s = 30;

/** Beats come every 60 s: two of them missed, and half a minute for the way. */
const ANTIDOTE_SILENCE_ms = 150_000;

const PURPOSE: Id = 'cluster';

/** The links of the configuration, the fastest source of life first. */
export function linksFor(
  context: MonitorContext,
  config: AssignConfig,
  incarnation: number,
  onTrouble: (about: string, problem: string | undefined) => void,
): readonly LinkInUse[] {
  const { monitor, wire, log, random } = context;
  const mqtt = new MqttLink({
    ...{ monitor, base: wire.base, incarnation, log },
    connect: (will) => context.connect({ purpose: PURPOSE, will, keepalive_s: MQTT_KEEPALIVE_s, patient: true }),
  });
  const links: LinkInUse[] = [
    { link: mqtt, silence_ms: MQTT_SILENCE_ms },
    // Where no serf-publisher runs it says nothing.
    { link: new SerfLink(wire), silence_ms: Infinity },
  ];
  const { addresses, own_host, data, data_max_mb } = config.antidote;
  const [first, ...others] = addresses;
  if (first !== undefined) {
    const keeper = new DataCentreKeeper({
      ...{ addresses, log, random, isCared: (host) => host === monitor },
      onTrouble: (problem) => onTrouble('antidote-others', problem),
    });
    const growth = (folder: string): LogGrowth =>
      new LogGrowth({
        ...{ folder, most_mb: data_max_mb, log },
        onTrouble: (problem) => onTrouble('antidote-data', problem),
      });
    const antidote = new AntidoteLink({
      ...{ monitor, addresses: [first, ...others], log, random },
      ...(own_host ? { isWanted: (node: string) => serverName(node)?.host === monitor } : {}),
      keepers: [...(own_host ? [keeper] : []), ...(data === undefined ? [] : [growth(data)])],
      onTrouble: (problem) => onTrouble('antidote', problem),
    });
    links.push({ link: antidote, silence_ms: ANTIDOTE_SILENCE_ms });
  }
  return links;
}
