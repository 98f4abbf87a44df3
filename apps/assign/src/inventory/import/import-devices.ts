import type { Id } from '@guaita/model';
import type { InventoryDevice } from '../assemble.ts';
import { allSteps, combineSources } from '../combine.ts';
import { Complaints } from '../complaints.ts';
import { decodeFile } from '../decode.ts';
import { hasErrors, type Path, type Problem } from '../problem.ts';
import { readYaml, type YamlDocument } from '../yaml-document.ts';
import { carry } from './carry.ts';
import { Harvest, type LeftOut } from './harvest.ts';
import { harvestLibreNms, isLibreNms } from './librenms.ts';
import { originOf, type Origin } from './origin.ts';
import { Profiles, type NeededProfile } from './profiles.ts';
import { harvestSmokePing, isSmokePing } from './smokeping.ts';
import type { Include } from './smokeping-config.ts';
import { harvestUptimeKuma, isUptimeKuma } from './uptime-kuma.ts';
import { readXmlDocument } from './xml-document.ts';
import { harvestZabbix, isZabbix, ZABBIX_ROOT } from './zabbix.ts';

/** A file of another tool. */
export interface ForeignFile {
  /** As people call it. */
  readonly file: string;
  /** Its bytes, or the data that was read from a database, in the shape of the tool's own export. */
  readonly content: Uint8Array | { readonly data: unknown };
}

export interface ImportOptions {
  /** Which tool it is of; else its contents tell. */
  readonly from?: Origin | undefined;
  /** The profile of all that is polled by SNMP, or `false` to only ping; default: one for each set of credentials. */
  readonly snmp?: Id | false | undefined;
  /** Finds what a file includes. */
  readonly include: Include;
}

/** What came of an import. */
export interface Imported {
  /** Not known when the file is of no tool. */
  readonly from: Origin | undefined;
  /** None at all when there is any error. */
  readonly devices: readonly InventoryDevice[];
  readonly problems: readonly Problem[];
  readonly leftOut: readonly LeftOut[];
  readonly profiles: readonly NeededProfile[];
}

/** Makes devices of what another tool exported. Never throws: what is wrong is a problem, and any error leaves no device. */
export function importDevices({ file, content }: ForeignFile, options: ImportOptions): Imported {
  const harvest = new Harvest();
  const from = harvestFile(file, content, options, harvest);
  refuseNothing(harvest);
  const profiles = new Profiles(from ?? 'snmp', options.snmp);
  carry(harvest, profiles);
  const { devices, problems } = allSteps(combineSources(harvest.sheets));
  const failed = hasErrors(problems);
  return {
    from,
    devices,
    problems,
    leftOut: failed ? [] : harvest.leftOut(),
    profiles: failed ? [] : profiles.needed(),
  };
}

function harvestFile(
  file: string,
  content: ForeignFile['content'],
  { from, include }: ImportOptions,
  harvest: Harvest,
): Origin | undefined {
  const complaints = new Complaints();
  if ('data' in content) {
    return harvestDocument(file, { value: content.data, locate: nowhere }, from, complaints, harvest);
  }
  const text = decodeFile(content, complaints);
  if (text === undefined) {
    harvest.sheet(file, nowhere, complaints);
    return undefined;
  }
  const isData = /^\s*[{[<]/.test(text) || /^zabbix_export\s*:/m.test(text);
  if (from === 'smokeping' || (from === undefined && !isData && isSmokePing(text))) {
    harvestSmokePing(text, file, include, harvest);
    return 'smokeping';
  }
  const document = /^\s*</.test(text)
    ? readXmlDocument(text, ZABBIX_ROOT, complaints)
    : readYaml(text, complaints, 'no aliases');
  return harvestDocument(file, document, from, complaints, harvest);
}

function harvestDocument(
  file: string,
  { value, locate }: YamlDocument,
  wanted: Origin | undefined,
  complaints: Complaints,
  harvest: Harvest,
): Origin | undefined {
  const sheet = harvest.sheet(file, locate, complaints);
  // A torn file is nobody's: its first break says more than what is missing behind it.
  if (complaints.list.length > 0) return wanted;
  const origin = originOf(value, wanted, complaints);
  if (isZabbix(value) && origin === 'zabbix') harvestZabbix(value, sheet, harvest);
  if (isUptimeKuma(value) && origin === 'uptime-kuma') harvestUptimeKuma(value, sheet, harvest);
  if (isLibreNms(value) && origin === 'librenms') harvestLibreNms(value, sheet, harvest);
  return origin;
}

/** A file in which there is nothing at all is the wrong one. */
function refuseNothing(harvest: Harvest): void {
  const [sheet] = harvest.sheets;
  const broken = harvest.sheets.some(({ complaints }) => complaints.list.length > 0);
  if (broken || harvest.devices.length > 0 || harvest.leftOut().length > 0) return;
  sheet?.complaints.error([], 'holds nothing to carry over; is it the right file, and all of it?', 0);
}

function nowhere(paths: readonly Path[]): number[] {
  return paths.map(() => 0);
}
