import { addCommonFlags, EXIT, holdFolder } from '@guaita/service';
import {
  FIELDS,
  importHistory,
  IMPORTED_KINDS,
  TransferError,
  type ForeignFormat,
  type ImportReport,
} from '@guaita/storage/transfer';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { table } from '../table.ts';
import type { Output } from '../output.ts';
import { PARTLY } from './give-command.ts';
import { historyFolders } from './history-folders.ts';
import { idOf } from './ids.ts';
import type { Shell } from './shell.ts';

/** In whose name measurements are kept that were made before there were monitors. */
const IMPORTED = 'imported';
/** More are not read; the counts tell of all. */
const SHOWN = 20;

interface ImportOptions extends Omit<ForeignFormat, 'monitor' | 'columns' | 'now_ms'> {
  readonly config?: string;
  readonly as: string;
  readonly column: ForeignFormat['columns'];
  readonly json?: boolean;
}

/** Adds `guaita import`. */
export function addImport(program: Command, { output, exit }: Shell): void {
  addCommonFlags(program.command('import'))
    .description('Put what another tool measured into the history: a table (CSV) with a header.')
    .argument('<file>', 'time, device, loss, rtt …; docs/switching.md says how to get it from RRD files')
    .addOption(
      new Option('--kind <KIND>', 'of what: pings, traffic of interfaces, or numbers of sensors')
        .choices(IMPORTED_KINDS)
        .default('ping'),
    )
    .option('--as <MONITOR>', 'in whose name, where no column tells the monitor', idOf, IMPORTED)
    .option('--device <ID>', 'whose, where no column tells the device', idOf)
    .option('--interface <NAME>', 'which, where no column tells the interface')
    .option('--sensor <NAME>', 'which, where no column tells the sensor')
    .option('--unit <UNIT>', 'of a sensor, where no column tells it, such as celsius')
    .addOption(
      new Option('--rtt-unit <UNIT>', 'of round trips, where the header does not tell').choices(['s', 'ms', 'us']),
    )
    .addOption(
      new Option('--loss-unit <UNIT>', 'of loss, where the header does not tell').choices([
        'percent',
        'ratio',
        'requests',
      ]),
    )
    .addOption(
      new Option('--rate-unit <UNIT>', 'of traffic, where the header does not tell').choices(['bits', 'bytes']),
    )
    .option('--column <WHAT=NAME>', 'which column is time, device, monitor, loss, rtt …; several times', columnOf, {})
    .option('--json', 'one JSON object: ok, lines, rows, known, days, left_out, left_out_total, problem')
    .addHelpText(
      'after',
      `
Examples:
  guaita import smokeping.csv --rtt-unit s --loss-unit requests
  guaita import router.csv --device router --column time=when --column rtt=median_ms
  guaita import port.csv --kind interface --device router --interface eth0 --rate-unit bytes
  guaita import roof.csv --kind sensor --device mast --sensor roof --unit celsius

Times are seconds or milliseconds since 1970, or dates; those without a zone are UTC. What is in the history already is
not added again. The storage may run meanwhile.

Exit codes: 0 all lines; 1 nothing; 2 wrong usage or configuration; 4 some lines were left out.`,
    )
    .action(async (file: string, options: ImportOptions) => {
      exit(await run(file, options, output));
    });
}

async function run(file: string, options: ImportOptions, output: Output): Promise<number> {
  const { as: monitor, column: columns, json = false } = options;
  const { common, history } = historyFolders(options);
  const abort = new AbortController();
  const interrupt = (): void => abort.abort(new TransferError('interrupted: days that are done stay; import it again'));
  process.once('SIGINT', interrupt);
  const held = await holdFolder(common.data, 'import', common.monitor);
  try {
    const format = { ...options, monitor, columns, now_ms: Date.now() };
    const progress = (lines: number): void => {
      if (process.stderr.isTTY) process.stderr.write(`\r${lines} lines`);
    };
    const report = await importHistory({ file, scratch: held.path, history, format, progress }, abort.signal);
    const ok = report.problem === '' && report.leftOutTotal === 0;
    if (json) {
      const { leftOut: left_out, leftOutTotal: left_out_total, ...rest } = report;
      output.print(JSON.stringify({ ok, ...rest, left_out, left_out_total }));
    } else output.print(render(file, report).join('\n'));
    if (report.lines === report.leftOutTotal) return EXIT.failure;
    return ok ? EXIT.ok : PARTLY;
  } catch (error) {
    if (!(error instanceof TransferError)) throw error;
    if (json) output.print(JSON.stringify({ ok: false, problem: error.message }));
    else process.stderr.write(`${error.message}\n`);
    return EXIT.failure;
  } finally {
    await held.release();
    process.removeListener('SIGINT', interrupt);
  }
}

function render(file: string, { lines, rows, known, days, leftOut, leftOutTotal, problem }: ImportReport): string[] {
  const more = leftOutTotal > SHOWN ? [`… and ${leftOutTotal - SHOWN} more`] : [];
  return [
    ...leftOut.slice(0, SHOWN).map(({ line, reason }) => `${file}:${line}: left out: ${reason}`),
    ...more,
    ...table([
      ['lines', 'new', 'there already', 'left out', 'days'],
      [lines, rows, known, leftOutTotal, days].map(String),
    ]),
    ...(problem === '' ? [] : [`rollups: ${problem}`]),
  ];
}

function columnOf(text: string, before: ImportOptions['column']): ImportOptions['column'] {
  const [what, name] = [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)];
  const field = FIELDS.find((each) => each === what);
  if (field === undefined || name === '')
    throw new InvalidArgumentError(`Give WHAT=NAME; WHAT is one of ${FIELDS.join(', ')}.`);
  return { ...before, [field]: name };
}
