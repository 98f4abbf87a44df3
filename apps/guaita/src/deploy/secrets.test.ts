import { readSite } from '@guaita/site';
import { X509Certificate } from 'node:crypto';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isPasswordLine, passwordLines } from './broker-passwords.ts';
import { FILES, planSecrets, SecretsError, type Files } from './secrets.ts';

const NOW_ms = Date.UTC(2026, 0, 1);
const DAY_ms = 86_400_000;
const site = (hosts = '{ pi-1: { address: 192.168.1.11 }, Pi-2: { address: "fd00::12" } }', floating = '') =>
  readSite(`site: home\nhosts: ${hosts}\n${floating}`);

/** Chance that is the same in each run. */
function chance(): (count: number) => Buffer {
  let state = 0;
  return (count) =>
    createHash('shake256', { outputLength: count })
      .update(`${(state += 1)}`)
      .digest();
}

function after(found: Files, { files }: { readonly files: Files }): Map<string, string> {
  return new Map([...found, ...files]);
}

const random = chance();
const made = after(new Map(), planSecrets(new Map(), site(), NOW_ms, random));
const read = (files: Files, name: string): Record<string, { cert: string; key: string }> =>
  JSON.parse(files.get(name) ?? '') as Record<string, { cert: string; key: string }>;

describe('the secrets of a site', () => {
  it('are a password for each service, for people and for each host’s broker, and their hashes', () => {
    const lines = passwordLines(made.get('secrets/users') ?? '');
    expect([...lines.keys()]).toEqual([
      ...[
        'assign',
        'ping',
        'snmp',
        'alert',
        'storage',
        'serf-publisher',
        'watch',
        'operator',
        'peer-pi-1',
        'peer-pi-2',
      ],
    ]);
    const ping = made.get('secrets/ping') ?? '';
    expect(ping).toMatch(/^[\w-]{32}$/);
    expect(isPasswordLine(lines.get('ping') ?? '', 'ping', ping)).toBe(true);
    expect(isPasswordLine(lines.get('ping') ?? '', 'ping', `${ping}x`)).toBe(false);
    expect(isPasswordLine(lines.get('ping') ?? '', 'snmp', ping)).toBe(false);
    expect(made.get('secrets/vrrp')).toMatch(/^[\w-]{8}$/);
    expect(Object.keys(read(made, FILES.peers))).toEqual(['pi-1', 'pi-2']);
  });

  it('are never said', () => {
    const { said, files } = planSecrets(new Map(), site(), NOW_ms, random);
    for (const [name, text] of files) {
      if (name.startsWith('secrets/')) expect(said.join('\n')).not.toContain(text.trim());
    }
  });

  it('stay as they are, every byte of them, when they are asked for again', () => {
    expect(planSecrets(made, site(), NOW_ms + DAY_ms, random)).toEqual({ files: new Map(), said: [] });
  });

  it('grow by those of a host that came, and shrink by those of a host that went', () => {
    const more = site('{ pi-1: { address: 192.168.1.11 }, pi-3: { address: 192.168.1.13 } }');
    const plan = planSecrets(made, more, NOW_ms, random);
    expect([...plan.files.keys()].sort()).toEqual(['secrets/peers.json', 'secrets/tls.json', 'secrets/users']);
    const now = after(made, plan);
    expect(Object.keys(read(now, FILES.certificates))).toEqual(['pi-1', 'pi-3']);
    expect(read(now, FILES.certificates)['pi-1']).toEqual(read(made, FILES.certificates)['pi-1']);
    expect(now.get('secrets/users')).not.toContain('peer-pi-2');
    expect(now.get('secrets/users')).toContain('peer-pi-3:$7$');
    expect(plan.said.join('\n')).toMatch(/took away .* peer-pi-2[^]*made .* peer-pi-3/);
  });

  it('are hashed anew where a password was changed by hand', () => {
    const changed = new Map([...made, ['secrets/watch', 'a password of my own']]);
    const { files } = planSecrets(changed, site(), NOW_ms, random);
    const line = passwordLines(files.get('secrets/users') ?? '').get('watch') ?? '';
    expect(isPasswordLine(line, 'watch', 'a password of my own')).toBe(true);
  });

  it.each([
    [
      'no JSON',
      FILES.peers,
      '{',
      'secrets/peers.json is torn: it is no JSON; bring it back from a backup, or delete it',
    ],
    [
      'half a certificate',
      FILES.certificates,
      '{"pi-1":{"cert":"","key":""}}',
      'secrets/tls.json does not hold what it should; bring it back',
    ],
    ['a foreign key', FILES.authorityKey, 'no key', 'ca.pem and secrets/ca.key do not belong together; bring back'],
  ])('are an error where a file holds %s', (_, file, text, message) => {
    const found = new Map([...made, [file, text]]);
    expect(() => planSecrets(found, site(), NOW_ms, random)).toThrow(message);
  });

  it.each([FILES.authority, FILES.authorityKey])(
    'are an error where of the authority only the half is there, without %s',
    (file) => {
      const found = new Map([...made].filter(([name]) => name !== file));
      expect(() => planSecrets(found, site(), NOW_ms, random)).toThrow(SecretsError);
      expect(() => planSecrets(found, site(), NOW_ms, random)).toThrow(`${file} is not; bring it back`);
    },
  );

  it('hold names of hosts that are names of JavaScript’s own', () => {
    const odd = site('{ constructor: { address: 10.0.0.1 }, tostring: { address: 10.0.0.2 } }');
    const all = after(new Map(), planSecrets(new Map(), odd, NOW_ms, random));
    expect(Object.keys(read(all, FILES.certificates))).toEqual(['constructor', 'tostring']);
    expect(planSecrets(all, odd, NOW_ms, random).said).toEqual([]);
  });
});

