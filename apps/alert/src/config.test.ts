import { parseConfig, problemText, type ConfigResult } from '@guaita/service';
import { describe, expect, it } from 'vitest';
import { AlertKind } from '@guaita/model';
import { ALERT_DEFAULTS, PATIENCE } from './alerts/options.ts';
import { alertConfig, alertOptions, measurementRules, verdictOptions, type AlertConfig } from './config.ts';
import { VERDICT_DEFAULTS } from './verdict/options.ts';

const section = { name: 'alert', config: alertConfig };

function parse(text: string): ConfigResult {
  const file = { name: 'guaita.yaml', text };
  return parseConfig({ definitions: [section], file, env: {}, flags: [], hostName: 'one', readFile: () => '' });
}

function read(text: string): AlertConfig {
  const result = parse(text);
  if (!('config' in result)) throw new Error(result.problems.map(problemText).join('; '));
  return result.config.sections['alert'] as AlertConfig;
}

describe('the section alert', () => {
  it('is by default what verdicts and alerts are by default', () => {
    const config = read('monitor: pi-1\n');
    const { quorum, hold, flapping, maintenance } = verdictOptions(config);
    expect(quorum(['core'])).toBe(VERDICT_DEFAULTS.quorum([]));
    expect(hold(['core'])).toEqual(VERDICT_DEFAULTS.hold([]));
    expect(flapping(['core'])).toEqual(VERDICT_DEFAULTS.flapping([]));
    expect(maintenance).toEqual(VERDICT_DEFAULTS.maintenance);
    const { severity, patience } = alertOptions(config);
    const { severity: usual } = ALERT_DEFAULTS;
    expect(patience(['core'])).toEqual(PATIENCE);
    for (const kind of AlertKind.options) expect(severity(kind, ['core'])).toBe(usual(kind, []));
  });

  it('takes each field of the first of a device’s tags that names it, and else as usual', () => {
    const text = `
alert:
  quorum: all
  hold: { up_s: 60 }
  by_tag:
    core: { quorum: any, flapping: { changes: 2 } }
    far: { quorum: 2, hold: { down_s: 30 } }
`;
    const { quorum, hold, flapping } = verdictOptions(read(text));
    expect([[], ['roof'], ['roof', 'far', 'core'], ['core']].map(quorum)).toEqual(['all', 'all', 2, 'any']);
    expect([['core'], ['core', 'far']].map((tags) => hold(tags))).toMatchObject([
      { up_s: 60, down_s: 0 },
      { up_s: 60, down_s: 30 },
    ]);
    expect([['far'], ['far', 'core']].map((tags) => flapping(tags).changes)).toEqual([4, 2]);
  });

  it.each([
    ['loss: { end_percent: 0 }', 'loss.end_percent'],
    ['loss: { begin_percent: 0, end_percent: 0 }', 'loss.begin_percent'],
    ['utilisation: { end_percent: 0 }', 'utilisation.end_percent'],
    ['errors: { end_per_s: 0 }', 'errors.end_per_s'],
  ])('refuses %s, below which nothing ever is', (text, path) => {
    expect(() => read(`alert:\n  measurements: { ${text} }\n`)).toThrow(
      `alert.measurements.${path}: 0 is too small; give more than 0`,
    );
  });

  it('takes windows of maintenance', () => {
    const windows =
      'alert:\n  maintenance:\n    - { cron: "0 3 * * sun", duration: 1h30m, timezone: Europe/Madrid, tags: [roof], why: updates }\n' +
      '    - { cron: "*/5 * * * *", duration: 60s, devices: [router], why: tests }\n';
    expect(verdictOptions(read(windows)).maintenance).toEqual([
      {
        ...{ cron: '0 3 * * sun', duration_ms: 5_400_000, timezone: 'Europe/Madrid', why: 'updates' },
        ...{ devices: [], tags: ['roof'], sites: [] },
      },
      {
        ...{ cron: '*/5 * * * *', duration_ms: 60_000, timezone: 'UTC', why: 'tests' },
        ...{ devices: ['router'], tags: [], sites: [] },
      },
    ]);
  });

  it('measures by what tags name, and else as usual, and not what is switched off', () => {
    const text = `
alert:
  measurements: { off: [latency], loss: { over_s: 60 } }
  by_tag:
    far: { measurements: { loss: { begin_percent: 60 } } }
    loud: { measurements: { off: [], loss: { begin_percent: 70, end_percent: 50 } } }
`;
    const rules = measurementRules(read(text));
    const usual = rules([]);
    expect(usual).toMatchObject({ latency: undefined, loss: { begin: 20, end: 5, over_s: 60, begin_after_s: 120 } });
    expect(rules(['roof', 'far'])).toEqual({ ...usual, loss: { ...usual.loss, begin_percent: 60, begin: 60 } });
    expect(rules(['far', 'loud'])).toMatchObject({ latency: { begin: 2 }, loss: { begin: 60, end: 50, over_s: 60 } });
    expect(rules(['loud', 'far'])).toMatchObject({ latency: { begin: 2 }, loss: { begin: 70, end: 50, over_s: 60 } });
    expect(rules(['x', 'far', 'y'])).toBe(rules(['far']));
  });

  it('lets nothing end above where it begins, whichever tags a device bears', () => {
    const text =
      'alert: { by_tag: { a: { measurements: { loss: { begin_percent: 8 } } }, b: { measurements: { loss: { end_percent: 15 } } } } }';
    expect(measurementRules(read(text))(['a', 'b']).loss).toMatchObject({ begin: 8, end: 8 });
  });

  it('changes the severities that are named, and no others', () => {
    const { severity } = alertOptions(read('alert: { severities: { monitor-lost: critical } }\n'));
    for (const kind of AlertKind.options) {
      expect(severity(kind, [])).toBe(kind === 'monitor-lost' ? 'critical' : ALERT_DEFAULTS.severity(kind, []));
    }
  });

  it('waits by what tags name, and else as usual', () => {
    const tags = '{ garden: { disputed_after_s: 60 }, pole: { disputed_after_s: 70, monitor_lost_after_s: 600 } }';
    const { patience } = alertOptions(read(`alert: { under_watched_after_s: 90, by_tag: ${tags} }`));
    expect(patience(['roof'])).toEqual({ ...PATIENCE, under_watched_after_s: 90 });
    expect(patience(['garden', 'pole'])).toEqual({
      ...{ disputed_after_s: 60, under_watched_after_s: 90, monitor_lost_after_s: 600 },
    });
  });

  it('takes the severity of a kind of the first tag that names it', () => {
    const tags = '{ garden: { severities: { down: info } }, core: { severities: { down: warning, loss: critical } } }';
    const { severity } = alertOptions(read(`alert: { severities: { disputed: info }, by_tag: ${tags} }`));
    expect(severity('down', ['roof'])).toBe('critical');
    expect(severity('down', ['garden', 'core'])).toBe('info');
    expect(severity('loss', ['garden', 'core'])).toBe('critical');
    expect(severity('disputed', ['core'])).toBe('info');
  });

  it.each([
    ['alert: { quorum: most }', 'guaita.yaml:1 alert.quorum: '],
    ['alert: { by_tag: { core: { quorum: 0 } } }', 'guaita.yaml:1 alert.by_tag.core.quorum: '],
    ['alert: { by_tag: { core: { disputed_after_s: -1 } } }', 'guaita.yaml:1 alert.by_tag.core.disputed_after_s: '],
    ['alert: { by_tag: { core: { notify: {} } } }', 'guaita.yaml:1 alert.by_tag.core.notify: unknown key'],
    ['alert: { by_tag: { Core: { quorum: 1 } } }', 'guaita.yaml:1 alert.by_tag.Core: '],
    ['alert: { severities: { down: loud } }', 'guaita.yaml:1 alert.severities.down: '],
    ['alert: { severities: { dwon: info } }', 'guaita.yaml:1 alert.severities.dwon: '],
    [
      'alert: { maintenance: [{ cron: "0 25 * * *", duration: 1h, tags: [a], why: x }] }',
      'guaita.yaml:1 alert.maintenance[0].cron: "0 25 * * *" in "UTC" is no time that recurs (',
    ],
    [
      'alert: { maintenance: [{ cron: "0 3 * * *", timezone: Mars/Olympus, duration: 1h, tags: [a], why: x }] }',
      'guaita.yaml:1 alert.maintenance[0].cron: "0 3 * * *" in "Mars/Olympus" is no time that recurs (',
    ],
    [
      'alert: { maintenance: [{ cron: "0 * * * *", duration: 2h, tags: [a], why: x }] }',
      'guaita.yaml:1 alert.maintenance[0].cron: "0 * * * *" in "UTC" comes again before it ends, and again; ',
    ],
    [
      'alert: { maintenance: [{ cron: "0 3 * * *", duration: 1, tags: [a], why: x }] }',
      'guaita.yaml:1 alert.maintenance[0].duration: ',
    ],
    [
      'alert: { maintenance: [{ cron: "0 3 * * *", duration: 5w, tags: [a], why: x }] }',
      'guaita.yaml:1 alert.maintenance[0].duration: is longer than 31 days; give less',
    ],
    [
      'alert: { maintenance: [{ cron: "0 3 * * *", duration: 1h, why: x }] }',
      'guaita.yaml:1 alert.maintenance[0].devices: is of all devices; name devices, tags or sites',
    ],
    ['alert: { measurements: { off: [noise] } }', 'guaita.yaml:1 alert.measurements.off[0]: '],
    [
      'alert: { measurements: { loss: { end_percent: 30 } } }',
      'guaita.yaml:1 alert.measurements.loss.end_percent: must not be above begin_percent',
    ],
    [
      'alert: { by_tag: { far: { measurements: { loss: { end_percent: 30 } } } } }',
      'guaita.yaml:1 alert.by_tag.far.measurements.loss.end_percent: must not be above begin_percent',
    ],
    [
      'alert: { by_tag: { far: { measurements: { loss: { begin_percent: 3 } } } } }',
      'guaita.yaml:1 alert.by_tag.far.measurements.loss.end_percent: must not be above begin_percent; give it, too',
    ],
    [
      'alert: { by_tag: { far: { measurements: { loss: { begin: 3 } } } } }',
      'guaita.yaml:1 alert.by_tag.far.measurements.loss.begin: unknown key; ',
    ],
    ['alert: { by_tag: { far: { hold: { up_s: -1 } } } }', 'guaita.yaml:1 alert.by_tag.far.hold.up_s: '],
    ['alert: { hold: { up: 3 } }', 'guaita.yaml:1 alert.hold.up: unknown key; '],
  ])('refuses %s, and says where', (text, complaint) => {
    expect(() => read(text)).toThrow(complaint);
  });
});
