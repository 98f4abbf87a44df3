import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const run = promisify(execFile);
const DEPLOY = join(import.meta.dirname, '../../../../deploy');
const SERVICES = ['assign', 'ping', 'snmp', 'alert', 'storage', 'serf-publisher'] as const;
const GLOBAL = [...SERVICES, 'mosquitto', 'keepalived', 'antidote'] as const;

interface Mounted {
  readonly source: string;
  readonly target: string;
}

interface StackService {
  readonly networks: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly Mounted[];
  readonly configs?: readonly Mounted[];
  readonly volumes?: readonly (Mounted & { readonly type: string })[];
  readonly [field: string]: unknown;
}

interface Stack {
  readonly services: Readonly<Record<string, StackService>>;
  readonly networks: Readonly<Record<string, object>>;
  readonly configs: Readonly<Record<string, { readonly name: string }>>;
  readonly secrets: Readonly<Record<string, { readonly name: string }>>;
}

async function readStack(name: string): Promise<Stack> {
  return parse(await readFile(join(DEPLOY, name), 'utf8'), { merge: true }) as Stack;
}

describe('deploy/stack.yml', () => {
  let stack: Stack;
  const service = (name: string): StackService => stack.services[name] ?? { networks: [] };
  beforeAll(async () => {
    stack = await readStack('stack.yml');
  });

  it.each([[['stack.yml']], [['stack.yml', 'stack.node-red.yml']]])(
    '%j is understood by Docker’s tools',
    async (files) => {
      const flags = files.flatMap((file) => ['--file', file]);
      const { stdout } = await run('docker-compose', [...flags, 'config', '--services'], { cwd: DEPLOY });
      expect(stdout.trim().split('\n')).toHaveLength(Object.keys(stack.services).length + files.length - 1);
    },
  );

  it.each(GLOBAL)(
    'has one %s on each host, renewed one host after the other, and taken back when that goes wrong',
    (name) => {
      expect(service(name)['deploy']).toMatchObject({
        ...{ mode: 'global', endpoint_mode: 'dnsrr', restart_policy: { condition: 'any' } },
        update_config: { parallelism: 1, order: 'stop-first', failure_action: 'rollback' },
      });
      expect(JSON.stringify(service(name)['deploy'])).toMatch(/"memory":"\d+[MG]"/);
    },
  );

  it('makes of each node one monitor, called as the node is', () => {
    expect(SERVICES.map((name) => service(name).environment?.['GUAITA_MONITOR'])).toEqual(
      SERVICES.map(() => '{{.Node.Hostname}}'),
    );
  });

  it.each(SERVICES)(
    'gives %s its own user at the broker of its host, by the socket, and no other secret of a user',
    (name) => {
      expect(service(name).environment).toMatchObject({
        ...{ GUAITA_MQTT_USERNAME: name, GUAITA_MQTT_URL: 'mqtt+unix:///run/guaita/mosquitto.sock' },
        GUAITA_MQTT_PASSWORD_FILE: '/run/secrets/mqtt',
      });
      expect(service(name).secrets?.map(({ source }) => source)).toEqual(
        [name, `${name}-settings`].filter((secret) => secret in stack.secrets),
      );
    },
  );

  it('lets nobody but assign into the network of AntidoteDB, and assign into no other', () => {
    expect(stack.networks['antidote']).toMatchObject({ internal: true, driver_opts: { encrypted: 'true' } });
    const there = Object.keys(stack.services).filter((name) => service(name).networks.includes('antidote'));
    expect(there.sort()).toEqual(['antidote', 'assign']);
    for (const name of there) expect(service(name).networks).toEqual(['antidote']);
  });

  it('publishes nothing by Swarm: what is to be reached is reached at its host', () => {
    for (const name of Object.keys(stack.services)) expect(service(name)['ports']).toBeUndefined();
  });

  it('gives services that share the host’s network ports of their own', () => {
    const ports = SERVICES.filter((name) => service(name).networks.includes('host')).map(
      (name) => service(name).environment?.['GUAITA_HTTP_PORT'],
    );
    expect(ports).not.toContain(undefined);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it.each([...SERVICES, 'mosquitto', 'keepalived'])('gives %s a root file system to read and few rights', (name) => {
    expect(service(name)).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    const added = service(name)['cap_add'] ?? [];
    if (name === 'ping') expect(added).toEqual(['NET_RAW']);
    else if (name !== 'keepalived') expect(added).toEqual([]);
  });

  it('holds no secret in an environment variable, and bounds what each container logs', () => {
    for (const name of Object.keys(stack.services)) {
      const names = Object.keys(service(name).environment ?? {});
      expect(names.filter((each) => /PASSWORD|SECRET|KEY/.test(each) && !each.endsWith('_FILE'))).toEqual([]);
      expect(service(name)['logging']).toMatchObject({ options: { 'max-size': '10m' } });
    }
  });

  it('gives configs and secrets names that change with what is in them, each by a variable of its own', () => {
    const named = [stack.configs, stack.secrets].flatMap((each) => Object.values(each));
    const variables = named.map(({ name }) => /\$\{(GUAITA_HASH_[A-Z_]+):-0\}$/.exec(name)?.[1]);
    expect(variables).not.toContain(undefined);
    expect(new Set(variables).size).toBe(named.length);
    const used = Object.values(stack.services).flatMap(({ configs = [], secrets = [] }) => [...configs, ...secrets]);
    expect([...new Set(used.map(({ source }) => source))].sort()).toEqual(
      [...new Set([...Object.keys(stack.configs), ...Object.keys(stack.secrets)])].sort(),
    );
  });
});

describe('deploy/stack.node-red.yml', () => {
  it('has one Node-RED, never two at a time', async () => {
    const { services } = await readStack('stack.node-red.yml');
    expect(services['node-red']).toMatchObject({
      deploy: { replicas: 1, endpoint_mode: 'dnsrr', update_config: { order: 'stop-first' } },
    });
  });
});
