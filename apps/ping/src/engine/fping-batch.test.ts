import { describe, expect, it } from 'vitest';
import { parseFpingLine } from '../fping-output.ts';
import type { ProbeResult } from './engine.ts';
import { FpingBatch, resultOfSendError } from './fping-batch.ts';

/** A batch for addresses, two requests each, with what was told so far. */
function batchFor(...addresses: string[]) {
  const told: [string, ProbeResult][] = [];
  const batch = new FpingBatch(
    addresses.map((address) => ({
      target: { address, count: 2, timeout_ms: 1000, size_bytes: 56, dont_fragment: false },
      tell: (result) => told.push([address, result]),
    })),
    2,
  );
  const say = (...lines: string[]): void => {
    for (const line of lines) {
      const parsed = parseFpingLine(line);
      if (parsed !== undefined) batch.line(parsed);
    }
  };
  return { batch, told, say };
}

describe('a batch of fping', () => {
  it('tells of a full answer at once', () => {
    const { told, say } = batchFor('10.0.0.1', '10.0.0.2');
    say('10.0.0.1 : [0], 64 bytes, 0.1 ms (0.1 avg, 0% loss)', '10.0.0.1 : [1], 64 bytes, 0.2 ms (0.15 avg, 0% loss)');
    expect(told).toEqual([['10.0.0.1', { rtts_ms: [0.1, 0.2] }]]);
  });

  it('tells of losses when fping is done, with what the network said', () => {
    const { batch, told, say } = batchFor('10.0.0.1', '10.0.0.2');
    say('10.0.0.1 : [0], timed out (NaN avg, 100% loss)', '10.0.0.1 : [1], 64 bytes, 0.2 ms (0.2 avg, 50% loss)');
    say('10.0.0.2 : [0], timed out (NaN avg, 100% loss)', '10.0.0.2 : [1], timed out (NaN avg, 100% loss)');
    say('ICMP Host Unreachable from 10.0.0.254 for ICMP Echo sent to 10.0.0.2');
    expect(told).toEqual([]);
    say('10.0.0.1 : - 0.2', '10.0.0.2 : - -');
    expect(batch.done()).toEqual([]);
    expect(told).toEqual([
      ['10.0.0.1', { rtts_ms: [null, 0.2] }],
      ['10.0.0.2', { rtts_ms: [null, null], detail: 'ICMP Host Unreachable from 10.0.0.254' }],
    ]);
  });

  it('takes a redirect for no reason of a silence, and keeps the error that follows it', () => {
    const { batch, told, say } = batchFor('10.0.0.1', '10.0.0.2');
    for (const address of ['10.0.0.1', '10.0.0.2']) {
      say(`ICMP Redirect from 10.0.0.254 for ICMP Echo sent to ${address}`);
      say(`${address} : [0], timed out (NaN avg, 100% loss)`, `${address} : [1], timed out (NaN avg, 100% loss)`);
    }
    say('ICMP Host Unreachable from 10.0.0.253 for ICMP Echo sent to 10.0.0.2', '10.0.0.1 : - -', '10.0.0.2 : - -');
    batch.done();
    expect(told).toEqual([
      ['10.0.0.1', { rtts_ms: [null, null] }],
      ['10.0.0.2', { rtts_ms: [null, null], detail: 'ICMP Host Unreachable from 10.0.0.253' }],
    ]);
  });

  it('believes a reply that fping reads after it had declared a timeout', () => {
    const { batch, told, say } = batchFor('10.0.0.1');
    say('10.0.0.1 : [0], timed out (NaN avg, 100% loss)', '10.0.0.1 : [1], 64 bytes, 0.2 ms (0.2 avg, 50% loss)');
    say('10.0.0.1 : [0], 64 bytes, 12.1 ms (6.2 avg, 0% loss)');
    expect(told).toEqual([['10.0.0.1', { rtts_ms: [12.1, 0.2] }]]);
    expect(batch.done()).toEqual([]);
  });

  it('gives back what could not be sent, and calls it neither silent nor unknown yet', () => {
    const { batch, told, say } = batchFor('10.0.0.1', '10.0.0.2');
    say('10.0.0.1 : - -', '10.0.0.2 : [0], timed out (NaN avg, 100% loss)', '10.0.0.2 : - -');
    expect(batch.done().map(({ target }) => target.address)).toEqual(['10.0.0.1']);
    expect(told).toEqual([['10.0.0.2', { rtts_ms: [null, null] }]]);
  });

  it('makes unknown what fping ended without a word of', () => {
    const { batch, told } = batchFor('10.0.0.1');
    expect(batch.done()).toEqual([]);
    expect(told).toEqual([['10.0.0.1', { unknown: 'fping ended without a result' }]]);
  });

  it('makes unknown what a failed fping leaves open, and keeps what it had told in full', () => {
    const { batch, told, say } = batchFor('10.0.0.1', '10.0.0.2', '10.0.0.3');
    say('10.0.0.1 : [0], timed out (NaN avg, 100% loss)', '10.0.0.1 : [1], timed out (NaN avg, 100% loss)');
    say('10.0.0.2 : [0], timed out (NaN avg, 100% loss)');
    batch.failed('fping was stuck');
    expect(told).toEqual([
      ['10.0.0.1', { rtts_ms: [null, null] }],
      ['10.0.0.2', { unknown: 'fping was stuck' }],
      ['10.0.0.3', { unknown: 'fping was stuck' }],
    ]);
  });

  it('passes over lines of addresses and requests that it did not ask for', () => {
    const { told, say } = batchFor('10.0.0.1');
    say('10.0.0.9 : [0], 64 bytes, 0.1 ms (0.1 avg, 0% loss)', '10.0.0.1 : [7], 64 bytes, 0.1 ms (0.1 avg, 0% loss)');
    say('10.0.0.1 : [0], 64 bytes, 0.1 ms (0.1 avg, 0% loss)', '10.0.0.1 : [0], 64 bytes, 0.3 ms (0.1 avg, 0% loss)');
    expect(told).toEqual([]);
  });
});

describe('a request that could not be sent', () => {
  it('was not answered where there is no route', () => {
    for (const message of ['Network is unreachable', 'No route to host']) {
      expect(resultOfSendError(message, 2)).toEqual({
        rtts_ms: [null, null],
        detail: `no route: ${message}`,
        unsent: true,
      });
    }
  });

  it('says nothing of the device otherwise', () => {
    for (const message of ['Operation not permitted', 'Message too long', 'Invalid argument']) {
      expect(resultOfSendError(message, 2)).toEqual({ unknown: `the request could not be sent: ${message}` });
    }
  });
});
