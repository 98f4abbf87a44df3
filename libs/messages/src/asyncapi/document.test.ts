import { Parser } from '@asyncapi/parser';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { channels } from '../channels.ts';
import { asyncapiDocument } from './document.ts';

const written = readFileSync(new URL('../../../../docs/asyncapi.yaml', import.meta.url), 'utf8');
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

describe('the AsyncAPI document', { timeout: 60_000 }, () => {
  it('is valid AsyncAPI 3 without errors or warnings', async () => {
    const { document, diagnostics } = await new Parser().parse(written);
    // Severity 0 is an error, 1 a warning (Spectral).
    expect(diagnostics.filter(({ severity }) => Number(severity) <= 1)).toEqual([]);
    expect(document?.version()).toBe('3.0.0');
    expect(document?.channels().all()).toHaveLength(Object.keys(channels).length);
  });

  it('is not stale: docs/asyncapi.yaml is what `npm run asyncapi` writes', () => {
    expect(parse(written)).toEqual(asyncapiDocument(version));
  });

  it('tells writer, QoS, retention and expiry of every channel', () => {
    const document = parse(written) as { operations: Record<string, Record<string, unknown>> };
    for (const [name, { definition }] of Object.entries(channels)) {
      expect(document.operations[name]).toMatchObject({
        'x-writer': definition.writer,
        bindings: { mqtt: { qos: definition.qos, retain: definition.retained } },
      });
      expect('x-expiry' in (document.operations[name] ?? {})).toBe('expiry' in definition);
    }
  });
});
