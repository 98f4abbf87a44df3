import { hasErrors, writeDevicesYaml } from '@guaita/assign/inventory';
import { importDevices, ORIGINS, type Imported, type Origin } from '@guaita/assign/inventory/import';
import type { Device, Id } from '@guaita/model';
import { addCommonFlags, EXIT } from '@guaita/service';
import { Option, type Command } from 'commander';
import { ForeignFileError } from '../import/foreign-file-error.ts';
import { readForeignFile } from '../import/foreign-file.ts';
import { includesOf } from '../import/includes.ts';
import { NewFileError, writeNewFile } from '../import/new-file.ts';
import { countsOf, renderReport } from '../import/report.ts';
import type { Output } from '../output.ts';
import { ordersToAdd, parentsFirst } from './change-devices.ts';
import { exitCode, give, giveCommands, type CommandOptions } from './give-command.ts';
import { idOf } from './ids.ts';
import type { Shell } from './shell.ts';

interface ImportOptions extends CommandOptions {
  readonly from?: Origin;
  readonly out?: string;
  readonly force?: boolean;
  readonly add?: boolean;
  /** `true` when nothing is said of it. */
  readonly snmp: Id | boolean;
}

/** Adds `guaita devices import`. */
export function addDevicesImport(devices: Command, { output, exit }: Shell): void {
  addCommonFlags(devices.command('import'))
    .description('Carry devices over from Uptime Kuma, LibreNMS, Zabbix or SmokePing, and say what was left behind.')
    .argument('<file>', 'what that tool exported, or its configuration; docs/switching.md says how to come by it')
    .addOption(new Option('--from <TOOL>', 'the tool it is of (default: told by its contents)').choices(ORIGINS))
    .option('--out <FILE>', 'write an inventory there (default: print it, and the report to standard error)')
    .option('--force', 'replace that file if it is there')
    .addOption(new Option('--add', 'give the devices to the running monitors instead').conflicts(['out', 'force']))
    .option('--snmp <PROFILE>', 'poll by SNMP with this profile (default: one for each set of credentials)', idOf)
    .option('--no-snmp', 'ping only')
    .option('--json', 'one JSON object: ok, from, devices, left_out, counts, profiles, problems')
    .addHelpText(
      'after',
      `
Examples:
  guaita devices import kuma.db --out devices.yaml
  guaita devices import librenms.json --snmp switches > devices.yaml
  guaita devices import zbx_export_hosts.yaml --add --broker mqtt://pi-1.lan:1883
  guaita devices import /etc/smokeping/config --json | jq .counts

Nothing is changed there, and no credentials are carried over: the SNMP profiles that are named must be given to the
snmp service.

Exit codes: 0 carried over, as far as it can be; 1 nothing was, or the file is there already; 2 wrong usage; with
--add also 3 nobody answered, 4 some are added.`,
    )
    .action(async (file: string, options: ImportOptions) => {
      exit(await run(file, options, output));
    });
}

async function run(file: string, options: ImportOptions, output: Output): Promise<number> {
  if (options.force === true && options.out === undefined) {
    sayAside(['--force stands without --out: name the file that may be replaced']);
    return EXIT.usage;
  }
  const imported = await importFile(file, options);
  const devices = imported.devices.map(({ device }) => device);
  if (devices.length === 0 || hasErrors(imported.problems)) return sayNothing(imported, options, output);
  return options.add === true
    ? add(imported, devices, options, output)
    : write(file, imported, devices, options, output);
}

/** What cannot be read is a problem of the file, as one that is broken. */
async function importFile(file: string, { from, snmp }: ImportOptions): Promise<Imported> {
  try {
    const profile = snmp === true ? undefined : snmp;
    return importDevices(await readForeignFile(file), { from, snmp: profile, include: includesOf(file) });
  } catch (error) {
    if (!(error instanceof ForeignFileError)) throw error;
    const problem = { severity: 'error', file, line: 0, path: '', message: error.message } as const;
    return { from, devices: [], problems: [problem], leftOut: [], profiles: [] };
  }
}

function sayNothing(imported: Imported, { json }: ImportOptions, output: Output): number {
  if (json === true) output.print(JSON.stringify({ ok: false, ...asJson(imported) }));
  else sayAside([...renderReport(imported), 'no device is carried over, and nothing is written']);
  return EXIT.failure;
}

async function write(
  file: string,
  imported: Imported,
  devices: readonly Device[],
  { out, force = false, json = false }: ImportOptions,
  output: Output,
): Promise<number> {
  const text = `# Carried over from ${imported.from ?? 'another tool'}: ${JSON.stringify(file)}\n${writeDevicesYaml(devices)}`;
  try {
    if (out !== undefined) await writeNewFile(out, text, force);
  } catch (error) {
    if (!(error instanceof NewFileError)) throw error;
    if (json) output.print(JSON.stringify({ ok: false, problem: error.message, ...asJson(imported) }));
    else sayAside([error.message]);
    return EXIT.failure;
  }
  if (json) output.print(JSON.stringify({ ok: true, ...asJson(imported) }));
  else if (out === undefined) {
    sayAside(renderReport(imported));
    output.print(text.trimEnd());
  } else
    output.print(
      [...renderReport(imported), `written to ${out}; "guaita up --devices ${out}" watches them`].join('\n'),
    );
  return EXIT.ok;
}

async function add(
  imported: Imported,
  devices: readonly Device[],
  options: ImportOptions,
  output: Output,
): Promise<number> {
  const orders = ordersToAdd(parentsFirst(devices));
  if (options.json === true) {
    const added = await give(orders, options);
    output.print(JSON.stringify({ ok: added.ok, ...asJson(imported), added }));
    return exitCode(added);
  }
  output.print(renderReport(imported).join('\n'));
  return giveCommands(orders, devices.length === 1 ? 'it is added' : 'they are added', options, output);
}

function asJson({ from, devices, problems, leftOut, profiles }: Imported): Record<string, unknown> {
  return {
    ...(from === undefined ? {} : { from }),
    devices: devices.map(({ device }) => device),
    left_out: leftOut,
    counts: countsOf(leftOut),
    profiles,
    problems,
  };
}

/** Beside an inventory that is printed, which may go into a file. */
function sayAside(lines: readonly string[]): void {
  process.stderr.write(`${lines.join('\n')}\n`);
}
