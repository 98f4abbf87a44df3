import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { carryOut, getInstances } from './fetch.ts';
import { MemorySession, type MemoryAgentOptions } from './memory-session.ts';
import { SYS_NAME, SYS_UP_TIME } from './mib.ts';
import { DEFAULT_MAX_VARBINDS, MAX_ROWS, ReadPlan, type PlanOptions } from './plan.ts';
import { object, system } from './sample-agents.ts';
import { SnmpErrorStatus, SnmpInvalidResponse, SnmpTimeout, type Varbind } from './session.ts';

const COLUMNS = ['1.3.6.1.9.1.1', '1.3.6.1.9.1.2', '1.3.6.1.9.1.10'];
const abilities = { bulk: true, max_varbinds: DEFAULT_MAX_VARBINDS };

async function read(agent: MemorySession, options: Partial<PlanOptions> = {}): Promise<ReadPlan> {
  const plan = new ReadPlan({ columns: COLUMNS, abilities, ...options });
  await carryOut(agent, plan, () => 0);
  return plan;
}

function cells(plan: ReadPlan): string[] {
  return [...plan.table.rows].flatMap(([index, row]) =>
    row.cells.flatMap((cell, position) =>
      cell === undefined ? [] : [`${COLUMNS[position]}.${index}=${String(cell.value)}`],
    ),
  );
}

function rows(count: number): Varbind[] {
  return COLUMNS.flatMap((column) =>
    Array.from({ length: count }, (_, row) => object(`${column}.${row + 1}`, 'integer', row)),
  );
}

