import { each, fields, moment, number, text, texts, word, type Fields } from './read.ts';
import type {
  AlertRow,
  Claim,
  MemberRow,
  MonitorRow,
  ServiceRow,
  SilenceRow,
  Spec,
  Trouble,
  Verdict,
  Vote,
} from './rows.ts';
import { isState } from './state.ts';

const SEES = ['unprobed', 'answering', 'down'] as const;
const MEMBER_STATES = ['alive', 'leaving', 'left', 'failed'] as const;
const SEVERITIES = ['critical', 'warning', 'info'] as const;
const PAIRS_MOST = 20;
const PAIR_LONGEST = 200;

export function readSpec(value: Fields, id: string): Spec {
  const checks = fields(value['checks']);
  return {
    name: text(value['name']) || id,
    addresses: texts(value['addresses']),
    parents: texts(value['parents']),
    tags: texts(value['tags']),
    monitors: texts(value['monitors']),
    leaving: texts(value['leaving']),
    planned: texts(value['planned']),
    claims: each(value['claims'], readClaim),
    onlySites: texts(fields(value['placement'])?.['only_sites']),
    source: text(value['source']) ?? '',
    pingInterval_s: number(fields(checks?.['ping'])?.['interval_s']),
    snmpInterval_s: number(fields(checks?.['snmp'])?.['interval_s']),
  };
}

function readClaim(value: Fields): Claim | undefined {
  const monitor = text(value['monitor']);
  if (monitor === undefined) return undefined;
  return {
    monitor,
    state: word(value['state'], ['held', 'leaving']) ?? 'held',
    sees: word(value['sees'], SEES) ?? 'unprobed',
    downSince_ms: moment(value['down_since']),
  };
}

export function readVerdict(value: Fields): Verdict | undefined {
  const state = value['state'];
  const since_ms = moment(value['since']);
  if (!isState(state) || since_ms === undefined) return undefined;
  return {
    state,
    since_ms,
    reason: text(value['reason']) ?? '',
    isFlapping: value['flapping'] === true,
    maintenanceUntil_ms: moment(fields(value['maintenance'])?.['until']),
    votes: each(value['seen_by'], readVote),
  };
}

function readVote(value: Fields): Vote | undefined {
  const monitor = text(value['monitor']);
  if (monitor === undefined) return undefined;
  return {
    monitor,
    sees: word(value['sees'], SEES) ?? 'unprobed',
    downSince_ms: moment(value['down_since']),
    counts: value['counts'] === true,
    whyNot: text(value['why_not']),
  };
}

export function readTroubles(value: Fields): Trouble[] {
  return each(value['troubles'], (entry) => {
    const kind = text(entry['kind']);
    const since_ms = moment(entry['since']);
    if (kind === undefined || since_ms === undefined) return undefined;
    return { kind, since_ms, part: text(entry['part']), value: number(entry['value']), usual: number(entry['usual']) };
  });
}

export function readMonitor(value: Fields, id: string, heard: number): MonitorRow {
  return {
    id,
    site: text(value['site']) ?? '',
    isAlive: value['alive'] === true,
    isIsolated: value['isolated'] === true,
    isProbing: value['probing'] === true,
    isDraining: value['draining'] === true,
    isComplete: value['complete'] !== false,
    devices: number(value['devices']) ?? 0,
    capacity: number(value['capacity']),
    held: number(value['held']),
    leaving: number(value['leaving']) ?? 0,
    at_ms: moment(value['at']),
    links: texts(value['links']),
    tags: texts(value['tags']),
    troubles: texts(value['troubles']),
    heard,
  };
}

export function readAlert(value: Fields, id: string, heard: number): AlertRow | undefined {
  const severity = word(value['severity'], SEVERITIES);
  const subject = text(value['subject']);
  const since_ms = moment(value['since']);
  if (severity === undefined || subject === undefined || since_ms === undefined) return undefined;
  const silenced = fields(value['silenced']);
  const acknowledged = fields(value['acknowledged']);
  return {
    ...{ id, severity, subject, since_ms, heard },
    kind: text(value['kind']) ?? '',
    part: text(value['part']),
    name: text(value['name']) || subject,
    text: text(value['text']) ?? '',
    silenced: silenced && {
      by: text(silenced['by']) ?? '',
      why: text(silenced['why']) ?? '',
      until_ms: moment(silenced['until']) ?? 0,
    },
    acknowledged: acknowledged && {
      by: text(acknowledged['by']) ?? '',
      why: text(acknowledged['why']) ?? '',
      at_ms: moment(acknowledged['at']) ?? 0,
    },
  };
}

export function readSilence(value: Fields, id: string, heard: number): SilenceRow | undefined {
  const until_ms = moment(value['until']);
  if (until_ms === undefined) return undefined;
  return {
    ...{ id, until_ms, heard },
    by: text(value['by']) ?? '',
    why: text(value['why']) ?? '',
    scope: {
      devices: texts(value['devices']),
      monitors: texts(value['monitors']),
      tags: texts(value['tags']),
      sites: texts(value['sites']),
      kinds: texts(value['kinds']),
      severities: texts(value['severities']),
    },
  };
}

export function readService(value: Fields, type: string, name: string, heard: number): ServiceRow | undefined {
  const address = text(value['address']);
  const port = number(value['port']);
  if (address === undefined || port === undefined) return undefined;
  return {
    ...{ id: `${type}/${name}`, address, port, heard },
    type: text(value['type']) || type,
    name: text(value['name']) || name,
    description: text(value['description']) ?? '',
    isUdp: value['protocol'] === 'udp',
    node: text(value['node']) ?? '',
    source: text(value['source']) ?? '',
    attributes: readPairs(value['txt']),
  };
}

export function readMember(value: Fields, id: string, heard: number): MemberRow | undefined {
  const status = word(value['status'], MEMBER_STATES);
  if (status === undefined) return undefined;
  return {
    ...{ id, status, heard },
    name: text(value['name']) || id,
    address: text(value['address']) ?? '',
    port: number(value['port']) ?? 0,
    since_ms: moment(value['since']),
    tags: readPairs(value['tags']),
  };
}

/** As many as anybody reads: who tells of them may be a stranger. */
function readPairs(value: unknown): [string, string][] {
  return Object.entries(fields(value) ?? {})
    .slice(0, PAIRS_MOST)
    .flatMap(([key, entry]): [string, string][] => {
      const words = text(entry);
      return words === undefined ? [] : [[key.slice(0, PAIR_LONGEST), words.slice(0, PAIR_LONGEST)]];
    });
}
