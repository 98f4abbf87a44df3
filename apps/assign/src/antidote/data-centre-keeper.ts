import { assign, backoff, text } from '@guaita/antidote';
import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from 'pino';
import { Hearing } from './hearing.ts';
import { Layout, NAMESPACE, SENTINEL } from './layout.ts';
import { decodeLife, type Life } from './life.ts';
import { ServersThere, type ServerThere } from './servers-there.ts';
import { TroubleReport } from './trouble-report.ts';

/** A server looks for the others with pauses of seconds. */
const MANAGEMENT_TIMEOUT_ms = 60_000;
const READ_TIMEOUT_ms = 10_000;

const DEFAULTS = {
  look_ms: 10_000,
  silence_ms: 150_000,
  // Each attempt leaves something behind in a server that stays deaf.
  deafFirst_ms: 60_000,
  deafMost_ms: 900_000,
} as const;

export type KeeperPace = { readonly [Name in keyof typeof DEFAULTS]: number };

export interface DataCentreKeeperOptions {
  /** `host:port`; a name may stand for several servers. */
  readonly addresses: readonly string[];
  /** Which of the servers are connected with all others, by their host. Default: each of them. */
  readonly isCared?: (host: string | undefined) => boolean;
  readonly log: Logger;
  /** Told of trouble that lasts, with what to do, and `undefined` when it is over. */
  readonly onTrouble?: (problem: string | undefined) => void;
  readonly pace?: Partial<KeeperPace>;
  /** As in `AntidoteLinkOptions`. */
  readonly namespace?: string;
  /** Uniform in [0, 1). Default `Math.random`. */
  readonly random?: () => number;
}

/** What was done at a server since it was met. */
interface Cared {
  readonly session: number;
  /** The descriptors that it was connected with. */
  readonly descriptors: Set<string>;
}

/**
 * Keeps data centres connected, for as long as it runs. Servers come and go, and come back with other addresses and without
 * a memory of each other: whoever is new, or has another descriptor, or is not heard, is connected with. It writes nothing but
 * the sentinel, so it may run at several hosts at once.
 */
export class DataCentreKeeper {
  readonly #options: DataCentreKeeperOptions;
  readonly #pace: KeeperPace;
  readonly #layout: Layout;
  readonly #servers: ServersThere;
  readonly #hearing: Hearing;
  readonly #report: TroubleReport;
  readonly #cared = new Map<string, Cared>();
  /** When those that a server does not hear are tried again. */
  readonly #deaf = new Map<string, { readonly pauses: Iterator<number>; next_ms: number }>();
  readonly #stop = new AbortController();
  #running: Promise<void> | undefined;
  #said = '';

  /** @throws {TypeError} when an address is none. */
  constructor(options: DataCentreKeeperOptions) {
    this.#options = options;
    this.#pace = { ...DEFAULTS, ...options.pace };
    this.#layout = new Layout(options.namespace ?? NAMESPACE);
    this.#servers = new ServersThere(options.addresses);
    this.#hearing = new Hearing(this.#pace.silence_ms);
    this.#report = new TroubleReport(options.onTrouble ?? (() => {}));
  }

  /** Begins, without waiting for anything. */
  start(): void {
    this.#running ??= this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await this.#servers.stop();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const problems = await this.#look(signal).catch((error: Error) => [error.message]);
      if (signal.aborted) return;
      this.#tell(problems);
      const { random = Math.random } = this.#options;
      await pause(this.#pace.look_ms * (0.9 + 0.2 * random()), undefined, { signal }).catch(() => undefined);
    }
  }

