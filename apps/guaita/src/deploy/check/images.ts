import { parse } from 'yaml';
import { z } from 'zod';
import type { Finding } from '../../doctor/finding.ts';
import type { Deployment } from '../deployment.ts';
import { DockerError, type Docker } from '../docker.ts';
import { resolved } from '../interpolation.ts';
import { monitorNodes, type SwarmNode } from '../swarm.ts';

const Manifest = z.object({
  manifests: z.array(z.object({ platform: z.object({ architecture: z.string() }) })).optional(),
});
/** As `uname -m` says it, and as images do. */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm',
  armv6l: 'arm',
};

/** Is each image on this host, or to be had for every host's kind of processor? */
export async function imageFindings(
  docker: Docker,
  deployment: Deployment,
  nodes: readonly SwarmNode[],
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const local: string[] = [];
  const wanted = new Set(
    monitorNodes(nodes).map(({ Description }) => architectureOf(Description.Platform.Architecture)),
  );
  for (const image of imagesOf(deployment)) {
    const offered = await architecturesOf(docker, image);
    const lacking = Array.isArray(offered) ? [...wanted].filter((each) => !offered.includes(each)) : [];
    if (offered === undefined) {
      if (await isHere(docker, image)) local.push(image);
      else {
        const mend = `Build it (docker build), or name what serves it with GUAITA_IMAGE_PREFIX and GUAITA_VERSION (of AntidoteDB GUAITA_ANTIDOTE_IMAGE).`;
        findings.push({
          check: 'images',
          level: 'failure',
          detail: `${image} is neither here nor in a registry`,
          mend,
        });
      }
    } else if (lacking.length > 0) {
      const mend = 'Build it for these too (docker buildx build --platform), or name another image.';
      findings.push({ check: 'images', level: 'failure', detail: `${image} is not for ${lacking.join(', ')}`, mend });
    }
  }
  if (local.length > 0 && nodes.length > 1) {
    findings.push({
      ...{ check: 'images', level: 'warning' },
      detail: `${local.length} images are from no registry: whether the other hosts have them cannot be seen from here`,
      mend: 'Bring them to each host (docker save | ssh HOST docker load), and set DOCKER_SERVICE_PREFER_OFFLINE_IMAGE=1 for dockerd: else each start waits 10 s for the registry.',
    });
  }
  return findings.length > 0 ? findings : [{ check: 'images', level: 'ok', detail: 'every image is to be had' }];
}

/** The images of a stack, with its variables in their places. */
function imagesOf({ files, variables }: Deployment): string[] {
  const images = [...files.values()].flatMap((text) => {
    const { services = {} } = parse(text, { merge: true }) as { services?: Record<string, { image?: string }> };
    return Object.values(services).flatMap(({ image }) => (image === undefined ? [] : [resolved(image, variables)]));
  });
  return [...new Set(images)];
}

/** For which kinds of processor a registry has it; `undefined` where none has, or that cannot be told. */
async function architecturesOf(docker: Docker, image: string): Promise<string[] | 'unsaid' | undefined> {
  const text = await orUndefined(docker.run(['manifest', 'inspect', image]));
  if (text === undefined) return undefined;
  try {
    const { manifests } = Manifest.parse(JSON.parse(text));
    // One image without a list: for which processor stands in another place, and is seen when it starts.
    return manifests?.map(({ platform }) => platform.architecture) ?? 'unsaid';
  } catch {
    return undefined;
  }
}

async function isHere(docker: Docker, image: string): Promise<boolean> {
  return (await orUndefined(docker.run(['image', 'inspect', '--format', '{{.Id}}', image]))) !== undefined;
}

async function orUndefined<Value>(asked: Promise<Value>): Promise<Value | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof DockerError)) throw error;
    return undefined;
  }
}

function architectureOf(machine: string): string {
  return ARCHITECTURES[machine] ?? machine;
}
