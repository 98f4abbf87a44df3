import { Device } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatProblem, hasErrors, readInventory, writeDevicesYaml } from '../index.ts';
import { importOf, mistakesOf, sample } from './imported.testdata.ts';
import { ORIGINS, type Origin } from './index.ts';

const SAMPLES: readonly (readonly [string, Origin])[] = [
  ['uptime-kuma.json', 'uptime-kuma'],
  ['librenms.json', 'librenms'],
  ['zabbix.yaml', 'zabbix'],
  ['zabbix.xml', 'zabbix'],
  ['smokeping/config.d/Targets', 'smokeping'],
];

function kuma(...monitors: readonly object[]): string {
  const full = monitors.map((more, id) => ({ id, type: 'ping', hostname: `192.0.2.${id + 1}`, ...more }));
  return JSON.stringify({ monitorList: full });
}

describe('a file', () => {
  it.each(SAMPLES)('%s is known by its contents, or taken for what it is said to be', (name, origin) => {
    expect(importOf(sample(name)).from).toBe(origin);
    expect(importOf(sample(name), { from: origin })).toEqual(importOf(sample(name)));
  });

  it.each(SAMPLES)('%s keeps its secrets to itself', (name) => {
    expect(JSON.stringify(importOf(sample(name)))).not.toContain('hush');
  });

  it.each([
    [
      'of another tool',
      '{"monitorList":[]}',
      'zabbix',
      'export: is nothing of Zabbix: it holds no "zabbix_export"; give hosts that Zabbix exported',
    ],
    [
      'of no tool',
      'root:x:0:0',
      undefined,
      'export: is nothing that Uptime Kuma, LibreNMS, Zabbix or SmokePing exports; name the tool with --from to hear what is missing',
    ],
    [
      'that is empty',
      '',
      undefined,
      'export: is nothing that Uptime Kuma, LibreNMS, Zabbix or SmokePing exports; name the tool with --from to hear what is missing',
    ],
    [
      'that holds nothing',
      '{"monitorList":[]}',
      undefined,
      'export: holds nothing to carry over; is it the right file, and all of it?',
    ],
    [
      'that is an inventory already',
      'devices:\n  - { name: a, address: a }\n',
      undefined,
      'export: is an inventory that is read as it is: "guaita up --devices FILE", or "guaita devices add --from FILE"',
    ],
    [
      'of Prometheus',
      '[{"targets":["a:9100"]}]',
      undefined,
      'export: is an inventory that is read as it is: "guaita up --devices FILE", or "guaita devices add --from FILE"',
    ],
    [
      'of Guifi.net',
      '<cnml><network/></cnml>',
      undefined,
      'export: is an inventory that is read as it is: "guaita up --devices FILE", or "guaita devices add --from FILE"',
    ],
    [
      'torn in JSON',
      '{"monitorList": [\n{"id": 1,\n',
      undefined,
      'export:3: is not JSON: unexpected end of the stream within a flow collection; correct it',
    ],
    [
      'torn in YAML',
      'zabbix_export:\n  hosts:\n    - host: "a\n',
      undefined,
      'export:4: is not YAML: deficient indentation; correct it',
    ],
    ['torn in XML', '<zabbix_export>\n<hosts>\n', undefined, 'export:3: is not XML: unclosed tag: hosts; correct it'],
    [
      'of other XML',
      '<rss>\n<a>1</a><a>2</a></rss>',
      undefined,
      'export: is nothing that Uptime Kuma, LibreNMS, Zabbix or SmokePing exports; name the tool with --from to hear what is missing',
    ],
    [
      'of entities that grow',
      '<!DOCTYPE a [<!ENTITY b "bbbb">]>\n<zabbix_export>&b;</zabbix_export>',
      undefined,
      'export:2: is not XML: undefined entity; correct it',
    ],
    [
      'of aliases that grow',
      'zabbix_export:\n  a: &a [x]\n  hosts: [*a, *a]\n',
      undefined,
      'export:3: has the alias *a, which no export has; export it again',
    ],
    [
      'nested too deep',
      `<zabbix_export>${'<a>'.repeat(200)}${'</a>'.repeat(200)}</zabbix_export>`,
      undefined,
      'export:1: is nested deeper than 100 elements; export it again',
    ],
    ['of binary data', 'PK\x03\x04\0', undefined, 'export:1: holds binary data; give a text file'],
  ] as const)('%s is refused with the place, the cause and the mend', (_, text, from, message) => {
    expect(mistakesOf(importOf(text, { from }))).toContain(message);
  });

  it('above 100 MB is refused unread', () => {
    expect(mistakesOf(importOf(Buffer.alloc(101 * 1024 * 1024)))).toEqual([
      'export: is 101 MB large; at most 100 MB are read: split it',
    ]);
  });
});

