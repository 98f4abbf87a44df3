import { beforeEach, describe, expect, it } from 'vitest';
import { Network } from './network.ts';
import { Said } from './said.testdata.ts';
import { isSilenced, scopeInWords } from './silences.ts';

let network: Network;
let broker: Said;

beforeEach(() => {
  network = new Network();
  network.connected();
  broker = new Said(network);
  broker.spec('ap', { name: 'Attic AP', tags: ['roof', 'wifi'], placement: { only_sites: ['home'] } });
  broker.spec('sw');
});

function silenced(scope: object): string[] {
  broker.say('guaita/silence/s-1', { by: 'ada', why: 'new mast', until: '2026-12-01T00:00:00Z', ...scope });
  const silence = network.silences.get('s-1')!;
  return [...network.devices.values()].filter((row) => isSilenced(silence, row)).map(({ id }) => id);
}

describe('a silence', () => {
  it.each<[object, string[], string]>([
    [{}, ['ap', 'sw'], 'all alerts'],
    [{ devices: ['ap'] }, ['ap'], 'Attic AP'],
    [{ monitors: ['pi-1'] }, [], 'monitor pi-1'],
    [{ devices: ['sw'], monitors: ['pi-1'] }, ['sw'], 'sw; monitor pi-1'],
    [{ tags: ['roof'] }, ['ap'], 'tag roof'],
    [{ tags: ['cellar'], devices: ['ap'] }, [], 'Attic AP; tag cellar'],
    [{ sites: ['home', 'rack'] }, ['ap'], 'site home, rack'],
    [{ sites: ['rack'] }, [], 'site rack'],
    [{ kinds: ['packet-loss'], severities: ['info'] }, ['ap', 'sw'], 'only packet loss; only info'],
    [{ devices: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }, [], 'a, b, c, d, e and 2 more'],
  ])('of %j is on %j', (scope, devices, words) => {
    expect(silenced(scope)).toEqual(devices);
    expect(scopeInWords(network, network.silences.get('s-1')!)).toBe(words);
  });
});
