/*
 * paint.ts -- colours on text without touching the text.
 *
 * CSS Custom Highlights: one Highlight per look (label, lane, guess), shared by
 * all texts of a document; a text puts its ranges in and takes them out again.
 * Rules are made when a look first occurs, in one adopted style sheet, so the
 * page's style policy has nothing to forbid.  Browsers without highlights get
 * <mark> elements instead (see text.tsx); both say the same.
 */

export interface Look { n: number; lane: number; guess: boolean; sel: boolean; colour?: string }

interface HighlightLike { add(r: AbstractRange): unknown; delete(r: AbstractRange): boolean; priority: number }
interface Registry { set(name: string, h: HighlightLike): unknown; get(name: string): HighlightLike | undefined }
interface Colours { registry: Registry; Highlight: new () => HighlightLike; sheet: CSSStyleSheet }

type Win = Window & { CSS?: { highlights?: Registry }; Highlight?: new () => HighlightLike; CSSStyleSheet: typeof CSSStyleSheet };

export const canHighlight = (win: Win = window as Win): boolean => !!win.CSS?.highlights && !!win.Highlight;

/* A frame has highlights and sheets of its own. */
const kept = new WeakMap<Document, Colours>();
function coloursOf(doc: Document): Colours {
  let c = kept.get(doc);
  if (!c) {
    const win = doc.defaultView as Win;
    c = { registry: win.CSS!.highlights!, Highlight: win.Highlight!, sheet: new win.CSSStyleSheet() };
    doc.adoptedStyleSheets = [...doc.adoptedStyleSheets, c.sheet];
    kept.set(doc, c);
  }
  return c;
}

const safe = (c: string): string => (CSS.supports('color', c) ? c : 'var(--accent)');

export function nameOf(l: Look): string {
  const colour = l.colour ? l.colour.toLowerCase().replace(/[^a-z0-9]/g, '_') : String((l.n % 12) + 1);
  return `an-${colour}-${Math.min(l.lane, 3)}${l.guess ? '-g' : ''}${l.sel ? '-s' : ''}`;
}

function highlight(doc: Document, l: Look): HighlightLike {
  const name = nameOf(l), { registry, Highlight, sheet } = coloursOf(doc);
  const had = registry.get(name);
  if (had) return had;
  const c = l.colour ? safe(l.colour) : `var(--label-${(l.n % 12) + 1})`;
  const tint = l.guess ? 'transparent' : `color-mix(in oklab, ${c} ${l.sel ? 38 : 20}%, transparent)`;
  sheet.insertRule(`::highlight(${name}) { background-color: ${tint}; text-decoration: underline ${l.guess ? 'dashed' : 'solid'} 2px ${c}; `
    + `text-underline-offset: ${5 + 4 * Math.min(l.lane, 3)}px; text-decoration-skip-ink: none; }`);
  const h = new Highlight();
  h.priority = l.lane;
  registry.set(name, h);
  return h;
}

/* The ranges of one text. put() with the same id and key leaves all as it is. */
export class Painter {
  private mine = new Map<string, { key: string; h: HighlightLike; ranges: AbstractRange[] }>();

  constructor(private doc: Document) {}

  put(id: string, start: number, end: number, look: Look, ranges: (start: number, end: number) => AbstractRange[]): void {
    const key = `${start} ${end} ${nameOf(look)}`;
    if (this.mine.get(id)?.key === key) return;
    this.drop(id);
    const h = highlight(this.doc, look), list = ranges(start, end);
    for (const r of list) h.add(r);
    this.mine.set(id, { key, h, ranges: list });
  }

  drop(id: string): void {
    const m = this.mine.get(id);
    if (!m) return;
    for (const r of m.ranges) m.h.delete(r);
    this.mine.delete(id);
  }

  keep(ids: ReadonlySet<string>): void { for (const id of [...this.mine.keys()]) if (!ids.has(id)) this.drop(id); }
  clear(): void { this.keep(new Set()); }
}
