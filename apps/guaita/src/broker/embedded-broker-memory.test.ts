import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrokerStage, PATIENCE_ms, state } from './embedded-broker.testdata.ts';

const stage = new BrokerStage();
const { client, retained, started, startedAfterKill } = stage;
beforeEach(() => stage.open());
afterEach(() => stage.close());

/** A broker that was told to keep one message, and has ended in good order. */
async function keptOne(): Promise<void> {
  const first = await started();
  const bus = await client(first);
  bus.publish(state('kept/1', 'x'));
  await bus.stop();
  await first.stop();
}

describe('what it keeps', { timeout: 2 * PATIENCE_ms }, () => {
  test('killed without a word, it has what lasts of a second ago', async () => {
    const first = await started();
    const bus = await client(first);
    bus.publish(state('kept/1', 'x'));
    bus.publish(state('kept/2', 'x'));
    bus.publish(state('kept/2', ''));
    bus.publish({ ...state('kept/day', 'x'), expiry_s: 86_400 });
    bus.publish({ ...state('seen/1', 'x'), expiry_s: 180 });
    await bus.flushed();
    await eventually(async () => expect(await readFile(stage.file, 'utf8')).toContain('kept/day'));
    expect(await retained(await startedAfterKill(), '#', 2)).toEqual(['kept/1', 'kept/day']);
  });

  test('killed without a word, it publishes the wills of who was connected when it starts again', async () => {
    const first = await started();
    const bus = await client(first, { will: { topic: 'presence/1', payload: '', retain: true } });
    bus.publish(state('presence/1', 'online'));
    bus.publish(state('kept/1', 'x'));
    await bus.flushed();
    const { file } = stage;
    await eventually(async () => expect(await readFile(file, 'utf8')).toMatch(/presence\/1[^]*kept\/1/));
    expect(await retained(await startedAfterKill(), '#', 1)).toEqual(['kept/1']);
  });

  test('a line that a power cut has cut off is passed over in silence', async () => {
    await keptOne();
    const { file } = stage;
    await writeFile(file, `${await readFile(file, 'utf8')}["[\\"retained\\",\\"kept/2\\"]",{"top`);
    expect(await retained(await started(), '#', 1)).toEqual(['kept/1']);
    expect(stage.warnings).toEqual([]);
  });

  test.each([
    ['garbage', () => 'garbage\nmore\n', []],
    ['a broken line within', (text: string) => `${text}{]\n["[\\"retained\\",\\"lost\\"]",{}]\n`, ['kept/1']],
  ])('a state file of %s is put aside and reported, and the start goes on', async (_, spoil, expected) => {
    await keptOne();
    const { file } = stage;
    await writeFile(file, spoil(await readFile(file, 'utf8')));
    const second = await started();
    expect(await retained(second, '#', expected.length)).toEqual(expected);
    expect(stage.warnings).toEqual([
      expect.stringMatching(/broker\.jsonl:\d+ .*; kept as .*broker\.jsonl\.corrupt-\d+, going on with the \d entries/),
    ]);
    expect((await readdir(join(stage.folder, 'broker'))).some((name) => name.startsWith('broker.jsonl.corrupt-'))).toBe(
      true,
    );
  });

  test('an entry that is not usable is reported and left out', async () => {
    await mkdir(join(stage.folder, 'broker'));
    const entry = JSON.stringify([JSON.stringify(['retained', 'odd']), { topic: 7 }]);
    await writeFile(stage.file, `{"format":"guaita-broker","version":1}\n${entry}\n`);
    await started();
    expect(stage.warnings).toEqual([expect.stringMatching(/^broker: the kept .*odd.* is not usable and left out/)]);
  });
});
