import { Id } from '@guaita/model';
import { z } from 'zod';

/** A password as Mosquitto's configuration can hold it: printable, with no white space. */
const Password = z.string().regex(/^[!-~]{1,200}$/, 'is not a password of 1 to 200 printable characters');

const Pem = z.string().includes('-----BEGIN ');

/** By host id, the password of the host's own user at its peers' brokers: the secret file `peers`. */
export const PeerPasswords = z.record(Id, Password);
export type PeerPasswords = z.output<typeof PeerPasswords>;

/** By host id, the host's certificate and its key, in PEM: the secret file `tls`. */
export const HostCertificates = z.record(Id, z.object({ cert: Pem, key: Pem }));
export type HostCertificates = z.output<typeof HostCertificates>;
