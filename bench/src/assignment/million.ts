// Plans 1,000,000 devices on 200 monitors once, as a process just started, and prints how long it took and the most
// memory that the process had, the devices themselves among it.
import { plan } from '@guaita/assignment';
import { MONITORS_PER_DEVICE, someDevices, someMonitors } from './cluster.ts';

export interface MillionFigures {
  readonly plan_ms: number;
  /** Of all threads: the collector's too. On a busy machine this says more. */
  readonly cpu_ms: number;
  readonly peak_bytes: number;
}

const DEVICES = 1_000_000;
const devices = someDevices(DEVICES);
const monitors = someMonitors(200, DEVICES);
const cpu = process.cpuUsage();
const start = performance.now();
const result = plan(devices, monitors, {
  monitors_per_device: MONITORS_PER_DEVICE,
  snmp_per_device: 1,
  mode: 'spread',
});
const plan_ms = performance.now() - start;
const { user, system } = process.cpuUsage(cpu);
if (result.size !== DEVICES) throw new Error(`only ${result.size} of ${DEVICES} devices are planned`);
const figures: MillionFigures = {
  plan_ms,
  cpu_ms: (user + system) / 1000,
  peak_bytes: process.resourceUsage().maxRSS * 1024,
};
process.stdout.write(`${JSON.stringify(figures)}\n`);
