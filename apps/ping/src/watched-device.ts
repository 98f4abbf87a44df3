import type { Assigned } from '@guaita/messages';
import type { Id, PingCheck } from '@guaita/model';
import { ipFamily } from '@guaita/model';
import type { NameCache } from '@guaita/probing';
import { UNPROBED, type Standing } from './confirmation.ts';
import type { Permission } from './permission.ts';

/** An assignment that has a ping check. */
export interface PingAssignment {
  readonly addresses: Assigned['addresses'];
  readonly check: PingCheck;
}

/** Where a device may be probed now. */
export type Reachable =
  | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
  /** Its name is being looked up for the first time. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'nowhere'; readonly reason: string };

/** One device that this monitor pings. */
export class WatchedDevice {
  readonly device: Id;
  check: PingCheck;
  standing: Standing = UNPROBED;
  /** A probe is under way. */
  probing = false;
  #addresses: readonly string[];
  /** Kept where no address is a name: then it changes with the assignment and the permission only. */
  #reachable: Reachable | undefined;
  #permission: Permission | undefined;

  constructor(device: Id, { addresses, check }: PingAssignment) {
    this.device = device;
    this.check = check;
    this.#addresses = addresses;
  }

  /** Its addresses, names among them. */
  get addresses(): readonly string[] {
    return this.#addresses;
  }

  /** Takes a newer assignment. @returns whether its addresses are others than before. */
  assign({ addresses, check }: PingAssignment): boolean {
    const same =
      this.check.family === check.family &&
      this.#addresses.length === addresses.length &&
      addresses.every((address, index) => address === this.#addresses[index]);
    this.check = check;
    if (same) return false;
    this.#addresses = addresses;
    this.#reachable = undefined;
    return true;
  }

  /** @param onResolved called once a first lookup has ended, when the answer is `pending`. */
  reachable(names: NameCache, permission: Permission, onResolved: () => void): Reachable {
    if (this.#reachable !== undefined && this.#permission === permission) return this.#reachable;
    const reachable = this.#find(names, permission, onResolved);
    const fixed = this.#addresses.every((address) => ipFamily(address) !== undefined);
    this.#reachable = fixed ? reachable : undefined;
    this.#permission = permission;
    return reachable;
  }

  #find(names: NameCache, permission: Permission, onResolved: () => void): Reachable {
    const allowed = new Set<string>();
    const reasons: string[] = [];
    let pending = false;
    for (const name of this.#addresses) {
      const resolved = names.resolve(name, this.check.family, onResolved);
      if (resolved.kind === 'pending') pending = true;
      else if (resolved.kind === 'failed') reasons.push(resolved.reason);
      else {
        for (const address of resolved.addresses) {
          const refusal = permission.refusal(address);
          if (refusal === undefined) allowed.add(address);
          else reasons.push(refusal);
        }
      }
    }
    if (allowed.size > 0) return { kind: 'addresses', addresses: [...allowed] };
    return pending ? { kind: 'pending' } : { kind: 'nowhere', reason: reasons.join('; ') };
  }
}
