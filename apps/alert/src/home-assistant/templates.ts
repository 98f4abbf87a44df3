/** ifType of a loopback interface (IANAifType-MIB, softwareLoopback): what it carries is nobody's traffic. */
const LOOPBACK = 24;

/**
 * Templates (Jinja) by which Home Assistant takes values out of our messages. A topic that is cleared comes as an empty
 * payload, of which there is no `value_json`. `None` is its word for a value that nobody knows.
 */
export const templates = {
  /** Of a verdict: some monitors reach a device that is disputed. */
  connectivity: [
    `{% set state = value_json.state if value_json is defined else 'unknown' %}`,
    `{{ 'ON' if state in ['up', 'disputed'] else 'OFF' if state in ['down', 'unreachable'] else 'None' }}`,
  ].join(''),
  /** What people ask when they see the state. */
  why: `{{ (dict(state=value_json.state, reason=value_json.reason, since=value_json.since) if value_json is defined else {}) | tojson }}`,
  /** Whether a verdict tells anything. */
  isKnown: `{{ 'offline' if value_json is not defined or value_json.state == 'unknown' else 'online' }}`,
  /** Of a monitor, as its cluster sees it. */
  isWatching: `{{ 'online' if value_json is defined and value_json.alive and not value_json.isolated else 'offline' }}`,
  /** Of a service's status. */
  isOnline: `{{ value_json.state if value_json is defined else 'offline' }}`,
  latency: `{{ value_json.rtt_avg_ms if value_json is defined else 'None' }}`,
  loss: `{{ value_json.loss_percent if value_json is defined else 'None' }}`,
  /** Of an SNMP observation: the interfaces with these names together, or, without names, the one that has most. */
  traffic(direction: 'in_bps' | 'out_bps', names: readonly string[] | undefined): string {
    const [interfaces, together] =
      names === undefined
        ? [`values() | rejectattr('type', 'eq', ${LOOPBACK}) | map(attribute='${direction}')`, 'max']
        : [`items() | selectattr('0', 'in', ${JSON.stringify(names)}) | map(attribute='1.${direction}')`, 'sum'];
    return [
      `{% set all = value_json.interfaces if value_json is defined else {} %}`,
      `{% set rates = all.${interfaces} | select('number') | list %}`,
      `{{ rates | ${together} if rates else 'None' }}`,
    ].join('');
  },
};
