import fc from 'fast-check';
import { address, checks, count, foundService, moment, type Samples } from '../samples.testdata.ts';
import type { hostChannels } from './host.ts';

export const hostSamples: Samples<typeof hostChannels> = {
  assigned: fc.record({ name: fc.string(), addresses: fc.array(address, { minLength: 1, maxLength: 16 }), checks }),
  presence: fc.record(
    { state: fc.constant('online' as const), at: moment, preferred: fc.constant(true as const) },
    { requiredKeys: ['state', 'at'] },
  ),
  hostService: foundService,
  probing: fc.record({
    ...{ at: moment, isolated: fc.boolean(), last_probe_at: fc.option(moment), devices: count },
    anchors: fc.array(
      fc.record({ address, state: fc.constantFrom('up' as const, 'down' as const, 'unknown' as const) }),
    ),
  }),
};
