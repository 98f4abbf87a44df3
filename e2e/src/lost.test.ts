import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inFewWords } from './listener.ts';
import { inventory, NO_DEVICES, Stage } from './stage.ts';

const MONITORS = ['ada', 'bob', 'cyd'] as const;
type Monitor = (typeof MONITORS)[number];
const PORTS: Readonly<Record<Monitor, number>> = { ada: 1905, bob: 1906, cyd: 1907 };

/** Two monitors of a site and the only one of another, each with a broker that it pushes to those of the others. */
let stage: Stage;
const killed = new Set<Monitor>();
/** What is said at a broker of alerts, in few words, and by which ids. */
const said: Record<Monitor, string[]> = { ada: [], bob: [], cyd: [] };
const ids: Record<Monitor, unknown[]> = { ada: [], bob: [], cyd: [] };

beforeAll(async () => {
  stage = await Stage.begin({
    'all.yaml': inventory({ router: '10.200.0.1', ap: '10.200.0.2', printer: '10.200.0.3' }),
    'guaita.yaml': 'alert: { under_watched_after_s: 10 }\n',
  });
  await start('ada');
  await start('bob', 1);
  await start('cyd');
}, 120_000);

afterAll(() => stage.end());

async function start(monitor: Monitor, capacity = 100): Promise<void> {
  const peers = MONITORS.filter((other) => other !== monitor).map((other) => `mqtt://127.0.0.1:${PORTS[other]}`);
  stage.up(monitor, {
    ...{ site: monitor === 'cyd' ? 'cabin' : 'home', capacity: String(capacity), 'monitors-per-device': '3' },
    ...{ 'mqtt-port': String(PORTS[monitor]), peer: peers.join(','), config: 'guaita.yaml' },
    devices: monitor === 'ada' ? 'all.yaml' : NO_DEVICES,
  });
  const listener = stage.listen(monitor, PORTS[monitor]);
  listener.alerts((alert) => {
    // What has ended while it was away is said when it is back: before somebody listens, or after.
    if (killed.has(monitor) && alert['kind'] === 'under-watched') return;
    said[monitor].push(inFewWords(alert));
    ids[monitor].push(alert['id']);
  });
}

async function kill(monitor: Monitor): Promise<void> {
  killed.add(monitor);
  await stage.halt(monitor);
}

/** Waits until just this was said at the brokers of these since it was looked last, and of each event under one id. */
async function told(at: readonly Monitor[], ...lines: readonly string[]): Promise<void> {
  await eventually(() => {
    for (const monitor of at) expect(said[monitor].toSorted(), monitor).toEqual(lines.toSorted());
  });
  const [first, ...others] = at.map((monitor) => ids[monitor].toSorted());
  for (const other of others) expect(other).toEqual(first);
  for (const monitor of at) for (const heard of [said[monitor], ids[monitor]]) heard.length = 0;
}

describe('two sites', { timeout: 300_000 }, () => {
  it('tell which devices have too few monitors, where one of these is full', async () => {
    await eventually(() => {
      for (const monitor of MONITORS) expect(said[monitor], monitor).toHaveLength(2);
    });
    for (const monitor of MONITORS) expect(said[monitor][0]).toMatch(/^under-watched (router|ap|printer)$/);
    await told(MONITORS, ...said.ada);
  });

  it('tell of a monitor that is killed, and that the others hold all that they can', async () => {
    const ends = openOn('ada').map((device) => `end of under-watched ${device}`);
    await kill('bob');
    await told(['ada', 'cyd'], 'monitor-lost bob', ...ends);
    await start('bob');
    await told(['ada', 'cyd'], 'end of monitor-lost bob');
  });

  it('tell of a site none of whose monitors is heard, and of none of these', async () => {
    await kill('cyd');
    await told(['ada', 'bob'], 'site-lost cabin');
    await start('cyd');
    await told(['ada', 'bob'], 'end of site-lost cabin');
  });
});

/** On which subjects an alert is kept as open. */
function openOn(monitor: Monitor): string[] {
  const kept = [...(stage.listeners.get(monitor)?.newest ?? [])].filter(([topic]) =>
    topic.startsWith('guaita/alert-open/'),
  );
  return kept.map(([, value]) => String(value['subject']));
}