describe('a device', () => {
  it('whose name makes the id of another gets a number, and that is said', () => {
    const { devices, problems } = importOf(
      kuma({ name: 'AP 1' }, { name: 'ap-1' }, { name: 'Ap 1' }, { name: 'ap-1-2' }),
    );
    expect(devices.map(({ device }) => device.device)).toEqual(['ap-1', 'ap-1-2', 'ap-1-3', 'ap-1-2-2']);
    expect(problems.map(formatProblem)).toEqual([
      'export:1 monitorList[1]: note: "ap-1" makes the id "ap-1", which is given already; it becomes "ap-1-2": rename one of them',
      'export:1 monitorList[2]: note: "Ap 1" makes the id "ap-1", which is given already; it becomes "ap-1-3": rename one of them',
      'export:1 monitorList[3]: note: "ap-1-2" makes the id "ap-1-2", which is given already; it becomes "ap-1-2-2": rename one of them',
    ]);
  });

  it('with a long name keeps to the length of ids, also with a number', () => {
    const name = 'x'.repeat(63);
    const { devices } = importOf(kuma({ name }, { name }));
    expect(devices.map(({ device }) => device.device)).toEqual([name, `${'x'.repeat(61)}-2`]);
  });

  it('without a name, or with one of which no id can be made, is named after its address', () => {
    const { devices } = importOf(kuma({ name: '' }, { name: '¿?' }));
    expect(devices.map(({ device }) => [device.device, device.name])).toEqual([
      ['192.0.2.1', '192.0.2.1'],
      ['192.0.2.2', '¿?'],
    ]);
  });

  it('with a hostile name loses what takes over terminals and lines, and that is said', () => {
    const { devices, problems } = importOf(kuma({ name: 'a\u001b[2J\u202e\nb' }));
    expect(devices[0]?.device.name).toBe('a [2J b');
    expect(problems.map(({ message }) => message)).toEqual([
      '"a\\u001b[2J\\u{202e}\\nb" cannot be a name; it becomes "a [2J b"',
    ]);
    const left = importOf(kuma({ name: 'x\u001b]0;y\u0007', type: 'evil\u001b[2J' })).leftOut;
    expect(left).toMatchObject([{ kind: 'evil [2J monitor', name: 'x ]0;y' }]);
  });

  it('with the address of another is carried over, with a warning', () => {
    const { devices, problems } = importOf(
      kuma({ name: 'a', hostname: '192.0.2.7' }, { name: 'b', hostname: '192.0.2.7' }),
    );
    expect(devices).toHaveLength(2);
    expect(problems.map(formatProblem)).toEqual([
      'export:1 monitorList[1]: warning: "192.0.2.7" is an address of monitorList[0] too',
    ]);
  });

  it.each([
    ['10.0.0', '"10.0.0" is not an IP address or host name; correct it there'],
    ['', 'has no address, so that nothing of it can be watched here'],
    ['127.0.0.1', '"127.0.0.1" means each monitor itself here; give its address in the network'],
    ['::1', '"::1" means each monitor itself here; give its address in the network'],
  ])('at %j is left out', (hostname, reason) => {
    const { devices, leftOut } = importOf(kuma({ name: 'a', hostname }));
    expect(devices).toEqual([]);
    expect(leftOut).toEqual([{ kind: 'ping monitor', name: 'a', count: 1, file: 'export', line: 1, reason }]);
  });
});

/** A slow machine that is shared may take long; nothing here is measured. */
const PATIENCE_ms = 300_000;

/** Either devices that read back from the inventory that is written, or mistakes: nothing between. */
function holds(content: Uint8Array, from: Origin | undefined): void {
  const imported = importOf(content, { from });
  const devices = imported.devices.map(({ device }) => device);
  for (const problem of imported.problems) expect(formatProblem(problem)).not.toMatch(/\n/);
  if (hasErrors(imported.problems)) expect([devices, imported.leftOut]).toEqual([[], []]);
  for (const device of devices) expect(Device.parse(device)).toEqual(device);
  const again = readInventory([{ file: 'devices.yaml', content: writeDevicesYaml(devices) }]);
  expect(again.devices.map(({ device }) => device)).toEqual(devices);
}

describe.each([undefined, ...ORIGINS])('as %s', (from) => {
  it(
    'files with some of their text changed are carried over or refused, and never crash',
    () => {
      const edit = fc.record({
        at: fc.nat(),
        length: fc.nat({ max: 30 }),
        insert: fc.oneof(
          fc.constantFrom(
            '"',
            '{',
            '}',
            '[',
            ']',
            '\n',
            '- ',
            '+ ',
            '*** ',
            '<host>',
            '</host>',
            '&a;',
            '1',
            'null',
            '\0',
            '__proto__',
          ),
          fc.string({ maxLength: 3, unit: 'binary' }),
        ),
      });
      const changed = fc
        .tuple(fc.constantFrom(...SAMPLES), fc.array(edit, { minLength: 1, maxLength: 4 }))
        .map(([[name], edits]) =>
          edits.reduce<Uint8Array>((bytes, { at, length, insert }) => {
            const begin = at % (bytes.length + 1);
            return Buffer.concat([bytes.subarray(0, begin), Buffer.from(insert), bytes.subarray(begin + length)]);
          }, sample(name)),
        );
      fc.assert(
        fc.property(changed, (bytes) => holds(bytes, from)),
        { numRuns: 1_500 },
      );
    },
    PATIENCE_ms,
  );
});
