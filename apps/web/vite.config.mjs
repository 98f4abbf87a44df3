import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { defineConfig } from 'vite';

/** Smaller files gain nothing by being packed. */
const WORTH_PACKING_bytes = 1024;

const TEXT = /\.(?:js|css|html|svg)$/;

/** Lays `x.br` and `x.gz` beside each text `x`, so that no server packs at run time, and says how much there is to load. */
function packed() {
  let logger;
  return {
    name: 'packed',
    apply: 'build',
    configResolved(config) {
      logger = config.logger;
    },
    async writeBundle({ dir }) {
      const sum = { plain: 0, gzip: 0, brotli: 0 };
      for (const name of await readdir(dir, { recursive: true })) {
        if (!TEXT.test(name)) continue;
        const file = join(dir, name);
        const text = await readFile(file);
        const [gz, br] = await Promise.all([
          promisify(gzip)(text, { level: 9 }),
          promisify(brotliCompress)(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
        ]);
        sum.plain += text.length;
        sum.gzip += gz.length;
        sum.brotli += br.length;
        if (text.length < WORTH_PACKING_bytes) continue;
        await Promise.all([writeFile(`${file}.gz`, gz), writeFile(`${file}.br`, br)]);
      }
      const kB = (bytes) => `${Math.round(bytes / 1000)} kB`;
      logger.info(`the page: ${kB(sum.plain)}, ${kB(sum.gzip)} as gzip, ${kB(sum.brotli)} as brotli`);
    },
  };
}

export default defineConfig({
  build: {
    target: 'es2022',
    // A strict Content-Security-Policy lets no `data:` in, and no inline script that preloads modules.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 600,
  },
  plugins: [packed()],
});
