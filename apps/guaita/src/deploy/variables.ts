import type { Site } from '@guaita/site';
import { createHash } from 'node:crypto';
import { parse } from 'yaml';
import { z } from 'zod';

/** What is read of a stack's file: its configs and secrets, each with its file and the variable in its name. */
const NamedFile = z.object({ file: z.string(), name: z.string() });
const StackFile = z.object({
  configs: z.record(z.string(), NamedFile).default({}),
  secrets: z.record(z.string(), NamedFile).default({}),
});

/** `…_${GUAITA_HASH_SITE:-0}` */
const VARIABLE = /\$\{(GUAITA_HASH_[A-Z0-9_]+):-0\}/;
/** Enough that no two contents have one name; the name of a config has at most 64 characters. */
const HASH_CHARACTERS = 12;

/** A file that a stack gives to its containers. */
export interface StackInput {
  /** From the folder of the deployment. */
  readonly file: string;
  /** The variable that its name in the Swarm has. */
  readonly variable: string;
}

/** The files that stacks give to their containers. Pure. @param stacks the text of each file that is deployed. */
export function stackInputs(stacks: readonly string[]): StackInput[] {
  return stacks.flatMap((text) => {
    const { configs, secrets } = StackFile.parse(parse(text, { merge: true }));
    return [...Object.values(configs), ...Object.values(secrets)].flatMap(({ file, name }) => {
      const variable = VARIABLE.exec(name)?.[1];
      return variable === undefined ? [] : [{ file: file.replace(/^\.\//, ''), variable }];
    });
  });
}

/**
 * The variables of a stack: what of the site stands in it, and a hash of each file, since Swarm changes no config or
 * secret: one of another content needs another name.
 */
export function stackVariables(
  site: Site,
  inputs: readonly StackInput[],
  contents: ReadonlyMap<string, string>,
): Record<string, string> {
  const hashes = inputs.map(({ file, variable }) => [variable, hashOf(contents.get(file) ?? '')]);
  return {
    GUAITA_SITE: site.site,
    GUAITA_PAGE_PORT: `${site.ports.page}`,
    ...(Object.fromEntries(hashes) as Record<string, string>),
  };
}

/** Reads lines of `NAME=VALUE`, as shells and Docker take them; quotes around a value go. */
export function readVariables(text: string): Record<string, string> {
  const pairs = text.split('\n').flatMap((line) => {
    const [, name, value = ''] = /^\s*(?:export\s+)?([A-Za-z_]\w*)=(.*?)\s*$/.exec(line) ?? [];
    return name === undefined ? [] : [[name, value.replace(/^(["'])(.*)\1$/, '$2')]];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, HASH_CHARACTERS);
}
