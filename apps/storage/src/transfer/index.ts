import type { ExportQuestion } from './export-history.ts';
import type { ImportQuestion, ImportReport } from './import-history.ts';

export type { ExportFormat } from './export-history.ts';
export type { Field, LossUnit, RttUnit } from './foreign-rows.ts';
export type { ImportReport } from './import-history.ts';
export { TransferError } from './transfer.ts';
export type { KindName } from '../kinds/kinds.ts';

/** As `exportHistory` there; the database is loaded only now. */
export async function exportHistory(
  question: ExportQuestion,
  signal: AbortSignal,
): Promise<{ readonly rows: number; readonly leftOut: string }> {
  return (await import('./export-history.ts')).exportHistory(question, signal);
}

/** As `importHistory` there; the database is loaded only now. */
export async function importHistory(question: ImportQuestion, signal: AbortSignal): Promise<ImportReport> {
  return (await import('./import-history.ts')).importHistory(question, signal);
}
