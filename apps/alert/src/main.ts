import { runService } from '@guaita/service';
import { alert } from './index.ts';

await runService(alert);
