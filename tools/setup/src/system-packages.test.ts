import { describe, expect, it } from 'vitest';
import type { SystemPackage } from './commands.mjs';
import { ensureSystemPackages } from './system-packages.mjs';

const fping: SystemPackage = { name: 'fping', program: 'fping', why: 'pings many devices at once' };
const ping: SystemPackage = { name: 'iputils-ping', program: 'ping', why: 'pings one' };

/** A machine that has some programs, and whose installation brings more or says why it cannot. */
function machine(programs: readonly string[], installation: readonly string[] | string = []) {
  const present = new Set(programs);
  const said: string[] = [];
  const installed: string[] = [];
  return {
    said,
    installed,
    find: (program: string) => (present.has(program) ? `/usr/bin/${program}` : undefined),
    say: (line: string) => said.push(line),
    install: async (packages: readonly SystemPackage[]) => {
      installed.push(...packages.map(({ name }) => name));
      if (typeof installation === 'string') return installation;
      installation.forEach((program) => present.add(program));
      return undefined;
    },
  };
}

describe('ensureSystemPackages', () => {
  it('does and says nothing when every program is there', async () => {
    const complete = machine(['fping', 'ping']);
    await ensureSystemPackages({ packages: [fping, ping], goesOnWithout: false }, complete);
    expect(complete).toMatchObject({ said: [], installed: [] });
  });

  it('installs only what is missing', async () => {
    const lacking = machine(['ping'], ['fping']);
    await ensureSystemPackages({ packages: [fping, ping], goesOnWithout: false }, lacking);
    expect(lacking).toMatchObject({ said: ['installing fping'], installed: ['fping'] });
  });

  it('stops with what to install and why when a command cannot do without', async () => {
    const closed = machine([], 'installing needs root, or sudo without a password');
    await expect(ensureSystemPackages({ packages: [fping, ping], goesOnWithout: false }, closed)).rejects.toThrow(
      'missing: fping (pings many devices at once), iputils-ping (pings one); installing needs root, or sudo without a ' +
        'password. Please install: sudo apt-get install fping iputils-ping',
    );
  });

  it('goes on after one line when a command can do without', async () => {
    const closed = machine([], 'this system has no apt-get');
    await ensureSystemPackages({ packages: [fping], goesOnWithout: true }, closed);
    expect(closed.said.at(-1)).toBe(
      'missing: fping (pings many devices at once); this system has no apt-get. Please install: sudo apt-get install ' +
        'fping. Going on without, more slowly',
    );
  });

  it('believes the program, not the installer', async () => {
    const empty = machine([], []);
    await expect(ensureSystemPackages({ packages: [fping], goesOnWithout: false }, empty)).rejects.toThrow(
      'apt-get brought no such program',
    );
  });
});
