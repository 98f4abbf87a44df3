import type { Ping } from './pings.ts';

/** A store that is part of the process that uses it. */
export interface Embedded {
  start(): Promise<void>;
  /** Takes pings as they are heard; what it takes to make them is not counted. */
  prepare(pings: readonly Ping[]): () => void;
  /** So much time has passed since. */
  passed(ms: number): Promise<void>;
  /** Waits until everything is where it stays. */
  settle(): Promise<void>;
  stop(): Promise<void>;
}

/** What a process of such a store is to do. */
export interface Job {
  readonly store: 'guaita' | 'sqlite';
  readonly folder: string;
  readonly devices: number;
  /** Of data; or, in real time, as long as it takes. */
  readonly span_ms: number;
  /** Played: second by second as in life. Filled: an hour at a time. Real: in as much time as it takes in life. */
  readonly pace: 'played' | 'filled' | 'real';
}

/** What it took. */
export interface Kept {
  readonly rows: number;
  readonly cpu_us: number;
  readonly written_bytes: number;
  readonly peak_bytes: number;
}