  /** @returns what is wrong. */
  async #look(signal: AbortSignal): Promise<string[]> {
    const there = await this.#servers.look(signal);
    const { isCared = () => true } = this.#options;
    const cared = there.filter(({ host }) => isCared(host));
    for (const address of this.#cared.keys()) {
      if (!there.some((server) => server.address === address)) this.#cared.delete(address);
    }
    const problems: string[] = [];
    for (const server of cared) {
      try {
        const foreign = there.filter(({ generation }) => generation !== server.generation);
        if (foreign.length > 0) problems.push(ofGenerations(server, foreign));
        await this.#care(
          server,
          there.filter(({ generation }) => generation === server.generation),
          signal,
        );
      } catch (error) {
        problems.push(`${server.name}: ${(error as Error).message}`);
      }
    }
    return [...problems, ...(await this.#listen(cared, there, signal))];
  }

  async #care(server: ServerThere, all: readonly ServerThere[], signal: AbortSignal): Promise<void> {
    const { client, address, session } = server;
    const within = { timeout_ms: MANAGEMENT_TIMEOUT_ms, signal };
    let cared = this.#cared.get(address);
    if (cared?.session !== session) {
      await client.createDataCentre([], within);
      cared = { session, descriptors: new Set() };
    }
    const { descriptors } = cared;
    const missing = all.filter((other) => other.address !== address && !descriptors.has(keyOf(other)));
    if (missing.length > 0) {
      await client.connectTo(
        missing.map(({ descriptor }) => descriptor),
        within,
      );
      for (const other of missing) descriptors.add(keyOf(other));
      const names = missing.map(({ name }) => name).join(', ');
      this.#options.log.info(`AntidoteDB: ${server.name} was connected with ${names}`);
    }
    if (this.#cared.get(address) !== cared) await this.#writeSentinel(server, signal);
    this.#cared.set(address, cared);
  }

  async #writeSentinel({ client }: ServerThere, signal: AbortSignal): Promise<void> {
    const within = { timeout_ms: READ_TIMEOUT_ms, signal };
    const found = text((await client.read([this.#layout.sentinel], within))[0]);
    if (found === '') await client.update([assign(this.#layout.sentinel, SENTINEL)], within);
    else if (found !== SENTINEL) throw new Error(`it holds "${found}": the data of another version of Guaita`);
  }

  /** Finds those that do not hear others, and has them connected anew, ever less often. */
  async #listen(cared: readonly ServerThere[], there: readonly ServerThere[], signal: AbortSignal): Promise<string[]> {
    const hosts = there.flatMap(({ host }) => (host === undefined ? [] : [host]));
    for (const server of there) {
      if (server.host === undefined) continue;
      // One that goes away now is not there at the next look.
      const [life] = await this.#lives(server, [server.host], signal).catch(() => []);
      if (life !== undefined) this.#hearing.said(server.host, life, performance.now());
    }
    const problems: string[] = [];
    for (const server of cared) {
      const others = there.filter(({ host, generation }) => host !== server.host && generation === server.generation);
      const lives = await this.#lives(server, hosts, signal);
      const deaf = others.filter(({ host }) => {
        if (host === undefined) return false;
        return this.#hearing.isDeaf(host, lives[hosts.indexOf(host)], performance.now());
      });
      if (deaf.length > 0) problems.push(deafness(server, deaf));
      this.#retry(server, deaf);
    }
    return problems;
  }

  #retry(server: ServerThere, deaf: readonly ServerThere[]): void {
    if (deaf.length === 0) {
      this.#deaf.delete(server.address);
      return;
    }
    const { random = Math.random } = this.#options;
    const { deafFirst_ms: first_ms, deafMost_ms: most_ms } = this.#pace;
    const retry = this.#deaf.get(server.address) ?? {
      pauses: backoff({ first_ms, most_ms, random }),
      next_ms: -Infinity,
    };
    this.#deaf.set(server.address, retry);
    if (performance.now() < retry.next_ms) return;
    retry.next_ms = performance.now() + (retry.pauses.next().value as number);
    for (const other of deaf) this.#cared.get(server.address)?.descriptors.delete(keyOf(other));
  }

  async #lives(server: ServerThere, hosts: readonly string[], signal: AbortSignal): Promise<(Life | undefined)[]> {
    const objects = hosts.map((host) => this.#layout.life(host));
    const values = await server.client.read(objects, { timeout_ms: READ_TIMEOUT_ms, signal });
    return values.map((value) => {
      try {
        return decodeLife(JSON.parse(text(value)));
      } catch {
        // Nothing yet, or none of ours: who reads all of it says so.
        return undefined;
      }
    });
  }

  #tell(problems: readonly string[]): void {
    const problem = problems.join('; ');
    if (problem === '') this.#report.well(performance.now());
    else this.#report.wrong(problem, problem, performance.now());
    if (problem === this.#said) return;
    if (problem === '') this.#options.log.info('AntidoteDB: all is well again between its data centres');
    else this.#options.log.warn(`AntidoteDB: ${problem}`);
    this.#said = problem;
  }
}

function keyOf({ descriptor }: ServerThere): string {
  return Buffer.from(descriptor).toString('base64');
}

const namesOf = (servers: readonly ServerThere[]): string =>
  servers.map(({ host, address }) => host ?? address).join(', ');

function ofGenerations(server: ServerThere, others: readonly ServerThere[]): string {
  return (
    `${server.name} is of generation ${server.generation ?? 'none'}, ${namesOf(others)} of another: they are not connected ` +
    'until GUAITA_ANTIDOTE_GENERATION is the same at all'
  );
}

function deafness(server: ServerThere, others: readonly ServerThere[]): string {
  return (
    `what is written at ${namesOf(others)} does not arrive at ${server.name}; if that stays so when all hosts are there, see ` +
    '"A data centre that stays deaf" in docs/antidote.md'
  );
}
