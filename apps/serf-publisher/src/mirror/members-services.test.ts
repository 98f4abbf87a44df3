import { gzipSync } from 'node:zlib';
import { FoundService, channels } from '@guaita/messages';
import { isId } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compress } from '../tag/bzip2.ts';
import { toCloudy } from '../tag/cloudy-record.ts';
import { pack } from '../tag/packing.ts';
import { HOST, service } from '../tag/services.testdata.ts';
import { servicesOf, type Speaker } from './members-services.ts';

const PI4: Speaker = { id: 'pi4', name: 'Pi4', isSelf: false };

const SYNCTHING = {
  s: 'syncthing',
  d: 'Syncthing',
  m: 'pi4.local',
  i: '10.1.2.3',
  p: '22000',
  e: '',
  t: 'node_id=ABC',
};

const EMPTY = { s: '', d: '', m: '', i: '', p: '', e: '', t: '' };

const read = (records: readonly Record<string, unknown>[], speaker = PI4) => servicesOf(speaker, pack(records));
const names = (records: readonly Record<string, unknown>[]) =>
  read(records).services.map(({ type, name }) => `${type}/${name}`);

describe('the tag of a member', { timeout: 120_000 }, () => {
  it('tells of services, which are told on under its name and their ports', () => {
    expect(read([SYNCTHING])).toEqual({
      services: [
        {
          type: 'syncthing',
          name: 'pi4-22000',
          service: {
            type: 'syncthing',
            name: 'pi4-22000',
            address: '10.1.2.3',
            port: 22_000,
            protocol: 'tcp',
            description: 'Syncthing',
            txt: { node_id: 'ABC' },
            node: 'Pi4',
            source: 'serf',
          },
        },
      ],
      remarks: [],
    });
  });

  it('of another publisher of ours says all that it knew, without its mark', () => {
    const told = service({ type: 'domain', port: 53, protocol: 'udp', txt: { zone: 'lan', empty: '' } });
    const [found] = read([{ ...toCloudy(told, HOST) }]).services;
    expect(found?.service).toMatchObject({ port: 53, protocol: 'udp', txt: { zone: 'lan', empty: '' } });
  });

  it('has at most sixteen attributes told on, and none that is more than a fact', () => {
    const many = Array.from({ length: 20 }, (_, index) => `a${index}=${index}`).join('&');
    const [found] = read([{ ...SYNCTHING, t: `__proto__=x&=y&${many}` }]).services;
    expect(Object.keys(found?.service.txt ?? {})).toEqual(Array.from({ length: 16 }, (_, index) => `a${index}`));
  });

  it('that is our own tells of those of others only', () => {
    const records = [SYNCTHING, { ...toCloudy(service(), HOST) }];
    expect(read(records, { ...PI4, isSelf: true }).services.map(({ type }) => type)).toEqual(['syncthing']);
    expect(read(records).services).toHaveLength(2);
  });

  it('keeps apart what is at one port, and tells once what is told twice', () => {
    const udp = { ...SYNCTHING, t: 'proto=udp' };
    const elsewhere = { ...SYNCTHING, i: '2001:db8::1' };
    const records = [SYNCTHING, udp, elsewhere, { ...SYNCTHING, d: 'the same' }, { ...SYNCTHING, p: '22001' }];
    const expected = [
      'syncthing/pi4-22000-tcp-10.1.2.3',
      'syncthing/pi4-22000-udp',
      'syncthing/pi4-22001',
      'syncthing/pi4-22000-tcp-2001-db8-1',
    ].sort();
    expect(names(records).sort()).toEqual(expected);
    // Cloudy's scripts turn the list round when they add to it.
    expect(names(records.toReversed()).sort()).toEqual(expected);
  });

  it.each([
    ['no type', { ...SYNCTHING, s: '8080' }, 'its service "8080" has no type that can be told; it is not told of'],
    ['no address', { ...SYNCTHING, i: 'http://x/' }, 'its service "syncthing" has no address; it is not told of'],
    ['port 0', { ...SYNCTHING, p: '0' }, 'its service "syncthing" has no port; it is not told of'],
    ['port 65536', { ...SYNCTHING, p: '65536' }, 'its service "syncthing" has no port; it is not told of'],
    ['port 1e3', { ...SYNCTHING, p: '1e3' }, 'its service "syncthing" has no port; it is not told of'],
  ])('is told without a service of %s, which is named', (_, record, remark) => {
    expect(names([record, { ...SYNCTHING, p: '1' }])).toEqual(['syncthing/pi4-1']);
    expect(read([record]).remarks).toEqual([`Serf member "Pi4": ${remark}`]);
  });

  it.each([
    ['no base64', 'hello world!', 'is not base64'],
    ['no bzip2', gzipSync('[]').toString('base64'), 'is no bzip2'],
    ['no JSON', Buffer.from(compress(Buffer.from('[{'))).toString('base64'), 'is not JSON'],
    ['no list', Buffer.from(compress(Buffer.from('{}'))).toString('base64'), 'no array'],
    ['a bomb', Buffer.from(compress(new Uint8Array(2_000_000))).toString('base64'), 'is no bzip2'],
    ['a megabyte', 'A'.repeat(1_000_000), '1000000 characters'],
    ['a number for a text', pack([{ ...SYNCTHING, d: 7 }]), 'is no text'],
  ])('that is %s is refused, and named', (_, tag, cause) => {
    const { services, remarks } = servicesOf(PI4, tag);
    expect(services).toEqual([]);
    expect(remarks).toHaveLength(1);
    expect(remarks[0]).toMatch(/^Serf member "Pi4": tag "services": .*; its services are not told of$/);
    expect(remarks[0]).toContain(cause);
  });

  it('that is packed to hold very many is not told on without end', () => {
    const records = Array.from({ length: 80 }, (_, index) => ({ ...EMPTY, s: 'a', i: 'a', p: `${index + 1}` }));
    const { services, remarks } = read(records);
    expect(services).toHaveLength(64);
    expect(remarks).toEqual(['Serf member "Pi4": tells of 80 services, of which 64 are told on']);
  });

  it('makes topics and payloads that are sound, whatever is in it', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom('http', '10.0.0.1', '80', '__proto__=1', 'a=1&b'),
    );
    const record = fc.record({ s: text, d: text, m: text, i: text, p: text, e: text, t: text });
    fc.assert(
      fc.property(fc.array(fc.oneof(record, fc.constant(SYNCTHING)), { maxLength: 4 }), (records) => {
        const { services } = read(records);
        for (const { type, name, service: found } of services) {
          expect(isId(type) && isId(name)).toBe(true);
          expect(FoundService.safeParse(found).error).toBeUndefined();
          channels.foundService.topic('guaita', { type, name });
          expect(Object.getPrototypeOf(found.txt)).toBe(Object.prototype);
        }
        expect(new Set(services.map(({ type, name }) => `${type}/${name}`)).size).toBe(services.length);
      }),
      { numRuns: 300 },
    );
  });
});
