import { formatProblem, FORMATS, hasErrors, type Format } from '@guaita/assign/inventory';
import { EXIT } from '@guaita/service';
import { Option, type Command } from 'commander';
import { checkInventoryFiles } from '../inventory-file.ts';
import { addDevicesAdd, addDevicesProbe, addDevicesRemove } from './change-devices.ts';
import type { Output } from '../output.ts';
import { addDevicesImport } from './import-devices.ts';
import type { Shell } from './shell.ts';

interface CheckOptions {
  readonly format?: Format;
  readonly json?: boolean;
}

/** Adds `guaita devices check|import|add|remove|probe`. */
export function addDevices(program: Command, shell: Shell): void {
  const devices = program
    .command('devices')
    .description('Look at inventories, carry them over from other tools; add, remove and probe devices by command.');
  addDevicesCheck(devices, shell);
  addDevicesImport(devices, shell);
  addDevicesAdd(devices, shell);
  addDevicesRemove(devices, shell);
  addDevicesProbe(devices, shell);
}

/** Adds `guaita devices check`: says every mistake in an inventory at once. */
function addDevicesCheck(devices: Command, { output, exit }: Shell): void {
  devices
    .command('check')
    .description('Say every mistake in inventory files at once, each with file, line, path and what to do.')
    .argument('<files...>', 'devices.yaml, CSV, Prometheus file_sd or Guifi.net CNML; read together')
    .addOption(
      new Option('--format <FORMAT>', 'read the files as this (default: told by name and content)').choices(FORMATS),
    )
    .option('--json', 'one JSON object with all devices and problems')
    .addHelpText(
      'after',
      `
Examples:
  guaita devices check devices.yaml
  guaita devices check zone.cnml extra.csv --json

Exit code 0 when the inventory can be applied, 1 when it cannot.`,
    )
    .action(async (files: string[], options: CheckOptions) => {
      exit(await check(files, options, output));
    });
}

async function check(
  files: readonly string[],
  { format, json = false }: CheckOptions,
  output: Output,
): Promise<number> {
  const { devices, problems } = await checkInventoryFiles(files.map((file) => ({ file, format })));
  const failed = hasErrors(problems);
  if (json) {
    output.print(JSON.stringify({ ok: !failed, devices, problems }));
  } else {
    for (const problem of problems) output.print(formatProblem(problem));
    const mistakes = problems.filter(({ severity }) => severity === 'error').length;
    output.print(
      failed
        ? `${mistakes} ${mistakes === 1 ? 'mistake' : 'mistakes'}: nothing of it would be applied`
        : `${devices.length} ${devices.length === 1 ? 'device' : 'devices'}, no mistake`,
    );
  }
  return failed ? EXIT.failure : EXIT.ok;
}
