import { readFileSync, writeFileSync } from 'node:fs';
import { asyncapiText } from './document.ts';

/** Writes docs/asyncapi.yaml anew: `npm run asyncapi`. A test fails while the file is not what this writes. */
const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const file = new URL('../../../../docs/asyncapi.yaml', import.meta.url);
writeFileSync(file, asyncapiText(version));
process.stdout.write(`wrote ${file.pathname}\n`);
