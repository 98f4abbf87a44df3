import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXIT } from '@guaita/service';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { guaita as run } from './captured-output.testdata.ts';

let folder: string;
let said: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guaita-export-'));
  said = '';
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

async function guaita(...args: string[]): Promise<number> {
  const { code, printed } = await run(...args, '--data', join(folder, 'data'), '--monitor', 'one');
  said += printed;
  return code;
}

describe('guaita import and export', { timeout: 60_000 }, () => {
  test('carry pings from a table of another tool into the history, and out of it', async () => {
    const [table, out] = [join(folder, 'old.csv'), join(folder, 'new.csv')];
    writeFileSync(table, 'when,loss_percent,rtt_ms\n2020-01-01T00:00:00Z,0,2\nnever,0,2\n');
    const into = ['import', table, '--device', 'ap', '--column', 'time=when'];
    expect(await guaita(...into)).toBe(4);
    expect(said).toMatch(/old\.csv:3: left out: "never" is no time.*\n.*\n2 +1 +0 +1 +1\n/);
    said = '';
    expect(await guaita(...into, '--json')).toBe(4);
    expect(JSON.parse(said)).toMatchObject({ lines: 2, rows: 0, known: 1, left_out_total: 1 });
    const from = ['export', '--from', '2019-12-31', '--device', 'ap', '--format', 'csv', '--out', out];
    expect(await guaita(...from)).toBe(EXIT.ok);
    expect(readFileSync(out, 'utf8').split('\n')[1]).toBe(
      'imported,ap,2020-01-01T00:00:00.000Z,0,up,100,100,,2.000,,,',
    );
    expect(await guaita(...from)).toBe(EXIT.failure);
    expect(said).toMatch(/is there already; give another name, or --force/);
    expect(await guaita(...from, '--force')).toBe(EXIT.ok);
  });

  test('say what is wrong with what they are given, and change nothing', async () => {
    const out = join(folder, 'x.csv');
    expect(await guaita('export', '--from', '2026-01-02', '--to', '2026-01-01', '--out', out)).toBe(EXIT.usage);
    expect(await guaita('export', '--from', 'once', '--out', out)).toBe(EXIT.usage);
    expect(await guaita('export', '--from', '2026-01-01', '--out', out)).toBe(EXIT.failure);
    expect(said).toMatch(/there is no history in .*data.history; name the data folder/);
    expect(await guaita('import', join(folder, 'none.csv'))).toBe(EXIT.failure);
    expect(said).toMatch(/none\.csv cannot be read; name a CSV file/);
  });
});
