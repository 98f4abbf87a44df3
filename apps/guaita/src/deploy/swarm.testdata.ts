import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { DockerError, type Docker, type DockerRun } from './docker.ts';

interface Task {
  readonly id: string;
  readonly service: string;
  readonly host: string;
  readonly spec: object;
  state: string;
  desired: string;
  error: string;
  readonly born: number;
}

interface Service {
  readonly name: string;
  spec: { Image: string; Given: string };
  update: string;
}

/**
 * A Swarm by itself, as Docker's client tells of it: of global services, which it renews host after host, one step each
 * time that it is looked at.
 */
export class SwarmDouble implements Docker {
  /** What was asked of it, word for word. */
  readonly asked: string[] = [];
  /** The most hosts that had any service away at the same time while stacks were renewed. */
  mostAway = 0;
  /** Services whose new containers end at once, and what is said of it. */
  readonly broken = new Map<string, string>();
  /** Configs and secrets by kind. */
  readonly inputs = { config: new Set<string>(), secret: new Set<string>() };
  readonly #hosts: readonly string[];
  readonly #services = new Map<string, Service>();
  #tasks: Task[] = [];
  #time = 0;

  constructor(hosts: readonly string[]) {
    this.#hosts = hosts;
  }

  async run(args: readonly string[], options: DockerRun = {}): Promise<string> {
    this.asked.push(args.join(' '));
    const [what = '', verb = '', ...rest] = args;
    switch (`${what} ${verb}`) {
      case 'node ls':
        return this.#hosts.join('\n');
      case 'node inspect':
        return JSON.stringify(rest.map((host) => this.#node(host)));
      case 'service ls':
        this.#step();
        return [...this.#services.keys()].join('\n');
      case 'service inspect':
        return JSON.stringify(rest.map((name) => this.#serviceAsTold(name)));
      case 'service ps':
        return this.#tasks.map(({ id }) => id).join('\n');
      case 'inspect --type':
        return JSON.stringify(this.#tasks.filter(({ id }) => rest.includes(id)).map(taskAsTold));
      case 'stack deploy':
        await this.#deploy(args, options.env ?? {});
        return '';
      case 'stack rm':
        this.#services.clear();
        this.#tasks = [];
        return '';
      case 'config ls':
      case 'secret ls':
        return [...this.inputs[what as 'config']].join('\n');
      case 'config rm':
      case 'secret rm':
        return this.#remove(what as 'config', rest[0] ?? '');
      default:
        throw new DockerError(`the double knows no docker ${args.join(' ')}`);
    }
  }

  async #deploy(args: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
    const files = args.flatMap((arg, index) => (args[index - 1] === '--compose-file' ? [arg] : []));
    const stack = args.at(-1) ?? '';
    for (const file of files) {
      const text = (await readFile(file, 'utf8')).replace(
        /\$\{(\w+):-([^}]*)\}/g,
        (_, name: string, otherwise: string) => {
          return env[name] || otherwise;
        },
      );
      const tree = parse(text, { version: '1.1' }) as Record<string, Record<string, Record<string, unknown>>>;
      for (const kind of ['config', 'secret'] as const) {
        for (const { name } of Object.values(tree[`${kind}s`] ?? {})) this.inputs[kind].add(String(name));
      }
      for (const [name, service] of Object.entries(tree['services'] ?? {})) {
        const sources = [service['configs'], service['secrets']].flat() as ({ source: string } | undefined)[];
        const names = sources.map((each) => {
          const kind = (service['configs'] as unknown[] | undefined)?.includes(each) ? 'configs' : 'secrets';
          return each === undefined ? '' : String(tree[kind]?.[each.source]?.['name']);
        });
        this.#put(`${stack}_${name}`, { Image: String(service['image']), Given: names.join() });
      }
    }
  }

  #put(name: string, spec: Service['spec']): void {
    const known = this.#services.get(name);
    if (known === undefined) {
      this.#services.set(name, { name, spec, update: '' });
      for (const host of this.#hosts) this.#begin(name, host, spec);
    } else {
      if (JSON.stringify(known.spec) !== JSON.stringify(spec)) known.spec = spec;
      known.update = '';
    }
  }

  #begin(service: string, host: string, spec: object): void {
    this.#time += 1;
    const fields = { state: 'preparing', desired: 'running', error: '', born: this.#time };
    this.#tasks.push({ id: `task-${this.#time}`, service, host, spec, ...fields });
  }

  /** Each service comes one step further: of those that are renewed, one host at a time. */
  #step(): void {
    for (const service of this.#services.values()) {
      const live = this.#tasks.filter((task) => task.service === service.name && task.desired === 'running');
      const waiting = live.find(({ state }) => state !== 'running');
      if (waiting !== undefined) this.#go(waiting, service);
      else this.#renewOne(service, live);
    }
    const away = this.#tasks.filter(({ desired, state }) => desired === 'running' && state !== 'running');
    this.mostAway = Math.max(this.mostAway, new Set(away.map(({ host }) => host)).size);
  }

  #go(task: Task, service: Service): void {
    const fault = this.broken.get(service.name);
    if (fault === undefined) task.state = task.state === 'preparing' ? 'starting' : 'running';
    else {
      Object.assign(task, { state: 'rejected', desired: 'shutdown', error: fault });
      this.#begin(service.name, task.host, service.spec);
      if (service.update === 'updating') service.update = 'rollback_completed';
    }
  }

  #renewOne(service: Service, live: readonly Task[]): void {
    const old = live.find(({ spec }) => spec !== service.spec);
    if (old === undefined) {
      if (service.update === 'updating') service.update = 'completed';
      return;
    }
    // The first time that it is looked at, it does not say yet that it updates.
    if (service.update === '') service.update = 'updating';
    Object.assign(old, { state: 'shutdown', desired: 'shutdown' });
    this.#begin(service.name, old.host, service.spec);
  }

  #remove(kind: 'config' | 'secret', name: string): string {
    if ([...this.#services.values()].some(({ spec }) => spec.Given.split(',').includes(name))) {
      throw new DockerError(`docker ${kind} rm: ${kind} '${name}' is in use by the following service: x`);
    }
    this.inputs[kind].delete(name);
    return '';
  }

  #node(host: string): object {
    return {
      ID: host,
      Spec: { Role: 'manager', Availability: 'active', Labels: {} },
      Description: { Hostname: host, Platform: { Architecture: 'x86_64', OS: 'linux' } },
      Status: { State: 'ready', Addr: `192.168.1.${11 + this.#hosts.indexOf(host)}` },
      ManagerStatus: { Leader: host === this.#hosts[0], Reachability: 'reachable', Addr: '' },
    };
  }

  #serviceAsTold(name: string): object {
    const service = this.#services.get(name);
    return {
      ID: name,
      UpdatedAt: '2026-01-01T00:00:00Z',
      Spec: {
        Name: name,
        Mode: { Global: {} },
        TaskTemplate: { ContainerSpec: { ...service?.spec, DNSConfig: {} }, ForceUpdate: 0 },
      },
      ...(service?.update === '' ? {} : { UpdateStatus: { State: service?.update, Message: 'as the double has it' } }),
    };
  }
}

function taskAsTold({ id, service, host, spec, state, desired, error, born }: Task): object {
  const at = new Date(born * 1000).toISOString();
  return {
    ...{ ID: id, ServiceID: service, NodeID: host, CreatedAt: at, UpdatedAt: at, DesiredState: desired },
    Spec: { ContainerSpec: spec, ForceUpdate: 0 },
    Status: { State: state, Timestamp: at, Message: '', Err: error },
  };
}
