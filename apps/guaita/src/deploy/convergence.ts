import { isDeepStrictEqual } from 'node:util';
import { monitorNodes, shortName, type StackState, type SwarmService, type SwarmTask } from './swarm.ts';

/** What a service does on one host. */
export interface Place {
  readonly host: string;
  /** As Swarm has it (`running`, `starting`, `rejected`, …); `missing` where there is no task; `old` while it has yet to be renewed. */
  readonly state: string;
  /** What went wrong there last, in Docker's words. */
  readonly error?: string;
  /** When it came into this state, ISO 8601; by that host's clock. */
  readonly since?: string;
}

/** A service on all hosts where it should be. */
export interface ServiceState {
  readonly service: string;
  readonly image: string;
  readonly places: readonly Place[];
  /** Everything is as the stack says, and runs. */
  readonly converged: boolean;
  /** The Swarm has given up on what was asked, and why. */
  readonly gaveUp?: string;
}

/** Where Swarm's update of a service will not go on by itself. */
const GAVE_UP = new Set(['paused', 'rollback_paused', 'rollback_completed']);
const BUSY = new Set(['updating', 'rollback_started']);
/** Swarm means it to run. */
const WANTED = new Set(['running', 'ready']);

/** What each service of a stack does, by name. Pure. */
export function serviceStates(state: StackState, stack: string): ServiceState[] {
  return state.services
    .map((service) => serviceState(service, state, stack))
    .sort((a, b) => (a.service < b.service ? -1 : 1));
}

function serviceState(service: SwarmService, { nodes, tasks }: StackState, stack: string): ServiceState {
  const own = tasks.filter(({ ServiceID }) => ServiceID === service.ID).sort(newestFirst);
  const update = service.UpdateStatus?.State ?? '';
  const nameOf = new Map(nodes.map(({ ID, Description }) => [ID, Description.Hostname]));
  const groups =
    service.Spec.Mode.Replicated === undefined
      ? monitorNodes(nodes).map(({ ID, Description }) => {
          return { host: Description.Hostname, its: own.filter(({ NodeID }) => NodeID === ID) };
        })
      : replicas(own, service.Spec.Mode.Replicated.Replicas, nameOf);
  const places = groups.map(({ host, its }) => placeOf(host, its, service)).sort((a, b) => (a.host < b.host ? -1 : 1));
  const gaveUp = GAVE_UP.has(update) ? whyGivenUp(service, own, nameOf) : undefined;
  return {
    service: shortName(service, stack),
    image: service.Spec.TaskTemplate.ContainerSpec.Image,
    places,
    converged: gaveUp === undefined && !BUSY.has(update) && places.every(({ state }) => state === 'running'),
    ...(gaveUp === undefined ? {} : { gaveUp }),
  };
}

/** What the Swarm says, and what went wrong last: by then the old containers may run again everywhere. */
function whyGivenUp(
  { UpdateStatus }: SwarmService,
  tasks: readonly SwarmTask[],
  nameOf: ReadonlyMap<string, string>,
): string {
  const [last] = failed(tasks);
  const said = UpdateStatus?.Message || UpdateStatus?.State || '';
  return last === undefined ? said : `${said}; at ${nameOf.get(last.NodeID) ?? '?'}: ${errorOf(last)}`;
}

/** Where the containers of a service are that is on any host; one that is nowhere yet has no host. */
function replicas(
  tasks: readonly SwarmTask[],
  count: number,
  nameOf: ReadonlyMap<string, string>,
): { readonly host: string; readonly its: readonly SwarmTask[] }[] {
  const wanted = tasks.filter(({ DesiredState }) => WANTED.has(DesiredState)).slice(0, count);
  const found = wanted.map((task) => ({ host: nameOf.get(task.NodeID) ?? '?', its: [task, ...failed(tasks)] }));
  const absent = Array.from({ length: Math.max(0, count - found.length) }, () => ({ host: '?', its: failed(tasks) }));
  return [...found, ...absent];
}

function placeOf(host: string, tasks: readonly SwarmTask[], service: SwarmService): Place {
  const wanted = tasks.find(({ DesiredState }) => WANTED.has(DesiredState));
  const running = wanted?.Status.State === 'running';
  const error = running ? undefined : errorOf(wanted) || errorOf(failed(tasks)[0]);
  const since = wanted?.Status.Timestamp;
  return {
    host,
    state: wanted === undefined ? 'missing' : isRenewed(wanted, service) ? wanted.Status.State : 'old',
    ...(error === undefined || error === '' ? {} : { error }),
    ...(since === undefined ? {} : { since }),
  };
}

/** What of a service makes Swarm renew its containers when it changes. */
const MAKES = ['ContainerSpec', 'Resources', 'Networks', 'LogDriver', 'ForceUpdate'] as const;

/** Swarm says that it updates only a while after it was told to: until then a task tells by what it is made of. */
function isRenewed({ Spec }: SwarmTask, { Spec: { TaskTemplate } }: SwarmService): boolean {
  return MAKES.every((part) => isDeepStrictEqual(essence(Spec[part]), essence(TaskTemplate[part])));
}

/** Docker writes into services some empty parts (`DNSConfig: {}`) that it leaves out of their tasks. */
function essence(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(essence);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const parts = Object.entries(value).flatMap(([key, part]) => {
    const own = essence(part);
    return own === undefined ? [] : [[key, own] as const];
  });
  return parts.length === 0 ? undefined : Object.fromEntries(parts);
}

function failed(tasks: readonly SwarmTask[]): SwarmTask[] {
  return tasks.filter(({ Status }) => Status.State === 'failed' || Status.State === 'rejected');
}

/** A container that ends says so in the message and with its code in the error. */
function errorOf(task: SwarmTask | undefined): string {
  return task === undefined ? '' : task.Status.Err || (task.Status.State === 'pending' ? task.Status.Message : '');
}

function newestFirst(a: SwarmTask, b: SwarmTask): number {
  return a.CreatedAt < b.CreatedAt ? 1 : -1;
}
