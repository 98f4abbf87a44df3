import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What the service tells of itself. No label holds a device, so their number is bounded. */
export class SnmpMetrics {
  readonly polls: Counter<'state'>;
  readonly seconds: Histogram;
  readonly skipped: Counter;
  readonly badDatagrams: Counter;

  /** @param figures read when somebody asks. */
  constructor(registry: Registry, figures: { devices(): number; waiting(): number; sessions(): number }) {
    const registers = [registry];
    this.polls = new Counter({
      name: 'guaita_snmp_polls_total',
      help: 'Polls that ended, by the state they found',
      labelNames: ['state'],
      registers,
    });
    this.seconds = new Histogram({
      name: 'guaita_snmp_poll_seconds',
      help: 'How long polls take',
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60],
      registers,
    });
    this.skipped = new Counter({
      name: 'guaita_snmp_turns_skipped_total',
      help: 'Turns passed over because the device was still being polled, or waited for its poll',
      registers,
    });
    this.badDatagrams = new Counter({
      name: 'guaita_snmp_bad_datagrams_total',
      help: 'Datagrams from agents that were no valid answer',
      registers,
    });
    const gauge = (name: string, help: string, read: () => number): void => {
      const made: Gauge = new Gauge({ name, help, registers, collect: () => made.set(read()) });
    };
    gauge('guaita_snmp_devices', 'Devices polled', () => figures.devices());
    gauge('guaita_snmp_polls_waiting', 'Polls that wait for a place', () => figures.waiting());
    gauge('guaita_snmp_sessions', 'Sessions kept', () => figures.sessions());
  }
}
