import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import type { Kind } from './kind.ts';
import { kindNames, kinds } from './kinds.ts';

const page = readFileSync(new URL('../../../../docs/history.md', import.meta.url), 'utf8');

/** The cells of each line of the table below a heading. */
function published(name: string): string[][] {
  const section = page.split(`### \`${name}\`\n`)[1]?.split('\n### ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| `'));
  return lines.map((line) =>
    line
      .slice(1, -1)
      .split('|')
      .map((cell) => cell.trim()),
  );
}

it.each(kindNames)('docs/history.md tells the columns of %s as they are', (name) => {
  const { columns }: Kind = kinds[name];
  expect(published(name)).toEqual(
    columns.map((column) => [`\`${column.name}\``, column.type, column.unit ?? '', column.meaning]),
  );
});
