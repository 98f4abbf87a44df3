/** The columns' syntaxes as snmp_exporter names them; what is left out is a gauge. */
const TYPES: Readonly<Record<string, string>> = {
  '1.3.6.1.2.1.31.1.1.1.1': 'DisplayString',
  '1.3.6.1.2.1.31.1.1.1.18': 'DisplayString',
  '1.3.6.1.2.1.1.1': 'DisplayString',
  '1.3.6.1.2.1.1.5': 'DisplayString',
  '1.3.6.1.2.1.31.1.1.1.6': 'counter',
  '1.3.6.1.2.1.31.1.1.1.8': 'counter',
  '1.3.6.1.2.1.31.1.1.1.10': 'counter',
  '1.3.6.1.2.1.31.1.1.1.12': 'counter',
};

/**
 * The configuration of snmp_exporter 0.21 for the same objects: columns walked, scalars got, no lookups of labels, so
 * that it does no more than is asked of us.
 */
export function exporterConfig(columns: readonly string[], scalars: readonly string[]): string {
  const metric = (oid: string, column: boolean): string[] => [
    `    - name: metric_${oid.replaceAll('.', '_')}`,
    `      oid: ${oid}`,
    `      type: ${TYPES[oid] ?? 'gauge'}`,
    '      help: an object of the bench',
    ...(column ? ['      indexes:', '        - labelname: ifIndex', '          type: gauge'] : []),
  ];
  return `${[
    'bench:',
    '  walk:',
    ...columns.map((oid) => `    - ${oid}`),
    '  get:',
    ...scalars.map((oid) => `    - ${oid}.0`),
    '  metrics:',
    ...scalars.flatMap((oid) => metric(oid, false)),
    ...columns.flatMap((oid) => metric(oid, true)),
    '  version: 2',
    '  auth:',
    '    community: public',
  ].join('\n')}\n`;
}
