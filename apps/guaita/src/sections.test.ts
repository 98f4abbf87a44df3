import { describeConfig, parseConfig, problemText, type Config } from '@guaita/service';
import { describe, expect, it } from 'vitest';
import { hashPassword } from './broker/index.ts';
import { sections } from './sections.ts';

function parse(text: string): { readonly config?: Config; readonly problems: readonly string[] } {
  const file = { name: 'guaita.yaml', text };
  const result = parseConfig({ definitions: sections, file, env: {}, flags: [], hostName: 'x', readFile: () => '' });
  return 'problems' in result
    ? { problems: result.problems.map(problemText) }
    : { config: result.config, problems: [] };
}

function ada(hash: string, rights = ''): string {
  return `broker:\n  users:\n    ada:\n      password_hash: '${hash}'\n${rights}`;
}

describe('the section broker', () => {
  it('shows no password hash', async () => {
    const { config } = parse(ada(await hashPassword('correct horse')));
    const settings = config === undefined ? '' : describeConfig(config).join('\n');
    expect(settings).toContain('broker.users.ada.password_hash');
    expect(settings).not.toContain('scrypt$');
    expect(config?.secrets).toEqual([expect.stringMatching(/^scrypt\$/)]);
  });

  it('names a password hash that is none with its line, and does not quote it', () => {
    const { problems } = parse(ada('correct horse'));
    expect(problems).toEqual([expect.stringMatching(/^guaita\.yaml:4 broker\.users\.ada\.password_hash: /)]);
    expect(problems[0]).toContain('`guaita hash-password`');
    expect(problems[0]).not.toContain('correct horse');
  });

  it('refuses rights that are no topic filters', async () => {
    const { problems } = parse(ada(await hashPassword('x'), "      read: ['guaita/#', 'guaita/#/x']\n"));
    expect(problems).toEqual([
      'guaita.yaml:5 broker.users.ada.read[1]: "guaita/#/x" is no topic filter, since "#" may only be its last level; give one like "guaita/#" or "guaita/+/ping"',
    ]);
  });

  it('keeps the name of our own services for them', async () => {
    const text = ada(await hashPassword('x')).replace('ada', 'guaita-services');
    expect(parse(text).problems.join()).toContain('give another name');
  });
});
