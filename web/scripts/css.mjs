// Styles: a class that stands alone in a selector has one home. Two files that both style `.name { … }` would meet on a page
// that loads both; a page that wants it otherwise says where (`.page .name`). ui/ is one home; what a medium asks for is told
// where it is adapted.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = resolve(dirname(fileURLToPath(import.meta.url)), '../src');
const files = readdirSync(src, { recursive: true }).map(f => join(src, f)).filter(f => f.endsWith('.css'));

/** The rules that hold everywhere: without comments and without what stands in @media and the like. */
function plain(text) {
  const css = text.replace(/\/\*[^]*?\*\//g, '');
  let out = '', at = 0;
  for (const m of css.matchAll(/@[\w-]+[^{;]*\{/g)) {
    if (m.index < at) continue;
    out += css.slice(at, m.index);
    at = m.index + m[0].length;
    for (let open = 1; open && at < css.length; at++) open += css[at] === '{' ? 1 : css[at] === '}' ? -1 : 0;
  }
  return out + css.slice(at);
}

const homes = new Map();
for (const file of files) {
  const home = relative(src, file).startsWith('ui') ? 'ui' : relative(src, file);
  for (const [, selectors] of plain(readFileSync(file, 'utf8')).matchAll(/([^{}]+)\{[^{}]*\}/g)) {
    for (const one of selectors.split(',').map(s => s.trim())) if (/^\.[A-Za-z][\w-]*$/.test(one)) homes.set(one, (homes.get(one) ?? new Set()).add(home));
  }
}
const twice = [...homes].filter(([, where]) => where.size > 1);
for (const [name, where] of twice) console.error(`css: ${name} is styled in ${[...where].join(' and ')}`);
console.log(`css: ${homes.size} classes in ${files.length} files`);
if (twice.length) process.exitCode = 1;
