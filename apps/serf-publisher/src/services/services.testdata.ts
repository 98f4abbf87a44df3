import fc from 'fast-check';
import type { ServiceRecord } from './service-record.ts';

/** A service as most are. */
export function service(name: string, port = 80, other: Partial<ServiceRecord> = {}): ServiceRecord {
  return { type: 'http', name, address: '10.0.0.1', port, protocol: 'tcp', description: '', txt: {}, ...other };
}

/** Services of few names and ports, so that they meet. */
export const anyService: fc.Arbitrary<ServiceRecord> = fc.record({
  type: fc.constantFrom('http', 'ssh'),
  name: fc.constantFrom('a', 'b', 'c'),
  address: fc.constantFrom('10.0.0.1', '10.0.0.2'),
  port: fc.constantFrom(80, 81),
  protocol: fc.constantFrom('tcp' as const, 'udp' as const),
  description: fc.constantFrom('', 'x'),
  txt: fc.constantFrom({}, { a: '1', b: '2' }, { b: '2', a: '1' }),
});
