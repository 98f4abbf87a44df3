import { pingRow } from '@guaita/storage/ping';
import { expect, it } from 'vitest';
import { rowOfPing } from './ping-row.ts';
import { BEGIN_ms, deviceId, MONITOR, observationOf, pingsOf } from './pings.ts';

it('makes the row of a ping that our storage makes of what was said of it', () => {
  const pings = pingsOf(7, BEGIN_ms, BEGIN_ms + 8 * 86_400_000);
  expect(new Set(pings.map(({ received }) => received))).toEqual(new Set([0, 2, 3]));
  for (const ping of pings) {
    const heard = { monitor: MONITOR, received_ms: ping.received_ms };
    const said = pingRow(heard, deviceId(ping.device), observationOf(ping));
    if (JSON.stringify(rowOfPing(ping)) !== JSON.stringify(said)) expect(rowOfPing(ping)).toEqual(said);
  }
});
