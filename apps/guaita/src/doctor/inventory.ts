import type { ConfiguredFile } from '@guaita/assign';
import { formatProblem } from '@guaita/assign/inventory';
import type { Id } from '@guaita/model';
import { checkInventoryFiles } from '../inventory-file.ts';
import type { Check } from './finding.ts';

/** Can the inventory be read, and how much is in it? */
export function checkInventory(configured: readonly ConfiguredFile[], monitor: Id): Check {
  return async () => {
    const { devices, problems } = await checkInventoryFiles(configured, monitor);
    const files = configured.map(({ file }) => file);
    const mistakes = problems.filter(({ severity }) => severity === 'error');
    const [first] = mistakes;
    if (first === undefined) {
      return [{ check: 'inventory', level: 'ok', detail: `${files.join(', ')}: ${devices.length} entries` }];
    }
    const more = mistakes.length === 1 ? '' : ` (and ${mistakes.length - 1} more)`;
    const mend = `See every mistake: guaita devices check ${files.join(' ')}`;
    return [{ check: 'inventory', level: 'failure', detail: `${formatProblem(first)}${more}`, mend }];
  };
}
