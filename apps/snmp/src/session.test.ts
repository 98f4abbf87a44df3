import { startSnmpd, startSnmpsim, type Snmpd, type Snmpsim } from '@guaita/lab';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUTH_PROTOCOLS, type Credentials } from './credentials.ts';
import { MemorySession } from './memory-session.ts';
import { NetSnmpSession } from './net-snmp-session.ts';
import { sampleSwitch, system } from './sample-agents.ts';
import { SnmpSecurityError, SnmpTimeout, type SnmpSession } from './session.ts';
import { sessionContract } from './session-contract.ts';
import { UdpSockets } from './udp.ts';

/** As snmpd 5.9 names them in `createUser`. */
const SNMPD_AUTH = {
  md5: 'MD5',
  sha: 'SHA',
  sha224: 'SHA-224',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
};

let snmpd: Snmpd;
let snmpsim: Snmpsim;
let snmpsim3: Snmpsim;
const sockets = new UdpSockets((error) => {
  throw error;
});

/** What snmpsim calls the two ways to keys of 256 bits. */
const AES256 = [
  { priv: 'aes256-blumenthal', snmpsim: 'AES256BLMT' },
  { priv: 'aes256-reeder', snmpsim: 'AES256' },
] as const;

/** Debian's snmpd has DES and AES with 128 bits; neither way to AES-256 is compiled in. */
const users = AUTH_PROTOCOLS.flatMap((auth) =>
  (['none', 'des', 'aes'] as const).map((priv) => ({ name: `${auth}-${priv}`, auth, priv })),
);

beforeAll(async () => {
  [snmpd, snmpsim, snmpsim3] = await Promise.all([
    startSnmpd({
      addresses: ['127.0.0.1', '127.1.0.1', '127.1.0.2'],
      users: [
        { name: 'open' },
        ...users.map(({ name, auth, priv }) => ({
          name,
          auth: { protocol: SNMPD_AUTH[auth], password: `auth-password-${auth}` },
          ...(priv === 'none' ? {} : { priv: { protocol: priv.toUpperCase(), password: `priv-password-${priv}` } }),
        })),
      ],
    }),
    startSnmpsim({ recordings: { switch: sampleSwitch(3) } }),
    startSnmpsim({
      recordings: { switch: sampleSwitch(3) },
      users: AES256.flatMap(({ priv, snmpsim: protocol }) =>
        (['sha', 'sha256'] as const).map((auth) => ({
          name: `${auth}-${priv}`,
          auth: { protocol: auth.toUpperCase(), password: `auth-password-${auth}` },
          priv: { protocol, password: `priv-password-${priv}` },
        })),
      ),
    }),
  ]);
}, 90_000);

afterAll(async () => {
  sockets.close();
  await Promise.all([snmpd.stop(), snmpsim.stop(), snmpsim3.stop()]);
});

function open(credentials: Credentials, port = snmpd.port, address = '127.0.0.1'): SnmpSession {
  return new NetSnmpSession({ address, port, credentials, timeout_ms: 3000, retries: 2, sockets });
}

function user(name: string, auth?: string, priv?: string): Credentials {
  return {
    version: '3',
    user: name,
    context: '',
    ...(auth === undefined ? {} : { auth: { protocol: auth as 'md5', password: `auth-password-${auth}` } }),
    ...(priv === undefined ? {} : { priv: { protocol: priv as 'des', password: `priv-password-${priv}` } }),
  };
}

sessionContract('in memory, version 1', () => new MemorySession(system('twin', 100), { version: '1' }));
sessionContract('in memory, version 2c', () => new MemorySession(system('twin', 100)));
sessionContract('snmpd, version 1', () => open({ version: '1', community: 'public' }));
sessionContract('snmpd, version 2c', () => open({ version: '2c', community: 'public' }));
sessionContract('snmpd, version 3 without keys', () => open(user('open')));
for (const { name, auth, priv } of users) {
  sessionContract(`snmpd, version 3 with ${auth} and ${priv}`, () =>
    open(user(name, auth, priv === 'none' ? undefined : priv)),
  );
}
sessionContract('snmpsim, version 2c', () => open({ version: '2c', community: 'switch' }, snmpsim.port));

for (const { priv } of AES256) {
  // SHA-1's 20 octets have to be lengthened to 32, which is where the two ways part; SHA-256's have not.
  for (const auth of ['sha', 'sha256']) {
    sessionContract(`snmpsim, version 3 with ${auth} and ${priv}`, () =>
      open({ ...user(`${auth}-${priv}`, auth, priv), context: 'switch' } as Credentials, snmpsim3.port),
    );
  }
}

describe('an SNMP session with a real agent', () => {
  it('says that a version 3 user is unknown or his keys wrong, and not merely that nothing comes', async () => {
    const wrong: Credentials = {
      version: '3',
      user: 'sha-aes',
      context: '',
      auth: { protocol: 'sha', password: 'not his password' },
    };
    await expect(open(wrong).get(['1.3.6.1.2.1.1.3.0'])).rejects.toThrow(SnmpSecurityError);
    await expect(open(user('nobody', 'sha')).get(['1.3.6.1.2.1.1.3.0'])).rejects.toThrow(/Unknown User Name/i);
  });

  it('finds an agent anew that was restarted, with its engine’s new boots', async () => {
    const session = open(user('sha256-aes', 'sha256', 'aes'));
    await session.get(['1.3.6.1.2.1.1.3.0']);
    await snmpd.restart();
    expect((await session.get(['1.3.6.1.2.1.1.3.0']))[0]).toMatchObject({ type: 'timeticks' });
    session.close();
  });

  it('times out on a wrong community, and keeps the community to itself', async () => {
    const session = new NetSnmpSession({
      address: '127.0.0.1',
      port: snmpd.port,
      credentials: { version: '2c', community: 'wrong-secret' },
      timeout_ms: 200,
      retries: 1,
      sockets,
    });
    const asked = session.get(['1.3.6.1.2.1.1.3.0']);
    await expect(asked).rejects.toThrow(SnmpTimeout);
    await expect(asked).rejects.toThrow('no answer within 200 ms, asked 2 times');
  });

  it('tells agents on one machine apart by their addresses', async () => {
    const sessions = ['127.1.0.1', '127.1.0.2'].map((address) =>
      open({ version: '2c', community: 'public' }, snmpd.port, address),
    );
    const answers = await Promise.all(sessions.map((session) => session.get(['1.3.6.1.2.1.1.3.0'])));
    expect(answers.map(([uptime]) => uptime?.type)).toEqual(['timeticks', 'timeticks']);
  });
});
