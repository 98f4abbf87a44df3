import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { end } from '../child.ts';
import { systemProgram } from '../system-program.ts';
import { removeCgroups } from './cgroups.ts';
import { ProgramError, run } from './program.ts';

/** How long a Docker daemon may take to answer, or to end: it starts and stops a containerd of its own. */
const PATIENCE_ms = 60_000;

/** Where the host of the containers can be reached from them. From the range for documentation (RFC 5737). */
export const HOST_ADDRESS = '192.0.2.1';

export interface DockerHostSettings {
  /** The host's name. Default: this machine's. */
  readonly name?: string;
  /** Put before a command line, it runs that in the host's network. Default: a network of its own, with loopback only. */
  readonly network?: readonly string[];
  /** Commands of the shell, when the host starts, before Docker does. */
  readonly boot?: readonly string[];
  /** Further environment of the daemon. */
  readonly environment?: NodeJS.ProcessEnv;
}

/**
 * A Docker daemon with a network, a /run, a storage and process numbers of its own: what is done in it touches nothing
 * else on this machine, ends with it, and is gone with its folder.
 */
export class DockerDaemon {
  readonly #folder: string;
  readonly #settings: DockerHostSettings;
  #process: ChildProcess | undefined;
  /** The daemon itself, which is process 1 in there. */
  #pid: number | undefined;

  constructor(folder: string, settings: DockerHostSettings = {}) {
    this.#folder = folder;
    this.#settings = settings;
  }

  /** The environment in which Docker's clients talk to this daemon. */
  get environment(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      // The client must be the one that came with the daemon: newer ones want a plugin in order to build.
      PATH: `/usr/bin:/usr/sbin:${process.env['PATH']}`,
      DOCKER_HOST: `unix://${this.#folder}/docker.sock`,
      DOCKER_BUILDKIT: '1',
      COMPOSE_DOCKER_CLI_BUILD: '1',
    };
  }

  /** Where it keeps images, containers and volumes: the disk of its host. */
  get dataFolder(): string {
    return join(this.#folder, 'data');
  }

  get runs(): boolean {
    return this.#process !== undefined && this.#process.exitCode === null && this.#process.signalCode === null;
  }

  async start(): Promise<void> {
    await mkdir(this.dataFolder, { recursive: true });
    const { name, network, boot = [], environment } = this.#settings;
    const dockerd = [
      ...['exec', systemProgram('dockerd'), '--log-level=warn', `--data-root=${this.dataFolder}`],
      // What is known of running containers is gone with the power.
      ...['--exec-root=/run/docker', '--pidfile=/run/dockerd.pid', `--cgroup-parent=${this.#cgroup}`],
      `--host=unix://${this.#folder}/docker.sock`,
    ].join(' ');
    const script = [
      'set -e',
      ...(name === undefined ? [] : [`hostname ${name}`]),
      'mount -t tmpfs tmpfs /run',
      'ip link set lo up',
      ...(network === undefined ? [`ip address add ${HOST_ADDRESS}/32 dev lo`] : []),
      ...boot,
      dockerd,
    ].join('\n');
    const [first = '', ...rest] = [
      // It ends when this process does, however that ends, and all in there with it.
      ...(network ?? ['setpriv', '--pdeathsig', 'KILL', '--']),
      ...['unshare', '--mount', '--uts', '--pid', '--fork', '--kill-child', '--mount-proc'],
      ...(network === undefined ? ['--net'] : []),
      ...['sh', '-c', script],
    ];
    // A process group of its own: Ctrl-C ends the run in good order, and not the daemon under it.
    const daemon = spawn(first, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: { ...this.environment, ...environment },
    });
    this.#process = daemon;
    const log = createWriteStream(this.logFile, { flags: 'a' });
    daemon.stdout.pipe(log, { end: false });
    daemon.stderr.pipe(log, { end: false });
    const deadline = performance.now() + PATIENCE_ms;
    while (!(await this.#answers())) {
      if (!this.runs || performance.now() > deadline) {
        const said = await readFile(this.logFile, 'utf8');
        await this.stop();
        throw new Error(`dockerd does not answer; its log:\n${said}`);
      }
      await pause(200);
    }
    const children = await readFile(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8');
    this.#pid = Number(children);
  }

  /** Ends it in good order. */
  async stop(): Promise<void> {
    const daemon = this.#process;
    this.#process = undefined;
    if (daemon !== undefined && daemon.exitCode === null && daemon.signalCode === null) {
      const ended = once(daemon, 'exit');
      if (this.#pid === undefined) daemon.kill('SIGKILL');
      else process.kill(this.#pid, 'SIGTERM');
      const lastResort = setTimeout(() => daemon.kill('SIGKILL'), PATIENCE_ms);
      await ended;
      clearTimeout(lastResort);
    }
    this.#pid = undefined;
    await removeCgroups(this.#cgroup);
  }

  /** Ends it and all that runs there at once, as when the power goes. */
  async kill(): Promise<void> {
    const daemon = this.#process;
    this.#process = undefined;
    this.#pid = undefined;
    await end(daemon);
    await removeCgroups(this.#cgroup);
  }

  /** Runs a Docker client. */
  docker(...args: readonly string[]): Promise<string> {
    return run('docker', args, { env: this.environment });
  }

  /** Starts a program on the daemon's host, beside the containers. The caller ends it. */
  spawnOnHost(program: string, args: readonly string[]): ChildProcess {
    return spawn('nsenter', [...this.#itsNamespaces, program, ...args], { stdio: 'ignore' });
  }

  /** Runs a program on the daemon's host to its end, and gives what it wrote. */
  runOnHost(program: string, args: readonly string[]): Promise<string> {
    return run('nsenter', [...this.#itsNamespaces, program, ...args]);
  }

  get logFile(): string {
    return join(this.#folder, 'dockerd.log');
  }

  get #itsNamespaces(): readonly string[] {
    if (this.#pid === undefined) throw new Error('the daemon does not run');
    return [`--target=${this.#pid}`, '--net', '--mount', '--uts', '--pid', '--'];
  }

  /** Of all containers, so that what is left of them can be found. */
  get #cgroup(): string {
    return `/guaita${this.#folder.replaceAll('/', '-')}`;
  }

  async #answers(): Promise<boolean> {
    try {
      await this.docker('info');
      return true;
    } catch (error) {
      if (error instanceof ProgramError) return false;
      throw error;
    }
  }
}
