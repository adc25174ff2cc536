/* Messages. An ICU-like subset: {name}, {n, number}, {d, date}, {n, plural, one {…} other {…}} (also =0, =1 and #),
   {kind, select, a {…} other {…}}; '{' is written '{'  in single quotes. A missing key falls back to English, then to the
   key itself, and is remembered so that tests can fail on it.

   Messages come in packs: i18n/en/PACK.json, and the same keys in i18n/LANGUAGE/PACK.json. English is part of the chunk
   that speaks it; a pack of another language is fetched when its English comes, and only in that language. */

import { signal } from '@preact/signals';
import base from '../i18n/en/base.json';
import work from '../i18n/en/work.json';
import type { Key } from '../i18n/keys';

export type { Key };
export type Params = Record<string, string | number | Date | null | undefined>;

type Node =
  | string
  | { arg: string; kind: 'value' | 'number' | 'date' }
  | { arg: string; kind: 'plural' | 'select'; cases: Map<string, Node[]> }
  | { hash: true };

export class MessageError extends Error {}

/** Parses one message. Refuses unclosed braces and plural or select without `other`. */
export function parseMessage(text: string): Node[] {
  let at = 0;

  function nodes(inner: boolean, plural: boolean): Node[] {
    const out: Node[] = [];
    let run = '';
    const flush = () => { if (run) out.push(run); run = ''; };
    while (at < text.length) {
      const c = text[at]!;
      if (c === "'" && (text[at + 1] === '{' || text[at + 1] === '}')) {
        const end = text.indexOf("'", at + 1);
        run += text.slice(at + 1, end < 0 ? text.length : end);
        at = end < 0 ? text.length : end + 1;
      } else if (c === '{') { flush(); at++; out.push(argument()); }
      else if (c === '}') { if (!inner) throw new MessageError(`stray } at ${at}`); flush(); return out; }
      else if (c === '#' && plural) { flush(); at++; out.push({ hash: true }); }
      else { run += c; at++; }
    }
    if (inner) throw new MessageError('a { is not closed');
    flush();
    return out;
  }

  function word(): string {
    const m = /^\s*([^\s,{}]+)\s*/.exec(text.slice(at));
    if (!m) throw new MessageError(`a name is missing at ${at}`);
    at += m[0].length;
    return m[1]!;
  }

  function argument(): Node {
    const arg = word();
    if (text[at] === '}') { at++; return { arg, kind: 'value' }; }
    if (text[at] !== ',') throw new MessageError(`, or } is missing at ${at}`);
    at++;
    const kind = word();
    if (kind === 'number' || kind === 'date') {
      if (text[at] !== '}') throw new MessageError(`} is missing at ${at}`);
      at++;
      return { arg, kind };
    }
    if (kind !== 'plural' && kind !== 'select') throw new MessageError(`unknown kind ${kind}`);
    if (text[at] === ',') at++;
    const cases = new Map<string, Node[]>();
    for (;;) {
      const rest = /^\s*/.exec(text.slice(at))![0].length;
      at += rest;
      if (text[at] === '}') { at++; break; }
      if (at >= text.length) throw new MessageError('a { is not closed');
      const name = word();
      if (text[at] !== '{') throw new MessageError(`{ is missing after ${name}`);
      at++;
      cases.set(name, nodes(true, kind === 'plural'));
      at++;
    }
    if (!cases.has('other')) throw new MessageError(`${arg} has no "other"`);
    return { arg, kind, cases };
  }

  return nodes(false, false);
}

const numbers = new Map<string, Intl.NumberFormat>();
const plurals = new Map<string, Intl.PluralRules>();

export function formatNumber(n: number, lang: string, o?: Intl.NumberFormatOptions): string {
  if (!o && lang.startsWith('en') && Number.isInteger(n) && n >= 0 && n < 1000) return String(n);      // most numbers there are
  const key = lang + (o ? JSON.stringify(o) : '');
  let f = numbers.get(key);
  if (!f) numbers.set(key, f = new Intl.NumberFormat(lang, o));
  // Thousands stand apart by a narrow no-break space in English: never read as a decimal, never torn apart in right-to-left text.
  return lang.startsWith('en') ? f.formatToParts(n).map(p => p.type === 'group' ? '\u202f' : p.value).join('') : f.format(n);
}

function shown(value: Params[string], kind: string, lang: string): string {
  if (value === null || value === undefined) return '';
  if (kind === 'date' || value instanceof Date) {
    return new Intl.DateTimeFormat(lang, { dateStyle: 'medium' }).format(value instanceof Date ? value : new Date(value));
  }
  return typeof value === 'number' ? formatNumber(value, lang) : String(value);
}

