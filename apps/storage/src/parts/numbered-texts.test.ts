import { expect, test } from 'vitest';
import { engineOver, scratchFolder } from '../engine/scratch.testdata.ts';
import { kinds } from '../kinds/kinds.ts';
import { NumberedTexts } from './numbered-texts.ts';

/** Rows of devices in no order, some without a reason, and a `state` that no other row has. */
const ROWS = `SELECT 'lookout-' || (range % 3) AS monitor, 'Ärger "' || (range * 7919 % 1000) || '''' AS device,
  make_timestamp_ms(range) AS "at", 3 AS delay_ms, 'state ' || range AS state, 3 AS sent, range::INTEGER AS received,
  0.5::DECIMAL(9,3) AS rtt_min_ms, 1 AS rtt_avg_ms, 2 AS rtt_max_ms, NULL AS jitter_ms,
  CASE WHEN range % 5 = 0 THEN 'no reply' WHEN range % 5 = 1 THEN '' END AS reason FROM range(60000)`;

test('rows sorted by numbers for their texts are those sorted by the texts, and nothing is left of the numbers', async () => {
  const { store } = await engineOver(scratchFolder());
  const texts = new NumberedTexts(store, ROWS);
  await texts.make(kinds.ping, 'a file');
  const made = await store.rows<{ type_name: string }>(`SELECT type_name FROM duckdb_types() WHERE labels IS NOT NULL`);
  // Of states there are too many to be held in memory.
  expect(made.map(({ type_name }) => type_name).sort()).toEqual([
    'device of a file',
    'monitor of a file',
    'reason of a file',
  ]);
  const facts = (rows: string): string =>
    `SELECT list(received) AS numbers, sum(hash(monitor, device, "at", state, reason))::VARCHAR AS checksum FROM (${rows})`;
  const [sorted] = await store.rows<{ numbers: number[] }>(facts(texts.sorted(kinds.ping.order)));
  expect(sorted?.numbers).toHaveLength(60_000);
  expect([sorted]).toEqual(await store.rows(facts(`SELECT * FROM (${ROWS}) ORDER BY device, monitor, "at"`)));
  await texts.drop();
  expect(await store.rows(`SELECT 1 FROM duckdb_types() WHERE labels IS NOT NULL`)).toEqual([]);
});

test('no rows are sorted as well', async () => {
  const { store } = await engineOver(scratchFolder());
  const texts = new NumberedTexts(store, `${ROWS} LIMIT 0`);
  await texts.make(kinds.ping, 'a file');
  expect(await store.rows(texts.sorted(kinds.ping.order))).toEqual([]);
});
