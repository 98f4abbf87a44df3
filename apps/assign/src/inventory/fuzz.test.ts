import { readFileSync } from 'node:fs';
import { Device } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem, hasErrors, readInventory, type Format } from './index.ts';

/** In all at least 100,000 cases: formats × (random bytes, random pieces, mutated files). */
const RUNS = 9_000;
/** A slow machine that is shared may take long; nothing here is measured. */
const PATIENCE_ms = 300_000;

const example = (name: string): Buffer => readFileSync(new URL(`../../../../examples/${name}`, import.meta.url));
const SEEDS: Readonly<Record<Format, readonly Buffer[]>> = {
  yaml: [
    example('devices.yaml'),
    Buffer.from(
      'defaults: {ping: {interval_s: 5}}\ndevices:\n  - {id: a, address: 10.0.0.1, parents: [b]}\n  - &x {name: b, address: "::1", snmp: home}\n',
    ),
  ],
  csv: [example('devices.csv')],
  file_sd: [example('file_sd.json'), example('file_sd.yaml')],
  cnml: [example('guifi.cnml')],
};

/** What each format is made of, so that random texts get beyond the first line. */
const PIECES = [
  ...[
    'devices:',
    'defaults:',
    '\n',
    '\n  ',
    '- ',
    '  - ',
    'name: ',
    'address: ',
    '10.0.0.1',
    'ping: ',
    'snmp: ',
    'parents: ',
  ],
  ...[
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    ',',
    ';',
    '|',
    '&a ',
    '*a',
    '!!str ',
    '<<: ',
    '? ',
    '---\n',
    '#',
    '\t',
    'name',
    'address',
  ],
  ...[
    'targets',
    'labels',
    '__guaita_id',
    ':',
    'true',
    'null',
    '1e999',
    '.nan',
    '__proto__',
    'constructor',
    'toString',
    '-1',
  ],
  ...[
    '<cnml>',
    '</cnml>',
    '<node status="Working">',
    '<device id="1" status="Working"',
    ' mainipv4="1.1.1.1"',
    '/>',
    '<![CDATA[',
    '&lt;',
    '&x;',
    '<!DOCTYPE a [',
  ],
];

const local = {
  monitor: 'm',
  hostName: 'h',
  addresses: ['10.9.9.9'],
  gateways: ['10.9.9.1'],
  resolvers: ['10.9.9.2', '10.9.9.3'],
};

/** Either devices that keep to the schema, with ids of their own and parents among them, or mistakes: nothing between. */
function holds(content: string | Uint8Array, format: Format): void {
  const { devices, problems } = readInventory([{ file: 'f', content, format }], local);
  for (const problem of problems) {
    expect(problem.message).not.toBe('');
    expect(formatProblem(problem)).not.toContain('\n');
  }
  if (hasErrors(problems)) expect(devices).toEqual([]);
  const ids = new Set(devices.map(({ device }) => device.device));
  expect(ids.size).toBe(devices.length);
  for (const { device } of devices) {
    expect(Device.parse(device)).toEqual(device);
    for (const parent of device.parents) expect(ids).toContain(parent);
  }
}

/** A valid file with pieces taken out, doubled, moved or overwritten. */
function mutated(seeds: readonly Buffer[]): fc.Arbitrary<Uint8Array> {
  const edit = fc.record({
    at: fc.nat(),
    length: fc.nat({ max: 30 }),
    insert: fc.oneof(
      fc.constantFrom(...PIECES).map((piece) => Buffer.from(piece)),
      fc.uint8Array({ maxLength: 3 }),
    ),
  });
  return fc.tuple(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 4 })).map(([seed, edits]) =>
    edits.reduce<Uint8Array>((bytes, { at, length, insert }) => {
      const from = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + length)]);
    }, seed),
  );
}

describe.each(Object.keys(SEEDS) as Format[])('%s', (format) => {
  it(
    'takes random bytes without a crash and without accepting them silently',
    () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => holds(bytes, format)),
        { numRuns: RUNS },
      );
    },
    PATIENCE_ms,
  );

  it(
    'takes random pieces of all formats so',
    () => {
      const pieces = fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 4 })), { maxLength: 25 });
      fc.assert(
        fc.property(pieces, (parts) => holds(parts.join(''), format)),
        { numRuns: RUNS },
      );
    },
    PATIENCE_ms,
  );

  it(
    'takes valid files with some of their text changed so',
    () => {
      fc.assert(
        fc.property(mutated(SEEDS[format]), (bytes) => holds(bytes, format)),
        { numRuns: RUNS },
      );
    },
    PATIENCE_ms,
  );
});
