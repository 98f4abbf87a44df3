import fc from 'fast-check';
import { expect, it } from 'vitest';
import { csvOf, jsonOf, type Cell } from './table.ts';

async function text(pieces: AsyncIterable<string>): Promise<string> {
  let all = '';
  for await (const piece of pieces) all += piece;
  return all;
}

const HOSTILE = ['=HYPERLINK("http://evil.example","click")', '+1+1', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '\n=1'];

it('writes no text that a spreadsheet would take for a formula', async () => {
  const csv = await text(csvOf({ columns: ['name'], rows: HOSTILE.map((name) => [name]) }));
  expect(
    csv
      .split(/\r\n(?=["'])/)
      .slice(1)
      .every((line) => /^"?'/.test(line)),
  ).toBe(true);
});

it('leaves numbers as they are, also negative ones', async () => {
  expect(await text(csvOf({ columns: ['a', 'b', 'c', 'd'], rows: [[-4.5, true, null, 'x']] }))).toBe(
    'a,b,c,d\r\n-4.5,true,,x\r\n',
  );
});

it('quotes what would end a field or a row', async () => {
  expect(await text(csvOf({ columns: ['a,b'], rows: [['x,"y"\r\nz']] }))).toBe('"a,b"\r\n"x,""y""\r\nz"\r\n');
});

it('gives the same in JSON to the letter, whatever stands in it', async () => {
  const cell = fc.oneof(
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { maxLength: 20 }), async (rows: readonly Cell[][]) => {
      const read = JSON.parse(await text(jsonOf('rows', { columns: ['a', 'b'], rows })));
      expect(read).toEqual({ rows: rows.map(([a, b]) => JSON.parse(JSON.stringify({ a, b }))) });
    }),
  );
});
