import fc from 'fast-check';
import type { PublishedService } from '../services/published-service.ts';
import type { CloudyHost } from './cloudy-record.ts';

export const HOST: CloudyHost = { host: 'pi3.guifi.local', microcloud: 'sants' };

/** Services as a small host has them: short names, one address, ports as Kubernetes gives them. */
export function typicalServices(count: number): PublishedService[] {
  const kinds = ['web', 'git', 'wiki', 'mail', 'chat', 'files', 'maps', 'radio', 'video', 'notes', 'dns', 'proxy'];
  return Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % kinds.length] ?? '';
    const round = Math.floor(index / kinds.length);
    return service({ name: round === 0 ? kind : `${kind}-${round}`, port: 30_000 + ((index * 997) % 2_768) });
  });
}

export function service(fields: Partial<PublishedService> = {}): PublishedService {
  return {
    ...{ type: 'http', name: 'web', address: '10.139.40.22', port: 30_080, protocol: 'tcp', description: '' },
    ...{ txt: {}, source: 'kubernetes', ...fields },
  };
}

/** Anything that a source may tell, with texts that nobody expects. */
export const anyService: fc.Arbitrary<PublishedService> = fc.record({
  type: fc.stringMatching(/^[a-z][a-z0-9-]{0,14}$/),
  name: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,62}$/),
  address: fc.oneof(fc.ipV4(), fc.ipV6(), fc.domain()),
  port: fc.integer({ min: 1, max: 65_535 }),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  description: fc.string({ unit: 'binary', maxLength: 80 }),
  txt: fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ unit: 'binary', maxLength: 12 }), { maxKeys: 3 }),
  source: fc.constantFrom('announcements', 'own', 'kubernetes', 'swarm'),
});

/** A record of somebody else: Cloudy's, or odd in any way that JSON can be. */
export const anyRecordOfOthers: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.record({
    s: fc.constantFrom('syncthing', 'Docker', 'tincvpn'),
    d: fc.string({ maxLength: 20 }),
    m: fc.constant('pi3.guifi.local'),
    i: fc.ipV4(),
    p: fc.integer({ min: 1, max: 65_535 }).map(String),
    e: fc.constant(''),
    t: fc.constantFrom('', 'node_id=A-B', 'by=guaitas'),
  }),
  fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 1 }), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
);
