import { ipFamily } from '@guaita/model';
import type { FoundPort, FoundService } from '../../services/found-service.ts';
import type { KubernetesService } from './api-service.ts';

/** Services of this namespace are called by their name alone. */
const DEFAULT_NAMESPACE = 'default';

/**
 * A Kubernetes Service with the ports by which it is reached from outside the cluster, each at one address: that of its
 * load balancer, else an external IP, else the node port at this node. Of several addresses the lowest is told, IPv4
 * first. A Service that is reached from inside only has none, nor one that is being deleted.
 *
 * @param host where this node is reached
 */
export function foundService(service: KubernetesService, host: string): FoundService {
  const { name, namespace, labels, annotations } = service.metadata;
  return {
    what: `Kubernetes service ${namespace}/${name}`,
    name: namespace === DEFAULT_NAMESPACE || namespace === '' ? name : `${name}.${namespace}`,
    labels: { ...labels, ...annotations },
    ports: portsOf(service, host),
  };
}

function portsOf({ metadata, spec, status }: KubernetesService, host: string): readonly FoundPort[] {
  const type = spec?.type ?? 'ClusterIP';
  if (metadata.deletionTimestamp || type === 'ExternalName') return [];
  const balancers = (status?.loadBalancer?.ingress ?? []).flatMap(({ ip, hostname }) => ip || hostname || []);
  const address = lowest(type === 'LoadBalancer' ? balancers : []) ?? lowest(spec?.externalIPs ?? []);
  const hasNodePorts = type === 'NodePort' || type === 'LoadBalancer';
  return (spec?.ports ?? []).flatMap(({ port, nodePort, name, appProtocol, protocol }) => {
    const place =
      address !== undefined
        ? { address, port }
        : hasNodePorts && nodePort
          ? { address: host, port: nodePort }
          : undefined;
    if (place === undefined) return [];
    const names = [appProtocol, name].filter((each) => typeof each === 'string');
    return [{ ...place, inside: port, protocol: protocol ?? 'TCP', names }];
  });
}

function lowest(addresses: readonly string[]): string | undefined {
  const rank = (address: string): string => `${ipFamily(address) ?? 'name'} ${address}`;
  return [...addresses].sort((one, other) => (rank(one) < rank(other) ? -1 : 1))[0];
}
