import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { MailDouble, WebDouble } from './doubles.ts';
import { startNodeRed, type FlowNode, type NodeRed } from './node-red.ts';
import { alertOn, Spoken } from './spoken.ts';

const EXAMPLES = join(import.meta.dirname, '../../../integrations/node-red/examples');
const PATIENCE = { timeout: 20_000, interval: 50 };

let broker: Mosquitto;
let nodeRed: NodeRed;
let monitor: Spoken;
let web: WebDouble;
let mail: MailDouble;

beforeAll(async () => {
  [broker, nodeRed] = await Promise.all([startMosquitto(), startNodeRed()]);
  monitor = new Spoken(broker.url);
  web = new WebDouble();
  mail = new MailDouble();
  await Promise.all([monitor.start(), web.start(), mail.start()]);
}, 120_000);

afterAll(async () => {
  await Promise.all([monitor.stop(), web.stop(), mail.stop(), nodeRed.stop()]);
  await broker.stop();
});

/** An example with the broker of this test; what a user would fill in is given by the nodes' ids. */
async function example(name: string, filledIn: Readonly<Record<string, object>> = {}): Promise<FlowNode[]> {
  const nodes = JSON.parse(await readFile(join(EXAMPLES, `${name}.json`), 'utf8')) as FlowNode[];
  return nodes.map((node) => {
    const ours: object =
      node.type === 'guaita-broker' ? { url: broker.url } : node.type === 'mqtt-broker' ? { port: broker.port } : {};
    return { ...node, ...ours, ...filledIn[node.id] };
  });
}

/** Sets some of a flow's environment variables. */
function environment(flows: readonly FlowNode[], values: Readonly<Record<string, string>>): FlowNode[] {
  return flows.map((node) => {
    if (node.type !== 'tab') return node;
    const env = node['env'] as { name: string; value: string; type: string }[];
    return { ...node, env: env.map((each) => ({ ...each, value: values[each.name] ?? each.value })) };
  });
}

/** Waits until all nodes that show a connection are connected. */
async function connected(...nodes: string[]): Promise<void> {
  await vi.waitFor(() => {
    for (const node of nodes)
      expect(nodeRed.dots.get(node)?.fill, `${node}: ${JSON.stringify(nodeRed.dots.get(node))}`).toBe('green');
  }, PATIENCE);
}

it('offers the examples where the editor imports them from', async () => {
  const folder = '/library/examples/flows/@guaita/node-red';
  const listed = JSON.parse(await nodeRed.get(`${folder}/`)) as { fn: string }[];
  const files = await readdir(EXAMPLES);
  expect(listed.map(({ fn }) => `${fn}.json`).sort()).toEqual(files.sort());
  const text = await nodeRed.get(`${folder}/status-page`);
  expect(JSON.parse(text)).toEqual(JSON.parse(await readFile(join(EXAMPLES, 'status-page.json'), 'utf8')));
}, 60_000);

