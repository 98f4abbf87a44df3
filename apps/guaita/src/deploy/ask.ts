import { ConfigError } from '@guaita/settings';
import { readSite } from '@guaita/site';
import { newSiteText, type SiteAnswers } from './site-text.ts';

/** A person at a terminal. */
export interface Person {
  /** Asks, and gives the answer without white space around it. @throws when nobody answers any more. */
  ask(question: string): Promise<string>;
  tell(text: string): void;
}

/** Asks for what is missing of a new site, and again while an answer is none; what is given already is not asked for. */
export async function askForSite(given: SiteAnswers, person: Person): Promise<SiteAnswers> {
  let answers = given;
  const accepts = (next: SiteAnswers): boolean => {
    const mistakes = mistakesOf(next);
    for (const mistake of mistakes) person.tell(mistake);
    if (mistakes.length === 0) answers = next;
    return mistakes.length === 0;
  };
  while (answers.site === undefined) {
    const site = (await person.ask('The site’s id, a home or a rack [home]: ')) || 'home';
    accepts({ ...answers, site });
  }
  if (given.hosts.size === 0) {
    person.tell('The hosts: their names as `docker node ls` shows them, and fixed addresses. An empty line ends.');
    for (;;) {
      const answer = await person.ask(`Host ${answers.hosts.size + 1} (pi-1=192.168.1.11): `);
      if (answer === '' && answers.hosts.size > 0) break;
      const host = readHost(answer);
      if (host === undefined) person.tell(`${JSON.stringify(answer)} is not NAME=ADDRESS`);
      else accepts({ ...answers, hosts: new Map([...answers.hosts, host]) });
    }
  }
  if (given.floating_ip?.address === undefined && answers.hosts.size > 1)
    await askForFloatingIp(person, () => answers, accepts);
  else if (answers.floating_ip?.address !== undefined) {
    while (answers.floating_ip?.interface === undefined) {
      const name = (await person.ask('The hosts’ network interface [eth0]: ')) || 'eth0';
      accepts({ ...answers, floating_ip: { ...answers.floating_ip, interface: name } });
    }
  }
  return answers;
}

async function askForFloatingIp(
  person: Person,
  answers: () => SiteAnswers,
  accepts: (next: SiteAnswers) => boolean,
): Promise<void> {
  for (;;) {
    const address = await person.ask('The floating IP, which nobody has yet (192.168.1.250/24; empty: none): ');
    if (address === '') return;
    const given = answers().floating_ip?.interface;
    const name = given ?? ((await person.ask('The hosts’ network interface [eth0]: ')) || 'eth0');
    if (accepts({ ...answers(), floating_ip: { address, interface: name } })) return;
  }
}

/** Reads `NAME=ADDRESS`; `undefined` when it is no such thing. What the two are worth is said by `readSite`. */
export function readHost(text: string): readonly [name: string, address: string] | undefined {
  const [, name, address] = /^\s*([^=\s]+)\s*[=\s]\s*([^=\s]+)\s*$/.exec(text) ?? [];
  return name === undefined || address === undefined ? undefined : [name, address];
}

/** What is wrong with what is known so far; that something is still missing is no mistake. */
function mistakesOf(answers: SiteAnswers): string[] {
  const { floating_ip } = answers;
  const isWhole = floating_ip?.address !== undefined && floating_ip.interface !== undefined;
  const hosts = answers.hosts.size === 0 ? new Map([['host', '192.0.2.1']]) : answers.hosts;
  const known: SiteAnswers = {
    ...(answers.site === undefined ? {} : { site: answers.site }),
    hosts,
    ...(isWhole && answers.hosts.size > 0 ? { floating_ip } : {}),
  };
  try {
    readSite(newSiteText(known));
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ cause, mend }) => `${cause}; ${mend}`);
  }
}
