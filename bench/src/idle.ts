import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { end, startMosquitto, TcpProxy, tied } from '@guaita/lab';
import { PING_DEFAULTS, Policy } from '@guaita/model';
import { serviceAsInImage } from './as-in-image.ts';
import { Meter, type Used } from './idle/meter.ts';
import { SELF, type Play, type Told } from './idle/play.ts';
import type { BenchOptions } from './main.ts';
import type { BenchResult, Row } from './report.ts';
import { connectDataCentres } from './takeover/data-centres.ts';

const DEVICES = 35_000;
const MONITORS = 60;
/** Homes and racks of three hosts each. */
const MONITORS_PER_SITE = 3;
const CAPACITY = 100_000;
/** A beat to AntidoteDB comes once a minute: whole minutes are measured. */
const MEASURE_S = 120;
/**
 * What the start has stirred up has come to rest by then: AntidoteDB is polled faster for 30 s after news, and V8 collects
 * what the start left behind in one go after about a minute …
 */
const REST_S = 90;
/** … and the whole inventory is written to it, which is over when less than this goes to and fro in a while. */
const QUIET = { s: 20, Bps: 10_000, limit_s: 300 } as const;
const SETTLE_LIMIT_S = 300;
/** Half of all. */
const DEAD = MONITORS / 2;
const DAY_S = 86_400;

/** What is promised of an idle monitor. */
const GOAL = { cpu_share: 0.02, antidote_Bps: 2_000, log_bytes_a_day: 120e6 } as const;

/**
 * What one monitor of 60 costs while nothing changes: one real assign process at a real broker, and where it is given a
 * real AntidoteDB; a feeder plays the 59 others. Then half of them die, and it plans anew.
 */
export async function benchIdle(options: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-idle-'));
  const broker = await startMosquitto({ config: 'allow_anonymous true\nmax_queued_messages 0' });
  const server = options.antidote[0];
  const proxy = server === undefined ? undefined : proxyTo(server);
  const running: ChildProcess[] = [];
  try {
    await proxy?.start();
    if (options.antidote.length > 0) await connectDataCentres(options.antidote);
    const devices = Array.from({ length: options.devices ?? DEVICES }, (_, index) => `device-${index}`);
    const others = startOthers(broker.url, devices, server);
    running.push(others.child);
    options.progress(`${MONITORS - 1} monitors are played, ${devices.length} devices`);
    await others.until(({ ready }) => ready, 'the others');
    const assign = await startAssign(folder, broker.url, devices, proxy);
    running.push(assign);
    await others.until(({ settled }) => settled, `the ${SELF} monitor’s claims`);
    options.progress(`it has settled on ${others.told?.claims} claims; ${REST_S} s to rest, ${MEASURE_S} s measured`);
    const meter = new Meter(assign.pid!, proxy, options.antidoteData);
    await untilQuiet(meter, options.progress);
    await sleep(REST_S * 1000);
    const idle = await meter.over(() => sleep(MEASURE_S * 1000));

    options.progress(`${DEAD} of the ${MONITORS} die`);
    const bucketsBefore = others.told?.bucketBytes ?? 0;
    const again = await meter.over(async () => {
      others.child.stdin!.write(`die ${DEAD}\n`);
      await others.until(({ settled }) => !settled, 'the deaths');
      await others.until(({ settled }) => settled, 'the claims of the new plan');
      // What is written to AntidoteDB comes half a second later.
      await sleep(2000);
    });
    const bucketBytes = (others.told?.bucketBytes ?? 0) - bucketsBefore;
    options.progress(`it has settled on ${others.told?.claims} claims`);
    const { claims = 0, pause_ms = 0 } = others.told ?? {};
    return report(idle, again, { bucketBytes, claims, pause_ms });
  } finally {
    for (const child of running) await end(child);
    await proxy?.stop();
    await broker.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits until hardly anything goes to and from AntidoteDB any more. What goes on for ever will be seen in the figures. */
async function untilQuiet(meter: Meter, progress: (line: string) => void): Promise<void> {
  for (let waited_s = 0; waited_s < QUIET.limit_s; waited_s += QUIET.s) {
    const { antidote, time_s } = await meter.over(() => sleep(QUIET.s * 1000));
    if (antidote === undefined) return;
    const Bps = (antidote.sent + antidote.received) / time_s;
    if (Bps < QUIET.Bps) return;
    progress(`${Math.round(Bps / 1000)} KB/s still go to and from AntidoteDB`);
  }
}

/** The process that plays the other monitors. */
interface Others {
  readonly child: ChildProcess;
  readonly told: Told | undefined;
  until(reached: (told: Told) => boolean, what: string): Promise<void>;
}

function startOthers(broker: string, devices: readonly string[], antidote: string | undefined): Others {
  const play: Play = {
    ...{ broker, self: SELF, devices, antidote },
    capacity: CAPACITY,
    policy: Policy.parse({}),
    interval_s: PING_DEFAULTS.interval_s,
    others: Array.from({ length: MONITORS - 1 }, (_, index) => ({
      monitor: `other-${index + 1}`,
      site: `site-${Math.floor((index + 1) / MONITORS_PER_SITE)}`,
    })),
  };
  const script = new URL('./idle/others.ts', import.meta.url).pathname;
  const child = tied(spawn(process.execPath, [script], { stdio: ['pipe', 'pipe', 'inherit'] }));
  child.stdin.write(`${JSON.stringify(play)}\n`);
  let told: Told | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    told = JSON.parse(line) as Told;
  });
  return {
    child,
    get told() {
      return told;
    },
    async until(reached, what) {
      const deadline = performance.now() + SETTLE_LIMIT_S * 1000;
      while (told === undefined || !reached(told)) {
        if (child.exitCode !== null) throw new Error('the process that plays the others has ended');
        if (performance.now() > deadline) throw new Error(`${what}: not there yet: ${JSON.stringify(told)}`);
        await sleep(100);
      }
    },
  };
}

