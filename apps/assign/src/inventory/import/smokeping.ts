import type { ForeignDevice, ForeignPing, Harvest } from './harvest.ts';
import { SmokePingConfig, type Include, type Section } from './smokeping-config.ts';

/** What a section inherits of those around it, as in SmokePing. */
interface Inherited {
  readonly probe: string | undefined;
  readonly alerts: string;
  readonly slaves: string;
  /** Names of the sections around it. */
  readonly trail: readonly string[];
}

/** A probe of the configuration: which kind it is, and how it pings. */
interface Probe {
  readonly kind: string;
  readonly ping: ForeignPing;
}

/** The kinds that ping from here by fping; RemoteFPing pings from elsewhere. */
const PINGS = /^FPing(6|Continuous)?$/;

/** Tells a configuration by its sections, which nothing else has. */
export function isSmokePing(text: string): boolean {
  return /^[ \t]*(\*\*\* *\w+ *\*\*\*|@include[ \t]+\S.*|\+{1,20}[ \t]*[-\w]+)[ \t]*\r?$/m.test(text);
}

/** Harvests the targets of a SmokePing configuration and of what it includes. */
export function harvestSmokePing(text: string, file: string, include: Include, harvest: Harvest): void {
  const config = new SmokePingConfig(harvest, include);
  config.read(file, text);
  const targets = config.top('Targets');
  if (targets === undefined) {
    // What could not be included may hold them.
    if (harvest.sheets.some(({ complaints }) => complaints.list.length > 0)) return;
    const message = 'holds no targets; give the file with "*** Targets ***", or the one that includes it';
    harvest.sheets[0]?.complaints.error([], message);
    return;
  }
  const walk = new Walk(config, harvest);
  walk.section(targets, { probe: undefined, alerts: '', slaves: '', trail: [] });
}

class Walk {
  readonly #harvest: Harvest;
  readonly #probes: ReadonlyMap<string, Probe>;

  constructor(config: SmokePingConfig, harvest: Harvest) {
    this.#harvest = harvest;
    this.#probes = probesOf(config);
  }

  section(section: Section, inherited: Inherited): void {
    const { settings, sections } = section;
    const own: Inherited = {
      probe: settings.get('probe') ?? inherited.probe,
      alerts: settings.get('alerts') ?? inherited.alerts,
      slaves: settings.get('slaves') ?? inherited.slaves,
      trail: inherited.trail,
    };
    const host = settings.get('host');
    if (host !== undefined) this.#target(section, host, own);
    // Only the section of all targets has no name of its own in the tree.
    const trail = section.name === 'Targets' && own.trail.length === 0 ? [] : [...own.trail, section.name];
    for (const below of sections) this.section(below, { ...own, trail });
  }

  #target(section: Section, host: string, own: Inherited): void {
    const { settings } = section;
    const key = `/${[...own.trail, section.name].join('/')}`;
    const place = { ...section.place, path: [key] };
    const name = settings.get('menu') ?? section.name;
    const probe = this.#probeOf(own.probe);
    const reason = whyNot(host, probe);
    if (reason !== undefined) {
      this.#harvest.leaveOut(reason.kind, name, place, reason.why);
      return;
    }
    const tags = [...own.trail, ...hierarchiesOf(settings.get('parents') ?? '')];
    const device: ForeignDevice = { kind: 'target', key, name, addresses: [host], tags, ping: probe.ping, place };
    this.#harvest.devices.push(device);
    if (own.alerts !== '') {
      const why = 'monitors judge by themselves here; loss and latency alerts stand under alert in guaita.yaml';
      this.#harvest.leaveOut('alert pattern', `${own.alerts} of ${name}`, place, why);
    }
    if (own.slaves !== '') {
      const why = 'any monitor may watch it here; run a monitor there, and give it a placement';
      this.#harvest.leaveOut('slaves', `${own.slaves} of ${name}`, place, why);
    }
  }

  /** A part of a configuration names probes that stand in another: those are taken for what their names say. */
  #probeOf(name = 'FPing'): Probe {
    const known = this.#probes.get(name);
    if (known !== undefined) return known;
    const kind = /^FPing(6?)/.exec(name)?.[0] ?? name;
    return { kind, ping: familyOf(kind, undefined) };
  }
}

function whyNot(host: string, { kind }: Probe): { readonly kind: string; readonly why: string } | undefined {
  if (host.startsWith('/')) {
    return { kind: 'multihost graph', why: 'it shows other targets together; each of them is carried over by itself' };
  }
  if (/^DYNAMIC/.test(host)) {
    return { kind: 'dynamic host', why: 'its address is not known; give it a name in the DNS, and add it by that' };
  }
  if (PINGS.test(kind)) return undefined;
  return { kind: `${kind} target`, why: 'hosts are pinged and polled by SNMP here, nothing else is asked' };
}

/** The probes by the names that targets use: a kind, or an instance of one. */
function probesOf(config: SmokePingConfig): Map<string, Probe> {
  const probes = new Map<string, Probe>();
  const database = config.top('Database')?.settings;
  for (const { name: kind, settings, sections } of config.top('Probes')?.sections ?? []) {
    const inherited = new Map([...(database ?? []), ...settings]);
    probes.set(kind, { kind, ping: pingOf(kind, inherited) });
    for (const instance of sections) {
      probes.set(instance.name, { kind, ping: pingOf(kind, new Map([...inherited, ...instance.settings])) });
    }
  }
  return probes;
}

function pingOf(kind: string, settings: ReadonlyMap<string, string>): ForeignPing {
  const number = (name: string): number | undefined => {
    const text = settings.get(name);
    return text === undefined ? undefined : Number(text);
  };
  return {
    interval_s: number('step'),
    count: number('pings'),
    size_bytes: number('packetsize'),
    ...familyOf(kind, settings.get('protocol')),
  };
}

function familyOf(kind: string, protocol: string | undefined): Pick<ForeignPing, 'family'> {
  if (kind === 'FPing6' || protocol === '6') return { family: 'ipv6' };
  return protocol === '4' ? { family: 'ipv4' } : {};
}

/** `location:/Rack/Top` puts a target into another tree: a tag of its own. The top of a tree says nothing. */
function hierarchiesOf(parents: string): string[] {
  return parents.split(/\s+/).filter((parent) => /:\/./.test(parent));
}
