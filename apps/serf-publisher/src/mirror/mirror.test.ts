import { describe, expect, it, vi } from 'vitest';
import * as cloudy from '../tag/cloudy-record.ts';
import { pack } from '../tag/packing.ts';
import { member } from './members.testdata.ts';
import { Mirror } from './mirror.ts';

const record = (p: string) => ({ s: 'http', d: '', m: '', i: '10.0.0.1', p, e: '', t: '' });
const tags = (...ports: string[]) => ({ services: pack(ports.map(record)), role: 'x' });
const [ONE, TWO, THREE] = ['2026-01-01T00:00:01.000Z', '2026-01-01T00:00:02.000Z', '2026-01-01T00:00:03.000Z'];

describe('the mirror', () => {
  it('tells since when members are as they are', () => {
    const mirror = new Mirror();
    const since = (status: string, at: string) =>
      mirror
        .reflect([member('a', { status })], 'self', at)
        .members.map(({ member: told }) => [told.status, told.since]);
    expect(since('alive', ONE)).toEqual([['alive', ONE]]);
    expect(since('alive', TWO)).toEqual([['alive', ONE]]);
    expect(since('failed', TWO)).toEqual([['failed', TWO]]);
    expect(mirror.reflect([], 'self', TWO).members).toEqual([]);
    expect(since('failed', THREE)).toEqual([['failed', THREE]]);
  });

  it('tells of services of those who are alive', () => {
    const mirror = new Mirror();
    const services = (status: string) =>
      mirror
        .reflect(
          [member('a', { status, tags: tags('80', '81') }), member('b'), member('c', { tags: { services: '' } })],
          'self',
          ONE,
        )
        .services.map(({ name }) => name);
    expect(services('alive')).toEqual(['a-80', 'a-81']);
    expect(services('failed')).toEqual([]);
    expect(services('alive')).toEqual(['a-80', 'a-81']);
  });

  it('reads a tag once, until it is another', () => {
    const read = vi.spyOn(cloudy, 'readTag');
    const mirror = new Mirror();
    for (const at of [ONE, TWO]) {
      mirror.reflect([member('a', { tags: tags('80') }), member('b', { tags: { services: 'broken!' } })], 'self', at);
    }
    expect(read).toHaveBeenCalledTimes(2);
    const after = mirror.reflect([member('a', { tags: tags('82') })], 'self', THREE);
    expect(after.services.map(({ name }) => name)).toEqual(['a-82']);
    expect(read).toHaveBeenCalledTimes(3);
    read.mockRestore();
  });

  it('says again what stands against a tag as long as it does', () => {
    const mirror = new Mirror();
    const remarks = (services: string) => mirror.reflect([member('a', { tags: { services } })], 'self', ONE).remarks;
    const broken = ['Serf member "a": tag "services": is not base64; its services are not told of'];
    expect(remarks('broken!')).toEqual(broken);
    expect(remarks('broken!')).toEqual(broken);
    expect(remarks(pack([record('80')]))).toEqual([]);
  });

  it('names what is amiss at some nodes, and counts the rest', () => {
    const members = Array.from({ length: 30 }, (_, index) => member(`m${index}`, { tags: { services: 'broken!' } }));
    const { remarks } = new Mirror().reflect(members, 'self', ONE);
    expect(remarks).toHaveLength(21);
    expect(remarks.at(-1)).toBe('and 10 remarks more');
  });

  it('gives no two services one name', () => {
    const long = 'x'.repeat(63);
    const members = ['1', '2'].map((end) => member(`${long.slice(1)}${end}`, { tags: tags('80') }));
    const { services, remarks } = new Mirror().reflect(members, 'self', ONE);
    expect(services.map(({ name }) => name)).toEqual([`${'x'.repeat(60)}-80`]);
    expect(remarks).toEqual([
      `Serf member "${'x'.repeat(62)}2": its service http/${'x'.repeat(60)}-80 is called as one of "${'x'.repeat(62)}1"`,
    ]);
  });

  it('does not tell of services without end', () => {
    const many = tags(...Array.from({ length: 60 }, (_, index) => `${index + 1}`));
    const members = Array.from({ length: 80 }, (_, index) => member(`m${index}`, { tags: many }));
    const { services, remarks } = new Mirror().reflect(members, 'self', ONE);
    expect(services).toHaveLength(4_096);
    expect(remarks).toEqual(["Serf's members tell of 4800 services, of which 4096 are told on"]);
  });
});
