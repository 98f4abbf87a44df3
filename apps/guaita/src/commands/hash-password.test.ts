import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { verifyPassword } from '../broker/passwords.ts';

const MAIN = fileURLToPath(new URL('../main.ts', import.meta.url));

async function hash(input: string): Promise<{ code: unknown; printed: string; errors: string }> {
  const child = spawn(process.execPath, [MAIN, 'hash-password']);
  child.stdin.end(input);
  const [printed, errors, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, printed, errors };
}

describe('guaita hash-password', { timeout: 30_000 }, () => {
  it('prints the hash of what comes by standard input, without the end of its line', async () => {
    const { code, printed } = await hash('correct horse\n');
    expect(code).toBe(0);
    expect(await verifyPassword('correct horse', printed.trim())).toBe(true);
  });

  it('refuses an empty password', async () => {
    expect(await hash('\n')).toMatchObject({ code: 2, printed: '', errors: expect.stringContaining('no password') });
  });
});
