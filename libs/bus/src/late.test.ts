import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startNamespace, type Namespace } from '@guaita/lab';
import { eventually } from '@guaita/lab/eventually';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const PORT = 1883;
/** By which the speaker reaches the broker. */
const WAY = '127.0.0.2';
/**
 * What was not acknowledged the kernel sends again after pauses that grow from 0.2 s twofold (RFC 6298): after a cut of
 * one second at the latest two seconds later, and so on. Much more than that.
 */
const CUT_ms = 1_000;
const LATE_ms = 5_000;

/** A real broker, and a speaker in a process of its own that a real network cuts off from it. */
let network: Namespace;
let folder: string;
/** What a stranger has heard. */
let heard: string[];

beforeAll(async () => {
  network = await startNamespace({ networks: ['10.200.0.0/16'] });
  folder = await mkdtemp(join(tmpdir(), 'late-'));
  await writeFile(join(folder, 'mosquitto.conf'), `listener ${PORT} 0.0.0.0\nallow_anonymous true\n`);
  network.spawn('mosquitto', ['-c', join(folder, 'mosquitto.conf')], { stdio: 'ignore' });
});

afterAll(async () => {
  await network.stop();
  await rm(folder, { recursive: true });
});

/** The lines that a program says, as they come. */
function lines(program: ChildProcess): string[] {
  const said: string[] = [];
  let rest = '';
  program.stdout!.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    said.push(...parts);
  });
  return said;
}

/** A stranger listens, and a speaker is connected. Gives what makes it do something, and waits until it has. */
async function speaker(): Promise<(line: string) => Promise<void>> {
  const stranger = network.spawn('sh', ['-c', `until mosquitto_sub -p ${PORT} -t 'said/#' -F %t; do sleep 0.1; done`]);
  heard = lines(stranger);
  const program = network.spawn(process.execPath, [
    join(import.meta.dirname, 'late.testdata.ts'),
    `mqtt://${WAY}:${PORT}`,
  ]);
  const said = lines(program);
  await eventually(() => expect(said).toContain('connected'));
  const tell = async (line: string): Promise<void> => {
    program.stdin!.write(`${line}\n`);
    await eventually(() => expect(said).toContain(line));
  };
  // Its subscription may be later than the speaker.
  await eventually(async () => {
    await tell('say said/first');
    expect(heard).toContain('said/first');
  });
  return tell;
}

describe('what is said while the network is away', { timeout: 120_000 }, () => {
  test('comes late, when it is back', async () => {
    const tell = await speaker();
    await network.silence(WAY);
    await tell('say said/late');
    await pause(CUT_ms);
    expect(heard).not.toContain('said/late');
    await network.wake(WAY);
    await eventually(() => expect(heard).toContain('said/late'));
  });

  test('does not where the connection is broken off and the topic left to others', async () => {
    const tell = await speaker();
    await network.silence(WAY);
    for (const line of ['say said/late', 'say said/ours', 'forget said/late', 'sever']) await tell(line);
    await pause(CUT_ms);
    await network.wake(WAY);
    await eventually(() => expect(heard).toContain('said/ours'));
    await pause(LATE_ms);
    expect(heard).not.toContain('said/late');
    expect(heard.filter((topic) => topic === 'said/ours')).toHaveLength(1);
  });
});
