import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { readSite, SERVICES } from '@guaita/site';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { workspaceFile, WORKSPACE } from './paths.ts';

const run = promisify(execFile);

interface ComposedService {
  readonly build?: { readonly context: string; readonly args: Readonly<Record<string, string>> };
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly unknown[];
  readonly secrets?: readonly unknown[];
  readonly [field: string]: unknown;
}

interface Composition {
  readonly services: Readonly<Record<string, ComposedService>>;
}

describe('docker-compose.yml', () => {
  let services: Composition['services'] = {};
  beforeAll(async () => {
    const { stdout } = await run('docker-compose', ['--file', 'docker-compose.yml', 'config'], {
      cwd: WORKSPACE,
      env: { ...process.env, GUAITA_MONITOR: 'lookout' },
    });
    services = (parse(stdout) as Composition).services;
  });

  it('is understood by docker-compose, and holds the broker and every service', () => {
    expect(Object.keys(services).sort()).toEqual(['mosquitto', ...SERVICES].sort());
  });

  it.each(['mosquitto', ...SERVICES])('builds %s from the one Dockerfile', (name) => {
    const app = name === 'mosquitto' ? 'host' : name;
    expect(services[name]?.build).toMatchObject({ context: WORKSPACE, args: { APP: app } });
  });

  it('makes one monitor of all services', () => {
    expect(SERVICES.map((name) => services[name]?.environment?.['GUAITA_MONITOR'])).toEqual(
      SERVICES.map(() => 'lookout'),
    );
  });

  it.each(SERVICES)('gives %s a user of its own, whose password is in a file', (name) => {
    expect(services[name]?.environment).toMatchObject({
      GUAITA_MQTT_URL: 'mqtt+unix:///run/guaita/mosquitto.sock',
      GUAITA_MQTT_USERNAME: name,
      GUAITA_MQTT_PASSWORD_FILE: `/run/secrets/mqtt_${name}`,
    });
    expect(JSON.stringify(services[name]?.secrets)).toContain(`mqtt_${name}`);
    expect(services[name]?.secrets).toHaveLength(1);
  });

  it.each(['mosquitto', ...SERVICES])('gives %s no right it does not need, and brings it back when it ends', (name) => {
    expect(services[name]).toMatchObject({ read_only: true, cap_drop: ['ALL'], restart: 'unless-stopped' });
    expect(services[name]?.['cap_add'] ?? []).toEqual(name === 'ping' ? ['NET_RAW'] : []);
  });

  it('shows the file with SNMP credentials to the snmp service only', () => {
    const seers = Object.entries(services).filter(([, service]) => JSON.stringify(service).includes('snmp.yaml'));
    expect(seers.map(([name]) => name)).toEqual(['snmp']);
  });

  it('gives the broker the site that it is made of, which has the monitor that runs by default', async () => {
    expect(JSON.stringify(services['mosquitto']?.['volumes'])).toContain('compose-site.yaml:/etc/guaita/site.yaml:ro');
    const site = readSite(await readFile(workspaceFile('deploy/compose-site.yaml'), 'utf8'));
    const text = await readFile(workspaceFile('docker-compose.yml'), 'utf8');
    expect(text).toContain(`GUAITA_MONITOR: \${GUAITA_MONITOR:-${site.hosts[0]?.name}}`);
    expect(services['mosquitto']?.environment).toMatchObject({ GUAITA_MONITOR: 'lookout' });
    expect(JSON.stringify(services['mosquitto']?.ports)).toContain(`${site.ports.mqtt}`);
  });

  it('publishes the broker and the page on loopback only, and nothing else', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => ({ name, port })),
    );
    expect(published.map(({ name }) => name).sort()).toEqual(['mosquitto', 'storage']);
    for (const { port } of published) expect(JSON.stringify(port)).toContain('127.0.0.1');
  });
});
