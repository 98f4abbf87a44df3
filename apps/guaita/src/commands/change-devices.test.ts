import { AddDevices } from '@guaita/messages';
import type { Device } from '@guaita/model';
import { describe, expect, it, vi } from 'vitest';
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
    expect((await guaita('devices', 'remove', 'Bad Id')).code).toBe(2);
    expect((await guaita('devices', 'probe', 'Bad Id')).code).toBe(2);
    expect((await guaita('monitors', 'forget', 'Bad Id')).code).toBe(2);
  });

  it.each([
    [['10.0.0.1', '--interval', '0'], '--interval: 0 does not fit; give seconds from 1 to 86400\n'],
    [['10.0.0'], 'address: "10.0.0" does not fit; give 1 to 16 IP addresses or host names\n'],
    [
      ['10.0.0.1', '--id', 'Bad Id'],
      '--id: "Bad Id" does not fit; give letters a-z, digits, ".", "_" or "-", at most 63 characters\n',
    ],
  ])('%j is refused by the option, the cause and the mend, before anybody is asked', async (args, message) => {
    const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    expect((await guaita('devices', 'add', ...args)).code).toBe(2);
    expect(write.mock.calls.map(([text]) => text)).toEqual([message]);
    write.mockRestore();
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
