import { runService } from '@guaita/service';
import { ping } from './index.ts';

await runService(ping);
