import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  AttributeTypeAndValue,
  AttributeValue,
  AuthorityKeyIdentifier,
  BasicConstraints,
  Certificate,
  ExtendedKeyUsage,
  Extension,
  Extensions,
  GeneralName,
  id_ce_authorityKeyIdentifier,
  id_ce_basicConstraints,
  id_ce_extKeyUsage,
  id_ce_keyUsage,
  id_ce_subjectAltName,
  id_ce_subjectKeyIdentifier,
  id_kp_serverAuth,
  KeyIdentifier,
  KeyUsage,
  KeyUsageFlags,
  Name,
  RelativeDistinguishedName,
  SubjectAlternativeName,
  SubjectKeyIdentifier,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, X509Certificate } from 'node:crypto';

/** A certificate with its private key (PKCS#8), both PEM. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate of a host is to be good for. */
export interface HostNames {
  /** The names and IP addresses by which it is asked for; a name that no certificate can bear is left out. */
  readonly names: readonly string[];
  readonly addresses: readonly string[];
}

/** What chance gives: so many bytes. */
export type RandomBytes = (count: number) => Buffer;

const DAY_ms = 86_400_000;
/** So long that nobody who set up a site has to exchange the authority at all its clients. */
const AUTHORITY_DAYS = 20 * 365;
/** Apple's devices take no certificate of a server that lasts longer, of a private authority either. */
const HOST_DAYS = 825;
/** A Pi without a clock chip may start a while in the past. */
const EARLIER_DAYS = 1;

/** ecdsa-with-SHA256 (RFC 5758 §3.2). */
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
/** id-at-commonName and id-at-organizationName (RFC 5280, appendix A.1). */
const COMMON_NAME = '2.5.4.3';
const ORGANISATION = '2.5.4.10';
/** A host name as certificates bear it (RFC 1123 §2.1); what else people call a host is no DNS name. */
const DNS_NAME = /^(?=.{1,253}$)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;

/** Makes a site's own authority, which signs the certificates of its hosts and no other authority. */
export function makeAuthority(site: string, now_ms: number, random: RandomBytes): Certified {
  const key = newKey();
  const name = nameOf(`Guaita authority of ${site}`);
  const tbs = template(key, name, name, { now_ms, days: AUTHORITY_DAYS }, random);
  tbs.extensions = new Extensions([
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: true, pathLenConstraint: 0 }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.keyCertSign), true),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(key))),
  ]);
  return { cert: signed(tbs, key), key };
}

/** Makes the certificate of a host's broker. */
export function makeHostCertificate(
  authority: Certified,
  { names, addresses }: HostNames,
  now_ms: number,
  random: RandomBytes,
): Certified {
  const key = newKey();
  const issuer = AsnConvert.parse(new X509Certificate(authority.cert).raw, Certificate).tbsCertificate.subject;
  const subject = nameOf(names[0] ?? addresses[0] ?? 'host');
  const tbs = template(key, issuer, subject, { now_ms, days: HOST_DAYS }, random);
  tbs.extensions = new Extensions([
    extension(id_ce_basicConstraints, new BasicConstraints({ cA: false }), true),
    extension(id_ce_keyUsage, new KeyUsage(KeyUsageFlags.digitalSignature), true),
    extension(id_ce_extKeyUsage, new ExtendedKeyUsage([id_kp_serverAuth])),
    extension(
      id_ce_subjectAltName,
      new SubjectAlternativeName([
        ...dnsNames(names).map((dNSName) => new GeneralName({ dNSName })),
        ...addresses.map((iPAddress) => new GeneralName({ iPAddress })),
      ]),
    ),
    extension(id_ce_subjectKeyIdentifier, new SubjectKeyIdentifier(keyId(key))),
    extension(
      id_ce_authorityKeyIdentifier,
      new AuthorityKeyIdentifier({ keyIdentifier: new KeyIdentifier(keyId(authority.key)) }),
    ),
  ]);
  return { cert: signed(tbs, authority.key), key };
}

/** Those that can stand in a certificate, each once. */
export function dnsNames(names: readonly string[]): string[] {
  return [...new Set(names.map((name) => name.toLowerCase()))].filter((name) => DNS_NAME.test(name));
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function publicKeyOf(key: string): Buffer {
  return createPublicKey(createPrivateKey(key)).export({ type: 'spki', format: 'der' });
}

/** SHA-1 of the public key's bits (RFC 5280 §4.2.1.2, method 1): a name, no protection. */
function keyId(key: string): ArrayBuffer {
  const { subjectPublicKey } = AsnConvert.parse(publicKeyOf(key), SubjectPublicKeyInfo);
  return bytes(createHash('sha1').update(Buffer.from(subjectPublicKey)).digest());
}

function template(
  key: string,
  issuer: Name,
  subject: Name,
  { now_ms, days }: { readonly now_ms: number; readonly days: number },
  random: RandomBytes,
): TBSCertificate {
  const serial = random(16);
  // A positive number with no leading zero (RFC 5280 §4.1.2.2).
  serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
  return new TBSCertificate({
    version: Version.v3,
    serialNumber: bytes(serial),
    signature: new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 }),
    issuer,
    subject,
    validity: new Validity({
      notBefore: new Date(now_ms - EARLIER_DAYS * DAY_ms),
      notAfter: new Date(now_ms + days * DAY_ms),
    }),
    subjectPublicKeyInfo: AsnConvert.parse(publicKeyOf(key), SubjectPublicKeyInfo),
  });
}

function signed(tbs: TBSCertificate, key: string): string {
  const signature = sign('sha256', Buffer.from(AsnConvert.serialize(tbs)), key);
  const certificate = new Certificate({
    tbsCertificate: tbs,
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm: ECDSA_WITH_SHA256 }),
    signatureValue: bytes(signature),
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate))).toString();
}

/** 64 characters are the most a common name may have (RFC 5280, appendix A.1). */
function nameOf(commonName: string): Name {
  const part = (type: string, utf8String: string): RelativeDistinguishedName =>
    new RelativeDistinguishedName([new AttributeTypeAndValue({ type, value: new AttributeValue({ utf8String }) })]);
  return new Name([part(ORGANISATION, 'Guaita'), part(COMMON_NAME, [...commonName].slice(0, 64).join(''))]);
}

function extension(extnID: string, value: object, critical = false): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function bytes(buffer: Buffer): ArrayBuffer {
  return Uint8Array.from(buffer).buffer;
}
