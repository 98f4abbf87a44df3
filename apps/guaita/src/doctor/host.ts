import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { access, constants, readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Check, Finding } from './finding.ts';

const run = promisify(execFile);
/** No program that is asked here takes longer when it is well. */
const PATIENCE_MS = 5_000;
/** The first version whose type stripping and long-term support we rely on. */
const NODE_MAJOR = 24;

/** Is this a Node that we run on? */
export function checkNode(version: string): Check {
  return () => {
    const major = Number(version.replace(/^v/, '').split('.')[0]);
    const finding: Finding =
      major >= NODE_MAJOR
        ? { check: 'node', level: 'ok', detail: `Node ${version}` }
        : {
            check: 'node',
            level: 'failure',
            detail: `Node ${version} is older than ${NODE_MAJOR}`,
            mend: 'Start Guaita by `npm start`, which brings its own Node, or install Node 24.',
          };
    return Promise.resolve([finding]);
  };
}

/** Is fping there, and may it send ICMP? */
export const checkFping: Check = async () => {
  const install =
    'Debian, Ubuntu, Raspberry Pi OS: sudo apt-get install fping. Until then the `ping` package is used, at many times the CPU.';
  let version: string;
  try {
    const { stdout } = await run('fping', ['--version'], { timeout: PATIENCE_MS });
    version = /\d+\.\d+/.exec(stdout)?.[0] ?? 'of unknown version';
  } catch {
    return [{ check: 'fping', level: 'warning', detail: 'fping is not installed', mend: install }];
  }
  const findings: Finding[] = [{ check: 'fping', level: 'ok', detail: `fping ${version}` }];
  try {
    await run('fping', ['-c', '1', '-q', '-t', '1000', '127.0.0.1'], { timeout: PATIENCE_MS });
    findings.push({ check: 'icmp', level: 'ok', detail: 'ICMP may be sent and is answered on loopback' });
  } catch (error) {
    const said =
      String((error as { stderr?: string }).stderr ?? error)
        .trim()
        .split('\n')[0] ?? '';
    findings.push({
      check: 'icmp',
      level: 'failure',
      detail: `fping cannot ping 127.0.0.1: ${said}`,
      mend: 'Let it send ICMP: sudo setcap cap_net_raw+ep "$(command -v fping)", or sudo sysctl net.ipv4.ping_group_range="0 2147483647".',
    });
  }
  return findings;
};

/** Is the clock kept? A clock that is wrong spoils history and, between sites, certificates. */
export const checkTime: Check = async () => {
  try {
    const { stdout } = await run('timedatectl', ['show', '--property=NTPSynchronized', '--value'], {
      timeout: PATIENCE_MS,
    });
    if (stdout.trim() === 'yes') return [{ check: 'time', level: 'ok', detail: 'the clock is kept by NTP' }];
  } catch {
    // No systemd here: nothing can be said about NTP, which the finding below says.
  }
  const now = new Date().toISOString();
  return [
    {
      check: 'time',
      level: 'warning',
      detail: `nothing says that the clock is kept; it reads ${now}`,
      mend: 'Install an NTP client (sudo apt-get install systemd-timesyncd or chrony), and see that the time above is right.',
    },
  ];
};

/** May the data folder be written, or made where it does not exist yet? Looks only, and makes nothing. */
export function checkData(folder: string): Check {
  return async () => {
    const existing = nearestExisting(resolve(folder));
    try {
      await access(existing, constants.W_OK | constants.X_OK);
      if (!(await stat(existing)).isDirectory()) throw new Error(`${existing} is not a folder`);
      const detail = existing === resolve(folder) ? `${folder} can be written` : `${folder} can be made`;
      return [{ check: 'data', level: 'ok', detail }];
    } catch (error) {
      return [
        {
          check: 'data',
          level: 'failure',
          detail: `${folder} cannot be written: ${(error as Error).message}`,
          mend: 'Name another folder with --data, or give this user the right to write it.',
        },
      ];
    }
  };
}

function nearestExisting(folder: string): string {
  return existsSync(folder) ? folder : nearestExisting(dirname(folder));
}

/** How many files may a process open? SNMP sessions and MQTT connections each need one. */
export const checkFiles: Check = async () => {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const soft = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? Number.NaN);
  if (Number.isNaN(soft)) return [];
  return [
    soft >= 1024
      ? { check: 'files', level: 'ok', detail: `${soft} files may be open` }
      : {
          check: 'files',
          level: 'warning',
          detail: `only ${soft} files may be open`,
          mend: 'ulimit -n 4096 before the start.',
        },
  ];
};
