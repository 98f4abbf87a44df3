import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const WORKSPACE = join(import.meta.dirname, '../../..');

/**
 * The folders of all workspace packages, relative to the workspace, as the root package.json names them
 * (`libs/*` or `e2e`).
 *
 * @returns {string[]}
 */
export function projectRoots(workspace = WORKSPACE) {
  return readJson(join(workspace, 'package.json'))
    .workspaces.flatMap((/** @type {string} */ pattern) => {
      if (!pattern.endsWith('/*')) return [pattern];
      const parent = pattern.slice(0, -'/*'.length);
      if (!existsSync(join(workspace, parent))) return [];
      return readdirSync(join(workspace, parent)).map((name) => `${parent}/${name}`);
    })
    .filter((/** @type {string} */ root) => existsSync(join(workspace, root, 'package.json')));
}

/**
 * The folders of the projects that bear a tag, such as `type:core`.
 *
 * @param {string} tag
 */
export function projectsTagged(tag, workspace = WORKSPACE) {
  return projectRoots(workspace).filter((root) => tagsOf(join(workspace, root)).includes(tag));
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function tagsOf(folder) {
  return readJson(join(folder, 'package.json')).nx?.tags ?? [];
}

/** @param {string} file */
function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
