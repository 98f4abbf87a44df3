import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { Output } from './output.ts';

function failing(code: string): Writable {
  return new Writable({
    autoDestroy: false,
    write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })),
  });
}

it('is closed when its reader has gone, and prints nothing after that', async () => {
  const stream = failing('EPIPE');
  const output = new Output(stream);
  output.print('one');
  await output.closed;
  const before = stream.writableLength;
  output.print('two');
  expect(stream.writableLength).toBe(before);
});

it('passes any other error on', () => {
  const stream = failing('ENOSPC');
  new Output(stream);
  expect(() => stream.emit('error', Object.assign(new Error('disk full'), { code: 'ENOSPC' }))).toThrow('disk full');
});
