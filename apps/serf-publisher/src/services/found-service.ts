import { ID_MAX_LENGTH, ipFamily, isHostName, normaliseId } from '@guaita/model';
import { onOneLine, serviceType } from './names.ts';
import { typeByPort, typeByPortName } from './known-types.ts';
import type { ServiceRecord } from './service-record.ts';
import { LABEL_PREFIX, wishesOf, type LabelWishes } from './wishes.ts';

/** A service as an orchestrator has it: names and labels as somebody wrote them. */
export interface FoundService {
  /** For people: `Kubernetes service shop/web`. */
  readonly what: string;
  /** Its name makes that of its records. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly ports: readonly FoundPort[];
}

/** One of its ports that can be reached from outside. */
export interface FoundPort {
  /** The port as the service's definition has it, by which labels mean it. */
  readonly inside: number;
  readonly address: string;
  readonly port: number;
  /** As the orchestrator writes it: `tcp`, `UDP`, `SCTP`. */
  readonly protocol: string;
  /** What somebody called the port, or what is spoken there. */
  readonly names: readonly string[];
}

/** What of a service can be told, and what not. */
export interface Told {
  readonly records: readonly ServiceRecord[];
  /** What is not told, or not as it was meant: the thing, the cause and the mend. */
  readonly remarks: readonly string[];
}

export interface TellOptions {
  /** Tells only what bears the label `guaita.service.publish` with `true`. */
  readonly onlyLabelled: boolean;
}

/**
 * The records of a service, one for each port that is published. The type is the one that a label gives, or what is
 * spoken at the port by its name or number, or the service's own name. The name is the service's; ports of one type have
 * their number after it, and where that is the same their protocol. Nothing depends on the order of anything.
 */
export function recordsOf(service: FoundService, { onlyLabelled }: TellOptions): Told {
  const wishes = wishesOf(service.labels);
  const remarks = wishes.faults.map((fault) => `${service.what}: ${fault}`);
  const records: ServiceRecord[] = [];
  for (const port of service.ports) {
    const { publish = !onlyLabelled } = { ...wishes.all, ...wishes.ports.get(port.inside) };
    if (!publish) continue;
    const record = recordOf(service, port, wishes);
    if (typeof record === 'string') remarks.push(`${service.what}, port ${port.port}: ${record}`);
    else records.push(record);
  }
  return { records: apart(records), remarks };
}

/** @returns the record, or what stands against it and how to mend that. */
function recordOf(service: FoundService, port: FoundPort, { all, ports, txt }: LabelWishes): ServiceRecord | string {
  const own = { ...all, ...ports.get(port.inside) };
  const protocol = port.protocol.toLowerCase();
  if (protocol !== 'tcp' && protocol !== 'udp') {
    const label = `${LABEL_PREFIX}${port.inside}.publish`;
    return `speaks ${onOneLine(port.protocol)}, and only TCP and UDP can be told; label it ${label}=false`;
  }
  if (!Number.isInteger(port.port) || port.port < 1 || port.port > 65_535) return 'is no port; publish another';
  if (ipFamily(port.address) === undefined && !isHostName(port.address)) {
    return `${JSON.stringify(onOneLine(port.address))} is no address; configure the one under which it is reached`;
  }
  const name = own.name ?? normaliseId(service.name);
  if (name === undefined) return `nothing of its name can stand in an id; label it ${LABEL_PREFIX}name`;
  const type = own.type ?? typeOf(port) ?? serviceType(name);
  if (type === undefined) return `nobody can tell what is spoken there; label it ${LABEL_PREFIX}type`;
  return { type, name, address: port.address, port: port.port, protocol, description: own.description ?? '', txt };
}

function typeOf({ names, inside, port }: FoundPort): string | undefined {
  const types = [...names.map(typeByPortName), typeByPort(inside), typeByPort(port)];
  return types.find((type) => type !== undefined);
}

/** Gives records that would have one key names of their own. */
function apart(records: readonly ServiceRecord[]): readonly ServiceRecord[] {
  const byPort = renameDoubles(records, ({ port }) => `-${port}`);
  return renameDoubles(byPort, ({ protocol }) => `-${protocol}`);
}

function renameDoubles(
  records: readonly ServiceRecord[],
  suffix: (record: ServiceRecord) => string,
): readonly ServiceRecord[] {
  const count = Map.groupBy(records, ({ type, name }) => `${type}/${name}`);
  return records.map((record) => {
    if (count.get(`${record.type}/${record.name}`)?.length === 1) return record;
    const end = suffix(record);
    return { ...record, name: `${record.name.slice(0, ID_MAX_LENGTH - end.length)}${end}` };
  });
}
