import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MailDouble, WebDouble } from './doubles.ts';
import { startNodeRed, type FlowNode, type NodeRed } from './node-red.ts';
import { alertOn, Spoken } from './spoken.ts';

const EXAMPLES = join(import.meta.dirname, '../../../integrations/node-red/examples');

const HOUR_ms = 3_600_000;
const WEEK_ms = 7 * 24 * HOUR_ms;

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
  await eventually(() => {
    for (const node of nodes)
      expect(nodeRed.dots.get(node)?.fill, `${node}: ${JSON.stringify(nodeRed.dots.get(node))}`).toBe('green');
  });
}

/** Waits until the calendar has been read once more. */
async function readAgain(): Promise<void> {
  const before = web.asked.length;
  await nodeRed.press('guaita-cal-02');
  await eventually(() => expect(web.asked.length).toBeGreaterThan(before));
}

/** What the clocks of Madrid show: `2026-11-23T12:00:00`. */
function inMadrid(at_ms: number): string {
  return new Date(at_ms).toLocaleString('sv-SE', { timeZone: 'Europe/Madrid' }).replace(' ', 'T');
}

/** A time as calendars have it, without its zone: `20261123T120000`. */
function stamp(at_ms: number): string {
  return new Date(at_ms).toISOString().replace(/[-:]|\.\d+Z/g, '');
}

function event(uid: string, ...lines: readonly string[]): string[] {
  const words = ['LOCATION:gateway\\, Attic-AP', 'CATEGORIES:wifi', 'SUMMARY:New antenna'];
  return ['BEGIN:VEVENT', `UID:${uid}`, ...lines, ...words, 'END:VEVENT'];
}

/** A calendar that describes the time zone of Madrid by a name of its own. */
function calendar(...events: readonly (readonly string[])[]): string {
  const zone = [
    ...['BEGIN:VTIMEZONE', 'TZID:Ours', 'BEGIN:DAYLIGHT', 'TZOFFSETFROM:+0100', 'TZOFFSETTO:+0200'],
    ...['DTSTART:19700329T020000', 'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU', 'END:DAYLIGHT', 'BEGIN:STANDARD'],
    ...['TZOFFSETFROM:+0200', 'TZOFFSETTO:+0100', 'DTSTART:19701025T030000'],
    ...['RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU', 'END:STANDARD', 'END:VTIMEZONE'],
  ];
  return ['BEGIN:VCALENDAR', 'VERSION:2.0', ...zone, ...events.flat(), 'END:VCALENDAR'].join('\r\n');
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
    await eventually(() => expect(mail.mails).toHaveLength(1));
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
    await eventually(() => expect(web.asked).toHaveLength(2));
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
    await eventually(() => expect(web.asked).toHaveLength(1));
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
    const page = await eventually(async () => {
      const text = await nodeRed.get('/guaita', 'text/html');
      expect(text).toContain('1 of 2 up');
      return text;
    });
    expect(page.indexOf('Attic &lt;AP&gt;')).toBeGreaterThan(0);
    expect(page.indexOf('Attic &lt;AP&gt;')).toBeLessThan(page.indexOf('GATEWAY'));
    expect(page).toContain('it is down');
    expect(page).not.toContain('The broker is not reached');
  }, 60_000);

  it('silence-by-calendar silences what is worked on now, once, until it is no longer in the calendar', async () => {
    const given = await monitor.answer(() => ({ ok: true, monitor: 'pi-1' }));
    const begin_ms = Date.now() - HOUR_ms / 2;
    const until = new Date(Math.floor(begin_ms / 1000) * 1000 + HOUR_ms).toISOString();
    // The same time of the clock half a year ago, when that clock differed from UTC by another hour.
    const first_ms = Date.parse(`${inMadrid(begin_ms)}Z`) - 26 * WEEK_ms;
    const times = [`DTSTART;TZID=Ours:${stamp(first_ms)}`, `DTEND;TZID=Ours:${stamp(first_ms + HOUR_ms)}`];
    const today = stamp(first_ms + 26 * WEEK_ms);
    const day = inMadrid(Date.now()).slice(0, 10).replaceAll('-', '');
    const weekly = event('Now@example.org', ...times, `RRULE:FREQ=WEEKLY;UNTIL=${stamp(Date.now() + WEEK_ms)}Z`);
    const others = [
      event('over@example.org', ...times, 'RRULE:FREQ=WEEKLY;COUNT=26'),
      event('out@example.org', ...times, 'RRULE:FREQ=WEEKLY', `EXDATE;TZID=Ours:${today}`),
      event('past@example.org', `DTSTART:${stamp(begin_ms - WEEK_ms)}Z`, 'DURATION:PT1H'),
      event('day@example.org', `DTSTART;VALUE=DATE:${day}`).map((line) =>
        line.replace('gateway\\, Attic-AP', 'hall 2'),
      ),
    ];
    web.answer = calendar(weekly, ...others);
    const filledIn = { 'guaita-cal-10': { zone: 'Europe/Madrid' } };
    const url = { CALENDAR_URL: `${web.url}/maintenance.ics` };
    await nodeRed.deploy(environment(await example('silence-by-calendar', filledIn), url));
    await connected('guaita-cal-06');
    await eventually(() => expect(nodeRed.debug.get('guaita-cal-07')).toHaveLength(2));
    const said = { by: 'the maintenance calendar', why: 'New antenna', tags: ['wifi'] };
    const silence = expect.stringMatching(/^calendar-[0-9a-f]{16}$/) as string;
    expect(given).toHaveLength(2);
    expect(given).toContainEqual(['silence/add', { ...said, silence, devices: ['gateway', 'attic-ap'], until }]);
    // A day ends at midnight there. A place that is no device is none.
    const midnight = expect.stringMatching(/T2[23]:00:00\.000Z$/) as string;
    expect(given).toContainEqual(['silence/add', { ...said, silence, until: midnight }]);

    await readAgain();
    await readAgain();
    expect(given).toHaveLength(2);

    web.answer = calendar(...others);
    await readAgain();
    await eventually(() => expect(given).toHaveLength(3));
    const commands = given.map(([, command]) => command as Readonly<Record<string, unknown>>);
    const name = commands.find(({ devices }) => devices !== undefined)?.['silence'];
    expect(given[2]).toEqual(['silence/remove', { silences: [name] }]);
    // What is no calendar ends no silence.
    web.answer = '<html>Please log in</html>';
    await readAgain();
    await eventually(() => expect(nodeRed.debug.get('guaita-cal-09')).toHaveLength(1));
    expect(given).toHaveLength(3);
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
    await eventually(() => expect(nodeRed.debug.get('guaita-mqtt-08')).toBeUndefined());
    monitor.device('gateway', 'down');
    monitor.alert(alertOn('gateway'));
    monitor.alert(alertOn('gateway', { resolves: true, text: 'gateway is up again' }));
    await nodeRed.press('guaita-mqtt-09');
    await eventually(() => expect(announced).toHaveLength(2));
    expect(announced).toEqual(['gateway is down: “no reply” says pi-1', 'Over: gateway is up again']);
    await eventually(() => expect(nodeRed.debug.get('guaita-mqtt-08')).toEqual(['down']));
    await eventually(() => expect(nodeRed.debug.get('guaita-mqtt-12')).toEqual([{ ok: true, monitor: 'pi-1' }]));
    expect(given).toEqual([['devices/add', { devices: [{ device: 'attic-ap', addresses: ['192.168.1.20'] }] }]]);
  }, 60_000);
});
