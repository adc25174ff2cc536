// Size budgets of the built pages, in gzip kilobytes. First load: everything the entry pulls in by itself, and the chunks
// of the annotate page; any other chunk on its own. Fails the check when a budget is broken.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const FIRST = 60, LAZY = 160;
const dist = resolve(dirname(fileURLToPath(import.meta.url)), '../dist');
if (!existsSync(join(dist, 'index.html'))) { console.error('size: nothing is built yet; run npm run build first'); process.exit(1); }

const assets = join(dist, 'assets');
const kb = name => gzipSync(readFileSync(join(assets, name)), { level: 9 }).length / 1024;
const names = readdirSync(assets).filter(n => /\.(js|css)$/.test(n));
const text = name => readFileSync(join(assets, name), 'utf8');

/** Files a chunk needs before it can run: its static imports. */
function needs(name, seen = new Set()) {
  if (seen.has(name)) return seen;
  seen.add(name);
  if (name.endsWith('.js')) {
    for (const [, file] of text(name).matchAll(/(?:from|import)\s*["']\.\/([\w.-]+\.js)["']/g)) if (names.includes(file)) needs(file, seen);
  }
  return seen;
}

const html = readFileSync(join(dist, 'index.html'), 'utf8');
const first = new Set();
for (const [, file] of html.matchAll(/(?:src|href)="\/assets\/([\w.-]+\.(?:js|css))"/g)) for (const f of needs(file)) first.add(f);
const entry = [...first];
for (const name of names) if (/^annotate-/.test(name)) for (const f of needs(name)) first.add(f);

const sum = list => list.reduce((s, f) => s + kb(f), 0);
const entrySize = sum(entry), total = sum([...first]);
console.log(`entry ${entrySize.toFixed(1)} KB gz, with the annotate page ${total.toFixed(1)} KB gz (budget ${FIRST})`);
let bad = total > FIRST;
for (const name of names) {
  if (first.has(name) || !name.endsWith('.js')) continue;
  const size = kb(name);
  if (size > LAZY) { console.error(`${name} ${size.toFixed(1)} KB gz is over ${LAZY}`); bad = true; }
}
if (bad) { console.error('size: over budget'); process.exit(1); }
