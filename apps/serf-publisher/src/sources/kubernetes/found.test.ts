import { describe, expect, it } from 'vitest';
import { KubernetesService } from './api-service.ts';
import { foundService } from './found.ts';

const HOST = '192.0.2.1';

function service(spec: object, other: { metadata?: object; status?: object } = {}): KubernetesService {
  const metadata = { name: 'web', namespace: 'default', ...other.metadata };
  return KubernetesService.parse({ metadata, spec, status: other.status });
}

function balanced(...ingress: readonly object[]): { status: object } {
  return { status: { loadBalancer: { ingress } } };
}

const PORT = { port: 80, nodePort: 30_080 };

describe('a Kubernetes Service', () => {
  it.each<[string, KubernetesService, string[]]>([
    ['of the type NodePort at this node', service({ type: 'NodePort', ports: [PORT] }), ['192.0.2.1:30080<80']],
    [
      'of the type LoadBalancer at its lowest address',
      service(
        { type: 'LoadBalancer', ports: [PORT] },
        balanced({ hostname: 'a.example' }, { ip: '203.0.113.9' }, { ip: '203.0.113.10' }),
      ),
      ['203.0.113.10:80<80'],
    ],
    [
      'by its load balancer’s name where that has no address',
      service({ type: 'LoadBalancer', ports: [PORT] }, balanced({ hostname: 'lb.example' })),
      ['lb.example:80<80'],
    ],
    [
      'at this node while its load balancer is not ready',
      service({ type: 'LoadBalancer', ports: [PORT] }, balanced()),
      ['192.0.2.1:30080<80'],
    ],
    [
      'nowhere while a load balancer without node ports is not ready',
      service({ type: 'LoadBalancer', ports: [{ port: 80 }] }),
      [],
    ],
    [
      'at its external IPs, IPv4 first',
      service({ type: 'ClusterIP', ports: [{ port: 80 }], externalIPs: ['2001:db8::1', '203.0.113.7'] }),
      ['203.0.113.7:80<80'],
    ],
    [
      'by each of its ports',
      service({
        type: 'NodePort',
        ports: [PORT, { port: 443, nodePort: 30_443 }, { port: 53, nodePort: 30_053, protocol: 'UDP' }],
      }),
      ['192.0.2.1:30080<80', '192.0.2.1:30443<443', '192.0.2.1:30053<53'],
    ],
    ['nowhere from outside', service({ type: 'ClusterIP', ports: [{ port: 80 }] }), []],
    ['nowhere from outside, without a type', service({ ports: [PORT] }), []],
    ['nowhere, being only a name', service({ type: 'ExternalName', ports: [PORT], externalIPs: ['203.0.113.7'] }), []],
    ['nowhere, having no ports', service({ type: 'NodePort', ports: null }), []],
    [
      'nowhere any more, being deleted',
      service({ type: 'NodePort', ports: [PORT] }, { metadata: { deletionTimestamp: '2026-01-01T00:00:00Z' } }),
      [],
    ],
  ])('is reached %s', (_what, given, expected) => {
    const { ports } = foundService(given, HOST);
    expect(ports.map(({ address, port, inside }) => `${address}:${port}<${inside}`)).toEqual(expected);
  });

  it('says what its ports are called, and by which protocols they are reached', () => {
    const ports = [
      { ...PORT, name: 'main', appProtocol: 'https', protocol: 'TCP' },
      { port: 53, nodePort: 30_053, name: 'dns' },
    ];
    expect(foundService(service({ type: 'NodePort', ports }), HOST).ports).toMatchObject([
      { names: ['https', 'main'], protocol: 'TCP' },
      { names: ['dns'], protocol: 'TCP' },
    ]);
  });

  it('is called by its namespace, too, but in the default one', () => {
    const called = (namespace: string): string => foundService(service({}, { metadata: { namespace } }), HOST).name;
    expect([called('default'), called('shop')]).toEqual(['web', 'web.shop']);
  });

  it('has its annotations for labels, and its labels where those say nothing', () => {
    const metadata = { labels: { a: 'label', b: 'label' }, annotations: { b: 'annotation' } };
    expect(foundService(service({}, { metadata }), HOST).labels).toEqual({ a: 'label', b: 'annotation' });
  });
});
