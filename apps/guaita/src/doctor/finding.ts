/** What one check of the doctor found. */
export interface Finding {
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'failure';
  readonly detail: string;
  /** What to do about it; present unless all is well. */
  readonly mend?: string;
}

/** Looks at one thing and never throws: what goes wrong is what it finds. */
export type Check = () => Promise<readonly Finding[]>;

/** Runs checks in order; a check that throws all the same is a failure of its own. */
export async function examine(checks: Readonly<Record<string, Check>>): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [check, run] of Object.entries(checks)) {
    try {
      findings.push(...(await run()));
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      findings.push({
        check,
        level: 'failure',
        detail,
        mend: 'This is a fault of the check itself: please report it.',
      });
    }
  }
  return findings;
}

const MARKS = { ok: 'ok     ', warning: 'warning', failure: 'FAILURE' } as const;

/** Lines for people: what was found, and below it what to do. */
export function renderFindings(findings: readonly Finding[]): string[] {
  const width = Math.max(...findings.map(({ check }) => check.length), 0);
  return findings.flatMap(({ check, level, detail, mend }) => [
    `${MARKS[level]}  ${check.padEnd(width)}  ${detail}`,
    ...(mend === undefined ? [] : [`${' '.repeat(9 + width)}  → ${mend}`]),
  ]);
}
