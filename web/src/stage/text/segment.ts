/*
 * segment.ts -- where words, sentences and characters (as people see them) end.
 *
 * Every selection is widened to whole grapheme clusters: half an emoji, a letter
 * without its accent or half of a surrogate pair is never labelled.
 */
import { lineAt, type Line } from './offsets';

export const GRAINS = ['symbol', 'word', 'sentence', 'paragraph'] as const;
export type Granularity = typeof GRAINS[number];
type Unit = 'grapheme' | 'word' | 'sentence';

const makers = new Map<string, Intl.Segmenter>();
function segmenter(g: Unit, lang?: string): Intl.Segmenter {
  const key = `${g}:${lang ?? ''}`;
  let s = makers.get(key);
  if (!s) {
    try { s = new Intl.Segmenter(lang, { granularity: g }); } catch { s = new Intl.Segmenter(undefined, { granularity: g }); }
    makers.set(key, s);
  }
  return s;
}

export const granularityOf = (s: string | undefined): Granularity => GRAINS.find((g) => g === s) ?? 'symbol';

/* Start and end of the unit that holds position `at` of a line. */
function around(line: string, at: number, g: Unit, lang?: string): [number, number] {
  const s = segmenter(g, lang).segment(line).containing(at);
  return s ? [s.index, s.index + s.segment.length] : [at, at];
}

const blank = (c: string | undefined): boolean => c === undefined || /\s/u.test(c);

function unitAt(lines: readonly Line[], i: number): string | undefined {
  const l = lines[lineAt(lines, i)];
  return l?.text[i - l.start];
}

/*
 * A selection as it is meant: blanks at the ends dropped, widened to whole
 * units.  null when nothing but blanks is left.
 */
export function snap(lines: readonly Line[], a: number, b: number, g: Granularity, lang?: string): { start: number; end: number } | null {
  let start = Math.min(a, b), end = Math.max(a, b);
  while (start < end && blank(unitAt(lines, start))) start++;
  while (end > start && blank(unitAt(lines, end - 1))) end--;
  if (start >= end) return null;
  const first = lines[lineAt(lines, start)]!, last = lines[lineAt(lines, end - 1)]!;
  if (g === 'paragraph') return { start: first.start, end: last.start + last.text.length };
  const kind = g === 'symbol' ? 'grapheme' : g;
  start = first.start + around(first.text, start - first.start, kind, lang)[0];
  end = last.start + around(last.text, end - 1 - last.start, kind, lang)[1];
  if (g === 'sentence') while (end > start && blank(unitAt(lines, end - 1))) end--;
  return { start, end };
}

/* The words of a line; marks of punctuation are no words. */
export function wordsOf(line: string, lang?: string): { from: number; to: number }[] {
  const out: { from: number; to: number }[] = [];
  for (const s of segmenter('word', lang).segment(line)) {
    if (s.isWordLike) out.push({ from: s.index, to: s.index + s.segment.length });
  }
  return out;
}

/*
 * The nearest unit from `at` in a direction, over line ends: forward one that
 * ends behind it, backward one that starts before it.  Blanks and, by words,
 * marks of punctuation are no units.
 */
export function unitFrom(lines: readonly Line[], at: number, by: 1 | -1, g: Granularity, lang?: string): { from: number; to: number } | null {
  const cut = segmenter(g === 'symbol' ? 'grapheme' : g === 'paragraph' ? 'sentence' : g, lang);
  for (let i = lineAt(lines, at); i >= 0 && i < lines.length; i += by) {
    const l = lines[i]!, n = l.text.length;
    if (g === 'paragraph') {
      if (l.text.trim() && (by > 0 ? l.start + n > at : l.start < at)) return { from: l.start, to: l.start + n };
      continue;
    }
    const segments = cut.segment(l.text);
    for (let unit = by > 0 ? Math.max(0, at - l.start) : Math.min(n, at - l.start) - 1; unit >= 0 && unit < n;) {
      const s = segments.containing(unit)!, from = l.start + s.index, to = from + s.segment.trimEnd().length;
      if ((g === 'word' ? s.isWordLike : to > from) && (by < 0 || to > at)) return { from, to };
      unit = by > 0 ? s.index + s.segment.length : s.index - 1;
    }
  }
  return null;
}

/* The next place where a grapheme ends, from `at`, in direction +1 or -1; over line ends too. */
export function stepGrapheme(lines: readonly Line[], at: number, by: 1 | -1): number {
  const i = lineAt(lines, at), l = lines[i]!, unit = at - l.start;
  if (by === 1) {
    if (unit >= l.text.length) return i + 1 < lines.length ? lines[i + 1]!.start : at;
    return l.start + around(l.text, unit, 'grapheme')[1];
  }
  if (unit === 0) return i > 0 ? lines[i - 1]!.start + lines[i - 1]!.text.length : at;
  return l.start + around(l.text, unit - 1, 'grapheme')[0];
}

/* One end of a span a unit further, outward or inward; never past the other end nor out of the text. */
export function stepEdge<T extends { start: number; end: number }>(lines: readonly Line[], span: T, edge: 'start' | 'end', by: 1 | -1, g: Granularity, lang?: string): T {
  const at = span[edge];
  let u = unitFrom(lines, at, by, g, lang);
  const place = (): number => (edge === 'end' ? u!.to : u!.from);
  if (u && (by > 0 ? place() <= at : place() >= at)) u = unitFrom(lines, by > 0 ? u.to : u.from, by, g, lang);
  const out = u ? { ...span, [edge]: place() } : span;
  return out.start < out.end ? out : span;
}

/* ---- overlaps ---- */

export interface Span { id: string; start: number; end: number }

/*
 * The lane of each span: spans that overlap stand in different lanes, lane 0 is
 * nearest to the text.  Longer spans first, so that what they hold lies inside.
 */
export function lanes(spans: readonly Span[]): Map<string, number> {
  const out = new Map<string, number>();
  const ends: number[] = [];
  for (const s of [...spans].sort((a, b) => a.start - b.start || b.end - a.end)) {
    let lane = ends.findIndex((e) => e <= s.start);
    if (lane < 0) lane = ends.length;
    ends[lane] = s.end;
    out.set(s.id, lane);
  }
  return out;
}
