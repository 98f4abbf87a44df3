import { Id, Network } from '@guaita/model';
import { z } from 'zod';
import type { ServiceDefinition } from '../service.ts';
import { parseConfig, type Config, type ConfigSources } from './parse.ts';
import { problemText, secret } from '@guaita/settings';

const nothing = { start: async () => undefined, stop: async () => undefined };

function definition<Schema extends z.ZodType>(name: Id, config: Schema): ServiceDefinition<Schema> {
  return { name, description: `the ${name} of the tests`, config, create: () => nothing };
}

/** Sections with all that real ones have: bounds, lists, records, unions, secrets. */
export const ping = definition(
  'ping',
  z.strictObject({
    interval_s: z.number().min(1).max(86_400).default(60),
    count: z.int().min(1).default(3),
    engine: z.enum(['auto', 'fping', 'package']).default('auto'),
    confirm: z.boolean().default(true),
    anchors: z.array(z.string()).default(['gateway']),
    sizes: z.array(z.int()).default([]),
    allowedNetworks: z.array(Network).default([]),
    rate: z.union([z.literal('unlimited'), z.number().positive()]).default('unlimited'),
  }),
);

const Profile = z.discriminatedUnion('version', [
  z.strictObject({ version: z.literal('2c'), community: secret(), allowed: z.array(Network).default([]) }),
  z.strictObject({
    version: z.literal('3'),
    user: z.string(),
    key: secret(z.string().min(8)).optional(),
    priv_key: secret(z.string().min(8)).optional(),
  }),
]);

export const snmp = definition('snmp', z.strictObject({ profiles: z.record(Id, Profile).default({}) }));

/** What a test gives; all else is empty. */
export type Given = Partial<Omit<ConfigSources, 'file'>> & {
  readonly yaml?: string;
  readonly files?: Readonly<Record<string, string>>;
};

export function parse({ yaml, files = {}, ...given }: Given): ReturnType<typeof parseConfig> {
  return parseConfig({
    definitions: [ping, snmp],
    env: {},
    flags: [],
    hostName: 'Pi One',
    readFile: (name) => {
      const text = files[name];
      if (text === undefined) throw Object.assign(new Error('no such file'), { code: 'ENOENT' });
      return text;
    },
    ...(yaml === undefined ? {} : { file: { name: 'guaita.yaml', text: yaml } }),
    ...given,
  });
}

/** The lines that a person is shown; empty when all is well. */
export function problemsOf(given: Given): string[] {
  const result = parse(given);
  return 'problems' in result ? result.problems.map(problemText) : [];
}

export function configOf(given: Given): Config {
  const result = parse(given);
  if ('problems' in result) throw new Error(result.problems.map(problemText).join('\n'));
  return result.config;
}
