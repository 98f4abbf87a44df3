import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where what is made of Debian's packages is kept for the next run. */
export const CACHE = process.env['GUAITA_LAB_CACHE'] ?? join(homedir(), '.cache/guaita-lab');
