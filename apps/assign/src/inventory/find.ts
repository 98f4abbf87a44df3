import { normaliseId, type Id } from '@guaita/model';
import type { Draft } from './draft.ts';
import type { LocalNetwork } from './local-network.ts';
import { fieldPath } from './source.ts';

/** The drafts with each `find` replaced by what was found, and the names of those for which there was nothing. */
export interface Found {
  readonly drafts: Draft[];
  /** Ids and names that others may give as parents, of devices that are not there on this host. */
  readonly absent: ReadonlySet<string>;
}

/**
 * Replaces `find` entries by devices. What is not there is a note, not a mistake: the same file serves on every host.
 * A resolver that is the gateway, as in most homes, is not watched twice. What bears no id of its own is named after the
 * monitor that found it: to another monitor, at another home, the same entry stands for another device.
 *
 * @param local `undefined` when it is not known: then they stand for nothing.
 */
export function findDevices(drafts: readonly Draft[], local: LocalNetwork | undefined): Found {
  const absent = new Set<string>();
  const found: Draft[] = [];
  for (const draft of drafts) {
    if (draft.find === undefined) {
      found.push(draft);
      continue;
    }
    const devices = local === undefined ? [] : devicesFor(draft, local, drafts);
    found.push(...devices);
    if (devices.length > 0) continue;
    absent.add(draft.id ?? draft.name).add(draft.name);
    if (local !== undefined) note(draft, `no ${NAMES[draft.find]} was found on this host; nothing stands for it`);
  }
  return { drafts: found, absent };
}

const NAMES = { self: 'address of its own', gateway: 'default gateway', resolvers: 'resolver beyond itself' } as const;

function devicesFor(draft: Draft, local: LocalNetwork, drafts: readonly Draft[]): Draft[] {
  switch (draft.find) {
    case 'self': {
      const name = draft.name === draft.find ? local.hostName : draft.name;
      return local.addresses.length === 0
        ? []
        : [{ ...draft, name, id: draft.id ?? local.monitor, addresses: local.addresses.slice(0, 16) }];
    }
    case 'gateway':
      return numbered(draft, local.monitor, local.gateways);
    case 'resolvers': {
      const others = new Set(drafts.flatMap(({ addresses }) => addresses));
      if (drafts.some(({ find }) => find === 'gateway')) for (const gateway of local.gateways) others.add(gateway);
      const resolvers = local.resolvers.filter((address) => {
        if (!others.has(address)) return true;
        note(draft, `resolver ${address} is a device of its own already`);
        return false;
      });
      return numbered(
        { ...draft, name: draft.name === draft.find ? 'resolver' : draft.name },
        local.monitor,
        resolvers,
      );
    }
    default:
      return [];
  }
}

/** One device for each address; those after the first bear their number. */
function numbered(draft: Draft, monitor: Id, addresses: readonly string[]): Draft[] {
  const id = draft.id ?? normaliseId(`${monitor}-${draft.name}`);
  return addresses.map((address, index) => {
    if (index === 0) return { ...draft, id, addresses: [address] };
    const suffix = `${index + 1}`;
    return {
      ...draft,
      id: id === undefined ? undefined : `${id}-${suffix}`,
      name: `${draft.name} ${suffix}`,
      addresses: [address],
    };
  });
}

function note({ source, entry }: Draft, message: string): void {
  source.complaints.note(fieldPath(entry, ['find']), message, entry.line);
}
