import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { SelfSigned } from './self-signed.ts';

const run = promisify(execFile);

const EC_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];

/** An authority that signs certificates, all of which are valid for two days from now. */
export class Authority {
  /** Its own certificate, by which others believe those it signs. */
  readonly cert_file: string;
  readonly #key_file: string;
  readonly #folder: string;

  private constructor(folder: string, name: string) {
    this.#folder = folder;
    this.cert_file = join(folder, `${name}.pem`);
    this.#key_file = join(folder, `${name}.key`);
  }

  /** @param folder where its files go, and those of the certificates that it signs. */
  static async make(folder: string, name = 'authority'): Promise<Authority> {
    const authority = new Authority(folder, name);
    await run('openssl', [
      ...['req', '-x509', ...EC_KEY, '-days', '2', '-subj', `/CN=${name}`],
      ...['-keyout', authority.#key_file, '-out', authority.cert_file],
    ]);
    return authority;
  }

  /** Makes a certificate for some host names and IP addresses, in `<name>.pem` and `<name>.key`. */
  async sign(name: string, names: readonly string[]): Promise<SelfSigned> {
    const file = (ending: string): string => join(this.#folder, `${name}.${ending}`);
    const [cert_file, key_file] = [file('pem'), file('key')];
    const whose = names.map((each) => `${isIP(each) === 0 ? 'DNS' : 'IP'}:${each}`).join();
    await writeFile(file('ext'), `subjectAltName=${whose}\n`);
    await run('openssl', ['req', '-new', ...EC_KEY, '-keyout', key_file, '-out', file('csr'), '-subj', `/CN=${name}`]);
    await run('openssl', [
      ...['x509', '-req', '-in', file('csr'), '-CA', this.cert_file, '-CAkey', this.#key_file, '-CAcreateserial'],
      ...['-days', '2', '-extfile', file('ext'), '-out', cert_file],
    ]);
    return { cert_file, key_file };
  }
}
