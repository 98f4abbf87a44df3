import { expect, it } from 'vitest';
import { alertConfig } from '../config.ts';
import { unseenFor_ms } from './unseen.ts';

const MARGIN_s = 300;

it.each([
  ['is as long as the slowest rule, and some minutes', {}, 900],
  ['heeds rules of monitors', { monitor_lost_after_s: 4_000 }, 4_000],
  ['heeds that a state is held before it is an alert', { hold: { disputed_s: 1_000 }, disputed_after_s: 2_000 }, 3_000],
  ['heeds what is measured', { measurements: { errors: { begin_after_s: 5_000 } } }, 5_000],
  ['heeds over what time it is averaged', { measurements: { loss: { begin_after_s: 900, over_s: 900 } } }, 1_800],
  [
    'heeds what tags name, whichever a device bears',
    {
      by_tag: {
        a: { measurements: { latency: { begin_after_s: 2_000 } } },
        b: { measurements: { latency: { over_s: 3_000 } } },
        c: { hold: { down_s: 4_000 } },
      },
    },
    5_000,
  ],
  [
    'heeds what tags name of how long something must last',
    {
      by_tag: { a: { disputed_after_s: 6_000 }, b: { hold: { disputed_s: 100 } }, c: { monitor_lost_after_s: 6_050 } },
    },
    6_100,
  ],
])('who has not seen an alert open waits: %s', (_, config, seconds) => {
  expect(unseenFor_ms(alertConfig.parse(config))).toBe((MARGIN_s + seconds) * 1000);
});
