/*
 * offsets.ts -- places in a text, as UTF-16 code units, and back from the page.
 *
 * A Surface is a text as it is shown: it knows which offset lies where.  There
 * are two: lines (here), for plain text and dialogues, and the HTML of a frame
 * (frame.ts).  In the first every line is an element and the breaks are not on
 * the page, so a place is (line, units into it) and its offset is
 * lines[line].start + units.  Lines stand in blocks; the browser lays out a
 * block when it comes near (content-visibility), so a long text opens at once.
 */

export interface Line { start: number; text: string }

export interface Box { left: number; top: number; right: number; bottom: number }

export interface Surface {
  readonly lines: readonly Line[];       // in order; nothing that a word or a sentence crosses
  readonly root: Element;                // of the page: what it stands in
  readonly doc: Document;                // where the selection is made
  from(node: Node, offset: number): number | null;
  at(x: number, y: number): number | null;
  ranges(start: number, end: number): AbstractRange[];
  rects(start: number, end: number): Box[];
  rtl(offset: number): boolean;
  /* The part of the text between two heights of the window, a little more at both ends. */
  view(low: number, high: number): readonly [number, number];
  select(start: number, end: number): void;
}

export function linesOf(text: string): Line[] {
  const out: Line[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    out.push({ start, text: line });
    start += line.length + 1;
  }
  return out;
}

/* The last of n ordered things for which `f` holds; -1 when there is none. */
export function lastOf(n: number, f: (i: number) => boolean): number {
  let lo = -1, hi = n - 1;
  while (lo < hi) { const mid = (lo + hi + 1) >> 1; if (f(mid)) lo = mid; else hi = mid - 1; }
  return lo;
}

/* The line that holds `offset`; a break belongs to the line before it. */
export const lineAt = (lines: readonly Line[], offset: number): number =>
  Math.max(0, lastOf(lines.length, (i) => lines[i]!.start <= offset));

export function lengthOf(lines: readonly Line[]): number {
  const last = lines[lines.length - 1];
  return last ? last.start + last.text.length : 0;
}

/* Pieces of [start, end) line by line, in units of each line; empty pieces left out. */
export function pieces(lines: readonly Line[], start: number, end: number): { line: number; from: number; to: number }[] {
  const out: { line: number; from: number; to: number }[] = [];
  for (let i = lineAt(lines, start); i < lines.length && lines[i]!.start < end; i++) {
    const l = lines[i]!;
    const from = Math.max(0, start - l.start), to = Math.min(l.text.length, end - l.start);
    if (to > from) out.push({ line: i, from, to });
  }
  return out;
}

const BLOCK_UNITS = 3000, BLOCK_LINES = 40;

/* Lines in blocks of about a page: [first, after the last). */
export function blocksOf(lines: readonly Line[]): [number, number][] {
  const out: [number, number][] = [];
  for (let i = 0; i < lines.length;) {
    const from = i;
    for (let units = 0; i < lines.length && (i === from || (units + lines[i]!.text.length <= BLOCK_UNITS && i - from < BLOCK_LINES)); i++) units += lines[i]!.text.length;
    out.push([from, i]);
  }
  return out;
}

/* ---- the page ---- */

export const boxes = (list: Iterable<Box>, dx = 0, dy = 0): Box[] =>
  Array.from(list).filter((q) => q.right > q.left).map((q) => ({ left: q.left + dx, top: q.top + dy, right: q.right + dx, bottom: q.bottom + dy }));

/* The place in a document that lies under a point of its window. */
export function caretAt(doc: Document, x: number, y: number): { node: Node; offset: number } | null {
  const d = doc as Document & { caretPositionFromPoint?: (x: number, y: number) => { offsetNode: Node; offset: number } | null };
  const p = d.caretPositionFromPoint?.(x, y);
  if (p) return { node: p.offsetNode, offset: p.offset };
  const r = doc.caretRangeFromPoint?.(x, y);
  return r ? { node: r.startContainer, offset: r.startOffset } : null;
}

/*
 * Which units of a long run of text lie between two heights, by halving: text
 * goes downwards, so what comes later never stands higher.
 */