describe('the example', () => {
  it('alert-to-email sends a mail for each alert', async () => {
    const server = { server: '127.0.0.1', port: String(mail.port), secure: false, authtype: 'NONE' };
    await nodeRed.deploy(await example('alert-to-email', { 'guaita-mail-04': server }));
    await connected('guaita-mail-02');
    monitor.alert(alertOn('attic-ap', { severity: 'info' }));
    monitor.alert(alertOn('gateway'));
    await vi.waitFor(() => expect(mail.mails).toHaveLength(1), PATIENCE);
    expect(mail.mails[0]).toContain('Subject: critical: gateway');
    expect(mail.mails[0]).toContain('To: you@example.org');
    expect(mail.mails[0]).toContain('pi-1: down');
  }, 60_000);

  it('alert-to-ntfy pushes each alert and its end', async () => {
    const flows = environment(await example('alert-to-ntfy'), { NTFY_SERVER: web.url, NTFY_TOPIC: 'lookout' });
    await nodeRed.deploy(flows);
    await connected('guaita-ntfy-02');
    web.asked.length = 0;
    monitor.alert(alertOn('gateway'));
    monitor.alert(alertOn('gateway', { resolves: true, text: 'gateway is up again' }));
    await vi.waitFor(() => expect(web.asked).toHaveLength(2), PATIENCE);
    const [begun, over] = web.asked.map(({ body }) => JSON.parse(body));
    expect(begun).toMatchObject({ topic: 'lookout', title: 'gateway', priority: 5, tags: ['rotating_light', 'down'] });
    expect(over).toMatchObject({ title: 'gateway: over', message: 'gateway is up again', priority: 3 });
  }, 60_000);

  it('alert-to-telegram calls the webhook with the token that Node-RED keeps', async () => {
    const flows = environment(await example('alert-to-telegram'), { TELEGRAM_API: web.url, TELEGRAM_CHAT: '42' });
    await nodeRed.deploy(flows, { 'guaita-tele': { TELEGRAM_TOKEN: '7:secret' } });
    await connected('guaita-tele-02');
    web.asked.length = 0;
    monitor.alert(alertOn('gateway'));
    await vi.waitFor(() => expect(web.asked).toHaveLength(1), PATIENCE);
    expect(web.asked[0]).toMatchObject({ method: 'POST', path: '/bot7:secret/sendMessage' });
    expect(JSON.parse(web.asked[0]!.body)).toEqual({
      ...{ chat_id: '42', disable_notification: false },
      text: '🔴 gateway is down: “no reply” says pi-1',
    });
  }, 60_000);

  it('status-page shows every device, the worst first', async () => {
    monitor.device('gateway', 'up');
    monitor.device('attic-ap', 'down', { name: 'Attic <AP>' });
    await nodeRed.deploy(await example('status-page'));
    await connected('guaita-page-03');
    const page = await vi.waitFor(async () => {
      const text = await nodeRed.get('/guaita', 'text/html');
      expect(text).toContain('1 of 2 up');
      return text;
    }, PATIENCE);
    expect(page.indexOf('Attic &lt;AP&gt;')).toBeGreaterThan(0);
    expect(page.indexOf('Attic &lt;AP&gt;')).toBeLessThan(page.indexOf('GATEWAY'));
    expect(page).toContain('it is down');
    expect(page).not.toContain('The broker is not reached');
  }, 60_000);

  it('silence-by-calendar silences what is worked on now, once', async () => {
    const given = await monitor.answer(() => ({ ok: true, monitor: 'pi-1' }));
    const stamp = (hours: number): string =>
      new Date(Date.now() + hours * 3_600_000).toISOString().replace(/[-:]|\.\d+/g, '');
    const until = stamp(1);
    const event = (uid: string, from: string, to: string): string[] => {
      const place = ['LOCATION:gateway\\, Attic-AP', 'CATEGORIES:wifi', 'SUMMARY:New antenna'];
      return ['BEGIN:VEVENT', `UID:${uid}`, `DTSTART:${from}`, `DTEND:${to}`, ...place, 'END:VEVENT'];
    };
    const past = event('past@example.org', stamp(-3), stamp(-2));
    web.answer = ['BEGIN:VCALENDAR', ...past, ...event('Now@example.org', stamp(-1), until), 'END:VCALENDAR'].join(
      '\r\n',
    );
    await nodeRed.deploy(
      environment(await example('silence-by-calendar'), { CALENDAR_URL: `${web.url}/maintenance.ics` }),
    );
    await connected('guaita-cal-06');
    await vi.waitFor(() => expect(nodeRed.debug.get('guaita-cal-07')).toHaveLength(1), PATIENCE);
    expect(given).toEqual([
      [
        'silence/add',
        {
          ...{ silence: 'calendar-now-example.org', by: 'the maintenance calendar', why: 'New antenna' },
          ...{ devices: ['gateway', 'attic-ap'], tags: ['wifi'] },
          until: until.replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6.000Z'),
        },
      ],
    ]);
    const before = web.asked.length;
    await nodeRed.press('guaita-cal-02');
    await vi.waitFor(() => expect(web.asked.length).toBeGreaterThan(before), PATIENCE);
    await nodeRed.press('guaita-cal-02');
    await vi.waitFor(() => expect(web.asked.length).toBeGreaterThan(before + 1), PATIENCE);
    expect(given).toHaveLength(1);
  }, 60_000);

  it('stock-mqtt-nodes does without our nodes', async () => {
    const given = await monitor.answer((verb) => (verb === 'devices/add' ? { ok: true, monitor: 'pi-1' } : undefined));
    const announced: string[] = [];
    await monitor.wire.bus.subscribe('home/announcements', ({ payload }) =>
      announced.push(new TextDecoder().decode(payload)),
    );
    monitor.device('gateway', 'up');
    const flows = await example('stock-mqtt-nodes');
    expect(flows.map(({ type }) => type).filter((type) => type.startsWith('guaita'))).toEqual([]);
    await nodeRed.deploy(flows);
    await connected('guaita-mqtt-02', 'guaita-mqtt-06', 'guaita-mqtt-11');
    await vi.waitFor(() => expect(nodeRed.debug.get('guaita-mqtt-08')).toBeUndefined(), PATIENCE);
    monitor.device('gateway', 'down');
    monitor.alert(alertOn('gateway'));
    monitor.alert(alertOn('gateway', { resolves: true, text: 'gateway is up again' }));
    await nodeRed.press('guaita-mqtt-09');
    await vi.waitFor(() => expect(announced).toHaveLength(2), PATIENCE);
    expect(announced).toEqual(['gateway is down: “no reply” says pi-1', 'Over: gateway is up again']);
    await vi.waitFor(() => expect(nodeRed.debug.get('guaita-mqtt-08')).toEqual(['down']), PATIENCE);
    await vi.waitFor(
      () => expect(nodeRed.debug.get('guaita-mqtt-12')).toEqual([{ ok: true, monitor: 'pi-1' }]),
      PATIENCE,
    );
    expect(given).toEqual([['devices/add', { devices: [{ device: 'attic-ap', addresses: ['192.168.1.20'] }] }]]);
  }, 60_000);
});
