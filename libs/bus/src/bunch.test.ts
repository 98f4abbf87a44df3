import { Writable } from 'node:stream';
import { setImmediate as immediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Bunch } from './bunch.ts';

/** A stream that tells of each of its system calls what it wrote. */
function recorder(told: string[]): Writable {
  return new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      told.push(`written ${String(chunk)}`);
      done();
    },
    writev: (chunks: { chunk: Buffer }[], done) => {
      told.push(`written ${chunks.map(({ chunk }) => String(chunk)).join(' ')}`);
      done();
    },
  });
}

test('what is written while messages come leaves at once, after they have been handed out', async () => {
  const told: string[] = [];
  const stream = recorder(told);
  const bunch = new Bunch(
    () => told.push('handed out'),
    () => {},
  );
  for (const acknowledgement of ['1', '2', '3']) {
    bunch.begin(stream);
    stream.write(acknowledgement);
  }
  expect(told).toEqual([]);
  await immediate();
  expect(told).toEqual(['handed out', 'written 1 2 3']);
  bunch.begin(stream);
  stream.write('4');
  bunch.end();
  expect(told.slice(2)).toEqual(['handed out', 'written 4']);
  await immediate();
  expect(told).toHaveLength(4);
});

test('nothing leaves where what was handed out could not be kept', async () => {
  const told: string[] = [];
  const stream = recorder(told);
  const fault = new Error('no room');
  const bunch = new Bunch(
    () => {
      throw fault;
    },
    (error) => told.push(error.message),
  );
  bunch.begin(stream);
  stream.write('1');
  await immediate();
  expect(told).toEqual(['no room']);
});
