import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** A certificate that is its own authority, in PEM files. */
export interface SelfSigned {
  readonly cert_file: string;
  readonly key_file: string;
}

/**
 * Makes a certificate for `localhost`, 127.0.0.1 and other names, valid for two days from now.
 *
 * @param folder where `<name>.pem` and `<name>.key` go, in the place of those that are there.
 */
export async function selfSigned(
  folder: string,
  name = 'certificate',
  names: readonly string[] = [],
): Promise<SelfSigned> {
  const [cert_file, key_file] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const whose = ['DNS:localhost', 'IP:127.0.0.1', ...names.map((each) => `DNS:${each}`)].join();
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-keyout', key_file, '-out', cert_file, '-subj', '/CN=localhost', '-addext', `subjectAltName=${whose}`],
  ]);
  return { cert_file, key_file };
}
