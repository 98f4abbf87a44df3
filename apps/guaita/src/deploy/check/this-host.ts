import { execFile } from 'node:child_process';
import { hostname } from 'node:os';
import { promisify } from 'node:util';
import { checkTime } from '../../doctor/host.ts';
import { checkPort } from '../../doctor/network.ts';
import type { Finding } from '../../doctor/finding.ts';

/** The host on which this runs. */
export interface ThisHost {
  /** As it calls itself; Docker may be asked from elsewhere. */
  readonly name: string;
  /** Is the clock kept? */
  checkTime(): Promise<readonly Finding[]>;
  /** May somebody listen on this port of all addresses? */
  isFree(port: number): Promise<boolean>;
  /** Runs a program to its end. @returns its exit code; `undefined` where it is not there, or takes too long. */
  exitOf(program: string, args: readonly string[]): Promise<number | undefined>;
}

const PATIENCE_ms = 5_000;
const run = promisify(execFile);

export const thisHost: ThisHost = {
  name: hostname(),
  checkTime,
  async isFree(port) {
    const findings = await checkPort('port', '0.0.0.0', port, '')();
    return findings.every(({ level }) => level === 'ok');
  },
  async exitOf(program, args) {
    try {
      await run(program, args, { timeout: PATIENCE_ms });
      return 0;
    } catch (error) {
      const { code } = error as { code?: unknown };
      return typeof code === 'number' ? code : undefined;
    }
  },
};
