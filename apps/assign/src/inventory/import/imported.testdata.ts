import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { formatProblem, hasErrors, writeDevicesYaml } from '../index.ts';
import { importDevices, type Imported, type ImportOptions } from './index.ts';
import type { Included } from './smokeping-config.ts';

/** A sample of another tool's export, made after its format. Every secret in it begins with `hush`. */
export function sample(name: string): Buffer {
  return readFileSync(new URL(`../../../../../examples/switching/${name}`, import.meta.url));
}

export function noFiles(): Included {
  return { problem: 'is not there' };
}

/** Imports a text, or the data of a database. */
export function importOf(content: string | Uint8Array | object, options: Partial<ImportOptions> = {}): Imported {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const file = { file: 'export', content: bytes instanceof Uint8Array ? bytes : { data: bytes } };
  return importDevices(file, { include: noFiles, ...options });
}

/** The inventory that an import without mistakes gives, as people read it. */
export function inventoryOf(imported: Imported): string[] {
  expect(imported.problems.filter(({ severity }) => severity === 'error').map(formatProblem)).toEqual([]);
  return writeDevicesYaml(imported.devices.map(({ device }) => device))
    .split('\n')
    .filter((line) => line !== '');
}

/** What was left out, in short. */
export function leftOutOf({ leftOut }: Imported): string[] {
  return leftOut.map(({ kind, name, line, count }) => `${line} ${kind}: ${name}${count === 1 ? '' : ` × ${count}`}`);
}

/** The mistakes for which nothing is carried over. */
export function mistakesOf(imported: Imported): string[] {
  const { devices, problems, leftOut, profiles } = imported;
  expect(hasErrors(problems)).toBe(true);
  expect([devices, leftOut, profiles]).toEqual([[], [], []]);
  return problems.map(formatProblem);
}
