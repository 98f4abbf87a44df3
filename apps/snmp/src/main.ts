import { runService } from '@guaita/service';
import { snmp } from './index.ts';

await runService(snmp);
