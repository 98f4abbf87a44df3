import { describe, expect, it } from 'vitest';
import { checkInventory, formatProblem } from './index.ts';

/** What is said of a text, a line each. */
function said(file: string, content: string | Uint8Array): string[] {
  const { devices, problems } = checkInventory(content, file);
  const lines = problems.map(formatProblem);
  if (problems.some(({ severity }) => severity === 'error')) expect(devices).toEqual([]);
  return lines;
}

const cases: readonly (readonly [name: string, file: string, text: string | Uint8Array, lines: readonly string[]])[] = [
  [
    'a column name that would break the line',
    'x.csv',
    '"na\nme",address\na,10.0.0.1\n',
    ['x.csv:1 ["na\\nme"]: "na\\nme" is no known column; did you mean "name"?'],
  ],
  [
    'a YAML mistake whose reason quotes what would break the line',
    'devices.yaml',
    '!<---\n>',
    ['devices.yaml:2: is not YAML: tag name cannot contain such characters: ---\\u{a}; correct it'],
  ],
  [
    'an address that is none',
    'devices.yaml',
    'devices:\n  - name: A\n    address: 10.0.0\n',
    ['devices.yaml:3 devices[0].address: "10.0.0" is not an IP address or host name'],
  ],
  [
    'one of several addresses',
    'devices.yaml',
    'devices:\n  - name: A\n    addresses:\n      - 10.0.0.1\n      - a b\n',
    ['devices.yaml:5 devices[0].addresses[1]: "a b" is not an IP address or host name'],
  ],
  [
    'a mistyped key',
    'devices.yaml',
    'devices:\n  - name: A\n    adress: 10.0.0.1\n',
    [
      'devices.yaml:2 devices[0]: has no address; give "address:" with an IP address or host name',
      'devices.yaml:3 devices[0].adress: "adress" is no known key; did you mean "address"?',
    ],
  ],
  [
    'a key at the top that does not belong there',
    'devices.yaml',
    'device: []\ndevices: []\n',
    ['devices.yaml:1 device: "device" is no known key; did you mean "devices"?'],
  ],
  [
    'a key far from all known ones',
    'devices.yaml',
    'devices:\n  - {address: 10.0.0.1, colour: red}\n',
    ['devices.yaml:2 devices[0].colour: "colour" is no known key; take it out, or look it up in docs/inventory.md'],
  ],
  [
    'settings of checks',
    'devices.yaml',
    'devices:\n  - address: 10.0.0.1\n    ping: {interval_s: 0, count: many, family: ipv5}\n    snmp: {profile: Home Net, port: 70000}\n',
    [
      'devices.yaml:3 devices[0].ping.interval_s: 0 is too small; at least 1 is needed',
      'devices.yaml:3 devices[0].ping.count: "many" is not a number; correct it',
      'devices.yaml:3 devices[0].ping.family: "ipv5" is not known here; give "any", "ipv4", "ipv6"',
      'devices.yaml:4 devices[0].snmp.profile: "Home Net" must be an id: a-z, 0-9, ".", "_" or "-", at most 63 characters',
      'devices.yaml:4 devices[0].snmp.port: 70000 is too big; at most 65535 is allowed',
    ],
  ],
  [
    'a secret where only a profile belongs',
    'devices.yaml',
    'devices:\n  - address: 10.0.0.1\n    snmp: {profile: home, community: public}\n',
    [
      'devices.yaml:3 devices[0].snmp.community: "community" is no known key; known are profile, interval_s, port, interfaces',
    ],
  ],
  [
    'placement',
    'devices.yaml',
    'defaults:\n  placement: {only_site: [attic]}\ndevices:\n  - address: 10.0.0.1\n    placement: {only_sites: Attic Room, not_tags: []}\n  - address: 10.0.0.2\n    placement: attic\n  - address: 10.0.0.3\n    placement: {only_tags: [wifi], not_tags: [wifi]}\n',
    [
      'devices.yaml:2 defaults.placement.only_site: "only_site" is no known key; known are only_sites, only_tags, not_sites, not_tags',
      'devices.yaml:5 devices[0].placement.only_sites: "Attic Room" is no site; write "attic-room"',
      'devices.yaml:5 devices[0].placement.not_tags: is empty; name a tag, or take it out',
      'devices.yaml:7 devices[1].placement: "attic" is no placement; give rules such as {only_sites: [attic]}, or false for none',
      'devices.yaml:9 devices[2].placement.not_tags: bars all that only_tags names, so that no monitor is left; take one of the two out',
    ],
  ],
  [
    'placement in columns and labels',
    'x.csv',
    'name,address,placement.only_sites,placement.only_site\na,10.0.0.1,?,attic\n',
    [
      'x.csv:1 placement.only_site: "placement.only_site" is no known column; did you mean "placement.only_sites"?',
      'x.csv:2 devices[0].placement.only_sites[0]: "?" is no site; take it out',
    ],
  ],
  [
    'SNMP without a profile',
    'devices.yaml',
    'devices:\n  - address: 10.0.0.1\n    snmp: true\n',
    [
      'devices.yaml:3 devices[0].snmp: names no profile; give "profile:" with the name of a credentials profile of the snmp service',
    ],
  ],
  [
    'wrong defaults, once for all devices',
    'devices.yaml',
    'defaults:\n  ping: {interval_s: soon}\n  parents: [nobody]\ndevices:\n  - address: 10.0.0.1\n  - address: 10.0.0.2\n',
    [
      'devices.yaml:2 defaults.ping.interval_s: "soon" is not a number; correct it',
      'devices.yaml:3 defaults.parents[0]: "nobody" is no device of this inventory; take it out, or look it up in docs/inventory.md',
    ],
  ],
  [
    'ids and tags that are none',
    'devices.yaml',
    'devices:\n  - {id: My Router, address: 10.0.0.1, tags: [Top Floor, ok]}\n  - {id: 7, address: 10.0.0.2}\n',
    [
      'devices.yaml:2 devices[0].id: "My Router" is not an id; write "my-router"',
      'devices.yaml:2 devices[0].tags[0]: "Top Floor" is not a tag; write "top-floor"',
      'devices.yaml:3 devices[1].id: 7 is not an id; write "7"',
    ],
  ],
  [
    'a name that YAML takes for a number',
    'devices.yaml',
    'devices:\n  - {name: 12, address: 10.0.0.1}\n',
    ['devices.yaml:2 devices[0].name: 12 is not text; put it in quotes'],
  ],
  [
    'a name of which nothing can stand in an id',
    'devices.yaml',
    'devices:\n  - {name: "¿?", address: 10.0.0.1}\n',
    ['devices.yaml:2 devices[0].name: nothing of "¿?" can stand in an id; give an id beside it'],
  ],
  [
    'ids given twice',
    'devices.yaml',
    'devices:\n  - {id: a, address: 10.0.0.1}\n  - {id: a, address: 10.0.0.2}\n',
    ['devices.yaml:3 devices[1].id: "a" is the id of devices[0] already; give another'],
  ],
  [
    'names given twice',
    'devices.yaml',
    'devices:\n  - {name: A, address: 10.0.0.1}\n  - {name: A, address: 10.0.0.2}\n',
    ['devices.yaml:3 devices[1].name: "A" is the name of devices[0] already; give one of them an id of its own'],
  ],
  [
    'names that make one id',
    'devices.yaml',
    'devices:\n  - {name: Café, address: 10.0.0.1}\n  - {name: cafe, address: 10.0.0.2}\n',
    [
      'devices.yaml:3 devices[1].name: "cafe" and "Café" of devices[0] make one id, "cafe"; give one of them an id of its own',
    ],
  ],
  [
    'an address of two devices, which is only a warning',
    'devices.yaml',
    'devices:\n  - {name: A, address: 10.0.0.1}\n  - {name: B, address: 10.0.0.1}\n',
    ['devices.yaml:3 devices[1].address: warning: "10.0.0.1" is an address of devices[0] too'],
  ],
  [
    'a device of which nothing is watched, which is only a warning',
    'devices.yaml',
    'devices:\n  - {name: A, address: 10.0.0.1, ping: false}\n',
    ['devices.yaml:2 devices[0]: warning: has neither ping nor snmp; nothing of it is watched'],
  ],
  [
    'a parent that is not there',
    'devices.yaml',
    'devices:\n  - {name: router, address: 10.0.0.1}\n  - {name: B, address: 10.0.0.2, parents: [ruoter]}\n',
    ['devices.yaml:3 devices[1].parents[0]: "ruoter" is no device of this inventory; did you mean "router"?'],
  ],
  [
    'a parent that two devices could be',
    'devices.yaml',
    'devices:\n  - {id: a, name: X Y, address: 10.0.0.1}\n  - {id: b, name: X Y, address: 10.0.0.2}\n  - {id: c, address: 10.0.0.3, parents: [X Y]}\n',
    [
      'devices.yaml:4 devices[2].parents[0]: "X Y" is no device of this inventory; several devices have that name: give an id',
    ],
  ],
  [
    'parents in a circle',
    'devices.yaml',
    'devices:\n  - {name: a, address: 10.0.0.1, parents: [c]}\n  - {name: b, address: 10.0.0.2, parents: [a]}\n  - {name: c, address: 10.0.0.3, parents: [b]}\n',
    ['devices.yaml:2 devices[0].parents: goes in a circle: a → c → b → a; take one of these parents out'],
  ],
  [
    'a parent of itself',
    'devices.yaml',
    'devices:\n  - {name: a, address: 10.0.0.1, parents: [a]}\n',
    ['devices.yaml:2 devices[0].parents: goes in a circle: a → a; take one of these parents out'],
  ],
  [
    'duplicate keys',
    'devices.yaml',
    'devices:\n  - name: a\n    address: 10.0.0.1\n    name: b\n',
    ['devices.yaml:4 devices[0].name: is given twice; keep one'],
  ],
  [
    'aliases of nothing, and of themselves',
    'devices.yaml',
    'devices:\n  - &a {name: a, address: *b, parents: [*a]}\n',
    [
      'devices.yaml:2 devices[0].address: no anchor &b stands before this alias; put one',
      'devices.yaml:2 devices[0].parents[0]: alias *a stands within what it names; take it out',
      'devices.yaml:2 devices[0]: has no address; give "address:" with an IP address or host name',
    ],
  ],
  [
    'tags of YAML',
    'devices.yaml',
    'devices: !!set\n  - {name: a, address: 10.0.0.1}\n',
    ['devices.yaml:2 devices: has the tag "!!set"; take it out, or put text that begins with "!" in quotes'],
  ],
  [
    'broken YAML',
    'devices.yaml',
    'devices:\n  - {name: a, address: 10.0.0.1\n',
    ['devices.yaml:3: is not YAML: deficient indentation; correct it'],
  ],
  [
    'two documents',
    'devices.yaml',
    'devices: []\n---\ndevices: []\n',
    ['devices.yaml:3: holds a second YAML document; keep one, with no "---" after its beginning'],
  ],
  [
    'an empty file',
    'devices.yaml',
    '',
    ['devices.yaml: is empty; give "devices:" and below it a list of devices, or "devices: []" to watch nothing'],
  ],
  [
    'a text that is no inventory',
    'devices.yaml',
    'hello\n',
    ['devices.yaml:1: "hello" is no inventory; give "devices:" and below it a list of devices'],
  ],
  [
    'devices that are no list',
    'devices.yaml',
    'devices: {a: 1}\n',
    [
      'devices.yaml:1 devices: a mapping is not a list; give "devices:" and below it a list of devices, or "devices: []" to watch nothing',
    ],
  ],
  [
    'a device that is no mapping',
    'devices.yaml',
    'devices:\n  - 10.0.0.1\n',
    ['devices.yaml:2 devices[0]: "10.0.0.1" is no device; give "name:" and "address:"'],
  ],
  [
    'something that cannot be found',
    'devices.yaml',
    'devices:\n  - find: printer\n  - {find: self, address: 10.0.0.1}\n',
    [
      'devices.yaml:2 devices[0].find: "printer" cannot be found; give one of self, gateway, resolvers',
      'devices.yaml:3 devices[1].find: stands beside an address; keep one of the two',
    ],
  ],
  [
    'binary junk',
    'devices.yaml',
    Uint8Array.of(100, 10, 0, 1),
    ['devices.yaml:2: holds binary data; give a text file'],
  ],
  [
    'another encoding',
    'devices.yaml',
    Uint8Array.of(97, 10, 98, 0xe9, 10),
    ['devices.yaml:2: is not UTF-8 text; save it as UTF-8'],
  ],
  ['UTF-16', 'devices.csv', Uint8Array.of(0xff, 0xfe, 97, 0), ['devices.csv: is UTF-16 text; save it as UTF-8']],
  [
    'too large a file',
    'devices.yaml',
    new Uint8Array(100 * 1024 * 1024 + 1),
    ['devices.yaml: is 100 MB large; at most 100 MB are read: split it'],
  ],
  [
    'columns of CSV',
    'devices.csv',
    'name,adress,ping.intervall_s,name\n',
    [
      'devices.csv:1 adress: "adress" is no known column; did you mean "address"?',
      'devices.csv:1 ping.intervall_s: "ping.intervall_s" is no known column; did you mean "ping.interval_s"?',
      'devices.csv:1 name: is given twice; keep one column',
    ],
  ],
  [
    'rows of CSV, with their lines',
    'devices.csv',
    'name,address,tags\r\nA,10.0.0.1,\r\n\r\n"B\r\nb",10.0.0,\r\nC,10.0.0.3\r\n',
    [
      'devices.csv:4 devices[1].address: "10.0.0" is not an IP address or host name',
      'devices.csv:6 devices[2]: has 2 fields and the first row 3; make them the same',
    ],
  ],
  [
    'an open quote',
    'devices.csv',
    'name,address\n"A,10.0.0.1\n',
    [
      'devices.csv:2: is not CSV: Quote Not Closed: the parsing is finished with an opening quote at line 2; check the quotes',
    ],
  ],
  [
    'an empty CSV',
    'devices.csv',
    '',
    ['devices.csv: is empty; give a first row of column names such as "name,address,tags"'],
  ],
  [
    'groups of file_sd',
    'sd.json',
    '[\n {"targets": ["", 5], "labels": {"n": 1, "__guaita_nme": "x"}},\n {"target": []},\n 3\n]',
    [
      'sd.json:2 [0].labels.n: 1 is not text; put it in quotes',
      'sd.json:2 [0].labels.__guaita_nme: "__guaita_nme" is no known label of ours; did you mean "__guaita_name"?',
      'sd.json:2 [0].targets[0]: "" is no target; give "host", "host:port" or a URL',
      'sd.json:2 [0].targets[1]: 5 is no target; give "host", "host:port" or a URL',
      'sd.json:3 [1].target: "target" is no known key of a group; did you mean "targets"?',
      'sd.json:3 [1].targets: is missing; give a list of addresses',
      'sd.json:4 [2]: 3 is no group; give "targets:" and "labels:"; devices go below "devices:" instead',
    ],
  ],
  [
    'labels of file_sd that cannot be',
    'sd.yaml',
    '- targets: [10.0.0.1, 10.0.0.2]\n  labels:\n    __guaita_name: x\n    __guaita_ping: maybe\n',
    [
      'sd.yaml:3 [0].labels.__guaita_name: is given to several targets; make a group of each',
      'sd.yaml:4 [0].labels.__guaita_ping: "maybe" is no setting; give true, false or settings such as {interval_s: 30}',
      'sd.yaml:4 [0].labels.__guaita_ping: "maybe" is no setting; give true, false or settings such as {interval_s: 30}',
    ],
  ],
  ['other XML', 'x.xml', '<a/>', ['x.xml:1: <a> is not CNML; give a file whose outermost element is <cnml>']],
  ['broken XML', 'x.cnml', '<cnml>\n<network>\n</cnml>', ['x.cnml:3: is not XML: unexpected close tag; correct it']],
  [
    'entities that a document declares',
    'x.cnml',
    '<!DOCTYPE cnml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>\n<cnml>&b;</cnml>',
    ['x.cnml:2: is not XML: undefined entity; correct it'],
  ],
  [
    'devices of CNML that cannot be',
    'x.cnml',
    '<cnml><network><zone id="1" title="Z"><node id="2" title="N" status="Working">\n' +
      '<device id="3" title="D" type="radio" status="Working" mainipv4="10.0.0"/>\n' +
      '<device id="3" title="E" status="Working"/>\n<device title="F" status="Working"/>\n' +
      '<device id="4" title="G" status="Working"/>\n</node></zone></network></cnml>',
    [
      'x.cnml: note: Working devices without an IPv4 address: 1, left out',
      'x.cnml:2 device[3].mainipv4: "10.0.0" is not an IP address or host name',
      'x.cnml:3 device[3].id: is given twice; keep one',
      'x.cnml:4 device.id: is missing; every device has a number',
    ],
  ],
];

describe('an inventory with mistakes gives no device, and says', () => {
  it.each(cases)('%s', (_name, file, text, lines) => {
    expect(said(file, text)).toEqual(lines);
  });
});

describe('a file full of mistakes', () => {
  it('is described up to a bound, and counted beyond', () => {
    const text = `devices:\n${'  - 1\n'.repeat(12_000)}`;
    const lines = said('devices.yaml', text);
    expect(lines).toHaveLength(10_001);
    expect(lines.at(-1)).toBe('devices.yaml: has 2000 more mistakes; mend these first');
  });

  it('is not made larger in memory by aliases of aliases', () => {
    const levels = Array.from(
      { length: 30 },
      (_, n) => `x${n + 1}: &x${n + 1} [${Array(9).fill(`*x${n}`).join(', ')}]`,
    );
    const text = `x0: &x0 [${Array(9).fill('lol').join(', ')}]\n${levels.join('\n')}\ndevices:\n  - address: *x30\n`;
    expect(said('devices.yaml', text)).toContainEqual(
      'devices.yaml:33 devices[0].address[0]: a list is not an IP address or host name',
    );
  });
});
