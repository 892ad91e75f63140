import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

const API = [
  '/iam',
  '/apps',
  '/ci',
  '/events',
  '/system',
  '/auth',
  '/api',
  '/legacy',
  '/settings',
  '/repos',
];

export default defineConfig({
  plugins: [react(), tailwindcss(), compressed()],
  // Everything that is served with a name of its own lies below /panel/, out of the way of git and the APIs.
  build: {
    assetsDir: 'panel/assets',
    sourcemap: false,
    target: 'es2023',
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: Object.fromEntries(
      API.map((path) => [path, { target: process.env['SLUICE_URL'] ?? 'http://127.0.0.1:8700' }]),
    ),
  },
});

/** Compresses once, at build time, so that the server only sends files. */
function compressed(): Plugin {
  return {
    name: 'sluice-compressed',
    apply: 'build',
    writeBundle({ dir }) {
      if (dir === undefined) return;
      for (const entry of readdirSync(dir, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|svg|html)$/.test(entry)) continue;
        const file = join(dir, entry);
        const bytes = readFileSync(file);
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } };
        writeFileSync(`${file}.br`, brotliCompressSync(bytes, quality));
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
      }
    },
  };
}
