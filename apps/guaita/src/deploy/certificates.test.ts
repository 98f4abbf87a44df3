import { startMosquitto, type Mosquitto } from '@guaita/lab';
import { readSite } from '@guaita/site';
import { connectAsync } from 'mqtt';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from './certificates.ts';
import { FILES, planSecrets, readCertificates } from './secrets.ts';

const run = promisify(execFile);

/** The certificates and users of a site, as its programs take them: OpenSSL, Node.js and a real Mosquitto. */
describe('what init makes', () => {
  const site = readSite('site: home\nhosts: { pi-1: { address: 127.0.0.1 }, pi-2: { address: "::2" } }');
  const { files } = planSecrets(new Map(), site, Date.now(), randomBytes);
  const text = (name: string): string => files.get(name) ?? '';
  let folder = '';
  let broker: Mosquitto;
  let port = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guaita-certificates-'));
    await mkdir(join(folder, 'secrets'));
    for (const [name, content] of files) await writeFile(join(folder, name), content);
    for (const [id, { cert, key }] of Object.entries(readCertificates(files))) {
      await writeFile(join(folder, `${id}.pem`), cert);
      await writeFile(join(folder, `${id}.key`), key);
    }
    const other = makeAuthority('other', Date.now(), randomBytes);
    await writeFile(join(folder, 'other.pem'), other.cert);
    broker = await startMosquitto({
      config: [
        'per_listener_settings false',
        'allow_anonymous false',
        `password_file ${join(folder, FILES.users)}`,
        `certfile ${join(folder, 'pi-1.pem')}`,
        `keyfile ${join(folder, 'pi-1.key')}`,
      ].join('\n'),
    });
    port = broker.port;
  });
  afterAll(async () => {
    await broker.stop();
    await rm(folder, { recursive: true });
  });

  const verify = (...args: string[]): Promise<{ stdout: string }> =>
    run('openssl', ['verify', '-x509_strict', '-purpose', 'sslserver', ...args], { cwd: folder });

  it('is found right by OpenSSL, strictly, by name and by address', async () => {
    expect((await verify('-CAfile', 'ca.pem', '-verify_hostname', 'pi-1', 'pi-1.pem')).stdout).toBe('pi-1.pem: OK\n');
    expect((await verify('-CAfile', 'ca.pem', '-verify_ip', '127.0.0.1', 'pi-1.pem')).stdout).toBe('pi-1.pem: OK\n');
    expect((await verify('-CAfile', 'ca.pem', '-verify_ip', '::2', 'pi-2.pem')).stdout).toBe('pi-2.pem: OK\n');
  });

  it('is refused by OpenSSL for another name, and under another authority', async () => {
    await expect(verify('-CAfile', 'ca.pem', '-verify_hostname', 'pi-2', 'pi-1.pem')).rejects.toThrow(/mismatch/i);
    await expect(verify('-CAfile', 'other.pem', 'pi-1.pem')).rejects.toThrow(/unable to get local issuer/i);
  });

  it('lets a client see by TLS that it speaks with the broker of that host, and the broker know the client', async () => {
    const client = await connectAsync(`mqtts://127.0.0.1:${port}`, {
      ...{ protocolVersion: 5, reconnectPeriod: 0, ca: text(FILES.authority) },
      ...{ username: 'watch', password: text('secrets/watch') },
    });
    expect(client.connected).toBe(true);
    await client.endAsync();
  });

  it.each(['watch', 'peer-pi-2'])('keeps %s out with a wrong password', async (username) => {
    const options = { protocolVersion: 5, reconnectPeriod: 0, ca: text(FILES.authority) } as const;
    const wrong = connectAsync(`mqtts://127.0.0.1:${port}`, { ...options, username, password: 'wrong' });
    await expect(wrong).rejects.toThrow(/authori[sz]ed/i);
  });

  it('is refused by a client that trusts another authority, or asked for another host', async () => {
    const handshake = (servername: string, ca: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect({ host: '127.0.0.1', port, servername, ca }, () => {
          socket.destroy();
          resolve('trusted');
        });
        socket.once('error', ({ message }) => resolve(message));
      });
    expect(await handshake('pi-1', text(FILES.authority))).toBe('trusted');
    expect(await handshake('pi-2', text(FILES.authority))).toMatch(/does not match certificate/);
    expect(await handshake('pi-1', makeAuthority('other', Date.now(), randomBytes).cert)).toMatch(/verify|issuer/);
  });
});
