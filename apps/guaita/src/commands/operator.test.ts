import { afterEach, expect, it, vi } from 'vitest';
import { guaita } from './captured-output.testdata.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

it.each([
  ['--why', '', 'Give 1 to 500 characters.'],
  ['--why', 'x'.repeat(501), 'Give 1 to 500 characters.'],
  ['--by', 'x'.repeat(101), 'Give 1 to 100 characters.'],
])('%s "%s" is wrong usage: no monitor would take it', async (flag, text, mend) => {
  const errors: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((said) => errors.push(String(said)) > 0);
  const why = flag === '--why' ? [] : ['--why', 'a new roof'];
  const ran = await guaita('ack', '0123456789abcdef', ...why, flag, text, '--broker', 'mqtt://127.0.0.1:1');
  expect(ran).toEqual({ code: 2, printed: '' });
  expect(errors.join('')).toContain(mend);
});
