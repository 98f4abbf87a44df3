import { z } from 'zod';
import { DockerError, type Docker } from './docker.ts';

/** The label that Docker gives to all that is of a stack. */
const STACK_LABEL = 'com.docker.stack.namespace';
/** The label of a node that is to be no monitor, as stack.yml has it. */
const OFF = { label: 'guaita', value: 'off' };

/** What is read of Docker's answers; there is much more in them. */
const Node = z.object({
  ID: z.string(),
  Spec: z.object({
    Role: z.enum(['manager', 'worker']),
    Availability: z.enum(['active', 'pause', 'drain']),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
  Description: z.object({
    Hostname: z.string(),
    Platform: z.object({ Architecture: z.string().default(''), OS: z.string().default('') }).prefault({}),
  }),
  Status: z.object({ State: z.string(), Addr: z.string().default(''), Message: z.string().default('') }),
  ManagerStatus: z
    .object({ Leader: z.boolean().default(false), Reachability: z.string(), Addr: z.string().default('') })
    .nullish(),
});
/** What a container is made of, beside its own: compared only, so it may be anything. */
const Made = {
  Resources: z.unknown().optional(),
  Networks: z.unknown().optional(),
  LogDriver: z.unknown().optional(),
  ForceUpdate: z.number().default(0),
};
const Service = z.object({
  ID: z.string(),
  UpdatedAt: z.string(),
  Spec: z.object({
    Name: z.string(),
    Mode: z.object({ Global: z.object({}).optional(), Replicated: z.object({ Replicas: z.number() }).optional() }),
    TaskTemplate: z.object({ ContainerSpec: z.looseObject({ Image: z.string() }), ...Made }),
  }),
  UpdateStatus: z.object({ State: z.string().default(''), Message: z.string().default('') }).nullish(),
});
const Task = z.object({
  ID: z.string(),
  ServiceID: z.string(),
  NodeID: z.string().default(''),
  CreatedAt: z.string(),
  UpdatedAt: z.string(),
  DesiredState: z.string(),
  Spec: z.object({ ContainerSpec: z.looseObject({}).optional(), ...Made }),
  Status: z.object({
    State: z.string(),
    Timestamp: z.string(),
    Message: z.string().default(''),
    Err: z.string().default(''),
  }),
});

export type SwarmNode = z.output<typeof Node>;
export type SwarmService = z.output<typeof Service>;
export type SwarmTask = z.output<typeof Task>;

/** A stack as the Swarm has it now. */
export interface StackState {
  readonly nodes: readonly SwarmNode[];
  readonly services: readonly SwarmService[];
  readonly tasks: readonly SwarmTask[];
}

/** Reads the nodes of the Swarm. @throws {DockerError} */
export async function readNodes(docker: Docker): Promise<SwarmNode[]> {
  const ids = words(await docker.run(['node', 'ls', '--quiet']));
  return inspect(docker, ['node', 'inspect'], ids, Node);
}

/** Reads a stack with all its tasks, those of the past too as far as the Swarm keeps them. @throws {DockerError} */
export async function readStack(docker: Docker, stack: string): Promise<StackState> {
  const nodes = await readNodes(docker);
  const ids = words(await docker.run(['service', 'ls', '--quiet', '--filter', `label=${STACK_LABEL}=${stack}`]));
  const services = await inspect(docker, ['service', 'inspect'], ids, Service);
  if (ids.length === 0) return { nodes, services, tasks: [] };
  const taskIds = words(await docker.run(['service', 'ps', '--quiet', '--no-trunc', ...ids]));
  return { nodes, services, tasks: await inspect(docker, ['inspect', '--type', 'task'], [...new Set(taskIds)], Task) };
}

/** The nodes that are to be monitors. */
export function monitorNodes(nodes: readonly SwarmNode[]): SwarmNode[] {
  return nodes.filter(({ Spec }) => Spec.Labels?.[OFF.label] !== OFF.value);
}

/** What a service is called in the stack's file. */
export function shortName(service: SwarmService, stack: string): string {
  const { Name } = service.Spec;
  return Name.startsWith(`${stack}_`) ? Name.slice(stack.length + 1) : Name;
}

/** Whether Docker said that something is not there. */
export function isNotThere(error: unknown): boolean {
  return error instanceof DockerError && /no such|not found/i.test(error.message);
}

/** What goes away between the list and the look at it is left out. */
async function inspect<Schema extends z.ZodType>(
  docker: Docker,
  command: readonly string[],
  ids: readonly string[],
  schema: Schema,
): Promise<z.output<Schema>[]> {
  if (ids.length === 0) return [];
  try {
    return parse(await docker.run([...command, ...ids]), z.array(schema));
  } catch (error) {
    if (!isNotThere(error)) throw error;
    if (ids.length === 1) return [];
    const each = await Promise.all(ids.map((id) => inspect(docker, command, [id], schema)));
    return each.flat();
  }
}

function parse<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new DockerError(`docker answered with no JSON: ${text.slice(0, 100)}; give it a version of 20.10 or newer`, {
      cause: error,
    });
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new DockerError(`docker’s answer is not understood: ${z.prettifyError(read.error)}; give it 20.10 or newer`);
}

function words(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== '');
}
