import { expect, it } from 'vitest';
import { brokerFault } from './broker-fault.ts';

it.each([
  ['mqtt://pi-1.lan:1883', 'guaita'],
  ['mqtts://[2001:db8::1]:8883', 'home/guaita'],
  ['wss://guaita.example.org/mqtt', 'guaita'],
])('%s with the base topic %s is a broker', (url, base) => {
  expect(brokerFault({ url, base })).toBeUndefined();
});

it.each([
  ['pi-1.lan:1883', 'guaita', 'write it as mqtt://host:1883'],
  ['http://pi-1.lan', 'guaita', 'write it as mqtt://host:1883'],
  ['mqtt://', 'guaita', 'write it as mqtt://host:1883'],
  ['mqtt://pi-1:port', 'guaita', 'write it as mqtt://host:1883'],
  ['mqtt://ada@pi-1.lan', 'guaita', 'move it to the fields below'],
  ['mqtt://ada:secret@pi-1.lan', 'guaita', 'move it to the fields below'],
  ['mqtt://pi-1.lan', 'guaita/#', 'without + or #'],
  ['mqtt://pi-1.lan', '+', 'without + or #'],
  ['mqtt://pi-1.lan', '/guaita', 'without a / at its ends'],
  ['mqtt://pi-1.lan', 'guaita/', 'without a / at its ends'],
  ['mqtt://pi-1.lan', '$SYS', 'is not usable'],
])('%s with the base topic %s is none, and the fault shows no secret', (url, base, mend) => {
  const fault = brokerFault({ url, base });
  expect(fault).toContain(mend);
  expect(fault).not.toContain('secret');
});
