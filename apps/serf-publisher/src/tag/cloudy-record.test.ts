import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { isOurs, readTag, toCloudy, type CloudyRecord } from './cloudy-record.ts';
import { pack } from './packing.ts';
import { anyService, HOST, service } from './services.testdata.ts';

const RECORD: CloudyRecord = {
  ...{ s: 'syncthing', d: 'Syncthing_instance', m: 'pi1.guifi.local', i: '10.1.2.3', p: '22000', e: '' },
  t: 'node_id=ABC',
};

describe('the record of a service', { timeout: 60_000 }, () => {
  test('says what Cloudy shows, and by whom it is', () => {
    const told = service({ description: 'La Web del barri', txt: { path: '/inici', auth: '' } });
    expect(toCloudy(told, HOST)).toEqual({
      ...{ s: 'http', d: 'La_Web_del_barri', m: 'pi3.guifi.local', i: '10.139.40.22', p: '30080', e: 'sants' },
      t: 'auth&path=/inici&by=guaita',
    });
  });

  test('has the name where there is no description, and says that it speaks UDP', () => {
    expect(toCloudy(service({ name: 'dns', port: 53, protocol: 'udp', description: ' ' }), HOST)).toMatchObject({
      ...{ d: 'dns', p: '53', t: 'proto=udp&by=guaita' },
    });
  });

  test('cuts a description that is longer than a row of a table, between two characters', () => {
    expect(toCloudy(service({ description: '🐟'.repeat(60) }), HOST).d).toBe('🐟'.repeat(48));
  });

  test('holds nothing at which Cloudy’s scripts break, and is read as it was written', () => {
    fc.assert(
      fc.property(anyService, (each) => {
        const record = toCloudy(each, HOST);
        expect(Object.values(record).join('')).not.toMatch(/[\s'"\\]/);
        expect(isOurs({ ...record })).toBe(true);
        const text = pack([{ ...record }]);
        if (text.length <= 512) expect(readTag(text)).toEqual([record]);
      }),
      { numRuns: 2_000 },
    );
  });

  test('is somebody else’s without our mark, and ours also where a script has put spaces between attributes', () => {
    expect(isOurs({ ...RECORD })).toBe(false);
    expect(isOurs({ ...RECORD, t: 'by=guaitas' })).toBe(false);
    expect(isOurs({ ...RECORD, t: 7 })).toBe(false);
    expect(isOurs({})).toBe(false);
    expect(isOurs({ ...RECORD, t: 'path=/x by=guaita' })).toBe(true);
  });
});

describe('a tag of another node', () => {
  test('is read as Cloudy’s own scripts make it', () => {
    const bzip2 = execFileSync('bash', ['-c', 'bzip2 - | base64 -w 0'], {
      input: `[${JSON.stringify(RECORD)},${JSON.stringify({ ...RECORD, s: 'tincvpn', p: '665', t: '' })}]\n`,
    }).toString();
    expect(readTag(bzip2)).toEqual([RECORD, { ...RECORD, s: 'tincvpn', p: '665', t: '' }]);
  });

  test('may have a port that is a number, and fields that nobody knows', () => {
    expect(readTag(pack([{ ...RECORD, p: 22000, colour: 'red' }]))).toEqual([RECORD]);
  });

  test.each([
    [{ ...RECORD, s: undefined }, 'tag "services": record 1: "s" is missing'],
    [{ ...RECORD, i: null }, 'tag "services": record 1: "i" is no text'],
    [{ ...RECORD, t: {} }, 'tag "services": record 1: "t" is no text'],
    [{ ...RECORD, d: 'x'.repeat(1_025) }, 'tag "services": record 1: "d" is longer than 1024'],
    [{}, 'tag "services": record 1: "s" is missing'],
  ])('is refused with %j', (record, message) => {
    expect(() => readTag(pack([record]))).toThrow(message);
  });
});
