// Import walls: core and ui know nothing above them; stages and tags never know pages; stages do not know each other.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const src = resolve(dirname(fileURLToPath(import.meta.url)), '../src');
const may = {
  core: ['core', 'i18n'],
  ui: ['ui', 'core', 'i18n'],
  charts: ['charts', 'ui', 'core', 'i18n'],
  stage: ['stage', 'ui', 'core', 'i18n', 'tags'],
  tags: ['tags', 'stage', 'ui', 'core', 'i18n'],
  pages: ['pages', 'charts', 'stage', 'tags', 'ui', 'core', 'i18n'],
};
const files = readdirSync(src, { recursive: true }).map(String).filter(f => /\.tsx?$/.test(f));
const wrong = [];
for (const file of files) {
  const room = file.split(/[\\/]/)[0];
  if (!may[room]) continue;
  const text = readFileSync(join(src, file), 'utf8');
  for (const [, target] of text.matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+)['"]/g)) {
    const to = relative(src, resolve(dirname(join(src, file)), target)).split(/[\\/]/);
    if (!may[room].includes(to[0])) wrong.push(`${file}: ${room} may not import ${to.join('/')}`);
    const from = file.split(/[\\/]/);
    if (room === 'stage' && to[0] === 'stage' && from.length > 2 && to.length > 2 && from[1] !== to[1]) wrong.push(`${file}: a stage may not import another stage (${to.join('/')})`);
  }
}
for (const line of wrong) console.error(line);
console.log(`import walls: ${files.length} files, ${wrong.length} breaches`);
process.exit(wrong.length ? 1 : 0);
