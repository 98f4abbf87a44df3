import { describe, expect, it } from 'vitest';
import { typeByPort, typeByPortName } from './known-types.ts';

describe('what a port speaks', () => {
  it.each([
    ['http', 'http'],
    ['HTTPS', 'https'],
    ['http-admin', 'http'],
    ['web', 'http'],
    ['kubernetes.io/h2c', 'http'],
    ['kubernetes.io/ws', 'http'],
    ['dns-tcp', 'domain'],
    ['mqtts', 'secure-mqtt'],
    ['secure-mqtt', 'secure-mqtt'],
  ])('is told by the name %j', (name, type) => {
    expect(typeByPortName(name)).toBe(type);
  });

  it.each(['', 'main', 'p8080', 'httpx', '/', '-'])('is not told by the name %j', (name) => {
    expect(typeByPortName(name)).toBeUndefined();
  });

  it('is told by well-known ports', () => {
    expect([80, 8080, 443, 1883, 31999].map(typeByPort)).toEqual(['http', 'http', 'https', 'mqtt', undefined]);
  });
});
