import { describe, expect, it } from 'vitest';
import { describeMachine, formatTable } from './report.ts';

describe('a bench report', () => {
  const machine = { cpu: 'Test CPU', cores: 2, memory_bytes: 1, kernel: '6.1', system: 'Debian 12', node: 'v24.0.0' };

  it('lines up subjects, figures and ratios under the machine they were measured on', () => {
    const rows = [
      { subject: 'fping', metric: 'cpu per probe', value: 27.123456, unit: 'µs' },
      { subject: 'guaita ping', metric: 'probes', value: 10_000, unit: '' },
    ];
    expect(formatTable('ping', machine, { rows, ratios: { cpu_vs_fping: 3.2 } }).split('\n')).toEqual([
      'bench ping: Test CPU, 2 cores, Debian 12, Linux 6.1, Node v24.0.0',
      'fping        cpu per probe  27.12  µs',
      'guaita ping  probes         10000  ',
      'ratio        cpu_vs_fping   3.200  ×',
    ]);
  });

  it('names this machine', () => {
    expect(describeMachine()).toMatchObject({ node: process.version, cores: expect.any(Number) as number });
  });
});
