import { describe, expect, it } from 'vitest';
import { importOf, inventoryOf, leftOutOf, mistakesOf, sample } from './imported.testdata.ts';
import type { Included } from './smokeping-config.ts';

/** The files below the sample's folder. */
function include(name: string): Included {
  return { file: name, text: sample(`smokeping/${name}`).toString() };
}

const TARGETS = '*** Targets ***\nprobe = FPing\n';

describe('a configuration of SmokePing', () => {
  const imported = importOf(sample('smokeping/config'), { include });

  it('gives targets as its probes ping them, with the sections around them as tags', () => {
    expect(imported.from).toBe('smokeping');
    expect(inventoryOf(imported)).toEqual([
      'devices:',
      '  - name: Router',
      '    address: 192.0.2.1',
      '    tags: [home, owner-ada, location-rack-1]',
      '    ping: {interval_s: 300, count: 20}',
      '  - name: Roof access point',
      '    address: roof.example.net',
      '    tags: [home]',
      '    ping: {count: 10, size_bytes: 1000}',
      '  - name: Roof6',
      '    address: roof.example.net',
      '    tags: [home]',
      '    ping: {interval_s: 300, count: 20, family: ipv6}',
      '  - name: A friend',
      '    address: friend.example.net',
      '    tags: [far]',
      '    ping: {interval_s: 300, count: 20}',
      '  - name: Behind the friend',
      '    address: behind.example.net',
      '    tags: [far, friend]',
      '    ping: {interval_s: 300, count: 20}',
    ]);
    expect(imported.problems.map(({ file, line, message }) => [file, line, message])).toEqual([
      ['config.d/Targets', 25, '"roof.example.net" is an address of /Home/Roof too'],
    ]);
  });

  it('leaves out what is no ping, no host or this host, by the file in which it stands', () => {
    expect(leftOutOf(imported)).toEqual([
      '19 alert pattern: rough of Roof access point',
      '29 target: Local',
      '35 DNS target: Resolver',
      '38 slaves: boomer of A friend',
      '44 slaves: boomer of Behind the friend',
      '48 multihost graph: Both',
      '52 dynamic host: Wanderer',
    ]);
    expect(new Set(imported.leftOut.map(({ file }) => file))).toEqual(new Set(['config.d/Targets']));
  });

  it('may be its targets alone: probes are taken for what their names say', () => {
    const alone = importOf(sample('smokeping/config.d/Targets'));
    expect(alone.devices.map(({ device }) => device.name)).toEqual(imported.devices.map(({ device }) => device.name));
    expect(alone.devices.map(({ device }) => device.checks.ping?.interval_s)).toEqual([60, 60, 60, 60, 60]);
  });

  it('may be a part that is included among the targets', () => {
    const part = '+ Attic\nmenu = The attic\n++ Pi\nhost = pi.example.net\n';
    expect(inventoryOf(importOf(part))).toEqual([
      ...['devices:', '  - name: Pi', '    address: pi.example.net', '    tags: [attic]'],
    ]);
  });

  it('is read as SmokePing reads it: comments, lines that go on, definitions', () => {
    const text = `@define NET example.net\r\n${TARGETS}  + A # a host\r\nmenu = Long\\\r\n   name\r\nhost = a.NET # there\r\n`;
    expect(inventoryOf(importOf(text))).toEqual(['devices:', '  - name: Long name', '    address: a.example.net']);
  });

  it('includes files into the section in which they are included', () => {
    const text = `${TARGETS}+ House\n@include "rooms"\n++ Cellar\nhost = cellar.example.net\n`;
    const rooms = (): Included => ({ file: 'rooms', text: '++ Attic\nhost = attic.example.net\n' });
    const { devices } = importOf(text, { include: rooms });
    expect(devices.map(({ device, file }) => [device.device, device.tags, file])).toEqual([
      ['cellar', ['house'], 'export'],
      ['attic', ['house'], 'rooms'],
    ]);
  });

  it.each([
    [
      'a level too deep',
      `${TARGETS}++ A\nhost = a\n`,
      'export:3: ++ A stands below nothing; put a section with one "+" less before it',
    ],
    ['what cannot be included', `${TARGETS}@include x\n`, 'export:3: @include x: is not there'],
    [
      'an endless line',
      `${TARGETS}${'x'.repeat(70_000)}\n`,
      'export:3: is longer than 65536 characters, which no target is; correct it',
    ],
    [
      'definitions that double each other',
      `${['a', 'b', 'c', 'd'].map((name, at) => `@define ${name}${name} ${`${'bcde'[at]}${'bcde'[at]} `.repeat(20)}\n`).join('')}${TARGETS}+ ${'aa'.repeat(10)}\n`,
      'export:7: @define cc makes this line longer than 65536 characters; take one of the two out',
    ],
    [
      'no targets',
      '*** General ***\nowner = me\n',
      'export: holds no targets; give the file with "*** Targets ***", or the one that includes it',
    ],
  ])('is refused with %s', (_, text, message) => {
    expect(mistakesOf(importOf(text))).toEqual([message]);
  });

  it('is refused where files include each other', () => {
    const files: Readonly<Record<string, string>> = { a: `${TARGETS}@include b\n`, b: '@include a\n' };
    const other = (name: string): Included => ({ file: name, text: files[name] ?? '' });
    expect(mistakesOf(importOf('@include a\n', { include: other }))).toEqual([
      'b:1: @include a: includes itself; take this line out',
    ]);
    let made = 0;
    const endless = (): Included => ({ file: `f${(made += 1)}`, text: `@include x\n` });
    expect(mistakesOf(importOf('@include x\n', { include: endless }))[0]).toContain('do they include each other?');
  });
});
