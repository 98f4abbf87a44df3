import { Address, isId } from '@guaita/model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordsOf, type FoundPort, type FoundService } from './found-service.ts';

const ALL = { onlyLabelled: false };

function port(port: number, other: Partial<FoundPort> = {}): FoundPort {
  return { inside: port, address: '10.0.0.1', port, protocol: 'tcp', names: [], ...other };
}

function service(ports: readonly FoundPort[], labels: Record<string, string> = {}, name = 'shop'): FoundService {
  return { what: `Swarm service ${name}`, name, labels, ports };
}

/** `type name:port`, which is what most tests are about. */
function told(found: FoundService, options = ALL): string[] {
  return recordsOf(found, options).records.map(({ type, name, port: number }) => `${type} ${name}:${number}`);
}

describe('the records of a service', () => {
  it('say all that there is to say', () => {
    const labels = { 'guaita.service.description': 'sells things', 'guaita.service.txt.path': '/shop' };
    expect(recordsOf(service([port(80, { protocol: 'TCP' })], labels), ALL)).toEqual({
      records: [
        {
          type: 'http',
          name: 'shop',
          address: '10.0.0.1',
          port: 80,
          protocol: 'tcp',
          description: 'sells things',
          txt: { path: '/shop' },
        },
      ],
      remarks: [],
    });
  });

  it.each<[string, FoundService, string[]]>([
    ['one for each port', service([port(80), port(22)]), ['http shop:80', 'ssh shop:22']],
    ['by the name of the port', service([port(4000, { names: ['https-api'] })]), ['https shop:4000']],
    ['by the port inside', service([port(31000, { inside: 8080 })]), ['http shop:31000']],
    ['by the service’s own name, where nothing else is known', service([port(4000)]), ['shop shop:4000']],
    ['by a label', service([port(80)], { 'guaita.service.type': 'gopher' }), ['gopher shop:80']],
    [
      'by labels of ports',
      service([port(31000, { inside: 80 }), port(31001, { inside: 81 })], {
        'guaita.service.type': 'one',
        'guaita.service.81.type': 'two',
        'guaita.service.81.name': 'other',
      }),
      ['one shop:31000', 'two other:31001'],
    ],
    ['that share a type by their numbers', service([port(80), port(8080)]), ['http shop-80:80', 'http shop-8080:8080']],
    [
      'that share a number by their protocols',
      service([port(53), port(53, { protocol: 'UDP' })]),
      ['domain shop-53-tcp:53', 'domain shop-53-udp:53'],
    ],
    [
      'with long names that still differ',
      service([port(80), port(8080)], {}, 'x'.repeat(100)),
      [`http ${'x'.repeat(60)}-80:80`, `http ${'x'.repeat(58)}-8080:8080`],
    ],
    [
      'but those that are not wanted',
      service([port(80), port(22)], { 'guaita.service.22.publish': 'false' }),
      ['http shop:80'],
    ],
    ['none, where none are wanted', service([port(80)], { 'guaita.service.publish': 'false' }), []],
    [
      'but those of one port, where none else are wanted',
      service([port(80), port(22)], { 'guaita.service.publish': 'false', 'guaita.service.22.publish': 'true' }),
      ['ssh shop:22'],
    ],
  ])('are %s', (_what, found, expected) => {
    expect(told(found)).toEqual(expected);
  });

  it('are those that ask for it, where only those are told', () => {
    const only = { onlyLabelled: true };
    expect(told(service([port(80)]), only)).toEqual([]);
    expect(told(service([port(80)], { 'guaita.service.publish': 'true' }), only)).toEqual(['http shop:80']);
    expect(told(service([port(80), port(22)], { 'guaita.service.22.publish': 'true' }), only)).toEqual(['ssh shop:22']);
  });

  it.each<[FoundService, string]>([
    [
      service([port(9, { protocol: 'SCTP' })]),
      'Swarm service shop, port 9: speaks SCTP, and only TCP and UDP can be told; label it guaita.service.9.publish=false',
    ],
    [service([port(0)]), 'Swarm service shop, port 0: is no port; publish another'],
    [service([port(65_536)]), 'Swarm service shop, port 65536: is no port; publish another'],
    [
      service([port(80, { address: '' })]),
      'Swarm service shop, port 80: "" is no address; configure the one under which it is reached',
    ],
    [
      service([port(80)], {}, '¿?'),
      'Swarm service ¿?, port 80: nothing of its name can stand in an id; label it guaita.service.name',
    ],
    [
      service([port(4000)], {}, '4000'),
      'Swarm service 4000, port 4000: nobody can tell what is spoken there; label it guaita.service.type',
    ],
  ])('are not told where they cannot be, with the mend: %j', (found, remark) => {
    expect(recordsOf(found, ALL)).toEqual({ records: [], remarks: [remark] });
  });

  it('are whole, whatever names and labels there are', () => {
    const words = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 90 }),
      fc.constantFrom('http', '80', 'true', '__proto__'),
    );
    const labels = fc.dictionary(
      fc.oneof(
        words,
        words.map((word) => `guaita.service.${word}`),
        fc.constantFrom('guaita.service.txt.a', 'guaita.service.type'),
      ),
      words,
    );
    const ports = fc.array(
      fc.record({
        inside: fc.nat(),
        address: fc.oneof(words, fc.ipV4(), fc.ipV6(), fc.domain()),
        port: fc.oneof(fc.integer(), fc.double(), fc.nat(70_000)),
        protocol: fc.oneof(words, fc.constantFrom('tcp', 'UDP')),
        names: fc.array(words, { maxLength: 2 }),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(words, labels, ports, (name, given, all) => {
        const { records } = recordsOf({ what: 'it', name, labels: given, ports: all }, ALL);
        for (const record of records) {
          expect(isId(record.name)).toBe(true);
          expect(record.type).toMatch(/^[a-z0-9-]{1,15}$/);
          expect(Address.safeParse(record.address).success).toBe(true);
          expect(record.port).toSatisfy((number: number) => Number.isInteger(number) && number > 0 && number < 65_536);
          expect(['tcp', 'udp']).toContain(record.protocol);
          expect(record.description).not.toMatch(/\p{Cc}/u);
        }
      }),
    );
  });
});
