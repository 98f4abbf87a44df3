import { Complaints } from './complaints.ts';
import { isMapping } from './mapping.ts';
import { show } from './problem.ts';
import type { Entry, Source } from './source.ts';
import { readYaml, type YamlDocument } from './yaml-document.ts';

const TOP_KEYS = ['defaults', 'devices'];

/** Reads the native format: a mapping of `defaults` and `devices`. */
export function readDevicesYaml(text: string, file: string): Source {
  const complaints = new Complaints();
  return devicesOf(readYaml(text, complaints), file, complaints);
}

/** The entries of a YAML document that has been read. */
export function devicesOf(document: YamlDocument, file: string, complaints: Complaints): Source {
  const { value } = document;
  const source = (entries: Entry[], defaults?: unknown): Source => ({
    file,
    entries,
    defaults,
    complaints,
    locate: document.locate,
  });
  if (!isMapping(value)) {
    if (value !== undefined || complaints.list.length === 0) {
      complaints.error([], value === undefined || value === null ? EMPTY : `${show(value)} is no inventory; ${MEND}`);
    }
    return source([]);
  }
  for (const key of Object.keys(value)) if (!TOP_KEYS.includes(key)) complaints.unknown([key], key, 'key', TOP_KEYS);
  const devices = value['devices'];
  if (!Array.isArray(devices)) {
    const cause = devices === undefined || devices === null ? 'is missing' : `${show(devices)} is not a list`;
    complaints.error(['devices'], `${cause}; ${MEND}, or "devices: []" to watch nothing`);
    return source([], value['defaults']);
  }
  const entries = devices.map((entry: unknown, index): Entry => ({ value: entry, path: ['devices', index] }));
  return source(entries, value['defaults']);
}

const MEND = 'give "devices:" and below it a list of devices';
const EMPTY = `is empty; ${MEND}, or "devices: []" to watch nothing`;
