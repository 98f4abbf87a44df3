import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { folderBytes } from '../idle/folder-bytes.ts';
import type { Span } from './answers.ts';
import { askSeries, askWorst } from './ask.ts';
import type { Job, Kept } from './embedded.ts';
import type { Figures } from './figures.ts';
import { askGuaita } from './guaita-asked.ts';
import { heardOverMqtt } from './guaita-heard.ts';
import { BEGIN_ms, DAY_ms, MINUTE_ms } from './pings.ts';
import { runJob } from './run-job.ts';
import { SampleAnswers } from './sample-answers.ts';
import { SampleStore } from './sample-store.ts';
import { SqliteAnswers } from './sqlite-answers.ts';
import { sqliteFile } from './sqlite-embedded.ts';

/** Whose pings are kept, and where. */
export interface Site {
  /** On a disk. */
  readonly folder: string;
  readonly devices: number;
  readonly days: number;
  readonly progress: (line: string) => void;
  /** What is to be called in the end, whatever happened, is put here. */
  readonly stops: (() => Promise<void>)[];
}

export type Filled = Pick<Figures, 'filled' | 'series' | 'seriesRaw' | 'worst'>;

/** One of those that are compared. */
export interface Contender {
  readonly subject: string;
  /** Keeps a day, row by row as they are heard, faster than in life. */
  played(): Promise<Figures['played']>;
  /** Keeps so much in as long as it takes. */
  real(seconds: number): Promise<Kept>;
  /** Keeps all days as fast as it can. @returns how to ask it then. */
  fill(): Promise<() => Promise<Filled>>;
}

/** All of them, ours first. */
export function contendersOf(site: Site): readonly Contender[] {
  return [
    embedded('Guaita', 'guaita', site),
    embedded('SQLite', 'sqlite', site),
    served('VictoriaMetrics', site),
    served('Prometheus', site),
  ];
}

function spanOf(days: number): Span {
  return { from_ms: BEGIN_ms, to_ms: BEGIN_ms + days * DAY_ms };
}

/** A store that is part of a process. */
function embedded(subject: string, store: Job['store'], { folder, devices, days, stops }: Site): Contender {
  const run = async (pace: Job['pace'], span_ms: number): Promise<{ kept: Kept; own: string }> => {
    const own = join(folder, `${store}-${pace}`);
    await mkdir(own);
    return { own, kept: await runJob({ store, pace, folder: own, devices, span_ms }) };
  };
  const rest_bytes = (own: string): Promise<number> =>
    // Rollups included.
    store === 'guaita' ? folderBytes(join(own, 'history')) : vacuumed_bytes(own);
  const ask = async (own: string): Promise<Pick<Figures, 'series' | 'seriesRaw' | 'worst'>> => {
    const span = spanOf(days);
    if (store === 'guaita') return askGuaita(own, devices, span);
    const answers = SqliteAnswers.start(own);
    stops.push(() => answers.stop());
    return { series: await askSeries(answers, devices, span), worst: await askWorst(answers, devices, span) };
  };
  return {
    subject,
    async played() {
      const { kept, own } = await run('played', DAY_ms);
      const figures = { ...kept, rest_bytes: await rest_bytes(own) };
      await rm(own, { recursive: true });
      return store === 'guaita' ? { ...figures, heard_cpu_us: await heardOverMqtt(folder, devices) } : figures;
    },
    real: async (seconds) => (await run('real', seconds * 1000)).kept,
    async fill() {
      const { kept, own } = await run('filled', days * DAY_ms);
      return async () => {
        const asked = await ask(own);
        return { filled: { rows: kept.rows, rest_bytes: await rest_bytes(own) }, ...asked };
      };
    },
  };
}

/** What SQLite's table takes once nothing in it is empty. */
async function vacuumed_bytes(folder: string): Promise<number> {
  const database = new DatabaseSync(sqliteFile(folder));
  database.exec('VACUUM; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
  return folderBytes(folder);
}

/** A store that is a server. */
function served(subject: SampleStore['name'], { folder, devices, days, progress, stops }: Site): Contender {
  const start = async (what: string): Promise<SampleStore> => {
    const store = await SampleStore.start(subject, join(folder, `${subject}-${what}`));
    stops.push(() => store.stop());
    return store;
  };
  return {
    subject,
    async played() {
      const store = await start('played');
      const kept = await store.keep(devices, DAY_ms, false);
      const rest_bytes = await store.rest_bytes();
      await store.stop();
      return { ...kept, rest_bytes };
    },
    async real(seconds) {
      const store = await start('real');
      const kept = await store.keep(devices, seconds * 1000, true);
      await store.stop();
      return kept;
    },
    async fill() {
      const store = await start('filled');
      await store.fill(devices, days * DAY_ms, inQuarters(subject, progress));
      return async () => {
        const answers = new SampleAnswers(store.url);
        const span = spanOf(days);
        const series = await askSeries(answers, devices, span);
        const worst = await askWorst(answers, devices, span);
        const rest_bytes = await store.rest_bytes();
        await store.stop();
        return { filled: { rows: (devices * days * DAY_ms) / MINUTE_ms, rest_bytes }, series, worst };
      };
    },
  };
}

function inQuarters(subject: string, progress: (line: string) => void): (share: number) => void {
  let told = 0;
  return (share) => {
    if (Math.floor(share * 4) > told) progress(`${subject}: ${(told = Math.floor(share * 4))} of 4 quarters are there`);
  };
}
