/** One published port of a service, as it is told to others. Type and name together are its key. */
export interface ServiceRecord {
  /** What is spoken there, such as `http`: lower-case letters, digits and hyphens. */
  readonly type: string;
  /** Unique among the services of its type on this host: an id. */
  readonly name: string;
  /** Where it is reached: an IP address, or the name of a host. */
  readonly address: string;
  /** 1 to 65535. */
  readonly port: number;
  readonly protocol: 'tcp' | 'udp';
  /** For people; may be empty. */
  readonly description: string;
  /** Further facts, as a DNS-SD TXT record has them. */
  readonly txt: Readonly<Record<string, string>>;
}