async function startAssign(
  folder: string,
  broker: string,
  devices: readonly string[],
  proxy: TcpProxy | undefined,
): Promise<ChildProcess> {
  const program = await serviceAsInImage('assign');
  const inventory = join(folder, 'devices.csv');
  await writeFile(inventory, `name,address\n${devices.map((device) => `${device},127.0.0.1\n`).join('')}`);
  const config = join(folder, 'guaita.yaml');
  const addresses = proxy === undefined ? '' : `127.0.0.1:${proxy.port}`;
  await writeFile(
    config,
    `site: site-0\nassign: { devices: ${inventory}, capacity: ${CAPACITY}, antidote: { addresses: [${addresses}] } }\n`,
  );
  const common = ['--config', config, '--broker', broker, '--monitor', SELF, '--data', folder, '--http-port', '0'];
  return tied(
    spawn(process.execPath, [...program, ...common], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, GUAITA_LOG_LEVEL: 'warn' },
    }),
  );
}

function proxyTo(server: string): TcpProxy {
  const [host = '', port = ''] = server.split(':');
  return new TcpProxy(Number(port), host);
}

function report(
  idle: Used,
  again: Used,
  { bucketBytes, claims, pause_ms }: Pick<Told, 'bucketBytes' | 'claims' | 'pause_ms'>,
): BenchResult {
  const subject = `one of ${MONITORS}, idle`;
  const cpu_share = idle.cpu_s / idle.time_s;
  const rows: Row[] = [
    { subject, metric: 'CPU', value: cpu_share * 100, unit: '% of a core' },
    { subject, metric: 'memory', value: idle.memory.now_bytes / 1e6, unit: 'MB' },
  ];
  const ratios: Record<string, number> = { idle_cpu_over_goal: cpu_share / GOAL.cpu_share };
  if (idle.antidote !== undefined) {
    const { sent, received } = idle.antidote;
    const Bps = (sent + received) / idle.time_s;
    rows.push({ subject, metric: 'to and from AntidoteDB', value: Bps / 1000, unit: 'KB/s' });
    ratios['idle_antidote_bytes_over_goal'] = Bps / GOAL.antidote_Bps;
  }
  if (idle.log_bytes !== undefined) {
    const perDay = (idle.log_bytes / idle.time_s) * DAY_S;
    rows.push({ subject, metric: 'AntidoteDB’s log, of the whole mesh', value: perDay / 1e6, unit: 'MB/day' });
    ratios['idle_log_over_goal'] = perDay / GOAL.log_bytes_a_day;
  }
  const replan = `${DEAD} of ${MONITORS} die`;
  rows.push(
    { subject: replan, metric: 'claims then', value: claims, unit: 'claims' },
    { subject: replan, metric: 'until settled, patience and handover in it', value: again.time_s, unit: 's' },
    { subject: replan, metric: 'longest pause between its beats', value: pause_ms / 1000, unit: 's' },
    { subject: replan, metric: 'CPU in that time', value: again.cpu_s, unit: 's' },
    { subject: replan, metric: 'memory at most', value: again.memory.peak_bytes / 1e6, unit: 'MB' },
    { subject: replan, metric: 'buckets said over MQTT', value: bucketBytes / 1e3, unit: 'KB' },
  );
  if (again.antidote !== undefined) {
    rows.push(
      { subject: replan, metric: 'written to AntidoteDB', value: again.antidote.sent / 1e3, unit: 'KB' },
      { subject: replan, metric: 'read from AntidoteDB', value: again.antidote.received / 1e3, unit: 'KB' },
    );
  }
  if (again.log_bytes !== undefined) {
    rows.push({
      subject: replan,
      metric: 'AntidoteDB’s log, of the whole mesh',
      value: again.log_bytes / 1e6,
      unit: 'MB',
    });
  }
  return { rows, ratios };
}
