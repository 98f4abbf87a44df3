import { NODE_IMAGE, run, type DockerDaemon } from '@guaita/lab/docker';
import { READER } from '@guaita/site';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { workspaceFile } from './paths.ts';

/** What a project of compose is made of, once the bundles are there. */
const FILES = ['docker-compose.yml', 'Dockerfile', '.dockerignore', 'deploy', 'dist'];

/** A message as mosquitto_sub gives it. */
export interface Heard {
  readonly topic: string;
  readonly payload: unknown;
}

/** The composed services, in a folder of their own. */
export class Composition {
  readonly #daemon: DockerDaemon;
  readonly #folder: string;
  readonly #settings: NodeJS.ProcessEnv;

  /** @param settings the variables that docker-compose.yml names */
  constructor(daemon: DockerDaemon, folder: string, settings: NodeJS.ProcessEnv) {
    this.#daemon = daemon;
    this.#folder = folder;
    this.#settings = settings;
  }

  /** @param files that take the place of the workspace's own */
  async prepare(files: Readonly<Record<string, string>>): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    for (const file of FILES) await cp(workspaceFile(file), join(this.#folder, file), { recursive: true });
    for (const [file, text] of Object.entries(files)) await writeFile(join(this.#folder, file), text);
    await run(process.execPath, [join(this.#folder, 'deploy/mosquitto/make-secrets.mjs')]);
  }

  async build(): Promise<void> {
    await this.#compose('build');
  }

  async up(): Promise<void> {
    await this.#compose('up', '--detach', '--no-build');
  }

  /** Takes containers, networks and volumes away. */
  async down(): Promise<void> {
    await this.#compose('down', '--volumes', '--timeout', '10');
  }

  logs(): Promise<string> {
    return this.#compose('logs', '--no-color');
  }

  async restart(service: string): Promise<void> {
    await this.#compose('restart', service);
  }

  /** Runs a program in a service's container. */
  exec(service: string, ...args: readonly string[]): Promise<string> {
    return this.#compose('exec', '-T', service, ...args);
  }

  /** What Docker says of a service's health: `starting`, `healthy` or `unhealthy`. */
  async health(service: string): Promise<string> {
    const id = (await this.#compose('ps', '--quiet', service)).trim();
    return (await this.#daemon.docker('inspect', '--format', '{{.State.Health.Status}}', id)).trim();
  }

  /** Waits until every service is healthy. @throws {Error} with the logs when one is not in time. */
  async healthy(services: readonly string[], patience_ms: number): Promise<void> {
    const deadline = performance.now() + patience_ms;
    for (const service of services) {
      while ((await this.health(service)) !== 'healthy') {
        if (performance.now() > deadline) throw new Error(`${service} is not healthy:\n${await this.logs()}`);
        await pause(1000);
      }
    }
  }

  /** Listens on the composed broker for a while, as a person would. Retained messages come first. */
  async listen(filter: string, seconds: number): Promise<Heard[]> {
    const script = `mosquitto_sub --unix /run/guaita/mosquitto.sock -u ${READER} -P "$(cat /run/secrets/${READER})" -t '${filter}' -F '%t %p' -W ${seconds} || true`;
    const lines = (await this.exec('mosquitto', 'sh', '-c', script)).split('\n').filter((line) => line.includes(' {'));
    return lines.map((line) => {
      const end = line.indexOf(' ');
      return { topic: line.slice(0, end), payload: JSON.parse(line.slice(end + 1)) as unknown };
    });
  }

  #compose(...args: readonly string[]): Promise<string> {
    const env = {
      ...this.#daemon.environment,
      ...this.#settings,
      COMPOSE_PROJECT_NAME: 'guaita-e2e',
      GUAITA_NODE_IMAGE: NODE_IMAGE,
      GUAITA_BUNDLES: 'prebuilt',
    };
    return run('docker-compose', args, { cwd: this.#folder, env });
  }
}
