import { EXIT } from '@guaita/service';
import { ConfigError } from '@guaita/settings';
import { SITE_FILE } from '@guaita/site';
import { InvalidArgumentError } from 'commander';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { readHost, type Person } from '../../deploy/ask.ts';
import { init } from '../../deploy/init.ts';
import { nextSteps } from '../../deploy/next-steps.ts';
import { readTemplates } from '../../deploy/templates.ts';
import type { SiteAnswers } from '../../deploy/site-text.ts';
import type { Output } from '../../output.ts';
import { FOLDER, type AddSubcommand } from './subcommand.ts';

interface InitFlags {
  readonly folder: string;
  readonly site?: string;
  readonly host?: ReadonlyMap<string, string>;
  readonly floatingIp?: string;
  readonly interface?: string;
}

/** Adds `guaita deploy init`. */
export const addInit: AddSubcommand = (deploy, output, guarded) => {
  deploy
    .command('init')
    .description('Make or bring up to date: site.yaml, every password, certificates. Asks for what is missing.')
    .addOption(FOLDER)
    .option('--site <ID>', 'the site’s id (default: home)')
    .option('--host <NAME=ADDRESS>', 'a host: its name in Docker and its fixed address; once for each', collectHost)
    .option('--floating-ip <CIDR>', 'the address that moves to a healthy host: 192.168.1.250/24')
    .option('--interface <IF>', 'the network interface of the hosts: eth0')
    .addHelpText(
      'after',
      `
It may be run as often as one likes: what is there is kept. Certificates that end within 90 days are renewed, hosts that
were added get theirs, and those of hosts that are gone are taken away.

Examples:
  guaita deploy init
  guaita deploy init --host pi-1=192.168.1.11 --host pi-2=192.168.1.12 --host pi-3=192.168.1.13 \\
    --floating-ip 192.168.1.250/24 --interface eth0
  guaita deploy init --host pi-4=192.168.1.14     one host more`,
    )
    .action(guarded((flags: InitFlags) => run(flags, output)));
};

async function run(flags: InitFlags, output: Output): Promise<number> {
  const { folder } = flags;
  const isNew = !existsSync(join(folder, SITE_FILE));
  const given = answersOf(flags);
  const asks = isNew && process.stdin.isTTY && output.isTerminal;
  if (isNew && !asks && given.hosts.size === 0)
    throw missing('--host', 'no host is named', 'give NAME=ADDRESS for each');
  const templates = await readTemplates();
  const options = { folder, given, templates, now_ms: Date.now(), random: randomBytes };
  const terminal = asks ? createInterface({ input: process.stdin, output: process.stdout }) : undefined;
  const person: Person | undefined = terminal && {
    ask: async (question) => (await terminal.question(question)).trim(),
    tell: (text) => output.print(text),
  };
  try {
    const { site, said } = await init({ ...options, person });
    for (const line of said.length === 0 ? [`${folder}: all is there, nothing was changed`] : said) output.print(line);
    for (const line of nextSteps(site, folder)) output.print(line);
    return EXIT.ok;
  } finally {
    terminal?.close();
  }
}

function answersOf({ site, host = new Map(), floatingIp, interface: name }: InitFlags): SiteAnswers {
  const floating_ip = {
    ...(floatingIp === undefined ? {} : { address: floatingIp }),
    ...(name === undefined ? {} : { interface: name }),
  };
  return {
    ...(site === undefined ? {} : { site }),
    hosts: host,
    ...(Object.keys(floating_ip).length === 0 ? {} : { floating_ip }),
  };
}

function collectHost(text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> {
  const host = readHost(text);
  if (host === undefined) throw new InvalidArgumentError('Give NAME=ADDRESS, like pi-1=192.168.1.11.');
  if (before.has(host[0])) throw new InvalidArgumentError(`${host[0]} is named twice.`);
  return new Map([...before, host]);
}

function missing(flag: string, cause: string, mend: string): ConfigError {
  return new ConfigError([{ origin: { kind: 'flag', flag }, path: [], cause, mend }]);
}
