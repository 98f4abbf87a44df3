import { describe, expect, it } from 'vitest';
import type { EnginePort, EngineService, EngineTask } from './engine-api.ts';
import { hasHostPorts, servicesIn, type SwarmState } from './found.ts';

const SELF = { node: 'me', address: '192.0.2.1' };
const NODES = [
  { ID: 'me', Status: { Addr: '0.0.0.0' } },
  { ID: 'b', Status: { Addr: '192.0.2.3' } },
  { ID: 'c', Status: { Addr: '192.0.2.2' } },
  { ID: 'd', Status: null },
];

function port(PublishedPort: number, PublishMode = 'ingress', TargetPort = 80): EnginePort {
  return { Protocol: 'tcp', TargetPort, PublishedPort, PublishMode };
}

function service(ports: readonly EnginePort[] | null, other: Partial<EngineService['Spec']> = {}): EngineService {
  const Ports = ports === null ? null : [...ports];
  return { ID: 'id', Spec: { Name: 'web', EndpointSpec: { Ports }, ...other }, Endpoint: { Ports } };
}

function task(NodeID: string, ports: readonly EnginePort[], State = 'running', ServiceID = 'id'): EngineTask {
  return { ServiceID, NodeID, Status: { State, PortStatus: { Ports: [...ports] } } };
}

/** `address:port<inside` of each port. */
function told(state: Partial<SwarmState>): string[] {
  return servicesIn({ services: [], tasks: [], nodes: NODES, self: SELF, ...state }).flatMap(({ ports }) =>
    ports.map(({ address, port: outside, inside }) => `${address}:${outside}<${inside}`),
  );
}

describe('the services of a Swarm', () => {
  it('bear their names and labels', () => {
    const state = { services: [service([], { Labels: { a: 'b' } })], tasks: [], nodes: NODES, self: SELF };
    expect(servicesIn(state)).toEqual([{ what: 'Swarm service web', name: 'web', labels: { a: 'b' }, ports: [] }]);
  });

  it.each<[string, Partial<SwarmState>, string[]]>([
    ['at this node, those of the ingress', { services: [service([port(30_080)])] }, ['192.0.2.1:30080<80']],
    ['nowhere, those without ports', { services: [service(null), { ...service([]), Endpoint: null }] }, []],
    ['nowhere, those whose port is not given yet', { services: [service([port(0)])] }, []],
    [
      'nowhere, those scaled to nothing',
      { services: [service([port(30_080)], { Mode: { Replicated: { Replicas: 0 } } })] },
      [],
    ],
    ['nowhere, those of the mode host without a task', { services: [service([port(30_080, 'host')])] }, []],
    [
      'here, those of the mode host that run here as elsewhere',
      {
        services: [service([port(30_080, 'host')])],
        tasks: ['b', 'me', 'c'].map((node) => task(node, [port(30_080, 'host')])),
      },
      ['192.0.2.1:30080<80'],
    ],
    [
      'at the lowest address, those of the mode host that run elsewhere',
      {
        services: [service([port(30_080, 'host')])],
        tasks: ['d', 'b', 'c'].map((node) => task(node, [port(30_080, 'host')])),
      },
      ['192.0.2.2:30080<80'],
    ],
    [
      'at the port that a task was given, those of the mode host that leave it open',
      { services: [service([port(0, 'host')])], tasks: [task('b', [port(32_768, 'host')])] },
      ['192.0.2.3:32768<80'],
    ],
    [
      'nowhere, those whose tasks do not run, or are another’s',
      {
        services: [service([port(30_080, 'host')])],
        tasks: [task('b', [port(30_080, 'host')], 'starting'), task('b', [port(30_080, 'host')], 'running', 'other')],
      },
      [],
    ],
    [
      'at each of their ports',
      {
        services: [service([port(30_080), port(30_443, 'ingress', 443), port(9000, 'host', 9000)])],
        tasks: [task('b', [port(9000, 'host', 9000)])],
      },
      ['192.0.2.1:30080<80', '192.0.2.1:30443<443', '192.0.2.3:9000<9000'],
    ],
  ])('are reached %s', (_what, state, expected) => {
    expect(told(state)).toEqual(expected);
  });

  it('are asked for tasks where ports are published by host', () => {
    expect(hasHostPorts(service([port(1), port(2, 'host')]))).toBe(true);
    expect(hasHostPorts(service([port(1)]))).toBe(false);
    expect(hasHostPorts(service(null))).toBe(false);
  });
});
