/*
 * offsets.ts -- places in a text, as UTF-16 code units, and back from the page.
 *
 * The text is shown as one element a line.  The line breaks are not in the
 * page, so a place on the page is (line, units into the line) and a place in
 * the text is lines[line].start + units.  Inside a line there may be any number
 * of text nodes (the fallback paints with <mark>).
 */

export interface Line { start: number; text: string }

export function linesOf(text: string): Line[] {
  const out: Line[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    out.push({ start, text: line });
    start += line.length + 1;
  }
  return out;
}

/* The line that holds `offset`; a break belongs to the line before it. */
export function lineAt(lines: readonly Line[], offset: number): number {
  let lo = 0, hi = lines.length - 1;
  while (lo < hi) {
    const mid = (lo + hi + 1) >> 1;
    if (lines[mid]!.start <= offset) lo = mid; else hi = mid - 1;
  }
  return lo;
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

/* ---- the page ---- */

export class OffsetMap {
  readonly lines: readonly Line[];
  private els: HTMLElement[];

  constructor(lines: readonly Line[], els: HTMLElement[]) { this.lines = lines; this.els = els; }

  element(line: number): HTMLElement | undefined { return this.els[line]; }

  /* A place on the page -> offset in the text; null when outside. */
  from(node: Node, offset: number): number | null {
    const host = node instanceof Element ? node : node.parentElement;
    const el = host?.closest<HTMLElement>('[data-line]');
    const i = el ? this.els.indexOf(el) : -1;
    if (!el || i < 0) return null;
    if (node instanceof Element) {
      let n = 0;
      const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
      const stop = node.childNodes[offset];
      for (let t = walker.nextNode(); t; t = walker.nextNode()) {
        if (stop && (t === stop || stop.contains(t) || (stop.compareDocumentPosition(t) & Node.DOCUMENT_POSITION_FOLLOWING))) break;
        if (!stop && !node.contains(t) && (node.compareDocumentPosition(t) & Node.DOCUMENT_POSITION_FOLLOWING)) break;
        n += (t as Text).length;
      }
      return this.lines[i]!.start + Math.min(n, this.lines[i]!.text.length);
    }
    let n = 0;
    const walker = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
    for (let t = walker.nextNode(); t; t = walker.nextNode()) {
      if (t === node) return this.lines[i]!.start + n + offset;
      n += (t as Text).length;
    }
    return null;
  }

  /* Offset in a line -> text node and units into it. */
  private node(line: number, unit: number): [Text, number] | null {
    const el = this.els[line];
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

  rects(start: number, end: number): DOMRect[] {
    const r = document.createRange();
    return this.ranges(start, end).flatMap((s) => {
      r.setStart(s.startContainer, s.startOffset);
      r.setEnd(s.endContainer, s.endOffset);
      return Array.from(r.getClientRects()).filter((q) => q.width > 0);
    });
  }

  /* Offset under a point of the window; null beside the text. */
  at(x: number, y: number): number | null {
    const d = document as Document & { caretPositionFromPoint?: (x: number, y: number) => { offsetNode: Node; offset: number } | null };
    const p = d.caretPositionFromPoint?.(x, y);
    if (p) return this.from(p.offsetNode, p.offset);
    const r = document.caretRangeFromPoint?.(x, y);
    return r ? this.from(r.startContainer, r.startOffset) : null;
  }
}
