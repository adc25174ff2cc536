// Messages: every key the code asks for exists, every message parses, every message is used.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..'), src = join(web, 'src');
const known = {};
for (const file of ['en.json', 'en.pages.json', 'en.work.json']) {
  for (const [key, text] of Object.entries(JSON.parse(readFileSync(join(src, 'i18n', file), 'utf8')))) {
    if (key in known) { console.error(`${file}: ${key} is there twice`); process.exitCode = 1; }
    known[key] = text;
  }
}

const out = mkdtempSync(join(web, 'node_modules/.messages-'));
try {
  await build({ root: web, configFile: false, logLevel: 'error', build: { ssr: join(src, 'core/i18n.ts'), outDir: out, rollupOptions: { output: { entryFileNames: 'i18n.mjs' } } } });
  const { parseMessage } = await import(pathToFileURL(join(out, 'i18n.mjs')).href);
  for (const [key, text] of Object.entries(known)) {
    try { parseMessage(text); } catch (e) { console.error(`${key}: ${e.message}`); process.exitCode = 1; }
  }
} finally { rmSync(out, { recursive: true, force: true }); }

const files = readdirSync(src, { recursive: true }).map(String).filter(f => /\.tsx?$/.test(f) && !/\.test\./.test(f));
const text = files.map(f => readFileSync(join(src, f), 'utf8')).join('\n');
// Keys made from parts, as in t(`state.${state}`), count as used when the pattern fits.
const patterns = [...text.matchAll(/`([\w.-]*\$\{[^`]*)`/g)].map(([, raw]) => raw.split(/\$\{[^}]*\}/).map(s => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[\\w-]+'))
  .filter(p => /^[a-z]+\\\./.test(p)).map(p => new RegExp(`^${p}$`));
const unused = Object.keys(known).filter(key => !text.includes(`'${key}'`) && !patterns.some(p => p.test(key)));
for (const key of unused) { console.error(`${key}: nobody uses this message`); process.exitCode = 1; }
console.log(`messages: ${Object.keys(known).length} keys`);
