import { describe, expect, it } from 'vitest';
import { withNamespace } from './namespace.ts';

const networks = ['10.200.0.0/16', 'fd00:200::/64'];

/** The addresses that answer one ping each. */
async function answering(run: (command: string, args: string[]) => Promise<{ stdout: string }>, addresses: string[]) {
  const { stdout } = await run('fping', ['-a', '-r', '0', '-t', '500', ...addresses]);
  return stdout.split('\n').filter((line) => line !== '');
}

describe('a network namespace', () => {
  it('answers for every address of its networks, but for those made silent', async () => {
    await withNamespace({ networks }, async (namespace) => {
      const ask = (...addresses: string[]) => answering((c, a) => namespace.run(c, a), addresses);
      expect(await ask('10.200.0.1', '10.200.255.254', 'fd00:200::77')).toHaveLength(3);
      await namespace.silence('10.200.0.1', 'fd00:200::77');
      expect(await ask('10.200.0.1', '10.200.0.2', 'fd00:200::77')).toEqual(['10.200.0.2']);
      await namespace.wake('10.200.0.1', 'fd00:200::77');
      expect(await ask('10.200.0.1', 'fd00:200::77')).toHaveLength(2);
    });
  });

  it('loses all of them with its cable, and keeps loopback', async () => {
    await withNamespace({ networks }, async (namespace) => {
      const ask = (...addresses: string[]) => answering((c, a) => namespace.run(c, a), addresses);
      await namespace.silence('10.200.0.9');
      await namespace.pullCable();
      expect(await ask('10.200.0.1', 'fd00:200::1', '127.0.0.1')).toEqual(['127.0.0.1']);
      await namespace.plugCable();
      expect(await ask('10.200.0.1', '10.200.0.9', 'fd00:200::1')).toEqual(['10.200.0.1', 'fd00:200::1']);
    });
  });

  it('runs what programs outside start by a name of its shims', async () => {
    await withNamespace({ networks }, async (namespace) => {
      const folder = await namespace.shims('ip');
      const { stdout } = await namespace.run('sh', ['-c', `${folder}/ip -4 addr show dev lo`]);
      expect(stdout).toContain('192.0.2.1/32');
    });
  });

  it('ends what still runs in it', async () => {
    const child = await withNamespace({ networks }, async (namespace) => namespace.spawn('sleep', ['1000']));
    expect(child.signalCode).toBe('SIGKILL');
  });
});
