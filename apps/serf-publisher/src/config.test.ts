import { parseConfig, problemText, type Config } from '@guaita/service';
import { describe, expect, it } from 'vitest';
import { publisherConfig } from './config.ts';

const definition = { name: 'serf-publisher', config: publisherConfig };

function parse(section: string, env: Record<string, string> = {}): ReturnType<typeof parseConfig> {
  const file = { name: 'guaita.yaml', text: `serf-publisher:\n  ${section}\n` };
  return parseConfig({ definitions: [definition], file, env, flags: [], hostName: 'pi-1', readFile: () => '' });
}

function read(section: string, env?: Record<string, string>): Config['sections'][string] {
  const result = parse(section, env);
  if ('problems' in result) throw new Error(JSON.stringify(result.problems));
  return result.config.sections['serf-publisher'];
}

describe('the configuration of serf-publisher', () => {
  it('tells of nothing that nobody asked for', () => {
    expect(publisherConfig.parse({})).toEqual({ only_labelled: false });
  });

  it('has defaults for all that is wanted', () => {
    expect(
      read('{page: {port: 7480}, broker: {port: 1883}, docker: {}, kubernetes: {}, serf: {}, avahi_ps: {}}'),
    ).toEqual({
      only_labelled: false,
      page: { port: 7480, type: 'http', description: 'Guaita' },
      broker: { port: 1883, type: 'mqtt', description: 'Guaita' },
      docker: { url: 'unix:///var/run/docker.sock' },
      kubernetes: { namespaces: [] },
      serf: { agent: '127.0.0.1:7373', microcloud: '', tag_bytes: 512, events: [] },
      avahi_ps: { program: 'avahi-ps' },
    });
  });

  it('may come from the environment', () => {
    const env = {
      GUAITA_SERF_PUBLISHER_DOCKER_URL: 'tcp://10.0.0.1:2375',
      GUAITA_SERF_PUBLISHER_KUBERNETES_NAMESPACES: 'shop,lab',
      GUAITA_SERF_PUBLISHER_PAGE_PORT: '7480',
    };
    expect(read('{}', env)).toMatchObject({
      docker: { url: 'tcp://10.0.0.1:2375' },
      kubernetes: { namespaces: ['shop', 'lab'] },
      page: { port: 7480 },
    });
  });

  it.each([
    ['address: 10.0.0', 'guaita.yaml:2 serf-publisher.address: "10.0.0" is not an IP address or host name; correct it'],
    [
      'docker: {url: /var/run/docker.sock}',
      'guaita.yaml:2 serf-publisher.docker.url: is no Docker engine; give one like "unix:///var/run/docker.sock" or "https://10.0.0.1:2376"',
    ],
    [
      'docker: {url: "https://x", cert_file: c.pem}',
      'guaita.yaml:2 serf-publisher.docker: has one of cert_file and key_file; give both, or none',
    ],
    [
      'kubernetes: {namespaces: ["a/b"]}',
      'guaita.yaml:2 serf-publisher.kubernetes.namespaces[0]: "a/b" is no namespace of Kubernetes; give its name, such as "default"',
    ],
    [
      'kubernetes: {context: lab}',
      'guaita.yaml:2 serf-publisher.kubernetes.context: has a context and no kubeconfig in which that would be; name the kubeconfig, too',
    ],
    [
      'page: {port: 7480, type: HTTP}',
      'guaita.yaml:2 serf-publisher.page.type: is no type; give a word such as "http"',
    ],
    [
      'serf: {agent: "127.0.0.1:99999"}',
      'guaita.yaml:2 serf-publisher.serf.agent: is not the address of an agent; give one like "127.0.0.1:7373"',
    ],
    [
      'serf: {events: [deploy, guaita/alert]}',
      'guaita.yaml:2 serf-publisher.serf.events[1]: is an event of Guaita’s own, which are not told again; take it out (alerts stand at alert/…)',
    ],
    ['dockr: {}', 'guaita.yaml:2 serf-publisher.dockr: unknown key; did you mean "docker"?'],
  ])('is refused where it is %j', (section, problem) => {
    const result = parse(section);
    expect('problems' in result ? result.problems.map(problemText) : []).toEqual([problem]);
  });
});