export function narrow(surface: Surface, start: number, end: number, low: number, high: number): readonly [number, number] {
  const top = (o: number): number => surface.rects(o, o + 1)[0]?.top ?? Infinity;
  const first = lastOf(end - start, (i) => top(start + i) < low), last = lastOf(end - start, (i) => top(start + i) <= high);
  return [start + Math.max(0, first), Math.min(end, start + last + 1)];
}
const LONG = 12_000;         // a block longer than this is looked into

export class LineSurface implements Surface {
  readonly doc = document;
  private els: HTMLElement[];
  private blocks: HTMLElement[];

  constructor(readonly root: HTMLElement, readonly lines: readonly Line[]) {
    this.els = Array.from(root.querySelectorAll<HTMLElement>('[data-line]'));
    this.blocks = Array.from(root.querySelectorAll<HTMLElement>('.blk'));
  }

  private lineOf(el: Element): number { return Number((el as HTMLElement).dataset.line); }

  from(node: Node, offset: number): number | null {
    const host = node instanceof Element ? node : node.parentElement, el = host?.closest('[data-line]');
    if (el && this.root.contains(el)) {
      const line = this.lines[this.lineOf(el)]!, r = document.createRange();
      r.setStart(el, 0);
      r.setEnd(node, offset);
      return line.start + Math.min(r.toString().length, line.text.length);
    }
    // Beside the lines: the end of the last line that stands before this place.
    const r = document.createRange();
    r.setStart(node, offset);
    const i = lastOf(this.els.length, (k) => r.comparePoint(this.els[k]!, 0) < 0);
    return i < 0 ? 0 : this.lines[i]!.start + this.lines[i]!.text.length;
  }

  /* Units into a line -> text node and units into it. */
  private node(line: number, unit: number): [Text, number] | null {
    const el = this.els[line], only = el?.firstChild;
    if (only instanceof Text && !only.nextSibling) return [only, Math.min(unit, only.length)];
    if (!el) return null;
    const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
    let left = unit, last: Text | null = null;
    for (let t = walker.nextNode() as Text | null; t; t = walker.nextNode() as Text | null) {
      if (left <= t.length) return [t, left];
      left -= t.length;
      last = t;
    }
    return last ? [last, last.length] : null;
  }

  /* One range a line, so that no highlight runs over the gap between lines. */
  ranges(start: number, end: number): StaticRange[] {
    return pieces(this.lines, start, end).flatMap(({ line, from, to }) => {
      const a = this.node(line, from), b = this.node(line, to);
      return a && b ? [new StaticRange({ startContainer: a[0], startOffset: a[1], endContainer: b[0], endOffset: b[1] })] : [];
    });
  }

  rects(start: number, end: number): Box[] {
    const r = document.createRange();
    return this.ranges(start, end).flatMap((s) => {
      r.setStart(s.startContainer, s.startOffset);
      r.setEnd(s.endContainer, s.endOffset);
      return boxes(r.getClientRects());
    });
  }

  at(x: number, y: number): number | null {
    const p = caretAt(document, x, y);
    return p && this.root.contains(p.node) ? this.from(p.node, p.offset) : null;
  }

  rtl(offset: number): boolean {
    const el = this.els[lineAt(this.lines, offset)]?.parentElement;
    return el ? getComputedStyle(el).direction === 'rtl' : false;
  }

  view(low: number, high: number): readonly [number, number] {
    const n = this.blocks.length;
    const first = lastOf(n, (i) => this.blocks[i]!.getBoundingClientRect().top <= low);
    const last = lastOf(n, (i) => this.blocks[i]!.getBoundingClientRect().top <= high);
    if (last < 0) return [0, 0];
    const start = this.span(Math.max(0, first))[0], end = this.span(last)[1];
    return end - start > LONG * (last - first + 1) ? narrow(this, start, end, low, high) : [start, end];
  }

  private span(block: number): [number, number] {
    const list = this.blocks[block]!.querySelectorAll('[data-line]');
    const a = this.lines[this.lineOf(list[0]!)]!, b = this.lines[this.lineOf(list[list.length - 1]!)]!;
    return [a.start, b.start + b.text.length + 1];
  }

  select(start: number, end: number): void {
    const a = lineAt(this.lines, start), b = lineAt(this.lines, Math.max(start, end - 1));
    const from = this.node(a, start - this.lines[a]!.start), to = this.node(b, end - this.lines[b]!.start);
    if (from && to) getSelection()?.setBaseAndExtent(from[0], from[1], to[0], to[1]);
  }
}