describe('the certificate of a host', () => {
  const renewal = (found: Files, of = site(), now_ms = NOW_ms): string[] =>
    planSecrets(found, of, now_ms, random).said.filter((line) => line.startsWith('renewed'));

  it('is for its name and addresses, and the floating IP', () => {
    const of = site(
      '{ pi-1: { address: 192.168.1.11 } }',
      'floating_ip: { address: 192.168.1.250/24, interface: eth0 }',
    );
    const all = after(new Map(), planSecrets(new Map(), of, NOW_ms, random));
    const certificate = new X509Certificate(read(all, FILES.certificates)['pi-1']?.cert ?? '');
    expect(certificate.subjectAltName).toBe('DNS:pi-1, IP Address:192.168.1.11, IP Address:192.168.1.250');
    expect(certificate.checkIssued(new X509Certificate(all.get(FILES.authority) ?? ''))).toBe(true);
    expect(certificate.ca).toBe(false);
  });

  it('is renewed when it ends within 90 days, and no sooner', () => {
    expect(renewal(made, site(), NOW_ms + (825 - 92) * DAY_ms)).toEqual([]);
    expect(renewal(made, site(), NOW_ms + (825 - 80) * DAY_ms)).toEqual([
      'renewed secrets/tls.json: the certificate of pi-1; it ends in 80 days',
      'renewed secrets/tls.json: the certificate of pi-2; it ends in 80 days',
    ]);
    expect(renewal(made, site(), NOW_ms + 900 * DAY_ms)[0]).toContain('it ended 2028-04-05');
  });

  it('is renewed when the host has another address, or there is a floating IP now', () => {
    const moved = site('{ pi-1: { address: 192.168.1.99 }, Pi-2: { address: "fd00::12" } }');
    expect(renewal(made, moved)).toEqual([
      'renewed secrets/tls.json: the certificate of pi-1; it was not for 192.168.1.99',
    ]);
  });

  it('is renewed when its key is lost, or the authority is another', () => {
    const torn = read(made, FILES.certificates);
    torn['pi-1'] = { cert: torn['pi-1']?.cert ?? '', key: torn['pi-2']?.key ?? '' };
    expect(renewal(new Map([...made, [FILES.certificates, JSON.stringify(torn)]]))[0]).toContain(
      'pi-1; it and its key did not belong together',
    );
    const without = new Map([...made].filter(([name]) => name !== FILES.authority && name !== FILES.authorityKey));
    expect(renewal(without)).toHaveLength(2);
  });
});
