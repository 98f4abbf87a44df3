import { startSerfAgent, type SerfAgent } from '@guaita/lab';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SerfClient } from './client.ts';
import { RequestTimeoutError, TooLargeError } from './errors.ts';

/** A loaded machine may take a minute. */
const PATIENCE_ms = 120_000;

describe('a real agent', { timeout: PATIENCE_ms }, () => {
  let agent: SerfAgent;
  let client: SerfClient;

  beforeEach(async () => {
    agent = await startSerfAgent({ name: 'ada', keepsTags: true });
    client = new SerfClient({ address: agent.rpc, requestTimeout_ms: PATIENCE_ms, random: () => 0 });
    client.start();
  }, PATIENCE_ms);

  afterEach(async () => {
    await client.stop();
    await agent.stop();
  }, PATIENCE_ms);

  test('with a tags file starts again after it was asked for too many tags, since it is never asked', async () => {
    await client.tags({ set: { role: 'kept' } });
    await expect(client.tags({ set: { much: 'x'.repeat(600) } })).rejects.toThrow(TooLargeError);
    await agent.restart();
    expect((await client.self()).tags).toEqual(new Map([['role', 'kept']]));
  });

  test('that hangs is given up, and asked again when it runs on', async () => {
    await client.members();
    agent.freeze();
    await expect(client.members({ timeout_ms: 300 })).rejects.toThrow(RequestTimeoutError);
    agent.thaw();
    expect(await client.members()).toHaveLength(1);
  });
});
