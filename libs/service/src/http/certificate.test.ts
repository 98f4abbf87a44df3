import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { selfSigned, type SelfSigned } from '@guaita/lab';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CertificateError, readCertificate } from './certificate.ts';

let folder: string;
let own: SelfSigned;
let other: SelfSigned;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'certificate-'));
  [own, other] = await Promise.all([selfSigned(folder, 'own'), selfSigned(folder, 'other')]);
});
afterAll(() => rm(folder, { recursive: true }));

async function fault(files: SelfSigned): Promise<string> {
  const error = await readCertificate(files).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(CertificateError);
  return (error as CertificateError).message;
}

it('a certificate is read with its key, and from when to when it is valid', async () => {
  const { cert, key, from_ms, until_ms } = await readCertificate(own);
  expect(cert).toContain('BEGIN CERTIFICATE');
  expect(key).toContain('PRIVATE KEY');
  expect(until_ms - from_ms).toBe(2 * 86_400_000);
});

it('what cannot be used is named, with the cause and the mend', async () => {
  const [gone, noise, locked] = ['gone', 'noise', 'locked'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  await writeFile(noise, 'noise');
  execFileSync('openssl', ['pkey', '-in', own.key_file, '-aes128', '-passout', 'pass:x', '-out', locked]);
  const ask = { ...own };
  expect(await fault({ ...ask, cert_file: gone })).toBe(
    `cannot read http.cert_file ${gone}: ENOENT; name the PEM file of the certificate`,
  );
  expect(await fault({ ...ask, key_file: gone })).toMatch(/^cannot read http\.key_file .*gone: ENOENT; name the PEM/);
  expect(await fault({ ...ask, cert_file: folder })).toMatch(/^cannot read http\.cert_file .*: EISDIR; /);
  expect(await fault({ ...ask, cert_file: noise })).toMatch(/^http\.cert_file .*noise holds no certificate; /);
  expect(await fault({ cert_file: own.key_file, key_file: own.cert_file })).toMatch(/holds no certificate/);
  expect(await fault({ ...ask, key_file: noise })).toMatch(
    /^http\.key_file .*noise holds no private key that can be read/,
  );
  expect(await fault({ ...ask, key_file: locked })).toMatch(/locked holds no private key .* needs no password/);
  expect(await fault({ ...ask, key_file: other.key_file })).toMatch(
    /^the key in http\.key_file .*other\.key is not that of the first certificate in http\.cert_file .*own\.pem; /,
  );
});