describe('reading a table', () => {
  it('gives every cell of any table, with holes, to any kind of agent, and what is beside it not', async () => {
    const cell = fc.record({ column: fc.constantFrom(...COLUMNS), index: fc.integer({ min: 1, max: 40 }) });
    const agent = fc.record({
      version: fc.constantFrom<'1' | '2c'>('1', '2c'),
      maxVarbinds: fc.integer({ min: 2, max: 60 }),
      chokesOnBulk: fc.boolean(),
      refusesLargeBulk: fc.boolean(),
    }) as fc.Arbitrary<MemoryAgentOptions>;
    await fc.assert(
      fc.asyncProperty(
        fc.array(cell, { maxLength: 80 }),
        agent,
        fc.option(fc.integer({ min: 0, max: 50 }), { nil: undefined }),
        async (wanted, options, expectedRows) => {
          const objects = wanted.map(({ column, index }) => object(`${column}.${index}`, 'integer', index));
          const beside = [object('1.3.6.1.9.1.3.1', 'integer', 1), object('1.3.6.1.9.2.1.1', 'integer', 1)];
          const session = new MemorySession([...system('a', 100), ...objects, ...beside], options);
          const plan = await read(session, {
            abilities: { ...abilities, bulk: options.version !== '1' },
            ...(expectedRows === undefined ? {} : { expectedRows }),
          });
          expect(plan.complete).toBe(true);
          expect(new Set(cells(plan))).toEqual(new Set(objects.map(({ oid, value }) => `${oid}=${String(value)}`)));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('takes one round trip for a small table whose length is known, scalars and sysUpTime with it', async () => {
    const agent = new MemorySession([...system('switch', 4242), ...rows(4)]);
    const plan = await read(agent, { scalars: [SYS_NAME], expectedRows: 4 });
    expect(agent.requests).toBe(1);
    expect(cells(plan)).toHaveLength(12);
    expect(plan.scalars.get(SYS_NAME)?.value).toEqual(Buffer.from('switch'));
    expect([...plan.table.rows.values()].every(({ stamp }) => stamp.ticks === 4242)).toBe(true);
  });

  it('asks for as many rows as fit one datagram', async () => {
    const agent = new MemorySession([...system('switch', 4242), ...rows(150)]);
    await read(agent);
    expect(agent.requests).toBe(Math.ceil(151 / Math.floor((DEFAULT_MAX_VARBINDS - 1) / COLUMNS.length)));
  });

  it('remembers that an agent chokes on GETBULK', async () => {
    const agent = new MemorySession([...system('a', 1), ...rows(3)], { chokesOnBulk: true });
    const plan = await read(agent);
    expect(plan.abilities.bulk).toBe(false);
    expect(cells(plan)).toHaveLength(9);
  });

  it('leaves a silent agent alone after the plainest form of the request', async () => {
    const agent = new MemorySession([]);
    agent.silent = true;
    const plan = await read(agent);
    expect(agent.requests).toBe(2);
    expect(plan.complete).toBe(false);
  });

  it('cuts columns whose OIDs do not increase', async () => {
    const agent = new MemorySession([...system('a', 1), ...rows(3)]);
    const loop: Varbind[] = [object(`${SYS_UP_TIME}.0`, 'timeticks', 1)];
    for (const index of [1, 2, 2]) for (const column of COLUMNS) loop.push(object(`${column}.${index}`, 'integer', 1));
    agent.getBulk = async () => loop;
    const plan = await read(agent);
    expect(plan.complete).toBe(true);
    expect([...plan.problems.values()][0]).toMatch(/do not increase after 1\.3\.6\.1\.9\.1\.1\.2$/);
  });

  it('cuts a table that never ends', async () => {
    const agent = new MemorySession([]);
    let row = 0;
    agent.getBulk = async (oids, _nonRepeaters, repetitions) => [
      object(`${SYS_UP_TIME}.0`, 'timeticks', 1),
      ...Array.from({ length: repetitions }, () => {
        row += 1;
        return COLUMNS.slice(0, oids.length - 1).map((column) => object(`${column}.${row}`, 'integer', 1));
      }).flat(),
    ];
    const plan = await read(agent);
    expect(plan.table.rows.size).toBeLessThan(MAX_ROWS + DEFAULT_MAX_VARBINDS);
    expect([...plan.problems.values()][0]).toMatch(/more than 20000 rows/);
  });

  it('ends whatever an agent answers', async () => {
    const oid = fc.oneof(
      fc.constantFrom(...COLUMNS, `${SYS_UP_TIME}.0`, '0.0', '2.999'),
      fc
        .tuple(fc.constantFrom(...COLUMNS), fc.integer({ min: 0, max: 9 }))
        .map(([column, index]) => `${column}.${index}`),
    );
    const type = fc.constantFrom<Varbind['type']>('integer', 'string', 'null', 'no_such_object', 'end_of_mib_view');
    const answer = fc.array(fc.record({ oid, type, value: fc.constantFrom(1, null) }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 5 }), async (answers) => {
        const agent = new MemorySession([]);
        let turn = 0;
        const say = async (): Promise<Varbind[]> => answers[turn++ % answers.length]!;
        agent.getBulk = say;
        agent.getNext = say;
        await read(agent);
        expect(turn).toBeLessThan(1000);
      }),
      { numRuns: 500 },
    );
  });
});

describe('an agent that fails', () => {
  it('ends the reading, whatever it fails with and when', async () => {
    const failure = fc.oneof(
      fc
        .tuple(
          fc.constantFrom('too_big', 'no_such_name', 'gen_err', 'authorization_error'),
          fc.integer({ min: 0, max: 9 }),
        )
        .map(([status, index]) => new SnmpErrorStatus(status, index)),
      fc.constant(new SnmpTimeout('no answer')),
      fc.constant(new SnmpInvalidResponse('garbage')),
      fc.constant(undefined),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(failure, { minLength: 1, maxLength: 6 }), async (failures) => {
        const agent = new MemorySession([...system('a', 1), ...rows(20)]);
        const { getBulk, getNext } = { getBulk: agent.getBulk.bind(agent), getNext: agent.getNext.bind(agent) };
        let turn = 0;
        const maybe = async (answer: () => Promise<Varbind[]>): Promise<Varbind[]> => {
          const error = failures[turn++ % failures.length];
          if (error !== undefined) throw error;
          return answer();
        };
        agent.getBulk = (oids, nonRepeaters, repetitions) => maybe(() => getBulk(oids, nonRepeaters, repetitions));
        agent.getNext = (oids) => maybe(() => getNext(oids));
        await read(agent, { scalars: [SYS_NAME] });
        expect(turn).toBeLessThan(500);
      }),
      { numRuns: 500 },
    );
  });
});

describe('reading instances', () => {
  it('leaves out those that the agent has not, in every version, in as many requests as it needs', async () => {
    const oids = Array.from({ length: 50 }, (_, index) => `1.3.6.1.9.${index + 1}.0`);
    for (const version of ['1', '2c'] as const) {
      for (const maxVarbinds of [3, 100]) {
        const there = oids.filter((_, index) => index % 7 !== 0).map((oid) => object(oid, 'integer', 1));
        const found = await getInstances(new MemorySession(there, { version, maxVarbinds }), oids);
        const given = [...found.values()].filter(({ type }) => type === 'integer').map(({ oid }) => oid);
        expect(given).toEqual(there.map(({ oid }) => oid));
      }
    }
  });
});
