import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { startSerfAgent, systemProgram, type SerfAgent } from '@guaita/lab';

const run = promisify(execFile);

/** What the agents want to hear first. */
const KEY = 'planted-key-of-the-agents';

interface CloudyRecord {
  readonly s: string;
  readonly d: string;
  readonly i: string;
  readonly p: string;
}

/** Three real Serf agents that know one another. The first is that of the publisher; the last is far. */
export class SerfCommunity {
  readonly key = KEY;
  readonly agents: readonly SerfAgent[];

  constructor(agents: readonly SerfAgent[]) {
    this.agents = agents;
  }

  get own(): SerfAgent {
    return this.#agent(0);
  }

  get far(): SerfAgent {
    return this.#agent(2);
  }

  /** Has the first be one of them. */
  async join(): Promise<void> {
    for (const other of this.agents.slice(1)) await this.#serf(other, 'join', this.own.gossip);
  }

  /** Kills the first, and starts it again: it has forgotten its tags. */
  async restartOwn(): Promise<void> {
    await this.own.restart();
    await this.join();
  }

  /** What the far one reads in the tag of the first, as Cloudy's scripts do: `type description address:port`, sorted. */
  async read(): Promise<string[]> {
    const { stdout } = await this.#serf(this.far, 'members', '-format=json', `-name=${this.own.name}`);
    const { members } = JSON.parse(stdout) as { members: { tags: Record<string, string> }[] };
    const tag = members[0]?.tags['services'];
    if (tag === undefined) return [];
    const unpacked = await run('sh', ['-c', 'printf %s "$0" | base64 -d | bunzip2', tag]);
    const records = JSON.parse(unpacked.stdout) as CloudyRecord[];
    return records.map(({ s, d, i, p }) => `${s} ${d} ${i}:${p}`).sort();
  }

  /** Runs a command of `serf` at one of them. */
  run(agent: number, command: string, ...args: readonly string[]): Promise<{ stdout: string }> {
    return this.#serf(this.#agent(agent), command, ...args);
  }

  async stop(): Promise<void> {
    await Promise.all(this.agents.map((agent) => agent.stop()));
  }

  #agent(index: number): SerfAgent {
    const agent = this.agents[index];
    if (agent === undefined) throw new Error(`there is no agent ${index}`);
    return agent;
  }

  #serf(agent: SerfAgent, command: string, ...args: readonly string[]): Promise<{ stdout: string }> {
    return run(systemProgram('serf'), [command, `-rpc-addr=${agent.rpc}`, `-rpc-auth=${KEY}`, ...args]);
  }
}

/** Starts them; `stop` them when done. */
export async function startSerfCommunity(): Promise<SerfCommunity> {
  const agents = ['pi-1', 'pi-2', 'pi-3'].map((name, index) =>
    startSerfAgent({ name, host: `127.0.0.${index + 1}`, authKey: KEY }),
  );
  const community = new SerfCommunity(await Promise.all(agents));
  await community.join();
  return community;
}
