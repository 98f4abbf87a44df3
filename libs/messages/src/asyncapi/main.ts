import { readFileSync, writeFileSync } from 'node:fs';
import { stringify } from 'yaml';
import { asyncapiDocument } from './document.ts';

/** Writes docs/asyncapi.yaml anew: `npm run asyncapi`. A test fails while the file is not what this writes. */
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const file = new URL('../../../../docs/asyncapi.yaml', import.meta.url);
writeFileSync(file, stringify(asyncapiDocument(version), { lineWidth: 0, aliasDuplicateObjects: false }));
process.stdout.write(`wrote ${file.pathname}\n`);
