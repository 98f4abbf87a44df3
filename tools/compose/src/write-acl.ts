import { channels } from '@guaita/messages';
import { writeFile } from 'node:fs/promises';
import { mosquittoAcl } from './acl.ts';
import { SERVICES, workspaceFile } from './paths.ts';

await writeFile(workspaceFile('deploy/mosquitto/acl'), mosquittoAcl(Object.values(channels), SERVICES));
