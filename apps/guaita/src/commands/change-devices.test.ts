import { AddDevices } from '@guaita/messages';
import type { Device } from '@guaita/model';
import { describe, expect, it } from 'vitest';
import { guaita } from './captured-output.testdata.ts';
import { deviceOf, parentsFirst } from './change-devices.ts';

describe('a device of the command line', () => {
  it('has the id of its name, or of its first address', () => {
    expect(deviceOf(['10.0.0.1'], { name: 'Böse Küche' })).toMatchObject({ device: 'bose-kuche', name: 'Böse Küche' });
    expect(deviceOf(['roof.lan', '10.0.0.1'], {}).device).toBe('roof.lan');
    expect(deviceOf(['10.0.0.1'], { name: 'A', id: 'x' }).device).toBe('x');
  });

  it('is what the command carries, with all that the flags say', () => {
    const flags = { parent: ['r'], tag: ['wifi'], interval: '15', snmp: 'home', onlySite: ['attic'] };
    const { devices } = AddDevices.parse({ devices: [deviceOf(['10.0.0.1'], flags)] });
    expect(devices[0]).toMatchObject({
      ...{ addresses: ['10.0.0.1'], parents: ['r'], tags: ['wifi'], placement: { only_sites: ['attic'] } },
      checks: { ping: { interval_s: 15, count: 3 }, snmp: { profile: 'home', port: 161 } },
    });
  });

  it('is refused where nothing can be made of it', async () => {
    expect((await guaita('devices', 'add')).code).toBe(2);
    expect((await guaita('devices', 'add', '10.0.0.1', '--interval', 'often')).code).toBe(2);
    expect((await guaita('devices', 'add', '--from', 'absent.yaml')).code).toBe(2);
  });
});

describe('the devices of a file', () => {
  it('come in an order in which parents are first, also from deep chains', () => {
    const chain = Array.from({ length: 5000 }, (_, n) => ({ device: `d${n}`, parents: n < 4999 ? [`d${n + 1}`] : [] }));
    const ordered = parentsFirst(chain as unknown as Device[]);
    expect(ordered).toHaveLength(5000);
    expect(ordered[0]?.device).toBe('d4999');
    expect(ordered.at(-1)?.device).toBe('d0');
  });
});
