import { execFile, type ExecFileException } from 'node:child_process';

/** Docker could not do what it was asked to; the message is what it said. */
export class DockerError extends Error {
  override readonly name = 'DockerError';
}

/** What a run of Docker's client needs beside its arguments. */
export interface DockerRun {
  /** Variables beside those of this process, for the files of a stack. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads on standard input. */
  readonly input?: string;
  /** Where it runs: paths in a stack that is read from standard input begin here. */
  readonly cwd?: string;
}

/** Docker, asked by its own client. */
export interface Docker {
  /** @returns what it printed. @throws {DockerError} with what to do. */
  run(args: readonly string[], options?: DockerRun): Promise<string>;
}

/** Of a large site: a stack's tasks with all that they are made of. */
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

/** Docker's client on this host; DOCKER_HOST and contexts count. */
export const dockerClient: Docker = {
  run(args, { env = {}, input = '', cwd } = {}) {
    return new Promise((resolve, reject) => {
      const child = execFile(
        'docker',
        args,
        { env: { ...process.env, ...env }, cwd, maxBuffer: MAX_OUTPUT_BYTES },
        (error, out, err) => {
          if (error === null) resolve(out);
          else reject(new DockerError(explain(args, error, err), { cause: error }));
        },
      );
      // A client that ends before it has read everything says itself why.
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(input);
    });
  },
};

/** What Docker said, and what to do about what is said most often. */
function explain(args: readonly string[], error: ExecFileException, said: string): string {
  if (error.code === 'ENOENT') {
    return 'there is no program docker here; install it (Debian: sudo apt-get install docker.io), or run this at a host that has it';
  }
  const what = said.trim() === '' ? error.message : said.trim();
  return `docker ${args.slice(0, 2).join(' ')}: ${what}${mendOf(what)}`;
}

function mendOf(said: string): string {
  if (/permission denied.*docker/is.test(said)) return '; run this as root, or as a user of the group docker';
  if (/cannot connect to the docker daemon/i.test(said)) return '; start it: sudo systemctl start docker';
  if (/not a swarm manager/i.test(said)) {
    return '; make a Swarm (docker swarm init --advertise-addr ADDRESS), or run this at one of its managers';
  }
  return '';
}
