import { runService } from '@guaita/service';
import { assign } from './index.ts';

await runService(assign);
