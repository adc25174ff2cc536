// Size budgets of the built pages, in gzip kilobytes, scripts and styles. First load: all that stands between an empty
// cache and the first text or image task on screen. Any other chunk on its own, its styles with it. A broken budget fails
// the check. `--json` prints the figures for the bench.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const FIRST = { choices: 60, text: 60, image: 60 }, LAZY = 160;
const dist = resolve(dirname(fileURLToPath(import.meta.url)), '../dist'), list = join(dist, '.vite/manifest.json');
if (!existsSync(list)) { console.error('size: nothing is built yet; run npm run build first'); process.exit(1); }
const chunks = JSON.parse(readFileSync(list, 'utf8'));

const html = readFileSync(join(dist, 'index.html'), 'utf8');
const entry = Object.keys(chunks).find(k => chunks[k].file.endsWith('.js') && html.includes(`/${chunks[k].file}"`));
/* A text to judge, a text to mark, a picture to draw on. What comes behind the first task (the panels, the lists, the
   editor of shapes) is on none of these. */
const PATHS = {
  choices: [entry, 'src/pages/annotate.tsx', 'src/tags/choices.tsx'],
  text: [entry, 'src/pages/annotate.tsx', 'src/tags/marked.tsx'],
  image: [entry, 'src/pages/annotate.tsx', 'src/tags/picture.tsx'],
};

const known = new Map();
function kb(file) {
  if (!known.has(file)) known.set(file, gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1024);
  return known.get(file);
}

/** The files a chunk waits for: itself, its styles, and what it imports at once. */
function files(name, out = new Set()) {
  const chunk = chunks[name];
  if (!chunk) throw new Error(`there is no chunk of ${name}`);
  if (out.has(chunk.file)) return out;
  out.add(chunk.file);
  for (const css of chunk.css ?? []) out.add(css);
  for (const other of chunk.imports ?? []) files(other, out);
  return out;
}

const sum = list => [...list].reduce((s, f) => s + kb(f), 0);
const sizes = {}, first = new Set();
for (const [path, names] of Object.entries(PATHS)) {
  const all = new Set();
  for (const name of names) for (const f of files(name)) { all.add(f); first.add(f); }
  sizes[path] = sum(all);
}
const own = Object.values(chunks).filter(c => c.file.endsWith('.js') && !first.has(c.file)).map(c => [c.file, sum([c.file, ...c.css ?? []])]).sort((a, b) => b[1] - a[1]);
const largest = own[0] ?? ['none', 0];

if (process.argv.includes('--json')) {
  console.log(JSON.stringify({ 'load.first': Math.max(...Object.values(sizes)), 'load.chunk': largest[1], ...sizes }));
} else {
  console.log(`first load ${Object.entries(sizes).map(([p, n]) => `${p} ${n.toFixed(1)}`).join(', ')} KB gz (budget ${Object.values(FIRST).join(', ')}); largest other chunk ${largest[1].toFixed(1)} (${LAZY})`);
  const over = [...Object.entries(sizes).filter(([p, n]) => n > FIRST[p]).map(([p]) => `the first load of a task with ${p}`), ...own.filter(([, n]) => n > LAZY).map(([f]) => f)];
  for (const what of over) console.error(`size: ${what} is over budget`);
  if (over.length) process.exitCode = 1;
}
