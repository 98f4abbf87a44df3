import { channels } from '@guaita/messages';
import type { Network, Urgency } from './network.ts';

const BASE = 'guaita';
const AT = '2026-11-23T10:00:00.000Z';

/** Says to a network what a broker would, in the words of the wire contract. */
export class Said {
  readonly network: Network;
  now_ms = Date.parse(AT);

  constructor(network: Network) {
    this.network = network;
  }

  /** A message on a topic of the contract; without a value it is taken back. */
  say(topic: string, value?: unknown): Urgency | undefined {
    return this.network.take(
      topic.slice(BASE.length + 1),
      value === undefined ? '' : JSON.stringify(value),
      this.now_ms,
    );
  }

  spec(device: string, fields: object = {}): Urgency | undefined {
    const spec = { device, name: device, addresses: ['10.0.0.1'], parents: [], tags: [], checks: {}, source: 'a file' };
    return this.say(channels.spec.topic(BASE, { device }), { ...spec, monitors: ['pi-1'], ...fields });
  }

  gone(device: string): void {
    this.say(channels.spec.topic(BASE, { device }));
    this.say(channels.state.topic(BASE, { device }));
  }

  state(device: string, state: string, fields: object = {}): Urgency | undefined {
    const verdict = { state, since: AT, reason: `it is ${state}`, episode: 1, seen_by: [], ...fields };
    return this.say(channels.state.topic(BASE, { device }), verdict);
  }

  ping(
    device: string,
    monitor: string,
    rtt_avg_ms: number | null,
    at: string = AT,
    fields: object = {},
  ): Urgency | undefined {
    const loss_percent = rtt_avg_ms === null ? 100 : 0;
    const times = { rtt_min_ms: rtt_avg_ms, rtt_avg_ms, rtt_max_ms: rtt_avg_ms, jitter_ms: null };
    const observation = {
      at,
      address: '10.0.0.1',
      sent: 3,
      received: 3,
      loss_percent,
      ...times,
      state: 'up',
      ...fields,
    };
    return this.say(channels.ping.topic(BASE, { monitor, device }), observation);
  }

  monitor(monitor: string, fields: object = {}): Urgency | undefined {
    const view = { site: 'home', alive: true, isolated: false, probing: true, devices: 1, at: AT, ...fields };
    return this.say(channels.cluster.topic(BASE, { monitor }), view);
  }

  alert(id: string, fields: object = {}): Urgency | undefined {
    const alert = { id, kind: 'down', severity: 'critical', subject: 'ap', name: 'AP', tags: [], since: AT, at: AT };
    return this.say(channels.openAlert.topic(BASE, { alert: id }), { ...alert, text: 'AP is down', ...fields });
  }
}
