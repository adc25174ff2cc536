/*
 * frame.ts -- the HTML of a task in its frame, as a text with offsets.
 *
 * The text is that of all text nodes in order, nothing between them; an offset
 * counts UTF-16 units of it (Label Studio's globalOffsets).  What stands in one
 * block of the page is a line: no word or sentence crosses it.
 */
import type { Result } from '../../tags/result';
import { isObject } from '../../tags/tree';
import type { Place } from './model';
import { boxes, caretAt, lastOf, lengthOf, narrow, type Box, type Line, type Surface } from './offsets';
import { nodeAt, pathOf } from './xpath';

const LONG = 20_000, AROUND = 4000;

export class FrameSurface implements Surface {
  readonly doc: Document;
  readonly lines: Line[] = [];
  private nodes: Text[] = [];
  private starts: number[] = [];
  private index = new Map<Node, number>();

  constructor(readonly root: HTMLElement, private frame: HTMLIFrameElement) {
    this.doc = frame.contentDocument!;
    const walker = this.doc.createTreeWalker(this.doc.body, NodeFilter.SHOW_TEXT), blocks = new Map<Element, Element>();
    let at = 0, last: Element | null = null;
    for (let t = walker.nextNode() as Text | null; t; t = walker.nextNode() as Text | null) {
      if (!t.length || /^(style|title)$/i.test(t.parentElement?.nodeName ?? '')) continue;
      this.index.set(t, this.nodes.length);
      this.nodes.push(t);
      this.starts.push(at);
      const block = blockOf(t, blocks), line = this.lines[this.lines.length - 1];
      if (line && block === last && t.previousSibling?.nodeName !== 'BR') line.text += t.data;
      else this.lines.push({ start: at, text: t.data });
      last = block;
      at += t.length;
    }
  }

  get text(): string { return this.nodes.map((t) => t.data).join(''); }

  private offset(): { x: number; y: number } {
    const b = this.frame.getBoundingClientRect();
    return { x: b.left, y: b.top };
  }

  from(node: Node, offset: number): number | null {
    const i = this.index.get(node);
    if (i !== undefined) return this.starts[i]! + Math.min(offset, this.nodes[i]!.length);
    if (!this.doc.contains(node)) return null;
    const r = this.doc.createRange();
    try { r.setStart(node, Math.min(offset, node.nodeType === 1 ? node.childNodes.length : (node.nodeValue ?? '').length)); } catch { return null; }
    const k = lastOf(this.nodes.length, (n) => r.comparePoint(this.nodes[n]!, 0) < 0);
    return k < 0 ? 0 : this.starts[k]! + this.nodes[k]!.length;
  }

  /* The text node that holds a unit: for an end the one it ends in. */
  private node(at: number, end: boolean): [Text, number] | null {
    const i = Math.max(0, lastOf(this.starts.length, (k) => (end ? this.starts[k]! < at : this.starts[k]! <= at)));
    const t = this.nodes[i];
    return t ? [t, Math.min(at - this.starts[i]!, t.length)] : null;
  }

  ranges(start: number, end: number): StaticRange[] {
    const out: StaticRange[] = [];
    for (let i = Math.max(0, lastOf(this.starts.length, (k) => this.starts[k]! <= start)); i < this.nodes.length && this.starts[i]! < end; i++) {
      const t = this.nodes[i]!, from = Math.max(0, start - this.starts[i]!), to = Math.min(t.length, end - this.starts[i]!);
      if (to > from && t.data.slice(from, to).trim()) out.push(new StaticRange({ startContainer: t, startOffset: from, endContainer: t, endOffset: to }));
    }
    return out;
  }

  rects(start: number, end: number): Box[] {
    const r = this.doc.createRange(), o = this.offset();
    return this.ranges(start, end).flatMap((s) => {
      r.setStart(s.startContainer, s.startOffset);
      r.setEnd(s.endContainer, s.endOffset);
      return boxes(r.getClientRects(), o.x, o.y);
    });
  }

  /* The point is one of the page: a click in the frame is moved there by whoever hands it on. */
  at(x: number, y: number): number | null {
    const o = this.offset(), p = caretAt(this.doc, x - o.x, y - o.y);
    return p ? this.from(p.node, p.offset) : null;
  }

  rtl(offset: number): boolean {
    const el = this.node(offset, false)?.[0].parentElement;
    return el ? getComputedStyle(el).direction === 'rtl' : false;
  }

  view(low: number, high: number): readonly [number, number] {
    const n = lengthOf(this.lines);
    if (n <= LONG) return [0, n];
    const [a, b] = narrow(this, 0, n, low, high);
    return [Math.max(0, a - AROUND), Math.min(n, b + AROUND)];
  }

  select(start: number, end: number): void {
    const a = this.node(start, false), b = this.node(end, true);
    if (a && b) this.doc.getSelection()?.setBaseAndExtent(a[0], a[1], b[0], b[1]);
  }

  /* ---- Label Studio's form ---- */

  write(start: number, end: number, text: boolean): Record<string, unknown> {
    const a = this.node(start, false), b = this.node(end, true), body = this.doc.body;
    if (!a || !b) return {};
    return { start: pathOf(a[0], body), end: pathOf(b[0], body), startOffset: a[1], endOffset: b[1], globalOffsets: { start, end },
      ...(text ? { text: this.text.slice(start, end) } : {}) };
  }

  /* By the ways; by the global offsets when the ways lead nowhere or to other words. */
  read(v: Record<string, unknown>): { start: number; end: number } | null {
    const whole = this.text, end = whole.length, good = (s: unknown, e: unknown): { start: number; end: number } | null =>
      (Number.isInteger(s) && Number.isInteger(e) && (s as number) >= 0 && (s as number) < (e as number) && (e as number) <= end ? { start: s as number, end: e as number } : null);
    const a = nodeAt(v.start, this.doc.body), b = nodeAt(v.end, this.doc.body);
    const ways = a && b ? good(this.from(a, Number(v.startOffset) || 0), this.from(b, Number(v.endOffset) || 0)) : null;
    const g = isObject(v.globalOffsets) ? good(v.globalOffsets.start, v.globalOffsets.end) : null;
    const same = (p: { start: number; end: number } | null): boolean => !!p && typeof v.text === 'string' && squeeze(whole.slice(p.start, p.end)) === squeeze(v.text);
    return !same(ways) && same(g) ? g : ways ?? g ?? (typeof v.start === 'number' ? good(v.start, v.end) : null);
  }
}

const squeeze = (s: string): string => s.replace(/\s+/g, '');

export const framePlace = (surface: () => FrameSurface | null, text: boolean): Place => ({
  to: (start, end) => surface()?.write(start, end, text) ?? {},
  from: (r: Result) => surface()?.read(r.value ?? {}) ?? null,
});

/* The block of the page that a text stands in. */
function blockOf(t: Text, known: Map<Element, Element>): Element {
  const first = t.parentElement!;
  let el = first;
  const had = known.get(first);
  if (had) return had;
  while (el.parentElement && /^inline/.test(getComputedStyle(el).display) && el !== t.ownerDocument.body) el = el.parentElement;
  known.set(first, el);
  return el;
}
