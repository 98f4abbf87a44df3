import { ipFamily, isHostName } from '@guaita/model';
import type { FoundPort, FoundService } from '../../services/found-service.ts';
import type { EngineNode, EnginePort, EngineService, EngineTask } from './engine-api.ts';

/** All that an engine says of services at one moment. */
export interface SwarmState {
  readonly services: readonly EngineService[];
  /** Of services that publish ports in mode `host`. */
  readonly tasks: readonly EngineTask[];
  readonly nodes: readonly EngineNode[];
  /** The node that is asked, and the address under which it is reached. */
  readonly self: { readonly node: string; readonly address: string };
}

/** Tells whether a service publishes ports at the nodes where its tasks run, and only there. */
export function hasHostPorts({ Spec }: EngineService): boolean {
  return (Spec.EndpointSpec?.Ports ?? []).some(({ PublishMode }) => PublishMode === 'host');
}

/**
 * The services of a Swarm with the ports that they publish now. Those of mode `ingress` are reached at every node, and so
 * at this one. Those of mode `host` are reached where a task runs: told is this node if one runs here, else the lowest
 * address of those where one does. Of a service that was scaled to nothing there is none.
 */
export function servicesIn({ services, tasks, nodes, self }: SwarmState): readonly FoundService[] {
  const addresses = new Map(nodes.map(({ ID, Status }) => [ID, Status?.Addr ?? '']));
  const tasksOf = Map.groupBy(tasks, ({ ServiceID }) => ServiceID);
  return services
    .filter(({ Spec }) => Spec.Mode?.Replicated?.Replicas !== 0)
    .map((service) => ({
      what: `Swarm service ${service.Spec.Name}`,
      name: service.Spec.Name,
      labels: service.Spec.Labels ?? {},
      ports: [
        ...(service.Endpoint?.Ports ?? [])
          .filter(({ PublishMode, PublishedPort }) => PublishMode !== 'host' && PublishedPort > 0)
          .map((port) => found(port, self.address)),
        ...hostPorts(tasksOf.get(service.ID) ?? [], addresses, self),
      ],
    }));
}

function hostPorts(
  tasks: readonly EngineTask[],
  addresses: ReadonlyMap<string, string>,
  self: SwarmState['self'],
): readonly FoundPort[] {
  const ports = tasks
    .filter(({ Status }) => Status.State === 'running')
    .flatMap(({ NodeID, Status }) =>
      (Status.PortStatus?.Ports ?? [])
        .filter(({ PublishMode, PublishedPort }) => PublishMode === 'host' && PublishedPort > 0)
        .map((port) => found(port, NodeID === self.node ? self.address : (addresses.get(NodeID) ?? ''))),
    );
  // Of several tasks with one port inside, one is told.
  const byPort = Map.groupBy(ports, ({ inside, protocol }) => `${inside}/${protocol}`);
  return [...byPort.values()].flatMap((same) => same.sort(nearer(self.address)).slice(0, 1));
}

function nearer(here: string): (one: FoundPort, other: FoundPort) => number {
  const rank = ({ address }: FoundPort): string => {
    const known = ipFamily(address) !== undefined || isHostName(address);
    return `${address === here ? 0 : known ? 1 : 2} ${address}`;
  };
  return (one, other) => (rank(one) < rank(other) ? -1 : rank(one) > rank(other) ? 1 : one.port - other.port);
}

function found({ TargetPort, PublishedPort, Protocol }: EnginePort, address: string): FoundPort {
  return { inside: TargetPort, address, port: PublishedPort, protocol: Protocol, names: [] };
}
