import { parseConfig, type ConfigResult } from '@guaita/service';
import { describe, expect, it } from 'vitest';
import { snmp } from './index.ts';
import { Profile, readyProfile } from './profiles.ts';

function configure(profile: object): ConfigResult {
  return parseConfig({
    definitions: [snmp],
    file: { name: 'guaita.yaml', text: JSON.stringify({ snmp: { profiles: { core: profile } } }) },
    env: {},
    flags: [],
    hostName: 'watch',
    readFile: () => '',
  });
}

/** What is wrong, as people read it: path, cause and mend. */
function problems(profile: object): string[] {
  const result = configure(profile);
  if ('config' in result) return [];
  return result.problems.map(
    ({ path, cause, mend }) => `${path.slice(3).join('.')}: ${cause}${mend ? `; ${mend}` : ''}`,
  );
}

const allowed = ['10.0.0.0/8', '2001:db8::/32'];
const v3 = { version: '3', user: 'watcher', allowed };

describe('a profile', () => {
  it('is complete with its credentials and networks', () => {
    expect(problems({ community: 'c0mmunity', allowed })).toEqual([]);
    expect(problems(v3)).toEqual([]);
    expect(problems({ ...v3, auth: { password: 'long enough' }, priv: { password: 'long enough' } })).toEqual([]);
  });

  it.each([
    ['no networks', { community: 'c' }, /^allowed: /],
    ['no network in the list', { community: 'c', allowed: [] }, /^allowed: .*too short; give at least 1/],
    ['a network that is none', { community: 'c', allowed: ['10.0.0.0/33'] }, /^allowed\.0: .*is not a network/],
    ['no community', { version: '2c', allowed }, /^: community is missing; version 2c needs one/],
    ['a user in version 2c', { community: 'c', user: 'u', allowed }, /^user: belongs to version 3/],
    ['no user', { version: '3', allowed }, /^user: is missing; version 3 needs a user/],
    ['a community in version 3', { ...v3, community: 'c0mmunity' }, /^: community belongs to versions 1 and 2c/],
    ['privacy alone', { ...v3, priv: { password: 'long enough' } }, /^auth: is missing; version 3 has no privacy/],
    ['a short password', { ...v3, auth: { password: 'tiny' } }, /^auth\.password: .*give at least 8 characters/],
    ['an unknown protocol', { ...v3, auth: { protocol: 'sha3', password: 'long enough' } }, /^auth\.protocol: /],
    [
      'an OID that is none',
      { community: 'c', allowed, extra: { x: { oid: '1.3.x', unit: 'v' } } },
      /^extra\.x\.oid: .*OID/,
    ],
    ['an unknown field', { community: 'c', allowed, comunity: 'c' }, /^comunity: /],
  ])('is refused with %s', (_mistake, profile, message) => {
    expect(problems(profile).join('\n')).toMatch(message);
  });

  it('tells no secret in a complaint', () => {
    const said = problems({ ...v3, user: 7, auth: { password: 's3cr3t' }, community: 'c0mmunity' }).join('\n');
    expect(said).toMatch(/at least 8 characters/);
    expect(said).not.toMatch(/s3cr3t|c0mmunity/);
  });

  it('marks community and passwords as secret', () => {
    const secrets = (profile: object): readonly string[] => {
      const result = configure(profile);
      return 'config' in result ? result.config.secrets : [];
    };
    expect(secrets({ community: 'c0mmunity', allowed })).toEqual(['c0mmunity']);
    expect(secrets({ ...v3, auth: { password: 'auth-secret' }, priv: { password: 'priv-secret' } })).toEqual([
      'auth-secret',
      'priv-secret',
    ]);
  });

  it('takes its secrets from files', () => {
    const result = parseConfig({
      definitions: [snmp],
      file: { name: 'guaita.yaml', text: JSON.stringify({ snmp: { profiles: { core: { allowed } } } }) },
      env: { GUAITA_SNMP_PROFILES_CORE_COMMUNITY_FILE: '/run/secrets/community' },
      flags: [],
      hostName: 'watch',
      readFile: () => 'from-a-file\n',
    });
    expect('config' in result && result.config.sections['snmp']).toMatchObject({
      profiles: { core: { community: 'from-a-file' } },
    });
  });

  it('allows its networks, IPv4 behind IPv6 forms too, and nothing else', () => {
    const profile = readyProfile('core', Profile.parse({ community: 'c', allowed }));
    const allows = (address: string): boolean => profile.allows(address);
    expect(['10.1.2.3', '::ffff:10.1.2.3', '2001:db8::7'].map(allows)).toEqual([true, true, true]);
    const refused = ['11.0.0.1', '::ffff:11.0.0.1', '2001:db9::7', 'router.lan', '10.1', '', '::ffff:0:0'];
    expect(refused.map(allows)).toEqual(refused.map(() => false));
  });
});
