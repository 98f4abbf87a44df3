import { channels } from '@guaita/messages';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { siteHost } from '../host.ts';
import { readSite } from '../read-site.ts';
import { ALONE, HOME } from '../samples.testdata.ts';
import type { Site } from '../site.ts';
import { mosquittoAcl } from './acl.ts';
import { mosquittoConf, type MosquittoFiles } from './conf.ts';
import { SERVICES } from './users.ts';

const FILES = { socket: '/run/m.sock', data: '/data', users: '/users', acl: '/acl' };
const TLS = { authority: '/ca.pem', certificate: '/certificate.pem', key: '/key.pem' };
const WITH_TLS: MosquittoFiles = { ...FILES, tls: TLS };

/** What is said, without comments and empty lines. */
function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

describe('the configuration of a broker', () => {
  test('of three has a socket, a port by TLS, and a bridge to each other host', () => {
    const site = readSite(HOME);
    const lines = linesOf(mosquittoConf(site, siteHost(site, 'pi-1'), WITH_TLS, 'secret'));
    expect(lines.filter((line) => /^(listener|certfile|keyfile|allow_anonymous) /.test(line))).toEqual([
      'allow_anonymous false',
      'listener 0 /run/m.sock',
      'listener 8883',
      'certfile /certificate.pem',
      'keyfile /key.pem',
    ]);
    const bridge = (peer: string, address: string): string[] => [
      `connection pi-1-to-${peer}`,
      `address ${address}:8883`,
      'topic # out 1 guaita/monitor/pi-1/ guaita/monitor/pi-1/',
      `local_clientid pi-1-to-${peer}-local`,
      `remote_clientid pi-1-to-${peer}`,
      'remote_username peer-pi-1',
      'remote_password secret',
      'bridge_cafile /ca.pem',
      'bridge_insecure false',
      'bridge_protocol_version mqttv50',
      'cleansession false',
      'notifications false',
      'restart_timeout 1 10',
      'keepalive_interval 10',
    ];
    expect(lines.slice(lines.indexOf('connection pi-1-to-pi-2.lan'))).toEqual([
      ...bridge('pi-2.lan', '192.168.1.12'),
      ...bridge('pi-3', '192.168.1.13'),
    ]);
  });

  test('of one by itself has no bridge, and no TLS where it has no certificate', () => {
    const site = readSite(`${ALONE}ports: { mqtt: 1883 }\n`);
    const lines = linesOf(mosquittoConf(site, siteHost(site, 'pi-1'), FILES));
    expect(lines.slice(lines.indexOf('listener 0 /run/m.sock'))).toEqual(['listener 0 /run/m.sock', 'listener 1883']);
  });

  test.each([
    ['a certificate', FILES, 'secret'],
    ['a password', WITH_TLS, undefined],
  ])('of several is not made without %s for the peers', (what, files, password) => {
    const site = readSite(HOME);
    const make = (): string => mosquittoConf(site, siteHost(site, 'pi-1'), files, password);
    expect(make).toThrow(`pi-1 has peers, and no ${what.slice(2)} for them`);
  });
});

describe('the access list of a broker', () => {
  const site = readSite(HOME);
  const acl = rightsOf(site, 'pi-1');

  test('has a user for each service that writes, for a reader, an operator and each peer', () => {
    const writers = Object.values(channels).map(({ definition: { writer } }) => writer);
    expect(new Set(SERVICES)).toEqual(new Set(writers.filter((each) => !/^(every service|operators)$/.test(each))));
    expect([...acl.keys()]).toEqual([...SERVICES, 'watch', 'operator', 'peer-pi-2.lan', 'peer-pi-3']);
  });

  test('lets a service write its channels, of its own monitor', () => {
    expect(acl.get('ping')).toEqual([
      'read guaita/#',
      'write guaita/monitor/pi-1/service/ping',
      'write guaita/monitor/pi-1/ping/+',
      'write guaita/host/pi-1/presence/ping/+',
      'write guaita/host/pi-1/probing',
      'write guaita/reply/+/+',
    ]);
    expect(acl.get('assign')).toContain('write guaita/cluster/+');
  });

  test('lets a peer write below its monitor and read nothing, a reader write nothing, an operator command', () => {
    expect(acl.get('peer-pi-3')).toEqual(['write guaita/monitor/pi-3/#']);
    expect(acl.get('watch')).toEqual(['read guaita/#', 'read $SYS/#']);
    expect(acl.get('operator')).toEqual(['read guaita/#', 'read $SYS/#', 'write guaita/command/#']);
  });
});

test('whatever the hosts are called, no line is about anything else than it should be', () => {
  const name = fc.string({ minLength: 1, maxLength: 80 }).filter((text) => text !== '__proto__');
  fc.assert(
    fc.property(fc.uniqueArray(name, { minLength: 1, maxLength: 4 }), (names) => {
      const hosts = Object.fromEntries(names.map((each, n) => [each, { address: `10.0.0.${n + 1}` }]));
      let site: Site;
      try {
        site = readSite(JSON.stringify({ site: 'home', hosts }));
      } catch {
        return;
      }
      for (const host of site.hosts) {
        const conf = linesOf(mosquittoConf(site, host, WITH_TLS, 'secret'));
        expect(conf.filter((line) => line.startsWith('connection '))).toHaveLength(site.hosts.length - 1);
        expect(conf.filter((line) => line.startsWith('allow_anonymous '))).toEqual(['allow_anonymous false']);
        const users = rightsOf(site, host.name);
        expect(users.size).toBe(SERVICES.length + 2 + site.hosts.length - 1);
        for (const rights of users.values()) {
          for (const right of rights) expect(right).toMatch(/^(read|write|readwrite) [\w.$/+#-]+$/);
        }
      }
    }),
  );
});

/** What each user may do, by the access list of a host's broker. */
function rightsOf(site: Site, name: string): Map<string, string[]> {
  const rights = new Map<string, string[]>();
  for (const line of linesOf(mosquittoAcl(site, siteHost(site, name)))) {
    const [kind = '', ...rest] = line.split(' ');
    if (kind === 'user') rights.set(rest.join(' '), []);
    else [...rights.values()].at(-1)?.push(rest.join(' '));
  }
  return rights;
}
