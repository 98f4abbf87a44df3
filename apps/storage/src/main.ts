import { runService } from '@guaita/service';
import { storage } from './index.ts';

await runService(storage);