export function formatNodes(list: Node[], params: Params, lang: string, count?: number): string {
  let out = '';
  for (const node of list) {
    if (typeof node === 'string') { out += node; continue; }
    if ('hash' in node) { out += formatNumber(count ?? 0, lang); continue; }
    const value = params[node.arg];
    if (node.kind === 'select') {
      out += formatNodes(node.cases.get(String(value)) ?? node.cases.get('other')!, params, lang, count);
    } else if (node.kind === 'plural') {
      const n = Number(value ?? 0);
      let rules = plurals.get(lang);
      if (!rules) plurals.set(lang, rules = new Intl.PluralRules(lang));
      const chosen = node.cases.get(`=${n}`) ?? node.cases.get(rules.select(n)) ?? node.cases.get('other')!;
      out += formatNodes(chosen, params, lang, n);
    } else out += shown(value, node.kind, lang);
  }
  return out;
}

const parsed = new Map<string, Node[]>();

export function formatMessage(text: string, params: Params = {}, lang = 'en'): string {
  let nodes = parsed.get(text);
  if (!nodes) parsed.set(text, nodes = parseMessage(text));
  return formatNodes(nodes, params, lang);
}

type Pack = Record<string, string>;
const english: Pack = { ...base, ...work };
const others = import.meta.glob<{ default: Pack }>(['../i18n/*/*.json', '!../i18n/en/*.json']);
const packs = new Set(['base', 'work']);

/** The languages there are, each by its own name. */
export const LANGUAGES: Record<string, string> = { en: 'English', zh: '中文' };

let current: Pack = english;
export const language = signal('en');
/** Keys that no language knew. */
export const missing = new Set<string>();

async function fetchPack(lang: string, pack: string): Promise<Pack> {
  try { return (await others[`../i18n/${lang}/${pack}.json`]?.())?.default ?? {}; } catch { return {}; }
}

/** English of one pack, from the chunk that speaks it; wait for it before the first word is shown. */
export async function addMessages(pack: string, words: Pack): Promise<void> {
  Object.assign(english, words);
  packs.add(pack);
  const lang = language.peek();
  if (lang !== 'en') Object.assign(current, await fetchPack(lang, pack));
}

/** Puts a language on; keys it lacks stay English. */
export async function useLanguage(lang: string): Promise<void> {
  const known = lang in LANGUAGES ? lang : 'en';
  current = known === 'en' ? english : Object.assign({}, ...await Promise.all([...packs].map(p => fetchPack(known, p)))) as Pack;
  language.value = known;
  document.documentElement.lang = known;
}

/** The language a browser asks for, among those there are. */
export function preferred(wanted: readonly string[]): string {
  for (const w of wanted) {
    const short = w.toLowerCase().split('-')[0]!;
    if (short in LANGUAGES) return short;
  }
  return 'en';
}

/** Set by the tests' pseudo language: what is done to every message before it is filled in. */
let twist: ((text: string) => string) | null = null;

/** English grown and marked, to be read from either side: shows text that is in no message file and places too narrow. */
export function usePseudo(rtl: boolean): void {
  twist = pseudo;
  document.documentElement.dir = rtl ? 'rtl' : 'ltr';
}

export function t(key: Key, params?: Params): string {
  const lang = language.value, text = current[key] ?? english[key];
  if (text === undefined) { missing.add(key); return key; }
  return formatMessage(twist ? twist(text) : text, params, current[key] === undefined ? 'en' : lang);
}

/** Number in the language of the page. */
export function num(n: number, o?: Intl.NumberFormatOptions): string { return formatNumber(n, language.value, o); }

/** Share from 0 to 1 with two places, as agreement is shown everywhere. */
export function share(n: number | null | undefined): string {
  return n === null || n === undefined || !Number.isFinite(n) ? '–' : formatNumber(n, language.value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

export function percent(n: number): string {
  return `${formatNumber(n * 100, language.value, { minimumFractionDigits: 1, maximumFractionDigits: 1 })} %`;
}

/** Letters grown and marked, to find text that is not in the message files and places too narrow for longer languages. */
export function pseudo(text: string): string {
  const map: Record<string, string> = { a: 'á', e: 'é', i: 'í', o: 'ó', u: 'ú', A: 'Á', E: 'É', I: 'Í', O: 'Ó', U: 'Ú', n: 'ñ', c: 'ç' };
  let depth = 0, out = '';
  for (const c of text) {
    if (c === '{') depth++;
    out += depth === 0 ? map[c] ?? c : c;
    if (c === '}') depth--;
  }
  return `[${out}~~]`;
}
