import { addCommonFlags, EXIT } from '@guaita/service';
import {
  EXPORT_FORMATS,
  exportHistory,
  kindNames,
  TransferError,
  type ExportFormat,
  type KindName,
} from '@guaita/storage/transfer';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Output } from '../output.ts';
import { historyFolders } from './history-folders.ts';
import type { Shell } from './shell.ts';

interface ExportOptions {
  readonly config?: string;
  readonly from: number;
  readonly to?: number;
  readonly kind: KindName;
  readonly device: readonly string[];
  readonly format: ExportFormat;
  readonly out: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** Adds `guaita export`. */
export function addExport(program: Command, { output, exit }: Shell): void {
  addCommonFlags(program.command('export'))
    .description('Write a part of the history of this host into one file, each row once and in order of time.')
    .requiredOption('--from <TIME>', 'from then on, such as 2026-11-01 or 2026-11-01T12:00:00Z', timeOf)
    .option('--to <TIME>', 'up to then, that left out (default: now)', timeOf)
    .addOption(new Option('--kind <KIND>', 'what').choices(kindNames).default('ping'))
    .option('--device <ID>', 'only of this one; may be given several times', collect, [])
    .addOption(new Option('--format <FORMAT>', 'of the file').choices(EXPORT_FORMATS).default('parquet'))
    .requiredOption('--out <FILE>', 'where to')
    .option('--force', 'replace that file if it is there')
    .option('--json', 'one JSON object: ok, rows, left_out, problem')
    .addHelpText(
      'after',
      `
Examples:
  guaita export --from 2026-11-01 --out november.parquet
  guaita export --from 2026-11-22 --kind interface --device core --format csv --out core.csv

The storage may run meanwhile. Times without a zone are UTC.

Exit codes: 0 written; 1 not written, nothing was changed; 2 wrong usage or configuration.`,
    )
    .action(async (options: ExportOptions) => {
      exit(await run(options, output));
    });
}

async function run(options: ExportOptions, output: Output): Promise<number> {
  const { from, to = Date.now(), kind, device, format, out, force = false, json = false } = options;
  const { own, history } = historyFolders(options);
  if (from >= to) {
    process.stderr.write('--from is not before --to: nothing lies between\n');
    return EXIT.usage;
  }
  const abort = new AbortController();
  const interrupt = (): void => abort.abort(new TransferError('interrupted: nothing was written'));
  process.once('SIGINT', interrupt);
  const progress = (bytes: number): void => {
    if (process.stderr.isTTY) process.stderr.write(`\r${(bytes / 2 ** 20).toFixed(1)} MB`);
  };
  try {
    const question = { own, history, kind, devices: device, format, out, force, progress, from_ms: from, to_ms: to };
    const { rows, leftOut } = await exportHistory(question, abort.signal);
    if (json) output.print(JSON.stringify({ ok: true, rows, left_out: leftOut }));
    else {
      if (leftOut !== '') process.stderr.write(`${leftOut}\n`);
      output.print(`${rows} rows written to ${out}`);
    }
    return EXIT.ok;
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    if (json) output.print(JSON.stringify({ ok: false, problem: error.message }));
    else process.stderr.write(`${error.message}\n`);
    return EXIT.failure;
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

function timeOf(text: string): number {
  const isZoned = /(Z|[+-]\d{2}:\d{2})$/.test(text) || !text.includes('T');
  const at_ms = /^\d{4}-\d{2}-\d{2}(T|$)/.test(text) ? Date.parse(isZoned ? text : `${text}Z`) : Number.NaN;
  if (!Number.isNaN(at_ms)) return at_ms;
  throw new InvalidArgumentError('It is no time: give one like 2026-11-23 or 2026-11-23T10:00:00Z.');
}

function collect(text: string, before: readonly string[]): string[] {
  return [...before, text];
}
