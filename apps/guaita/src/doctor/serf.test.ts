import { freePort, startSerfAgent, type SerfAgent } from '@guaita/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkSerf } from './serf.ts';

const said = (text: string): string => expect.stringContaining(text) as string;

describe('the doctor and Serf', { timeout: 60_000 }, () => {
  let agent: SerfAgent;
  beforeAll(async () => {
    agent = await startSerfAgent({ name: 'pi-1', authKey: 'planted-key' });
  });
  afterAll(() => agent.stop());

  it('says nothing where none is configured', async () => {
    expect(await checkSerf(undefined)()).toEqual([]);
  });

  it('finds an agent that answers, and whom it knows', async () => {
    const detail = `the agent at ${agent.rpc} answers; of 1 members that it knows 1 are alive`;
    expect(await checkSerf({ agent: agent.rpc, key: 'planted-key' })()).toEqual([
      { check: 'serf', level: 'ok', detail },
    ]);
  });

  it('says how the key is given to one that wants it, and shows no key', async () => {
    expect(await checkSerf({ agent: agent.rpc })()).toMatchObject([
      { level: 'failure', mend: said('GUAITA_SERF_PUBLISHER_SERF_KEY_FILE') },
    ]);
    const wrong = await checkSerf({ agent: agent.rpc, key: 'another-key' })();
    expect(wrong).toMatchObject([{ level: 'failure', mend: said('rpc_auth') }]);
    expect(JSON.stringify(wrong)).not.toContain('another-key');
  });

  it('says where one is looked for that is not there', async () => {
    const nobody = `127.0.0.1:${await freePort()}`;
    expect(await checkSerf({ agent: nobody })()).toMatchObject([
      { level: 'failure', detail: said(nobody), mend: said('serf agent') },
    ]);
  });
});
