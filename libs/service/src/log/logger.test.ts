import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { blotter } from './blot.ts';
import { createLogger, type LoggerOptions } from './logger.ts';

// So many runs take longer on a machine that others use as well.
vi.setConfig({ testTimeout: 60_000 });

type Level = Parameters<typeof createLogger>[0]['level'];
type Format = Parameters<typeof createLogger>[0]['format'];

function logging(format: Format, options: Omit<LoggerOptions, 'output'> & { isTTY?: boolean; level?: Level } = {}) {
  const lines: string[] = [];
  const output = { write: (text: string) => lines.push(text), isTTY: options.isTTY };
  return { lines, log: createLogger({ level: options.level ?? 'info', format }, { ...options, output }) };
}

describe('as JSON', () => {
  test('a line is one object with time, level, message and fields', () => {
    const { log, lines } = logging('json');
    log.child({ service: 'ping' }).info({ device: 'gateway' }, 'up');
    expect(lines[0]).toMatch(
      /^\{"level":"info","time":"\d{4}-[^"]+Z","service":"ping","device":"gateway","msg":"up"\}\n$/,
    );
  });

  test('an error is there with its type, its stack and its cause', () => {
    const { log, lines } = logging('json');
    log.error({ err: new TypeError('outer', { cause: new Error('inner') }) }, 'oh');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      err: { type: 'TypeError', message: 'outer', cause: { type: 'Error', message: 'inner' } },
    });
  });

  test('lines below the level are not written', () => {
    const { log, lines } = logging('json', { level: 'warn' });
    log.info('quiet');
    log.warn('loud');
    expect(lines).toHaveLength(1);
  });

  test('is what is written where nobody looks', () => {
    const { log, lines } = logging('auto', { isTTY: false });
    log.info('hello');
    expect(lines[0]).toMatch(/^\{/);
  });
});

describe('at a terminal', () => {
  test('a line reads from left to right', () => {
    const { log, lines } = logging('auto', { isTTY: true });
    log.child({ service: 'ping' }).info({ device: 'gateway', rtt_ms: 2 }, 'up');
    expect(lines[0]).toMatch(/^\d\d:\d\d:\d\d info {2}ping: up \(device: gateway, rtt_ms: 2\)\n$/);
  });

  test('warnings and errors stand out', () => {
    const { log, lines } = logging('auto', { isTTY: true });
    log.error('bad');
    expect(lines[0]).toContain('\u001b[31merror\u001b[0m bad');
  });

  test('an error shows what caused it', () => {
    const { log, lines } = logging('pretty');
    log.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'oh');
    expect(lines[0]).toMatch(/error oh\n {4}Error: outer\n[^]*caused by:\n {4}Error: inner\n/);
  });

  test('text from the network does not steer it', () => {
    const { log, lines } = logging('pretty');
    log.info({ name: '\u001b[2J\nroot' }, 'a\r\u009bb');
    expect(lines[0]).toMatch(/info {2}a··b \(name: ·\[2J·root\)\n$/);
  });
});

describe('secrets', () => {
  test('are blotted out of messages, fields, errors and keys', () => {
    const { log, lines } = logging('json', { secrets: ['hunter2', 'q"uote', '1234'] });
    log.info({ a: { b: ['xhunter2x'] }, hunter2: 1, pin: 1234, err: new Error('q"uote') }, 'is hunter2');
    const text = lines.join('');
    for (const part of ['hunter2', 'q\\"uote', '1234']) expect(text).not.toContain(part);
    expect(JSON.parse(text)).toMatchObject({ a: { b: ['x[secret]x'] }, msg: 'is [secret]', pin: '[secret]' });
  });

  test('are never in a line, whatever they are, and the line stays JSON', () => {
    const secret = fc.string({ unit: 'binary', minLength: 3, maxLength: 12 });
    fc.assert(
      fc.property(fc.array(secret, { minLength: 1, maxLength: 3 }), fc.string(), (secrets, text) => {
        // What is put in a secret's place may itself hold a short secret.
        fc.pre(secrets.every((value) => !'[secret]'.includes(value) && !/[[\]]/.test(value)));
        const line = `${JSON.stringify({ level: 'info', time: 't', msg: `${text}${secrets.join(text)}`, deep: { list: secrets } })}\n`;
        const { msg, deep } = JSON.parse(blotter(secrets)(line)) as { msg: string; deep: { list: string[] } };
        for (const value of secrets) expect([msg, ...deep.list].filter((shown) => shown.includes(value))).toEqual([]);
      }),
      { numRuns: 5_000 },
    );
  });
});
