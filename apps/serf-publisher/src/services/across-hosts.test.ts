import type { FoundService } from '@guaita/messages';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acrossHosts } from './across-hosts.ts';
import { describeConflict, keyOf } from './union.ts';

/** `pi-1 swarm http/web 10.0.0.1:80` */
function found(text: string): FoundService {
  const [node = '', source = '', key = '', place = ''] = text.split(' ');
  const [type = '', name = ''] = key.split('/');
  const [address = '', port = ''] = place.split(':');
  return { type, name, address, port: Number(port), protocol: 'tcp', description: '', txt: {}, node, source };
}

function told(hosts: readonly string[], members: readonly string[] = []) {
  const mirrored = members.map(found).map((service) => ({ type: service.type, name: service.name, service }));
  const { services, conflicts } = acrossHosts(hosts.map(found), mirrored);
  return {
    services: services.map(({ node, source, type, name, port }) => `${node} ${source} ${type}/${name} ${port}`),
    conflicts: conflicts.map(describeConflict),
  };
}

describe('the services of all hosts on a broker', () => {
  it('stand beside one another', () => {
    const hosts = ['pi-1 own http/guaita-pi-1 10.0.0.1:7480', 'pi-2 announcements git/code 10.0.0.2:9418'];
    const members = ['far serf http/far-80 10.9.9.9:80'];
    expect(told(hosts, members)).toEqual({
      services: ['pi-1 own http/guaita-pi-1 7480', 'pi-2 announcements git/code 9418', 'far serf http/far-80 80'],
      conflicts: [],
    });
  });

  it('that one orchestrator tells each of stand once, at the lowest monitor that is there', () => {
    const hosts = ['pi-2 swarm http/shop 10.0.0.2:30080', 'pi-1 swarm http/shop 10.0.0.1:30080'];
    expect(told(hosts)).toEqual({ services: ['pi-1 swarm http/shop 30080'], conflicts: [] });
  });

  it('that are called alike are one: what was announced before what runs, then the lowest monitor’s', () => {
    const hosts = [
      'pi-1 swarm http/wiki 10.0.0.1:30080',
      'pi-3 announcements http/wiki 10.0.0.3:80',
      'pi-2 announcements http/wiki 10.0.0.2:8080',
    ];
    expect(told(hosts)).toEqual({
      services: ['pi-2 announcements http/wiki 8080'],
      conflicts: [
        'several services are http wiki: that of announcements of pi-2 at 10.0.0.2:8080 counts, not that of ' +
          'announcements of pi-3 at 10.0.0.3:80, swarm of pi-1 at 10.0.0.1:30080; give them different names',
      ],
    });
  });

  it('that differ in nothing are no conflict', () => {
    const hosts = ['pi-1 announcements dns/ns 10.0.0.9:53', 'pi-2 swarm dns/ns 10.0.0.9:53'];
    expect(told(hosts)).toEqual({ services: ['pi-1 announcements dns/ns 53'], conflicts: [] });
  });

  it('go before those of Serf’s members, and are not told a second time from a member’s tag', () => {
    const hosts = ['pi-2 swarm http/shop 10.0.0.2:30080'];
    const members = [
      'pi-2 serf http/pi-2-30080 10.0.0.2:30080',
      'pi-2 serf http/pi-2-30081 10.0.0.2:30081',
      'shop serf http/shop 10.9.9.9:80',
    ];
    expect(told(hosts, members).services).toEqual(['pi-2 swarm http/shop 30080', 'pi-2 serf http/pi-2-30081 30081']);
  });

  it('are the same whoever tells of them, and each key stands once', () => {
    const host = fc
      .record({
        node: fc.constantFrom('a', 'b', 'c'),
        source: fc.constantFrom('own', 'announcements', 'swarm', 'kubernetes', 'else'),
        key: fc.constantFrom('http/x', 'http/y', 'git/x'),
        port: fc.constantFrom(1, 2),
      })
      .map(({ node, source, key, port }) => found(`${node} ${source} ${key} 10.0.0.1:${port}`));
    // A host has each key once.
    const hosts = fc.uniqueArray(host, { selector: (service) => `${service.node} ${keyOf(service)}` });
    fc.assert(
      fc.property(hosts, (services) => {
        const ordered = acrossHosts(services, []).services.toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
        const turned = acrossHosts(services.toReversed(), []).services.toSorted((a, b) =>
          keyOf(a) < keyOf(b) ? -1 : 1,
        );
        expect(turned).toEqual(ordered);
        expect(ordered.map(keyOf)).toEqual([...new Set(services.map(keyOf))].sort());
      }),
    );
  });
});
