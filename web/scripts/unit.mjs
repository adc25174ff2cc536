// Unit tests: every *.test.ts beside the code is bundled for Node and run by node --test.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..'), src = join(web, 'src'), out = join(web, 'build/unit');
const only = process.argv[2] ?? '';
const tests = readdirSync(src, { recursive: true }).map(String).filter(f => /\.test\.tsx?$/.test(f) && f.includes(only));
if (tests.length === 0) { console.error('no unit tests found'); process.exit(1); }
rmSync(out, { recursive: true, force: true });
const input = Object.fromEntries(tests.map(f => [f.replace(/\.tsx?$/, '').replace(/[\\/]/g, '-'), join(src, f)]));
await build({
  root: web, configFile: false, logLevel: 'error',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  ssr: { noExternal: true },
  build: { ssr: true, outDir: out, target: 'node20', minify: false, rollupOptions: { input, output: { entryFileNames: '[name].mjs', chunkFileNames: 'shared/[name]-[hash].mjs' } } },
});
const files = readdirSync(out).filter(f => f.endsWith('.test.mjs')).map(f => join(out, f));
const run = spawnSync(process.execPath, ['--test', '--test-reporter=spec', ...files], { stdio: 'inherit' });
process.exit(run.status ?? 1);
