/*
 * paint.ts -- colours on text without touching the text.
 *
 * CSS Custom Highlights: one Highlight per look (label, lane, guess), shared by
 * all texts of the page; a text puts its ranges in and takes them out again.
 * Rules are made when a look first occurs, in one adopted style sheet, so the
 * page's style policy has nothing to forbid.  Browsers without highlights get
 * <mark> elements instead (see text.tsx); both say the same.
 */

export interface Look { n: number; lane: number; guess: boolean; sel: boolean; colour?: string }

interface HighlightLike { add(r: AbstractRange): unknown; delete(r: AbstractRange): boolean; priority: number }
interface Registry { set(name: string, h: HighlightLike): unknown; get(name: string): HighlightLike | undefined }

const registry = (): Registry | null =>
  (globalThis.CSS as unknown as { highlights?: Registry } | undefined)?.highlights ?? null;
const maker = (): (new () => HighlightLike) | undefined => (globalThis as { Highlight?: new () => HighlightLike }).Highlight;

export const canHighlight = (): boolean => registry() !== null && maker() !== undefined;

let sheet: CSSStyleSheet | null = null;
function rules(): CSSStyleSheet {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }
  return sheet;
}

const safe = (c: string): string => (CSS.supports('color', c) ? c : 'var(--accent)');

export function nameOf(l: Look): string {
  const colour = l.colour ? l.colour.toLowerCase().replace(/[^a-z0-9]/g, '_') : String((l.n % 12) + 1);
  return `an-${colour}-${Math.min(l.lane, 3)}${l.guess ? '-g' : ''}${l.sel ? '-s' : ''}`;
}

function highlight(l: Look): HighlightLike {
  const name = nameOf(l), all = registry()!;
  const had = all.get(name);
  if (had) return had;
  const c = l.colour ? safe(l.colour) : `var(--label-${(l.n % 12) + 1})`;
  const tint = l.guess ? 'transparent' : `color-mix(in oklab, ${c} ${l.sel ? 38 : 20}%, transparent)`;
  rules().insertRule(`::highlight(${name}) { background-color: ${tint}; text-decoration: underline ${l.guess ? 'dashed' : 'solid'} 2px ${c}; `
    + `text-underline-offset: ${5 + 4 * Math.min(l.lane, 3)}px; text-decoration-skip-ink: none; }`);
  const h = new (maker()!)();
  h.priority = l.lane;
  all.set(name, h);
  return h;
}

/* The ranges of one text. put() with the same id replaces. */
export class Painter {
  private mine = new Map<string, { look: string; h: HighlightLike; ranges: AbstractRange[] }>();

  put(id: string, look: Look, ranges: AbstractRange[]): void {
    this.drop(id);
    const h = highlight(look);
    for (const r of ranges) h.add(r);
    this.mine.set(id, { look: nameOf(look), h, ranges });
  }

  drop(id: string): void {
    const m = this.mine.get(id);
    if (!m) return;
    for (const r of m.ranges) m.h.delete(r);
    this.mine.delete(id);
  }

  ids(): string[] { return [...this.mine.keys()]; }
  clear(): void { for (const id of this.ids()) this.drop(id); }
}
