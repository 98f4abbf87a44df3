import { runService } from '@guaita/service';
import { serfPublisher } from './index.ts';

await runService(serfPublisher);
