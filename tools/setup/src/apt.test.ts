import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { installWithApt } from './apt.mjs';
import type { SystemPackage } from './commands.mjs';
import { runProgram } from './run-program.mjs';

const mosquitto: SystemPackage = { name: 'mosquitto', program: 'mosquitto', why: 'broker', services: ['mosquitto'] };
const INSTALL = 'apt-get -q -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 install -y --no-install-recommends mosquitto';
const UPDATE = 'apt-get -q -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 update';

describe('installWithApt', () => {
  let folder = '';
  let policyFile = '';
  const calls: string[] = [];
  /** What the policy file held while apt-get installed. */
  let policy: string | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'guaita-apt-'));
    policyFile = join(folder, 'policy-rc.d');
    calls.length = 0;
    policy = undefined;
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** Everything but apt-get, sudo and systemctl is really run, so that the policy file is really made. */
  function machine({
    isRoot = true,
    programs = ['apt-get', 'sudo', 'systemctl'],
    codes = {} as Record<string, number>,
  }) {
    return {
      isRoot,
      policyFile,
      has: (program: string) => programs.includes(program),
      run: async (program: string, args: readonly string[]) => {
        const line = [program, ...args].join(' ').replace(/^(sudo -n )?env (DEBIAN_FRONTEND=noninteractive )?/, '$1');
        if (/^(sudo|apt-get|systemctl)/.test(line)) calls.push(line);
        if (/ install -y /.test(line)) policy = await readFile(policyFile, 'utf8').catch(() => undefined);
        if (/^(install|rm) /.test(line)) return runProgram(program, args);
        return codes[line] ?? 0;
      },
    };
  }

  it('updates the lists, installs, and keeps the daemons from the next boot too', async () => {
    expect(await installWithApt([mosquitto], machine({}))).toBeUndefined();
    expect(calls).toEqual([UPDATE, INSTALL, expect.stringMatching(/^systemctl --quiet disable (--now )?mosquitto$/)]);
  });

  it('lets no daemon start while it installs, and takes that policy away afterwards', async () => {
    await installWithApt([mosquitto], machine({}));
    expect(policy).toMatch(/exit 101/);
    expect(existsSync(policyFile)).toBe(false);
  });

  it('takes its policy away when the installation fails', async () => {
    const failing = machine({ codes: { [INSTALL]: 100 } });
    expect(await installWithApt([mosquitto], failing)).toBe('apt-get failed (exit code 100), see above');
    expect(existsSync(policyFile)).toBe(false);
  });

  it("leaves the machine's own policy as it is", async () => {
    await writeFile(policyFile, 'its own');
    await installWithApt([mosquitto], machine({}));
    expect(policy).toBe('its own');
    expect(await readFile(policyFile, 'utf8')).toBe('its own');
  });

  it('uses sudo when it asks for no password', async () => {
    await installWithApt([mosquitto], machine({ isRoot: false }));
    expect(calls).toContain(`sudo -n ${INSTALL}`);
  });

  it('installs nothing when sudo asks for a password', async () => {
    const locked = machine({ isRoot: false, codes: { 'sudo -n true': 1 } });
    expect(await installWithApt([mosquitto], locked)).toBe('installing needs root, or sudo without a password');
    expect(calls).toEqual(['sudo -n true']);
  });

  it('says so on a system without apt-get', async () => {
    expect(await installWithApt([mosquitto], machine({ programs: [] }))).toBe('this system has no apt-get');
  });

  it('goes no further when somebody interrupts it', async () => {
    await expect(installWithApt([mosquitto], machine({ codes: { [INSTALL]: 130 } }))).rejects.toThrow('interrupted');
    expect(existsSync(policyFile)).toBe(false);
  });
});
