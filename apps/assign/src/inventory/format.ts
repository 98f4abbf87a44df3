import { Complaints } from './complaints.ts';
import { devicesOf } from './read-devices-yaml.ts';
import { fileSdOf, readFileSd } from './read-file-sd.ts';
import { readCnml } from './read-cnml.ts';
import { readCsv } from './read-csv.ts';
import { readDevicesYaml } from './read-devices-yaml.ts';
import type { Reader, Source } from './source.ts';
import { readYaml } from './yaml-document.ts';

/** `yaml`: devices.yaml; `file_sd`: Prometheus, YAML or JSON; `cnml`: Guifi.net's XML. */
export const FORMATS = ['yaml', 'csv', 'file_sd', 'cnml'] as const;
export type Format = (typeof FORMATS)[number];

const READERS: Readonly<Record<Format, Reader>> = {
  yaml: readDevicesYaml,
  csv: readCsv,
  file_sd: readFileSd,
  cnml: readCnml,
};

/** Reads a text in the given format, or in the one that its file's name and its beginning tell. */
export function readText(text: string, file: string, format?: Format): Source {
  if (format !== undefined) return READERS[format](text, file);
  if (/\.(csv|tsv)$/i.test(file)) return readCsv(text, file);
  if (/\.(cnml|xml)$/i.test(file) || /^\s*</.test(text)) return readCnml(text, file);
  if (/\.(ya?ml|json)$/i.test(file) || !looksLikeCsv(text)) return readYamlOrFileSd(text, file);
  return readCsv(text, file);
}

/** Of a file without a telling name: a first line that is column names and cannot be YAML's. */
function looksLikeCsv(text: string): boolean {
  const [first = ''] = text.trimStart().split(/[\r\n]/, 1);
  return /^[\w."]+([,;\t][\w."]+)+\s*$/.test(first);
}

/** Both are YAML: a list at the top is file_sd, a mapping devices.yaml. */
function readYamlOrFileSd(text: string, file: string): Source {
  const complaints = new Complaints();
  const document = readYaml(text, complaints);
  return Array.isArray(document.value) ? fileSdOf(document, file, complaints) : devicesOf(document, file, complaints);
}
