import { join } from 'node:path';
import { bundle, bundleableApps } from './bundle.ts';

/** Bundles the apps that are named, or all, each into a folder of its own in `dist/`. */
const apps = await bundleableApps();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((app) => !apps.includes(app));
if (unknown.length > 0) {
  console.error(`bundle: no app is called ${unknown.join(', ')}; there are ${apps.join(', ')}`);
  process.exit(2);
}

const folder = join(import.meta.dirname, '../../../dist');
for (const app of wanted.length > 0 ? wanted : apps) {
  const { file, bytes } = await bundle(app, join(folder, app));
  console.log(`${file}  ${Math.round(bytes / 1024)} KB`);
}
