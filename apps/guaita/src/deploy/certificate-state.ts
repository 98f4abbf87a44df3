import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { dnsNames, type Certified, type HostNames } from './certificates.ts';

const DAY_ms = 86_400_000;
/** Those that end sooner are made anew: whoever looks once in three months is in time. */
export const RENEW_BEFORE_DAYS = 90;

/** When a certificate ends, in ms since 1970. @throws {Error} when the text is no certificate. */
export function endOf(cert: string): number {
  return Date.parse(new X509Certificate(cert).validTo);
}

/** Whole days from now until a certificate ends; negative once it has. */
export function daysLeft(cert: string, now_ms: number): number {
  return Math.floor((endOf(cert) - now_ms) / DAY_ms);
}

/** Tells whether a key is that of a certificate; what cannot be read is not. */
export function belongTogether({ cert, key }: Certified): boolean {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
  } catch {
    return false;
  }
}

/**
 * Why a host's certificate has to be made anew; `undefined` while it serves.
 *
 * @param authority the certificate of the authority that should have signed it.
 */
export function whyRenew(own: Certified, authority: string, wanted: HostNames, now_ms: number): string | undefined {
  if (!belongTogether(own)) return 'it and its key did not belong together';
  const certificate = new X509Certificate(own.cert);
  if (!certificate.verify(new X509Certificate(authority).publicKey)) return 'another authority had signed it';
  const left = daysLeft(own.cert, now_ms);
  if (left < 0) return `it ended ${new Date(endOf(own.cert)).toISOString().slice(0, 10)}`;
  if (left < RENEW_BEFORE_DAYS) return `it ends in ${left} days`;
  const missing = [
    ...dnsNames(wanted.names).filter((name) => certificate.checkHost(name) === undefined),
    ...wanted.addresses.filter((address) => isIP(address) !== 0 && certificate.checkIP(address) === undefined),
  ];
  return missing.length === 0 ? undefined : `it was not for ${missing.join(', ')}`;
}
