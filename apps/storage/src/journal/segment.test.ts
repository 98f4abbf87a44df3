import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FullDisk } from '../disk/full-disk.testdata.ts';
import { scratchFolder } from '../engine/scratch.testdata.ts';
import { Segment } from './segment.ts';

test('gives what stands behind some bytes, also where part of it could not be written yet', async () => {
  // The file is made by the first write; the third and fourth find no room.
  const full = new FullDisk((write) => write === 4 || write === 5);
  const segment = new Segment(full.disk, join(scratchFolder(), 'segment.csv'));
  const since = async (from_bytes: number): Promise<string> => String(await segment.since(from_bytes));
  expect(await since(0)).toBe('');
  segment.append(Buffer.from('one\n'));
  segment.append(Buffer.from('two\n'));
  expect(await since(0)).toBe('one\ntwo\n');
  expect(await since(4)).toBe('two\n');
  expect(segment.append(Buffer.from('three\n'))).toMatchObject({ code: 'ENOSPC' });
  segment.append(Buffer.from('four\n'));
  for (const isWritten of [false, true]) {
    if (isWritten) {
      expect(() => segment.settle()).toThrow('ENOSPC');
      segment.settle();
    }
    expect(segment.owed_bytes).toBe(isWritten ? 0 : 11);
    expect(await since(0)).toBe('one\ntwo\nthree\nfour\n');
    expect(await since(8)).toBe('three\nfour\n');
    expect(await since(14)).toBe('four\n');
    expect(await since(19)).toBe('');
  }
  await segment.close();
});
