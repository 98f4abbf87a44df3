import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';

/** One measured figure. */
export interface Row {
  /** What was measured: `guaita ping`, `fping`, `blackbox_exporter` … */
  readonly subject: string;
  readonly metric: string;
  readonly value: number;
  readonly unit: string;
}

/** What one bench measured in one run. */
export interface BenchResult {
  readonly rows: readonly Row[];
  /** Our figure over the peer's: the numbers that hold on other machines too. */
  readonly ratios: Readonly<Record<string, number>>;
}

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_bytes: number;
  readonly kernel: string;
  readonly system: string;
  readonly node: string;
}

/** The machine this runs on, so that nobody compares figures across machines unknowingly. */
export function describeMachine(): Machine {
  const processors = cpus();
  return {
    cpu: processors[0]?.model ?? 'unknown',
    cores: processors.length,
    memory_bytes: totalmem(),
    kernel: release(),
    system: /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown',
    node: process.version,
  };
}

/** A table for people: one line a figure, ratios last. */
export function formatTable(bench: string, machine: Machine, { rows, ratios }: BenchResult): string {
  const lines = [
    ...rows.map(({ subject, metric, value, unit }) => [subject, metric, formatNumber(value), unit]),
    ...Object.entries(ratios).map(([name, value]) => ['ratio', name, formatNumber(value), '×']),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const table = lines.map(([subject = '', metric = '', value = '', unit = '']) =>
    [subject.padEnd(widths[0] ?? 0), metric.padEnd(widths[1] ?? 0), value.padStart(widths[2] ?? 0), unit].join('  '),
  );
  const { cpu, cores, system, kernel, node } = machine;
  return [`bench ${bench}: ${cpu}, ${cores} cores, ${system}, Linux ${kernel}, Node ${node}`, ...table].join('\n');
}

function formatNumber(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toPrecision(4);
}
