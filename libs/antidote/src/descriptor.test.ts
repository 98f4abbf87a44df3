import { expect, test } from 'vitest';
import { descriptorOf } from './double/descriptor.ts';
import { nodeOf } from './descriptor.ts';
import { ProtocolError } from './errors.ts';

/** The first bytes of what a server gave (Erlang 25), whose names are in Latin-1. */
const REAL = Buffer.from(
  '8368056400' + '0a64657363726970746f72' + '6802640016' + Buffer.from('antidote-g1-pi-1@127.0').toString('hex'),
  'hex',
);

test('a descriptor tells its node, in either of the ways in which Erlang writes names', () => {
  expect(nodeOf(REAL)).toBe('antidote-g1-pi-1@127.0');
  expect(nodeOf(descriptorOf('antidote@pi-1'))).toBe('antidote@pi-1');
});

test('what is no descriptor is refused, wherever it ends', () => {
  const whole = descriptorOf('antidote@pi-1');
  const upToNode = whole.indexOf('antidote@pi-1'.charCodeAt(12)) + 1;
  for (let length = 0; length < upToNode; length += 1) {
    expect(() => nodeOf(whole.subarray(0, length))).toThrow(ProtocolError);
  }
  expect(() => nodeOf(Buffer.from('something else'))).toThrow('this is no connection descriptor');
});
