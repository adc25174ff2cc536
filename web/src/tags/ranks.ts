/*
 * ranks.ts -- items in columns, and their moves.  Pure.
 *
 * Invariant: every item of the task stands in exactly one column, whatever an
 * older answer said; ids that the task does not have are left out.
 */
import { isObject, textOf } from './tree';

export interface Item { id: string; title: string; body: string; picture: string }
export type Columns = Record<string, string[]>;

/* Ids may be numbers; results hold text. A body that is HTML is shown as its text and its first picture. */
export function listItems(v: unknown): Item[] {
  return Array.isArray(v) ? v.filter(isObject).map((x, i) => {
    const html = textOf(x.html ?? ''), body = textOf(x.body ?? x.text), rich = html || (/<\w+[\s>]/.test(body) ? body : '');
    const picture = /<img[^>]*\ssrc\s*=\s*["']?([^"'\s>]+)/i.exec(rich)?.[1] ?? '';
    return { id: textOf(x.id) || String(i), title: textOf(x.title), body: rich ? plainOf(rich) : body, picture };
  }) : [];
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

/* The words of a piece of HTML. It is only ever shown as text. */
export const plainOf = (html: string): string => html.replace(/<(style|script)[\s\S]*?<\/\1>/gi, '').replace(/<br\s*\/?>|<\/(p|div|li|h\d)>/gi, '\n')
  .replace(/<[^>]*>/g, '').replace(/&(\w+);/g, (all, name: string) => ENTITIES[name] ?? all).replace(/\n{2,}/g, '\n').trim();

const strings = (v: unknown): string[] => (Array.isArray(v) ? v.filter((x) => typeof x === 'string' || typeof x === 'number').map(String) : []);

/* One order: what was said first, then what was not said, as it came. */
export function orderOf(said: unknown, ids: readonly string[]): string[] {
  const known = [...new Set(strings(said))].filter((id) => ids.includes(id));
  return [...known, ...ids.filter((id) => !known.includes(id))];
}

/* Columns; what lies nowhere is at home in `home`. */
export function columnsOf(said: unknown, names: readonly string[], ids: readonly string[], home: string): Columns {
  const out: Columns = {}, seen = new Set<string>();
  for (const n of names) {
    out[n] = isObject(said) ? [...new Set(strings(said[n]))].filter((id) => ids.includes(id) && !seen.has(id)) : [];
    for (const id of out[n]) seen.add(id);
  }
  const rest = ids.filter((id) => !seen.has(id));
  out[home] = [...(out[home] ?? []), ...rest];
  return out;
}

/* The item at place `at` of a column; the same columns when nothing changes. */
export function moved(cols: Columns, id: string, col: string, at: number): Columns {
  const next: Columns = {};
  for (const [n, ids] of Object.entries(cols)) next[n] = ids.filter((x) => x !== id);
  const list = next[col];
  if (!list) return cols;
  list.splice(Math.min(Math.max(0, at), list.length), 0, id);
  return cols[col]?.join('\n') === list.join('\n') ? cols : next;
}

/* As it is stored: empty columns are left out. */
export const resultOf = (cols: Columns): Columns => Object.fromEntries(Object.entries(cols).filter(([, ids]) => ids.length > 0));
