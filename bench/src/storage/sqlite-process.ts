import { DatabaseSync } from 'node:sqlite';
import { WORST } from './answers.ts';
import type { SqliteQuestion } from './sqlite-answers.ts';

// A process of its own: answers questions over a pipe.
const database = new DatabaseSync(process.argv[2] ?? '', { readOnly: true });
const loss = '100 * (1 - sum(received) * 1.0 / sum(sent)) AS loss_percent';
const span = 'at_ms >= :from_ms AND at_ms < :to_ms';
const series = database.prepare(
  `SELECT ${loss}, avg(rtt_avg_us) / 1000 AS rtt_avg_ms FROM ping
   WHERE device = :device AND ${span} GROUP BY at_ms / 3600000 ORDER BY at_ms / 3600000`,
);
const worst = database.prepare(
  `SELECT device, ${loss} FROM ping WHERE ${span} GROUP BY device ORDER BY loss_percent DESC LIMIT ${WORST}`,
);

process.on('message', ({ device, ...asked }: SqliteQuestion) => {
  process.send?.(device === undefined ? worst.all(asked) : series.all({ device, ...asked }));
});
