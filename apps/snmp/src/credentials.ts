/** Authentication protocols of SNMPv3: RFC 3414 §6 and §7, RFC 7860. */
export const AUTH_PROTOCOLS = ['md5', 'sha', 'sha224', 'sha256', 'sha384', 'sha512'] as const;
export type AuthProtocol = (typeof AUTH_PROTOCOLS)[number];

/**
 * Privacy protocols of SNMPv3: RFC 3414 §8 and RFC 3826. AES with 256 bits never became a standard; keys are lengthened
 * in the way of Blumenthal (net-snmp, most vendors) or of Reeder (Cisco).
 */
export const PRIV_PROTOCOLS = ['des', 'aes', 'aes256-blumenthal', 'aes256-reeder'] as const;
export type PrivProtocol = (typeof PRIV_PROTOCOLS)[number];

/** What an agent wants to hear before it answers. Secret: nothing of it may be shown. */
export type Credentials =
  | { readonly version: '1' | '2c'; readonly community: string }
  | {
      readonly version: '3';
      readonly user: string;
      readonly context: string;
      readonly auth?: { readonly protocol: AuthProtocol; readonly password: string };
      readonly priv?: { readonly protocol: PrivProtocol; readonly password: string };
    };
