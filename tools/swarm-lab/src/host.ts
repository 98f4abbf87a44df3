import { startNamespace, type Namespace } from '@guaita/lab';
import { DockerDaemon } from '@guaita/lab/docker';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { LabNetwork } from './network.ts';

/** One host of the lab: a network namespace with a cable, a name, a disk, and a Docker daemon of its own. */
export class LabHost {
  readonly name: string;
  readonly address: string;
  readonly docker: DockerDaemon;
  readonly #network: LabNetwork;
  #namespace: Namespace | undefined;

  constructor(name: string, address: string, folder: string, network: LabNetwork) {
    this.name = name;
    this.address = address;
    this.#network = network;
    const entry = (): readonly string[] => this.#running.entry;
    this.docker = new DockerDaemon(join(folder, name), {
      name,
      get network() {
        return entry();
      },
      // There are no rules for what passes a bridge; Docker would have them for containers, and switches have none.
      boot: ['sysctl -q -w net.bridge.bridge-nf-call-iptables=0 || true'],
      // No registry can be reached. Without this each container would wait 10 s for it before it starts.
      environment: { DOCKER_SERVICE_PREFER_OFFLINE_IMAGE: '1' },
    });
  }

  /** Switches it on: with its disk as it was when it was last switched off. */
  async powerOn(): Promise<void> {
    this.#namespace = await startNamespace({ networks: [] });
    await this.#network.plugIn(this.name, this.#namespace.pid, this.address, (commands) => this.#running.ip(commands));
    await this.docker.start();
  }

  /** Its power goes: nobody hears from it from this moment on, and all that runs there is gone. */
  async powerOff(): Promise<void> {
    await this.#network.cut(this.name);
    await this.docker.kill();
    await this.#network.unplug(this.name);
    await this.#namespace?.stop();
    this.#namespace = undefined;
  }

  /** Shuts it down as its owner would, by the power button. */
  async shutDown(): Promise<void> {
    await this.docker.stop();
    await this.#network.unplug(this.name);
    await this.#namespace?.stop();
    this.#namespace = undefined;
  }

  /** Ends it without a word, for the end of a test. */
  async stop(): Promise<void> {
    await this.docker.kill();
    await this.#namespace?.stop();
    this.#namespace = undefined;
  }

  /** Runs a program there, beside the containers, and gives what it wrote. */
  run(program: string, ...args: readonly string[]): Promise<string> {
    return this.docker.runOnHost(program, args);
  }

  /** Starts a program there. The caller ends it. */
  spawn(program: string, ...args: readonly string[]): ChildProcess {
    return this.docker.spawnOnHost(program, args);
  }

  /** The id of the container of a service, or `undefined` while there is none. */
  async container(service: string): Promise<string | undefined> {
    const filter = ['--filter', `label=com.docker.swarm.service.name=${service}`];
    const ids = await this.docker.docker('ps', '--quiet', '--no-trunc', ...filter);
    return ids.split('\n').find((id) => id !== '');
  }

  /** Runs a program in the container of a service. @throws {Error} when there is none. */
  async exec(service: string, ...command: readonly string[]): Promise<string> {
    const id = await this.container(service);
    if (id === undefined) throw new Error(`${service} does not run at ${this.name}`);
    return await this.docker.docker('exec', id, ...command);
  }

  get #running(): Namespace {
    if (this.#namespace === undefined) throw new Error(`${this.name} is switched off`);
    return this.#namespace;
  }
}
