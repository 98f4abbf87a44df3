// Makes a folder that can be installed and published as it is: `npm run pack -- FOLDER` (`dist` when none is given),
// then `npm publish FOLDER`. All that the nodes use is bundled, so that nothing else is installed beside them.
import { build } from 'esbuild';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import process from 'node:process';

const here = import.meta.dirname;
const workspace = join(here, '../..');
const folder = resolve(process.argv[2] ?? join(here, 'dist'));
const manifest = JSON.parse(readFileSync(join(here, 'package.json'), 'utf8'));

/** The licences of what is bundled, which have to come with it. */
function licences(inputs) {
  const packages = new Set(inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const texts = [...packages].sort().map((path) => {
    const { name, version, license } = JSON.parse(readFileSync(join(workspace, path, 'package.json'), 'utf8'));
    const file = readdirSync(join(workspace, path)).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? '' : readFileSync(join(workspace, path, file), 'utf8').trim();
    return `${name} ${version} (${license})\n\n${text}`.trim();
  });
  return `guaita.js holds these packages, too.\n\n${texts.join(`\n\n${'-'.repeat(72)}\n\n`)}\n`;
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });

const { metafile } = await build({
  absWorkingDir: workspace,
  entryPoints: [join(here, 'src/index.ts')],
  outfile: join(folder, 'guaita.js'),
  bundle: true,
  platform: 'node',
  target: 'node22',
  // Node-RED 4 loads nodes by `require`.
  format: 'cjs',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});
writeFileSync(join(folder, 'LICENSES-OF-OTHERS.txt'), licences(Object.keys(metafile.inputs)));

// Node-RED wants one page beside each script.
const nodes = ['broker', 'alert', 'device', 'history', 'command', 'calendar'];
const pages = nodes.map((name) => join(here, `src/${name}/${name}.html`));
writeFileSync(join(folder, 'guaita.html'), pages.map((page) => readFileSync(page, 'utf8')).join('\n'));

const { name, version, description, license, keywords, engines } = manifest;
const published = { name, version, description, license, keywords, engines, 'node-red': manifest['node-red'] };
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(published, null, 2)}\n`);
for (const part of ['icons', 'examples', 'README.md'])
  cpSync(join(here, part), join(folder, part), { recursive: true });
cpSync(join(workspace, 'LICENSE'), join(folder, 'LICENSE'));
