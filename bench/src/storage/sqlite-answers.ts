import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { end, tied } from '@guaita/lab';
import type { Answers, Hour, Span, Worst } from './answers.ts';
import { deviceId } from './pings.ts';
import { sqliteFile } from './sqlite-embedded.ts';

/** What is asked over the pipe. */
export type SqliteQuestion = { readonly device?: number } & Span;

/** SQLite in a process of its own, asked over a pipe. */
export class SqliteAnswers implements Answers {
  readonly #process: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#process = child;
  }

  static start(folder: string): SqliteAnswers {
    const script = new URL('./sqlite-process.ts', import.meta.url).pathname;
    const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
    return new SqliteAnswers(tied(spawn(process.execPath, [script, sqliteFile(folder)], { stdio: [...stdio] })));
  }

  async series(device: number, span: Span): Promise<readonly Hour[]> {
    return this.#ask<Hour>({ device, ...span });
  }

  async worst(span: Span): Promise<readonly Worst[]> {
    const found = await this.#ask<{ device: number; loss_percent: number }>(span);
    return found.map(({ device, loss_percent }) => ({ device: deviceId(device), loss_percent }));
  }

  async stop(): Promise<void> {
    await end(this.#process);
  }

  async #ask<Row>(question: SqliteQuestion): Promise<Row[]> {
    const answered = once(this.#process, 'message');
    this.#process.send(question);
    const [rows] = (await answered) as [Row[]];
    return rows;
  }
}
