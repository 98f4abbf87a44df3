import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startSerfAgent, systemProgram, type SerfAgent } from '@guaita/lab';
import { encodedTags_bytes, SerfClient, TAGS_LIMIT_bytes } from '@guaita/serf';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toCloudy } from '../tag/cloudy-record.ts';
import { HOST, service, typicalServices } from '../tag/services.testdata.ts';
import { SerfTagSink } from './serf-tag.ts';

const run = promisify(execFile);

let agent: SerfAgent;
let client: SerfClient;
let sink: SerfTagSink;

beforeAll(async () => {
  agent = await startSerfAgent({ name: 'ada' });
  client = new SerfClient({ address: agent.rpc });
  client.start();
  sink = new SerfTagSink({ agent: client, host: HOST, room_bytes: TAGS_LIMIT_bytes });
});
afterAll(async () => {
  await client.stop();
  await agent.stop();
});

async function serf(command: string, ...args: string[]): Promise<string> {
  return (await run(systemProgram('serf'), [command, `-rpc-addr=${agent.rpc}`, ...args])).stdout;
}

async function tags(): Promise<Readonly<Record<string, string>>> {
  return (JSON.parse(await serf('info', '-format', 'json')) as { tags: Record<string, string> }).tags;
}

/** What is told, as programs read it that are not ours. */
async function told(): Promise<unknown[]> {
  const text = (await tags())['services'];
  if (text === undefined) return [];
  const { stdout } = await run('bash', ['-c', 'printf %s "$1" | base64 -d | bunzip2', '-', text]);
  return JSON.parse(stdout) as unknown[];
}

describe('the tag of a real Serf agent', { timeout: 120_000 }, () => {
  it('keeps records of others, and other tags', async () => {
    const other = { s: 'tincvpn', d: 'TincVPN_System', m: 'pi3.guifi.local', i: '10.1.2.3', p: '665', e: '', t: '' };
    const { stdout } = await run('bash', ['-c', 'printf %s "$1" | bzip2 | base64 -w 0', '-', JSON.stringify([other])]);
    await serf('tags', '-set', 'role=gateway', '-set', `services=${stdout}`);
    await sink.publish([service()], true);
    expect(await told()).toEqual([other, toCloudy(service(), HOST)]);
    await sink.publish([], true);
    expect(await told()).toEqual([other]);
    expect((await tags())['role']).toBe('gateway');
    await serf('tags', '-delete', 'role', '-delete', 'services');
  });

  it.each([0, 1, 2, 3])('takes all that is fitted beside another tag, whatever its length (%i more)', async (more) => {
    await serf('tags', '-delete', 'services', '-set', `other=${'x'.repeat(40 + more)}`);
    const leftOut = await sink.publish(typicalServices(200), true);
    expect((await told()).length + leftOut.length).toBe(200);
    expect(encodedTags_bytes(Object.entries(await tags()))).toBeGreaterThan(TAGS_LIMIT_bytes - 16);
  });

  it('has the room that is counted with, to the byte', async () => {
    const other = (length: number): string => 'x'.repeat(length);
    expect(encodedTags_bytes(Object.entries({ other: other(501) }))).toBe(TAGS_LIMIT_bytes);
    await serf('tags', '-delete', 'services', '-set', `other=${other(501)}`);
    await expect(serf('tags', '-set', `other=${other(502)}`)).rejects.toMatchObject({
      stdout: expect.stringContaining(`exceeds limit of ${TAGS_LIMIT_bytes} bytes`) as string,
    });
  });
});
