import { demo } from './demo.testdata.ts';
import { runService } from './run-service.ts';

await runService(demo);
