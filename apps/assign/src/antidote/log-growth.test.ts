import { eventually } from '@guaita/lab/eventually';
import { appendFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { dataSize, growthProblem, LogGrowth } from './log-growth.ts';

const MB = 1_000_000;
const size = (data_mb: number, free_mb: number, total_mb: number) => ({
  ...{ data_bytes: data_mb * MB, free_bytes: free_mb * MB, total_bytes: total_mb * MB },
});

test.each([
  ['small on an empty disk', size(10, 9_000, 10_000), false],
  ['as large as it may be', size(1_000, 9_000, 10_000), false],
  ['larger than it may be', size(1_001, 9_000, 10_000), true],
  ['more than what is left of a disk that is nearly full', size(600, 500, 10_000), true],
  ['little beside what fills the disk', size(10, 500, 10_000), false],
])('%s', (_, found, isWrong) => expect(growthProblem(found, 1_000) !== undefined).toBe(isWrong));

test('says what it comes to, and what to do', () => {
  expect(growthProblem(size(1_234.4, 500, 4_000), 1_000)).toBe(
    'the data of AntidoteDB are 1234 MB, 500 MB of its disk are free, and they only grow; begin another generation: ' +
      '"The log grows" in docs/antidote.md',
  );
});

test('tells of a folder that outgrows its measure, once, and when it was begun anew', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'guaita-log-growth-'));
  await mkdir(join(folder, 'g1/data_antidote'), { recursive: true });
  const file = join(folder, 'g1/data_antidote/0.LOG');
  await writeFile(file, Buffer.alloc(500_000));
  expect((await dataSize(folder)).data_bytes).toBe(500_000);
  const told: (string | undefined)[] = [];
  const growth = new LogGrowth({
    ...{ folder, most_mb: 1, look_ms: 10, log: pino({ level: 'silent' }) },
    onTrouble: (problem) => void told.push(problem),
  });
  growth.start();
  try {
    await appendFile(file, Buffer.alloc(1_500_000));
    await eventually(() => expect(told).toEqual([expect.stringContaining('begin another generation')]));
    await appendFile(file, Buffer.alloc(1_000_000));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(told).toHaveLength(1);
    await rm(join(folder, 'g1'), { recursive: true });
    await eventually(() => expect(told).toEqual([expect.anything(), undefined]));
    await rm(folder, { recursive: true });
    await eventually(() => expect(told.at(-1)).toContain('cannot be seen: ENOENT'));
  } finally {
    await growth.stop();
    await rm(folder, { recursive: true, force: true });
  }
});
