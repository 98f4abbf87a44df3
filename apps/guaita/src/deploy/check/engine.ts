import { z } from 'zod';
import type { Finding } from '../../doctor/finding.ts';
import { DockerError, type Docker } from '../docker.ts';

/** What is read of `docker info`. */
const Info = z.object({
  Name: z.string().default(''),
  ServerVersion: z.string().default(''),
  MemoryLimit: z.boolean().default(true),
  ServerErrors: z.array(z.string()).nullish(),
  Swarm: z
    .object({
      NodeID: z.string().default(''),
      NodeAddr: z.string().default(''),
      LocalNodeState: z.string().default('inactive'),
      ControlAvailable: z.boolean().default(false),
    })
    .prefault({}),
});
export type EngineInfo = z.output<typeof Info>;

/** The first that has capabilities for services of a Swarm. */
const OLDEST = [20, 10] as const;

/** Asks Docker what it is. @throws {DockerError} when it does not answer. */
export async function readEngine(docker: Docker): Promise<EngineInfo> {
  const text = await docker.run(['info', '--format', '{{json .}}']);
  const read = Info.safeParse(jsonOf(text));
  if (!read.success) throw new DockerError('docker info: its answer is not understood; give it version 20.10 or newer');
  const [error] = read.data.ServerErrors ?? [];
  if (error !== undefined) throw new DockerError(`docker info: ${error}; start Docker: sudo systemctl start docker`);
  return read.data;
}

/** Is this Docker one that can run the stack, and a manager of a Swarm? Pure. */
export function engineFindings({ ServerVersion, MemoryLimit, Swarm }: EngineInfo): Finding[] {
  const findings: Finding[] = [];
  const [major = 0, minor = 0] = ServerVersion.split('.').map(Number);
  const isOld = major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]);
  findings.push(
    isOld
      ? {
          ...{ check: 'docker', level: 'failure', detail: `Docker ${ServerVersion} is older than ${OLDEST.join('.')}` },
          mend: 'Install a newer one on every host.',
        }
      : { check: 'docker', level: 'ok', detail: `Docker ${ServerVersion} answers` },
  );
  if (!MemoryLimit) {
    findings.push({
      ...{ check: 'memory', level: 'warning', detail: 'this kernel sets containers no limit of memory' },
      mend: 'On a Raspberry Pi write cgroup_enable=memory cgroup_memory=1 into /boot/firmware/cmdline.txt, and restart it.',
    });
  }
  if (Swarm.LocalNodeState !== 'active') {
    const detail = `this host is in no Swarm (${Swarm.LocalNodeState || 'inactive'})`;
    const mend =
      'At the first host: docker swarm init --advertise-addr ITS-ADDRESS; at the others what docker swarm join-token manager says.';
    findings.push({ check: 'swarm', level: 'failure', detail, mend });
  } else if (!Swarm.ControlAvailable) {
    const mend = 'Run this at a manager; or there: docker node promote THIS-HOST.';
    findings.push({ check: 'swarm', level: 'failure', detail: 'this host is a worker of the Swarm, no manager', mend });
  } else findings.push({ check: 'swarm', level: 'ok', detail: 'this host is a manager of a Swarm' });
  return findings;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
