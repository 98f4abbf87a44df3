import { execFile, type ExecFileException } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const REAL = join(import.meta.dirname, '../../..');
const BIN = join(REAL, 'node_modules/.bin');
const run = promisify(execFile);

export const TYPES = ['core', 'adapter', 'app', 'cli', 'test'] as const;
export type ProjectType = (typeof TYPES)[number];

/** A rule broken in a file. */
export interface Finding {
  readonly rule: string | null;
  readonly message: string;
}

/**
 * A workspace of small projects in a temporary folder, two of each type (`first-core`, `second-core`, …), under the
 * real lint configuration. What is planted there is linted by the real ESLint, and harms nothing.
 */
export class PlantedWorkspace {
  readonly #files = new Map<string, string>();
  #root = '';

  /** Plants a file in a first project. Imports go to second projects, so that no planted pair makes a circle. */
  plant(type: ProjectType, name: string, code: string): string {
    const path = `planted/first-${type}/src/${name}`;
    this.#files.set(path, code);
    return path;
  }

  /** Lints all that was planted and gives what was found, by file. */
  async lint(): Promise<ReadonlyMap<string, readonly Finding[]>> {
    this.#root = await mkdtemp(join(tmpdir(), 'guaita-lint-'));
    await this.#copyConfiguration();
    for (const type of TYPES) for (const place of ['first', 'second']) await this.#addProject(`${place}-${type}`, type);
    await this.#linkPackages();
    for (const [path, code] of this.#files) await this.#write(path, code);
    // The boundary rule reads the project graph that Nx has cached.
    await this.#run('nx', ['show', 'projects']);
    const report = JSON.parse(await this.#run('eslint', ['--format', 'json', 'planted'])) as {
      readonly filePath: string;
      readonly messages: readonly { readonly ruleId: string | null; readonly message: string }[];
    }[];
    return new Map(
      report.map(({ filePath, messages }) => [
        filePath.slice(this.#root.length + 1),
        messages.map(({ ruleId, message }) => ({ rule: ruleId, message })),
      ]),
    );
  }

  async remove(): Promise<void> {
    if (this.#root !== '') await rm(this.#root, { recursive: true, force: true });
  }

  async #copyConfiguration(): Promise<void> {
    for (const file of ['eslint.config.mjs', 'nx.json', 'tsconfig.base.json', 'tools/lint/src']) {
      await cp(join(REAL, file), join(this.#root, file), { recursive: true });
    }
    await this.#write('package.json', JSON.stringify({ name: 'planted', private: true, workspaces: ['planted/*'] }));
    await this.#write('package-lock.json', JSON.stringify({ name: 'planted', lockfileVersion: 3, packages: {} }));
    const references = TYPES.flatMap((type) => [`first-${type}`, `second-${type}`]).map((name) => ({
      path: `./planted/${name}`,
    }));
    await this.#write('tsconfig.json', JSON.stringify({ extends: './tsconfig.base.json', files: [], references }));
  }

  async #addProject(name: string, type: ProjectType): Promise<void> {
    const folder = `planted/${name}`;
    await this.#write(
      `${folder}/package.json`,
      JSON.stringify({
        name: `@guaita/${name}`,
        version: '0.1.0',
        type: 'module',
        exports: { '.': './src/index.ts' },
        nx: { tags: [`type:${type}`] },
      }),
    );
    await this.#write(
      `${folder}/tsconfig.json`,
      JSON.stringify({
        extends: '../../tsconfig.base.json',
        compilerOptions: { rootDir: 'src', outDir: 'out-tsc' },
        include: ['src/**/*.ts'],
      }),
    );
    await this.#write(
      `${folder}/src/index.ts`,
      `export const name = '${name}';\nexport interface Named { name: string }\n`,
    );
  }

  /** Packages come from the real workspace, projects from this one. */
  async #linkPackages(): Promise<void> {
    const from = join(REAL, 'node_modules');
    const to = join(this.#root, 'node_modules');
    await mkdir(join(to, '@guaita'), { recursive: true });
    for (const entry of await readdir(from)) {
      if (entry !== '@guaita') await symlink(join(from, entry), join(to, entry));
    }
    for (const project of await readdir(join(this.#root, 'planted'))) {
      await symlink(join(this.#root, 'planted', project), join(to, '@guaita', project));
    }
  }

  async #write(path: string, text: string): Promise<void> {
    const file = join(this.#root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }

  /** Runs a program of the workspace in the planted one; ESLint's exit code 1 only says that it found something. */
  async #run(program: 'nx' | 'eslint', args: readonly string[]): Promise<string> {
    // Nx hands its own workspace on to what it runs; here there is another one.
    const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('NX_'));
    const env = { ...Object.fromEntries(inherited), NX_DAEMON: 'false', FORCE_COLOR: '0' };
    try {
      return (await run(join(BIN, program), args, { cwd: this.#root, env, maxBuffer: 64 << 20 })).stdout;
    } catch (error) {
      const { code, stdout, stderr } = error as ExecFileException;
      if (program === 'eslint' && code === 1) return stdout ?? '';
      throw new Error(`${program} failed in the planted workspace: ${stdout}${stderr}`, { cause: error });
    }
  }
}
