import { isMap, parseDocument, stringify } from 'yaml';

/** What a person says of a site: what becomes `site.yaml`. */
export interface SiteAnswers {
  readonly site?: string;
  /** The address of each host, by its name. */
  readonly hosts: ReadonlyMap<string, string>;
  readonly floating_ip?: { readonly address?: string; readonly interface?: string };
}

const HEAD = `# The site: all that its hosts have to know of each other. Made by \`guaita deploy init\`; change it by hand, then run
# \`guaita deploy init\` again (new hosts get their secrets) and \`guaita deploy up\`.
`;

/** The text of a new `site.yaml`; it is as right as the answers are. */
export function newSiteText({ site = 'home', hosts, floating_ip }: SiteAnswers): string {
  const tree = {
    site,
    ...(floating_ip === undefined ? {} : { floating_ip }),
    hosts: Object.fromEntries([...hosts].map(([name, address]) => [name, { address }])),
  };
  return `${HEAD}${stringify(tree)}`;
}

/** The text of a `site.yaml` with what was answered in it; all else, comments too, stays. Broken YAML stays as it is. */
export function changedSiteText(text: string, { site, hosts, floating_ip }: SiteAnswers): string {
  const document = parseDocument(text);
  if (document.errors.length > 0 || !isMap(document.contents)) return text;
  const values: [readonly string[], string | undefined][] = [
    [['site'], site],
    ...[...hosts].map(([name, address]): [readonly string[], string] => [['hosts', name, 'address'], address]),
    [['floating_ip', 'address'], floating_ip?.address],
    [['floating_ip', 'interface'], floating_ip?.interface],
  ];
  let changed = false;
  for (const [path, value] of values) {
    if (value === undefined || document.getIn(path) === value) continue;
    document.setIn(path, value);
    changed = true;
  }
  return changed ? document.toString() : text;
}
