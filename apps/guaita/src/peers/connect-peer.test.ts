import { createServer } from 'node:net';
import { eventually } from '@guaita/lab/eventually';
import { afterEach, expect, test } from 'vitest';
import { connectPeer } from './connect-peer.ts';

const releases: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const release of releases.splice(0).reverse()) await release();
});

test('a peer that is away is tried again and again, and said to be so once', { timeout: 60_000 }, async () => {
  let tries = 0;
  const server = createServer((socket) => {
    tries += 1;
    socket.resetAndDestroy();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  releases.push(() => new Promise((resolve) => server.close(resolve)));
  const address = server.address();
  const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`;
  const log: string[] = [];
  const bus = connectPeer('two', { url, username: 'one', password: 's3cret' }, 'one-push', (_, line) => log.push(line));
  releases.push(() => bus.stop(100));
  const stop = new AbortController();
  const start = bus.start(stop.signal);
  await eventually(() => expect(tries).toBeGreaterThanOrEqual(3));
  stop.abort();
  await expect(start).rejects.toThrow('gave up connecting');
  expect(log).toHaveLength(1);
  expect(log[0]).toMatch(/^cannot connect to mqtt:\/\/127\.0\.0\.1:\d+: /);
  expect(log[0]).not.toContain('s3cret');
});

test('an authority’s file that cannot be read is named with what to do', () => {
  const peer = { url: 'mqtts://two.lan:8883', ca_file: '/nowhere/authority.pem' };
  expect(() => connectPeer('two', peer, 'one-push', () => {})).toThrow(
    /^cannot read peers\.two\.ca_file \/nowhere\/authority\.pem: ENOENT.*; name the PEM file of the authority/,
  );
});
