import type { PingConfig } from './config.ts';
import { Permission } from './permission.ts';

/** This host's own addresses, which may change at any time, and the permission that follows from them. */
export class OwnNetwork {
  readonly #config: PingConfig;
  readonly #read: () => readonly string[];
  #text = '';
  #addresses: ReadonlySet<string> = new Set();
  #permission: Permission;

  /** @param read gives the addresses with their prefix lengths: `192.168.1.7/24`. */
  constructor(config: PingConfig, read: () => readonly string[]) {
    this.#config = config;
    this.#read = read;
    this.#permission = this.#permissionFor([]);
  }

  /** The same object until something has changed. */
  get permission(): Permission {
    return this.#permission;
  }

  has(address: string): boolean {
    return this.#addresses.has(address);
  }

  /** Looks at what they are now. */
  look(): void {
    const own = this.#read();
    const text = own.join(' ');
    if (text === this.#text) return;
    this.#text = text;
    this.#addresses = new Set(own.map((cidr) => cidr.slice(0, cidr.indexOf('/'))));
    this.#permission = this.#permissionFor(own);
  }

  #permissionFor(own: readonly string[]): Permission {
    const { allowed_networks: allowed, denied_networks: denied } = this.#config;
    return new Permission({ allowed, denied, own });
  }
}
