import { networkInterfaces } from 'node:os';
import { expect, it } from 'vitest';
import { hostAddress } from './host-address.ts';

it('is one of this host’s own, or there is none', async () => {
  const own = Object.values(networkInterfaces()).flatMap((each) => (each ?? []).map(({ address }) => address));
  expect([undefined, ...own]).toContain(await hostAddress());
});
