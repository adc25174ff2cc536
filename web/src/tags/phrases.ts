/* Places in a dialogue: each phrase is a line or more; a place is (phrase, units into it), phrases as strings. */
import { lastOf } from '../stage/text/offsets';
import type { Result } from './result';
import { isObject, textOf } from './tree';

export interface Phrases { text: string; starts: number[]; texts: string[]; authors: string[] }

export function phrases(v: unknown, nameKey: string, textKey: string): Phrases {
  const out: Phrases = { text: '', starts: [], texts: [], authors: [] };
  const list = Array.isArray(v) ? v : typeof v === 'string' ? v.split('\n').map((text) => ({ [textKey]: text })) : [];
  let at = 0;
  for (const x of list) {
    const text = isObject(x) ? textOf(x[textKey]) : textOf(x), author = isObject(x) ? textOf(x[nameKey]) : '';
    out.starts.push(at);
    out.texts.push(text);
    for (const _ of text.split('\n')) out.authors.push(author);
    at += text.length + 1;
  }
  out.text = out.texts.join('\n');
  return out;
}

const phraseAt = (p: Phrases, offset: number): number => Math.max(0, lastOf(p.starts.length, (i) => p.starts[i]! <= offset));

export function phrasePlace(p: Phrases, start: number, end: number, save = true): Record<string, unknown> {
  const a = phraseAt(p, start), b = phraseAt(p, end - 1);
  return { start: String(a), end: String(b), startOffset: start - p.starts[a]!, endOffset: end - p.starts[b]!, ...(save ? { text: p.text.slice(start, end) } : {}) };
}

export function phraseOffsets(p: Phrases, r: Result): { start: number; end: number } | null {
  const v = r.value ?? {};
  const a = Number(v.start), b = Number(v.end), so = Number(v.startOffset), eo = Number(v.endOffset);
  if (![a, b, so, eo].every(Number.isInteger) || p.starts[a] === undefined || p.starts[b] === undefined) return null;
  const start = p.starts[a]! + so, end = p.starts[b]! + eo;
  return start >= 0 && start < end && end <= p.text.length ? { start, end } : null;
}
