import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MqttBus, Wire } from '@guaita/bus';
import { end, freePort, startMosquitto, startSnmpd } from '@guaita/lab';
import { channels } from '@guaita/messages';
import { INTERFACE_COLUMNS, SYSTEM_SCALARS } from '@guaita/snmp';
import { serviceAsInImage } from './as-in-image.ts';
import type { BenchOptions } from './main.ts';
import { processCpu, processMemory } from './process-cpu.ts';
import type { BenchResult, Row } from './report.ts';
import { exporterConfig } from './snmp/exporter-module.ts';

/** Every address of 127.0.0.0/8 is this machine, so one snmpd with as many endpoints is as many agents. */
const DEVICES = 300;
const INTERVAL_S = 5;
/** The first polls, which read more, and the phases after them. */
const SETTLE_S = 2.5 * INTERVAL_S;
const MEASURE_S = 20;
/** Scrapes at the same time, as many as a Prometheus with this many targets has on average. */
const SCRAPES_AT_ONCE = 4;
const MONITOR = 'bench';
/** For either side: what it does before it has settled, the compiler's work first of all, is not measured. */
const POLLS = (DEVICES * MEASURE_S) / INTERVAL_S;

const addresses = Array.from({ length: DEVICES }, (_, index) => `127.1.${index >> 8}.${index & 255}`);

/**
 * CPU for each poll: the whole snmp service, MQTT included, beside Debian's snmp_exporter, on the same agents and the
 * same objects in one run. The agents' own CPU is not counted.
 */
export async function benchSnmp({ progress }: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-snmp-'));
  const agent = await startSnmpd({ addresses });
  try {
    progress(
      `the snmp service: ${DEVICES} devices each ${INTERVAL_S} s, ${SETTLE_S} s to settle, ${MEASURE_S} s measured`,
    );
    const service = await measureService(folder, agent.port);
    progress(`snmp_exporter: ${POLLS} scrapes to settle, ${POLLS} measured`);
    const exporter = await measureExporter(folder, agent.port);
    return {
      rows: [...service.rows, ...exporter.rows],
      ratios: { cpu_vs_snmp_exporter: service.cpu_us / exporter.cpu_us },
    };
  } finally {
    await agent.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

interface Measured {
  readonly cpu_us: number;
  readonly rows: readonly Row[];
}

async function measureService(folder: string, port: number): Promise<Measured> {
  const program = await serviceAsInImage('snmp');
  const broker = await startMosquitto();
  const config = join(folder, 'guaita.yaml');
  await writeFile(
    config,
    `snmp:\n  profiles:\n    bench: { version: "2c", community: public, allowed: [127.0.0.0/8], timeout_ms: 10000 }\n`,
  );
  const service = spawn(
    process.execPath,
    [...program, '--config', config, '--broker', broker.url, '--monitor', MONITOR, '--data', folder],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...process.env, GUAITA_LOG_LEVEL: 'warn', GUAITA_HTTP_PORT: '0' },
    },
  );
  const bus = new MqttBus({ url: broker.url, clientId: 'bench' });
  const wire = new Wire(bus, (error) => {
    throw error;
  });
  let up = 0;
  let failed = 0;
  try {
    await wire.hear(channels.snmp, { monitor: MONITOR }, ({ value }) => {
      if (value?.state === 'up') up += 1;
      else failed += 1;
    });
    await bus.start();
    for (const [index, address] of addresses.entries()) {
      const snmp = { profile: 'bench', interval_s: INTERVAL_S, port };
      const device = `device-${index}`;
      wire.say(
        channels.assigned,
        { monitor: MONITOR, device },
        { name: device, addresses: [address], checks: { snmp } },
      );
    }
    await bus.flushed();
    await sleep(SETTLE_S * 1000);
    if (service.exitCode !== null) throw new Error('the snmp service has ended');
    const before = processCpu(service.pid!).own_s;
    const upBefore = up;
    await sleep(MEASURE_S * 1000);
    const polls = up - upBefore;
    const cpu_us = ((processCpu(service.pid!).own_s - before) * 1e6) / polls;
    if (failed > 0 || polls < POLLS * 0.9) throw new Error(`${polls} of ${POLLS} polls succeeded, ${failed} failed`);
    return { cpu_us, rows: rowsOf('guaita snmp', cpu_us, polls, service.pid!) };
  } finally {
    await bus.stop();
    await end(service, 'SIGTERM');
    await broker.stop();
  }
}

async function measureExporter(folder: string, port: number): Promise<Measured> {
  const config = join(folder, 'snmp.yml');
  await writeFile(config, exporterConfig(INTERFACE_COLUMNS, SYSTEM_SCALARS));
  const httpPort = await freePort();
  const exporter = spawn(
    'prometheus-snmp-exporter',
    [`--config.file=${config}`, `--web.listen-address=127.0.0.1:${httpPort}`, '--log.level=error'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  try {
    const url = (address: string): string => `http://127.0.0.1:${httpPort}/snmp?module=bench&target=${address}:${port}`;
    await untilAnswers(`http://127.0.0.1:${httpPort}/`);
    await scrape(url, POLLS);
    const before = processCpu(exporter.pid!).own_s;
    await scrape(url, POLLS);
    const cpu_us = ((processCpu(exporter.pid!).own_s - before) * 1e6) / POLLS;
    return { cpu_us, rows: rowsOf('snmp_exporter', cpu_us, POLLS, exporter.pid!) };
  } finally {
    await end(exporter, 'SIGTERM');
  }
}

/** Scrapes the targets in turn, a few at a time. */
async function scrape(url: (address: string) => string, scrapes: number): Promise<void> {
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let turn = next++; turn < scrapes; turn = next++) {
      const response = await fetch(url(addresses[turn % addresses.length]!));
      const body = await response.text();
      // One figure of the last column: the scrape reached its end.
      if (!response.ok || !body.includes('metric_1_3_6_1_2_1_31_1_1_1_18{')) {
        throw new Error(`a scrape failed with ${response.status}: ${body.slice(0, 200)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: SCRAPES_AT_ONCE }, lane));
}

async function untilAnswers(url: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    try {
      await (await fetch(url)).text();
      return;
    } catch {
      // Not yet: nothing listens.
      await sleep(50);
    }
  }
  throw new Error(`${url} does not answer`);
}

function rowsOf(subject: string, cpu_us: number, polls: number, pid: number): Row[] {
  const memory = processMemory(pid);
  return [
    { subject, metric: 'CPU per poll', value: cpu_us, unit: 'µs' },
    { subject, metric: 'polls measured', value: polls, unit: 'polls' },
    { subject, metric: 'memory', value: memory.now_bytes / 1e6, unit: 'MB' },
    { subject, metric: 'memory at most', value: memory.peak_bytes / 1e6, unit: 'MB' },
  ];
}
