import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';

/** The PEM files by which the HTTP port speaks TLS. */
export interface CertificateFiles {
  readonly cert_file: string;
  readonly key_file: string;
}

/** What stands in them. */
export interface Certificate {
  /** The certificate and, behind it, those between it and its authority. */
  readonly cert: string;
  readonly key: string;
  readonly from_ms: number;
  readonly until_ms: number;
}

/** The files do not make a certificate that could be shown to anybody. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/**
 * Reads a certificate and its key. One that has expired, or is not valid yet, is one all the same: clocks are wrong at
 * times, and whoever asks is told by his browser.
 *
 * @throws {CertificateError} naming the file, what is wrong with it, and what to do.
 */
export async function readCertificate({ cert_file, key_file }: CertificateFiles): Promise<Certificate> {
  const cert = await read('http.cert_file', cert_file, 'the PEM file of the certificate');
  const key = await read('http.key_file', key_file, 'the PEM file of the certificate’s private key');
  let leaf: X509Certificate;
  let secret: KeyObject;
  try {
    leaf = new X509Certificate(cert);
  } catch (cause) {
    const mend = 'name a PEM file that begins with this monitor’s own (-----BEGIN CERTIFICATE-----)';
    throw new CertificateError(`http.cert_file ${cert_file} holds no certificate; ${mend}`, { cause });
  }
  try {
    secret = createPrivateKey(key);
  } catch (cause) {
    const mend = 'name a PEM file with one that needs no password (openssl pkey -in … -out …)';
    throw new CertificateError(`http.key_file ${key_file} holds no private key that can be read; ${mend}`, { cause });
  }
  if (!leaf.checkPrivateKey(secret)) {
    throw new CertificateError(
      `the key in http.key_file ${key_file} is not that of the first certificate in http.cert_file ${cert_file}; ` +
        'name the two that belong together, this monitor’s own certificate before those of its authorities',
    );
  }
  try {
    createSecureContext({ cert, key });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new CertificateError(`http.cert_file ${cert_file} cannot be used: ${reason}; make another`, { cause });
  }
  return { cert, key, from_ms: Date.parse(leaf.validFrom), until_ms: Date.parse(leaf.validTo) };
}

async function read(field: string, file: string, what: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const mend = code === 'EACCES' ? 'let this user read it' : `name ${what}`;
    throw new CertificateError(`cannot read ${field} ${file}: ${code ?? String(cause)}; ${mend}`, { cause });
  }
}
