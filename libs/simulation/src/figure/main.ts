import { writeFileSync } from 'node:fs';
import { drawPartition } from './draw.ts';
import { runPartition, tellPartition } from './partition.ts';

/** The figure of docs/assignment.md, and its story in words. */
const DOCS = new URL('../../../../docs/', import.meta.url);

const partition = runPartition();
writeFileSync(new URL('assignment-partition.svg', DOCS), drawPartition(partition));
writeFileSync(new URL('assignment-partition.txt', DOCS), tellPartition(partition));
process.stdout.write(tellPartition(partition));
