import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const src = join(dirname(fileURLToPath(import.meta.url)), 'src');

/** The modules of ours that one needs before it can run: what it imports at once, and so on. */
function needs(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  if (!/\.tsx?$/.test(file)) return seen;
  const text = readFileSync(file, 'utf8');
  for (const [, clause, path] of text.matchAll(/^(?:import|export)\s+(?:([^'";]*?)\s+from\s+)?'(\.[^']*)'/gm)) {
    if (clause?.startsWith('type ')) continue;
    const at = resolve(dirname(file), path!);
    const found = [at, `${at}.ts`, `${at}.tsx`].find((f) => existsSync(f) && /\.\w+$/.test(f));
    if (found) needs(found, seen);
  }
  return seen;
}

/* What comes together is packed together: one file compresses better than fifteen, and the first task waits for fewer. */
const app = needs(join(src, 'main.tsx')), work = needs(join(src, 'pages/annotate.tsx'));
const picture = needs(join(src, 'tags/picture.tsx')), text = needs(join(src, 'tags/marked.tsx')), shapes = needs(join(src, 'stage/image/layer.tsx'));
const isApp = (id: string): boolean => app.has(id) || /node_modules\/(preact|@preact)\//.test(id) || id.includes('vite/preload-helper');

// One page, hashed chunks, nothing inline: the server's policy allows scripts and styles from its own origin only.
export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    target: 'es2022',
    cssTarget: ['chrome123', 'firefox121', 'safari17.5'],   // light-dark() and color-mix() stay as they are
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'app', test: isApp, priority: 4 },
            { name: 'work', test: (id: string) => work.has(id), priority: 3 },
            { name: 'picture', test: (id: string) => picture.has(id), priority: 2 },
            { name: 'text', test: (id: string) => text.has(id), priority: 2 },
            { name: 'shapes', test: (id: string) => shapes.has(id) && !id.endsWith('/nudge.ts'), priority: 1 },
          ],
        },
      },
    },
  },
  server: {
    port: 5173,
    proxy: { '/api': 'http://127.0.0.1:8080' },
  },
});
