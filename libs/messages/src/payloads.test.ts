import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Channel } from './channel.ts';
import { channels } from './channels.ts';
import { audienceSamples } from './channels/audience.testdata.ts';
import { commandSamples } from './channels/commands.testdata.ts';
import { hostSamples } from './channels/host.testdata.ts';
import { monitorSamples } from './channels/monitor.testdata.ts';

const utf8 = new TextEncoder();
const samples: Readonly<Record<string, fc.Arbitrary<object>>> = {
  ...{ ...monitorSamples, ...hostSamples, ...audienceSamples, ...commandSamples },
};

describe('what the cluster says', { timeout: 60_000 }, () => {
  test.each(Object.entries<Channel>(channels))('in %s is read back as it was said', (name, channel) => {
    const sample = samples[name];
    if (sample === undefined) throw new Error(`there are no samples of ${name}: add them in channels/*.testdata.ts`);
    fc.assert(
      fc.property(sample, (value) => {
        const bytes = utf8.encode(channel.encode(value));
        // Dictionaries of fast-check have no prototype, and what is read has.
        expect(channel.decode('t', bytes)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
      { numRuns: 500 },
    );
  });

  test('of an entered device may leave out all but its id and an address: it is pinged', () => {
    const command = utf8.encode('{"devices":[{"device":"router","addresses":["10.0.0.1"]}]}');
    expect(channels.addDevices.decode('t', command).devices[0]).toMatchObject({
      device: 'router',
      checks: { ping: { interval_s: 60 } },
    });
  });

  test('of an entered service may leave out all but its type, name and port', () => {
    const command = utf8.encode('{"type":"http","name":"web","port":80}');
    expect(channels.addService.decode('t', command)).toEqual({
      ...{ type: 'http', name: 'web', port: 80, protocol: 'tcp', description: '', txt: {} },
    });
  });

  test.each([
    [
      { type: 'HTTP' },
      'type: must be a type of service: a-z, 0-9 and single hyphens, with a letter, at most 15 characters',
    ],
    [{ name: 'a/b' }, 'name: must be an id'],
    [{ port: 0 }, 'port: '],
    [{ address: '10.0.0' }, 'address: "10.0.0" is not an IP address or host name'],
    [{ txt: { 'a=b': 'c' } }, 'txt: must have names of 1 to 128 characters without a "="'],
    [
      { txt: Object.fromEntries(Array.from({ length: 17 }, (_, at) => [`a${at}`, ''])) },
      'txt: must have at most 16 attributes',
    ],
  ])('of an entered service is refused with %j', (wrong, message) => {
    const command = utf8.encode(JSON.stringify({ type: 'http', name: 'web', port: 80, ...wrong }));
    expect(() => channels.addService.decode('t', command)).toThrow(message);
  });

  test('in a header or a goodbye is told apart by the state, and nothing between them is taken', () => {
    const goodbye = { state: 'offline', incarnation: 1, session: 2 };
    expect(channels.status.decode('t', utf8.encode(JSON.stringify(goodbye)))).toEqual(goodbye);
    for (const wrong of [{ ...goodbye, state: 'online' }, { ...goodbye, state: 'gone' }, { incarnation: 1 }]) {
      expect(() => channels.status.decode('t', utf8.encode(JSON.stringify(wrong)))).toThrow('t: ');
    }
  });
});
