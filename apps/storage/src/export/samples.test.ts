import { uncompress } from 'snappyjs';
import { describe, expect, it } from 'vitest';
import { alert } from '../kinds/alert.ts';
import { csvLine, rowOfLine } from '../kinds/csv.ts';
import { interfaces } from '../kinds/interface.ts';
import { ping } from '../kinds/ping.ts';
import { sensor } from '../kinds/sensor.ts';
import { verdict } from '../kinds/verdict.ts';
import { encodeWriteRequest } from './remote-write.ts';
import { samplesOf, type Sample } from './samples.ts';

const AT = Date.UTC(2026, 0, 1);

/** As `name{label="value"} value` lines. */
function lines(samples: readonly Sample[]): string[] {
  return samples.map(({ labels: { __name__, ...rest }, value, at_ms }) => {
    const inner = Object.entries(rest).map(([name, text]) => `${name}="${text}"`);
    return `${__name__}{${inner.join()}} ${value}${at_ms === AT ? '' : ` at ${at_ms - AT}`}`;
  });
}

describe('samplesOf', () => {
  it('gives a ping in seconds and ratios', () => {
    const row = ['pi', 'ap', AT, 12, 'up', 4, 3, 1.5, 2, 3, 0.5, null];
    const by = '{monitor="pi",device="ap"}';
    expect(lines(samplesOf(ping, row))).toEqual([
      `guaita_ping_up${by} 1`,
      `guaita_ping_loss_ratio${by} 0.25`,
      `guaita_ping_rtt_seconds${by} 0.002`,
      `guaita_ping_rtt_min_seconds${by} 0.0015`,
      `guaita_ping_rtt_max_seconds${by} 0.003`,
      `guaita_ping_jitter_seconds${by} 0.0005`,
    ]);
  });

  it('adds no digits: what is measured in thousandths of a millisecond is a number of microseconds', () => {
    for (let microseconds = 0; microseconds <= 100_000; microseconds += 7) {
      const row = ['pi', 'ap', AT, 12, 'up', 1, 1, microseconds / 1000, null, null, null, null];
      const [, , rtt] = samplesOf(ping, row);
      expect(rtt!.value).toBe(Number(`${microseconds}e-6`));
    }
    const [, loss] = samplesOf(ping, ['pi', 'ap', AT, 12, 'up', 5, 4, null, null, null, null, null]);
    expect(loss!.value).toBe(0.2);
  });

  it('gives nothing of what is not known', () => {
    expect(samplesOf(ping, ['pi', 'ap', AT, 12, 'unknown', 0, 0, null, null, null, null, 'no way'])).toEqual([]);
  });

  it('gives rates of interfaces in bytes, and what people call them apart', () => {
    const row = [
      'pi',
      'sw',
      AT,
      1,
      'eth0',
      'uplink',
      'up',
      'down',
      8e9,
      800,
      null,
      0.5,
      null,
      null,
      null,
      null,
      null,
      null,
    ];
    const by = 'monitor="pi",device="sw",interface="eth0"';
    expect(lines(samplesOf(interfaces, row))).toEqual([
      `guaita_interface_up{${by}} 0`,
      `guaita_interface_admin_up{${by}} 1`,
      `guaita_interface_info{${by},alias="uplink"} 1`,
      `guaita_interface_speed_bytes_per_second{${by}} 1000000000`,
      `guaita_interface_receive_bytes_per_second{${by}} 100`,
      `guaita_interface_receive_errors_per_second{${by}} 0.5`,
    ]);
  });

  it('gives a sensor with its unit', () => {
    const row = ['pi', 'ups', AT, 1, 'ups', 'charge', 97, null, null, 'percent'];
    expect(lines(samplesOf(sensor, row))).toEqual([
      'guaita_sensor_value{monitor="pi",device="ups",source="ups",sensor="charge",unit="percent"} 97',
    ]);
  });

  it('gives a verdict as one series a state, when it was heard', () => {
    const said = lines(samplesOf(verdict, ['pi', 'ap', AT, 7, 'down', 1, false, 'gone']));
    expect(said).toHaveLength(6);
    expect(said.slice(0, 2)).toEqual([
      'guaita_device_state{device="ap",state="up"} 0 at 7',
      'guaita_device_state{device="ap",state="down"} 1 at 7',
    ]);
  });

  it('gives an alert as 1 while it lasts', () => {
    const row = (resolves: boolean) => [
      'pi',
      'x',
      'ap',
      AT,
      7,
      'down',
      'critical',
      resolves,
      AT,
      1,
      null,
      'AP',
      'gone',
    ];
    const by = 'device="ap",kind="down",part="",severity="critical"';
    expect(lines([...samplesOf(alert, row(false)), ...samplesOf(alert, row(true))])).toEqual([
      `guaita_alert{${by}} 1`,
      `guaita_alert{${by}} 0`,
    ]);
  });
});

describe('rowOfLine', () => {
  it.each([
    [['pi', 'a "b", c', AT, -5, 'up', 4, 3, 1.5, 2, 3, 0.5, '']],
    [['pi', 'ap', AT, null, 'down', 4, 0, null, null, null, null, ' it,is ""quoted""']],
  ])('reads what csvLine writes: %j', (row) => {
    expect(rowOfLine(ping, csvLine(ping)(row).slice(0, -1))).toEqual(row);
  });
});

describe('encodeWriteRequest', () => {
  it('writes each series once, labels by name, samples by time', () => {
    const labels = { __name__: 'm', device: 'ap', part: '' };
    const bytes = encodeWriteRequest(
      [
        { labels, value: 2, at_ms: 20 },
        { labels, value: 1, at_ms: 10 },
      ],
      { job: 'guaita' },
    );
    const hex = Buffer.from(uncompress(bytes)).toString('hex');
    const label = (name: string, value: string): string => {
      const field = (tag: string, text: string): string =>
        tag + text.length.toString(16).padStart(2, '0') + Buffer.from(text).toString('hex');
      const inner = field('0a', name) + field('12', value);
      return `0a${(inner.length / 2).toString(16).padStart(2, '0')}${inner}`;
    };
    const series =
      label('__name__', 'm') +
      label('device', 'ap') +
      label('job', 'guaita') +
      '120b09000000000000f03f100a' +
      '120b090000000000000040' +
      '1014';
    expect(hex).toBe(`0a${(series.length / 2).toString(16)}${series}`);
  });
});
