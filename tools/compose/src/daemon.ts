import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { ProgramError, run } from './program.ts';

/** How long a Docker daemon may take to answer, or to end: it starts and stops a containerd of its own. */
const PATIENCE_MS = 60_000;

/** Where the host of the containers can be reached from them. From the range for documentation (RFC 5737). */
export const HOST_ADDRESS = '192.0.2.1';

/**
 * A Docker daemon with a network, a /run and a storage of its own: what is done in it touches nothing else on this
 * machine, and is gone with its folder.
 */
export class DockerDaemon {
  readonly #folder: string;
  #process: ChildProcess | undefined;

  constructor(folder: string) {
    this.#folder = folder;
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

  async start(): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const paths = ['data', 'exec'].map((name) => `--${name}-root=${join(this.#folder, name)}`);
    const dockerd = [
      ...['exec', 'dockerd', '--log-level=warn', ...paths],
      ...[`--host=unix://${this.#folder}/docker.sock`, `--pidfile=${join(this.#folder, 'dockerd.pid')}`],
    ].join(' ');
    const script = [
      'set -e',
      'mount -t tmpfs tmpfs /run',
      'ip link set lo up',
      `ip address add ${HOST_ADDRESS}/32 dev lo`,
      dockerd,
    ].join('\n');
    // A process group of its own: Ctrl-C ends the run in good order, and not the daemon under it.
    const daemon = spawn('unshare', ['--net', '--mount', '--uts', 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#process = daemon;
    const log = createWriteStream(this.#logFile);
    daemon.stdout.pipe(log, { end: false });
    daemon.stderr.pipe(log, { end: false });
    const deadline = performance.now() + PATIENCE_MS;
    while (!(await this.#answers())) {
      if (daemon.exitCode !== null || performance.now() > deadline) {
        const said = await readFile(this.#logFile, 'utf8');
        await this.stop();
        throw new Error(`dockerd does not answer; its log:\n${said}`);
      }
      await pause(500);
    }
  }

  async stop(): Promise<void> {
    const daemon = this.#process;
    this.#process = undefined;
    if (daemon === undefined || daemon.exitCode !== null || daemon.signalCode !== null) return;
    const ended = once(daemon, 'exit');
    daemon.kill('SIGTERM');
    const lastResort = setTimeout(() => daemon.kill('SIGKILL'), PATIENCE_MS);
    await ended;
    clearTimeout(lastResort);
  }

  /** Runs a Docker client. */
  docker(...args: readonly string[]): Promise<string> {
    return run('docker', args, { env: this.environment });
  }

  /** Starts a program on the daemon's host, beside the containers. The caller ends it. */
  spawnOnHost(program: string, args: readonly string[]): ChildProcess {
    return spawn('nsenter', [...this.#itsNetwork, program, ...args], { stdio: 'ignore' });
  }

  /** Runs a program on the daemon's host to its end, and gives what it wrote. */
  runOnHost(program: string, args: readonly string[]): Promise<string> {
    return run('nsenter', [...this.#itsNetwork, program, ...args]);
  }

  get #itsNetwork(): readonly string[] {
    const pid = this.#process?.pid;
    if (pid === undefined) throw new Error('the daemon does not run');
    return [`--target=${pid}`, '--net'];
  }

  get #logFile(): string {
    return join(this.#folder, 'dockerd.log');
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
