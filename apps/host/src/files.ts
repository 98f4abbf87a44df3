import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { HostError } from './host-error.ts';

/** Reads a file of text. @throws {HostError} when it cannot be read. @param mend what to do then. */
export async function readText(file: string, mend: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new HostError(`cannot read ${file} (${codeOf(cause)}); ${mend}`, { cause });
  }
}

/**
 * Reads a file of JSON that a program has made; it holds secrets, so nothing of it is quoted.
 *
 * @throws {HostError} when it cannot be read, or is not what `schema` says.
 */
export async function readSecrets<Schema extends z.ZodType>(
  file: string,
  schema: Schema,
  mend: string,
): Promise<z.output<Schema>> {
  const text = await readText(file, mend);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new HostError(`${file} is not JSON; ${mend}`);
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const where = result.error.issues[0]?.path.join('.') ?? '';
  throw new HostError(`${file} is not as expected${where === '' ? '' : ` at ${where}`}; ${mend}`);
}

/** @throws {HostError} when nothing can be written in a folder. */
export async function requireWritable(folder: string, mend: string): Promise<void> {
  try {
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw new HostError(`cannot write in ${folder} (${codeOf(cause)}); ${mend}`, { cause });
  }
}

/** The code of a system error, else what it says. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? String(error.code) : error.message;
}
