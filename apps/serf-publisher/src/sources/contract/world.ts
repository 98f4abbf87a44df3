import type { Source } from '../source.ts';

/** A service that is reached from outside by at least one port. */
export interface WorldService {
  readonly name: string;
  readonly ports: readonly WorldPort[];
  readonly labels?: Readonly<Record<string, string>>;
}

export interface WorldPort {
  /** As the service's definition has it. */
  readonly inside: number;
  /** 30000 to 32767, as Kubernetes gives them. */
  readonly published: number;
  readonly protocol?: 'tcp' | 'udp';
}

/** An orchestrator, or a double of one, and the way from sources to it. */
export interface World {
  /** Where its published ports are reached. */
  readonly address: string;
  /** What a failure's message has in it while the way is cut: the thing and the mend. */
  readonly failure: RegExp;
  /** Whether services may have any name, be it against the orchestrator's own rules. */
  readonly takesAnyName: boolean;

  /** Makes a service, or makes it another. */
  put(service: WorldService): Promise<void>;
  remove(name: string): Promise<void>;
  /** Takes all services away. */
  clear(): Promise<void>;

  /** Breaks every connection between sources and the orchestrator, and lets no new one be, until `mend`. */
  cut(): Promise<void>;
  mend(): Promise<void>;
  /** Ends the orchestrator's API and starts it again; its services stay. */
  restart(): Promise<void>;

  /** A source that was not started yet. */
  makeSource(): Source;
  /** How many connections sources have now. */
  connections(): number;
  stop(): Promise<void>;
}
