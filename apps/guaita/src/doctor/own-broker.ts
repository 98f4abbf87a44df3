import { isLoopback, type CommonConfig } from '@guaita/service';
import type { BrokerConfig } from '../sections.ts';
import { reachBroker } from './broker.ts';
import type { Check, Finding } from './finding.ts';
import { checkPort } from './network.ts';

const CHECK = 'broker';

/** Can `guaita up` bring its broker here? Where one runs already, does it let us in? */
export function checkOwnBroker(broker: BrokerConfig, common: CommonConfig, random: () => number): Check {
  return async () => {
    const { host, port, users, site_key, anonymous = true } = broker;
    if (!isLoopback(host) && anonymous && site_key === undefined && Object.keys(users).length === 0) {
      const detail = `the broker may not listen on ${host} without users: anybody there could command this monitor`;
      const mend =
        'Give it broker.site_key or broker.users in guaita.yaml (docs/operating.md), or leave broker.host at 127.0.0.1.';
      return [{ check: CHECK, level: 'failure', detail, mend }];
    }
    const [free] = await checkPort('mqtt port', host, port, '--mqtt-port')();
    if (free?.level !== 'warning') return free === undefined ? [] : [free];
    const refusal = await reachBroker(common, random);
    const held = `port ${port} on ${host} is held by`;
    if (refusal === undefined) {
      const detail = `${held} a broker that lets us in and speaks MQTT 5: a Guaita that runs, or one to name with --broker`;
      return [{ check: CHECK, level: 'ok', detail }] satisfies Finding[];
    }
    return [{ ...free, detail: `${held} a program that is no broker for us: ${refusal}` }];
  };
}
