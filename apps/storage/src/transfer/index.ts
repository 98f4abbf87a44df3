import type { ExportQuestion } from './export-history.ts';
import type { ImportQuestion, ImportReport } from './import-history.ts';

export { FIELDS, IMPORTED_KINDS, type Field, type ForeignFormat, type ImportedKind } from './foreign-table.ts';
export type { ImportReport } from './import-history.ts';
export { EXPORT_FORMATS, TransferError, type ExportFormat } from './transfer.ts';
export { kindNames, type KindName } from '../kinds/kinds.ts';

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
