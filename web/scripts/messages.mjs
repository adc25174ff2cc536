// Messages: every key the code asks for exists, every message parses, every message is used, and every language says all
// of it with the same parts to fill in.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'vite';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..'), src = join(web, 'src');
const read = (lang, file) => JSON.parse(readFileSync(join(src, 'i18n', lang, file), 'utf8'));
const wrong = text => { console.error(text); process.exitCode = 1; };
const packs = readdirSync(join(src, 'i18n/en')), known = {}, spoken = [];
for (const file of packs) {
  for (const [key, text] of Object.entries(read('en', file))) {
    if (key in known) wrong(`${file}: ${key} is there twice`);
    known[key] = text;
    spoken.push([`en/${file} ${key}`, text]);
  }
}

const out = mkdtempSync(join(web, 'node_modules/.messages-'));
try {
  await build({ root: web, configFile: false, logLevel: 'error', build: { ssr: join(src, 'core/i18n.ts'), outDir: out, rollupOptions: { output: { entryFileNames: 'i18n.mjs' } } } });
  const { parseMessage } = await import(pathToFileURL(join(out, 'i18n.mjs')).href);
  const parsed = (key, text) => { try { return parseMessage(text); } catch (e) { wrong(`${key}: ${e.message}`); return []; } };
  const args = list => list.flatMap(n => typeof n === 'string' || n.hash ? [] : [n.arg, ...[...n.cases?.values() ?? []].flatMap(args)]);
  const partsOf = text => [...new Set(args(parsed('', text)))].sort().join(' ');
  const languages = readdirSync(join(src, 'i18n'), { withFileTypes: true }).filter(d => d.isDirectory() && d.name !== 'en').map(d => d.name);
  for (const lang of languages) {
    for (const file of packs) {
      const english = read('en', file);
      let other = {};
      try { other = read(lang, file); } catch { wrong(`${lang}/${file} is missing`); continue; }
      for (const [key, text] of Object.entries(other)) {
        spoken.push([`${lang}/${file} ${key}`, text]);
        if (!(key in english)) wrong(`${lang}/${file}: ${key} is not in English`);
        else if (partsOf(text) !== partsOf(english[key])) wrong(`${lang}/${file}: ${key} fills in ${partsOf(text) || 'nothing'}, English ${partsOf(english[key]) || 'nothing'}`);
      }
      for (const key of Object.keys(english)) if (!(key in other)) wrong(`${lang}/${file}: ${key} is not there`);
    }
  }
  for (const [key, text] of spoken) parsed(key, text);
} finally { rmSync(out, { recursive: true, force: true }); }

const files = readdirSync(src, { recursive: true }).map(String).filter(f => /\.tsx?$/.test(f) && !/\.test\./.test(f));
const text = files.map(f => readFileSync(join(src, f), 'utf8')).join('\n');
// Keys made from parts, as in t(`state.${state}`), count as used when the pattern fits.
const patterns = [...text.matchAll(/`([\w.-]*\$\{[^`]*)`/g)].map(([, raw]) => raw.split(/\$\{[^}]*\}/).map(s => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('[\\w-]+'))
  .filter(p => /^[a-z]+\\\./.test(p)).map(p => new RegExp(`^${p}$`));
const unused = Object.keys(known).filter(key => !text.includes(`'${key}'`) && !patterns.some(p => p.test(key)));
for (const key of unused) { console.error(`${key}: nobody uses this message`); process.exitCode = 1; }
console.log(`messages: ${Object.keys(known).length} keys in ${readdirSync(join(src, 'i18n'), { withFileTypes: true }).filter(d => d.isDirectory()).length} languages`);
