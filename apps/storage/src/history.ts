import type { KindName } from './kinds/kinds.ts';

/** From and up to, the end left out; by `at`, in milliseconds since 1970. */
export interface Span {
  readonly from_ms: number;
  readonly to_ms: number;
}

/**
 * Where the rows of one kind stand now: each row that this host has kept is in exactly one of these, and rows that other
 * hosts kept too are in their files as well (merge by the kind's key). Nothing of it goes away before `release`, but for
 * files that somebody outside takes away.
 */
export interface Sources {
  /** Parquet files, absolute: own and other hosts'. All have the columns of the kind's key, and newer ones may have more. */
  readonly files: readonly string[];
  /** Each of the files has all columns of the kind. */
  readonly areComplete: boolean;
  /** Tables of the engine, with all columns of the kind. */
  readonly tables: readonly string[];
  /** To be called once, as soon as the query over them has ended. */
  readonly release: () => void;
}

/** What whoever reads history is given. */
export interface History {
  /**
   * Where rows of a kind are found whose `at` may be within a span; those that have been appended before are there.
   * Files that are torn, or are no history, are left out.
   */
  sources(kind: KindName, span: Span): Promise<Sources>;
  /** As `sources`, of what is sealed only: that asks for nothing to be loaded. */
  sealed(kind: KindName, span: Span): Promise<Sources>;
  /**
   * To be called when a query over files has failed: reads them from end to end, and leaves those out from then on that
   * are torn, no history, or gone.
   *
   * @returns those that are left out from now on: when there are any, the query is worth another try.
   */
  examine(kind: KindName, files: readonly string[]): Promise<string[]>;
  /** When the first day begins of which rows of a kind were received and are still here; `undefined` where there are none. */
  since_ms(kind: KindName): Promise<number | undefined>;
  /** Takes sealed files away for good, each once no query reads it any more, and the folder of a day that is then empty. */
  remove(kind: KindName, files: readonly string[]): Promise<void>;
}
