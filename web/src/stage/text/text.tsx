/*
 * text.tsx -- a text with spans on it.
 *
 * Selecting makes a span of the label in hand; without one the selection waits
 * for a label.  By keyboard: arrows walk word by word, shift extends, alt+shift
 * goes by characters, Enter or a label's key makes the span.
 * Offsets are UTF-16 code units of the text as it came.
 */
import { computed, effect, signal, useSignal, type Signal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { announce } from '../../core/a11y';
import { t } from '../../core/i18n';
import { Mark } from '../../ui/icon';
import { labelsOf, shapeOf, type Result } from '../../tags/result';
import type { TaskStore } from '../../tags/store';
import { colourClass, isLabels, type LabelInfo, type Tag } from '../../tags/tree';
import { lineAt, linesOf, OffsetMap, pieces, type Line } from './offsets';
import { canHighlight, Painter } from './paint';
import { granularityOf, lanes, snap, stepGrapheme, wordsOf, type Granularity } from './segment';
import './text.css';

interface Span { id: string; start: number; end: number; info: LabelInfo | undefined; guess: boolean }

export interface TextProps {
  store: TaskStore;
  tag: Tag;
  marks: Tag[];
  text: string;
  live: boolean;
  /* Places of this text in a result; a dialogue keeps its own. */
  place?: { to(start: number, end: number): Record<string, unknown>; from(r: Result): { start: number; end: number } | null };
  authors?: (string | undefined)[];        // of each line, in a dialogue
}

const plain = (text: string): NonNullable<TextProps['place']> => ({
  to: (start, end) => ({ start, end, text: text.slice(start, end) }),
  from: (r) => {
    const v = r.value ?? {};
    const g = v.globalOffsets as { start?: unknown; end?: unknown } | undefined;
    const start = Number(g?.start ?? v.start), end = Number(g?.end ?? v.end);
    return Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end <= text.length && start < end ? { start, end } : null;
  },
});

export function TextStage(p: TextProps) {
  const { store, tag, text, live } = p;
  const lines = useMemo(() => linesOf(text), [text]);
  const place = p.place ?? useMemo(() => plain(text), [text]);
  const root = useRef<HTMLDivElement>(null);
  const m = useMemo(() => new TextModel(p, lines, place), [store, tag, text]);
  const width = useSignal(0);

  useEffect(() => {
    const el = root.current!;
    m.map = new OffsetMap(lines, Array.from(el.querySelectorAll<HTMLElement>('[data-line]')));
    m.ready.value++;
    const ro = new ResizeObserver(() => { width.value = el.clientWidth; m.ready.value++; });
    ro.observe(el);
    const stop = canHighlight() ? effect(() => { m.ready.value; m.paint(); }) : () => {};
    const off = m.editable ? m.listen(el) : () => {};
    return () => { ro.disconnect(); stop(); off(); m.painter.clear(); if (store.pending.peek() === m.take) store.pending.value = null; };
  }, [m]);

  const marked = !canHighlight() ? m.spans.value : null;
  const body = useMemo(() => marked ? null : lines.map((l, i) => <LineView key={i} l={l} i={i} author={p.authors?.[i]} prev={p.authors?.[i - 1]} />), [lines, marked === null]);
  return <div class={`txt ${m.editable ? '' : 'still'}`} ref={root} data-object={tag.name} data-marks={p.marks.map((c) => `${c.name}:${c.tag}`).join(' ')} tabIndex={m.editable && live ? 0 : undefined} role={m.editable && live ? 'group' : undefined}
    aria-label={m.editable && live ? t('an.text.name') : undefined} aria-describedby={undefined}
    onKeyDown={(e) => { if (m.editable) m.key(e); }}
    onClick={(e) => m.click(e)}>
    {body ?? lines.map((l, i) => <LineView key={i} l={l} i={i} author={p.authors?.[i]} prev={p.authors?.[i - 1]} spans={marked!} sel={store.selection.value} />)}
    <Tags m={m} store={store} />
  </div>;
}

function LineView({ l, i, author, prev, spans, sel }: { l: Line; i: number; author?: string | undefined; prev?: string | undefined; spans?: Span[]; sel?: string | null }) {
  return <>
    {author !== undefined && author !== prev && <p class="who-says" dir="auto">{author}</p>}
    <p class="para" dir="auto"><span data-line={i}>{spans ? <Marked l={l} spans={spans} sel={sel ?? null} /> : l.text}</span>{l.text === '' && <br />}</p>
  </>;
}

/* The fallback painting: the line cut at every start and end. */
function Marked({ l, spans, sel }: { l: Line; spans: Span[]; sel: string | null }) {
  const end = l.start + l.text.length;
  const here = spans.filter((s) => s.start < end && s.end > l.start);
  const cuts = [...new Set([l.start, end, ...here.flatMap((s) => [Math.max(s.start, l.start), Math.min(s.end, end)])])].sort((a, b) => a - b);
  return <>{cuts.slice(0, -1).map((a, k) => {
    const b = cuts[k + 1]!;
    const top = here.filter((s) => s.start <= a && s.end >= b).sort((x, y) => (x.end - x.start) - (y.end - y.start))[0];
    const s = l.text.slice(a - l.start, b - l.start);
    if (!top) return s;
    return <mark key={a} class={`sp ${top.info ? colourClass(top.info.n) : ''} ${top.id === sel ? 'sel' : ''} ${top.guess ? 'guess' : ''}`}>{s}</mark>;
  })}</>;
}

/* ---- the model ---- */

class TextModel {
  readonly painter = new Painter();
  readonly ready: Signal<number> = signal(0);
  readonly spans;
  readonly editable: boolean;
  readonly caret: Signal<{ from: number; to: number } | null> = signal(null);
  map: OffsetMap | null = null;
  private anchor = 0;
  private head = 0;
  private grain: Granularity;
  private lang: string | undefined;

  constructor(private p: TextProps, private lines: Line[], private place: NonNullable<TextProps['place']>) {
    this.editable = p.live && !p.store.readOnly && p.marks.length > 0 && p.tag.attrs.selectionenabled !== 'false';
    this.grain = granularityOf(p.tag.attrs.granularity);
    this.lang = document.documentElement.lang || undefined;
    this.spans = computed(() => this.collect());
  }

  private collect(): Span[] {
    const { store, tag } = this.p;
    return store.regionsOn(tag.name).flatMap((id): Span[] => {
      if (store.hidden.value.has(id)) return [];
      const items = store.items(id), r = items.find((x) => shapeOf(x) === 'span');
      const at = r && this.place.from(r);
      return at ? [{ id, ...at, info: store.info(labelsOf(items)[0]), guess: r.origin === 'prediction' }] : [];
    });
  }

  paint(): void {
    if (!this.map) return;
    const spans = this.spans.value, lane = lanes(spans), sel = this.p.store.selection.value;
    const now = new Set(spans.map((s) => s.id));
    for (const id of this.painter.ids()) if (!now.has(id) && id !== ' caret') this.painter.drop(id);
    for (const s of spans) {
      const look = { n: s.info?.n ?? 8, lane: lane.get(s.id) ?? 0, guess: s.guess, sel: s.id === sel, ...(s.info?.background ? { colour: s.info.background } : {}) };
      const key = `${s.start} ${s.end} ${look.n} ${look.lane} ${look.guess} ${look.sel} ${look.colour ?? ''}`;
      if (this.painted.get(s.id) === key && this.paintedMap === this.map) continue;
      this.painter.put(s.id, look, this.map.ranges(s.start, s.end));
      this.painted.set(s.id, key);
    }
    for (const id of this.painted.keys()) if (!now.has(id)) this.painted.delete(id);
    this.paintedMap = this.map;
  }
  private painted = new Map<string, string>();
  private paintedMap: OffsetMap | null = null;

  /* Looks at the page's selection; true when it lies in this text. */
  private selected(): { start: number; end: number } | null {
    const s = getSelection();
    if (!s || s.isCollapsed || s.rangeCount === 0 || !this.map) return null;
    const r = s.getRangeAt(0);
    const a = this.map.from(r.startContainer, r.startOffset), b = this.map.from(r.endContainer, r.endOffset);
    if (a === null || b === null) return null;
    return snap(this.lines, a, b, this.grainNow(), this.lang);
  }

  private grainNow(): Granularity {
    const g = this.p.store.active.peek();
    const l = this.p.store.labels.find((x) => x.value === g?.values[0] && x.control.name === g?.control);
    return l?.tag.attrs.granularity ? granularityOf(l.tag.attrs.granularity) : this.grain;
  }

  /* Waits in the store for a label to be chosen. */
  take = (): boolean => this.make();
  private waiting: { start: number; end: number } | null = null;

  private make(): boolean {
    const at = this.waiting;
    const { store, tag } = this.p;
    const a = store.active.peek(), c = store.control(a?.control);
    if (!at || !c || !isLabels(c) || !c.toName.includes(tag.name ?? '')) return false;
    store.addRegion(c, this.place.to(at.start, at.end));
    this.waiting = null;
    this.caret.value = null;
    store.pending.value = null;
    getSelection()?.removeAllRanges();
    announce(t('an.text.made', { label: store.info(a!.values[0])?.text ?? '', text: brief(this.lines, at.start, at.end) }));
    return true;
  }

  private wait(at: { start: number; end: number } | null): void {
    this.waiting = at;
    const { store } = this.p;
    if (at) { store.selection.value = null; store.pending.value = this.take; }
    else if (store.pending.peek() === this.take) store.pending.value = null;
  }

  listen(el: HTMLElement): () => void {
    let touch = false;
    const down = (e: PointerEvent) => { touch = e.pointerType === 'touch'; };
    const up = () => {
      // The selection is settled only after this event.
      setTimeout(() => {
        const at = this.selected();
        if (!at) { if (getSelection()?.isCollapsed && !this.caret.peek()) this.wait(null); return; }
        this.wait(at);
        if (!touch && this.p.store.active.peek()) this.make();
      });
    };
    const changed = () => { const at = touch ? this.selected() : null; if (at) this.wait(at); };
    el.addEventListener('pointerdown', down);
    document.addEventListener('pointerup', up);
    document.addEventListener('selectionchange', changed);
    return () => {
      el.removeEventListener('pointerdown', down);
      document.removeEventListener('pointerup', up);
      document.removeEventListener('selectionchange', changed);
    };
  }

  click(e: MouseEvent): void {
    if (!this.map || !getSelection()?.isCollapsed || (e.target as Element).closest('button')) return;
    const at = this.map.at(e.clientX, e.clientY);
    const hit = at === null ? [] : this.spans.peek().filter((s) => s.start <= at && at <= s.end && this.under(s, e));
    const cur = this.p.store.selection.peek();
    hit.sort((a, b) => (a.end - a.start) - (b.end - b.start));
    const i = hit.findIndex((s) => s.id === cur);
    this.p.store.selection.value = hit.length ? hit[(i + 1) % hit.length]!.id : null;
    if (at !== null) { this.anchor = this.head = at; }
  }

  private under(s: Span, e: MouseEvent): boolean {
    return this.map!.rects(s.start, s.end).some((r) => e.clientX >= r.left && e.clientX <= r.right && e.clientY >= r.top - 4 && e.clientY <= r.bottom + 4);
  }

  /* ---- the keyboard ---- */

  key(e: KeyboardEvent): void {
    if (e.ctrlKey || e.metaKey || e.isComposing) return;
    const rtl = this.rtl();
    const way = e.key === 'ArrowRight' ? (rtl ? -1 : 1) : e.key === 'ArrowLeft' ? (rtl ? 1 : -1) : 0;
    let done = true;
    if (way !== 0) this.walk(way as 1 | -1, e.shiftKey, e.altKey);
    else if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && !e.altKey) this.line(e.key === 'ArrowDown' ? 1 : -1, e.shiftKey);
    else if (e.key === 'Enter' && this.caret.peek()) { if (this.p.store.active.peek()) this.make(); else announce(t('an.text.choose')); }
    else if (e.key === 'Escape' && this.caret.peek()) { this.caret.value = null; this.wait(null); }
    else done = false;
    if (done) { e.preventDefault(); e.stopPropagation(); }
  }

  private rtl(): boolean {
    const el = this.map?.element(lineAt(this.lines, this.head));
    return el ? getComputedStyle(el.parentElement!).direction === 'rtl' : false;
  }

  private show(): void {
    const from = Math.min(this.anchor, this.head), to = Math.max(this.anchor, this.head);
    const at = snap(this.lines, from, to, this.grainNow(), this.lang);
    this.caret.value = at ? { from: at.start, to: at.end } : { from, to };
    this.wait(at);
    const rect = this.map?.rects(Math.max(0, this.head - 1), this.head)[0] ?? this.map?.rects(this.head, this.head + 1)[0];
    if (rect) this.into(rect);
    if (at) announce(brief(this.lines, at.start, at.end));
  }

  private into(r: DOMRect): void {
    const box = this.map?.element(0)?.closest('.sheet');
    if (!box) return;
    const b = box.getBoundingClientRect();
    if (r.bottom > b.bottom - 24) box.scrollTop += r.bottom - b.bottom + 64;
    else if (r.top < b.top + 24) box.scrollTop -= b.top - r.top + 64;
  }

  private walk(by: 1 | -1, extend: boolean, fine: boolean): void {
    if (fine && extend) { this.head = stepGrapheme(this.lines, this.head, by); this.show(); return; }
    const word = this.word(by, extend);
    if (!word) return;
    if (extend) {
      const c = this.caret.peek();
      if (!c) { this.anchor = word.from; this.head = word.to; }
      else this.head = by > 0 ? word.to : word.from;
      if (this.head === this.anchor) { const w = this.word(by, false); if (w) this.head = by > 0 ? w.to : w.from; }
    } else { this.anchor = word.from; this.head = word.to; }
    this.show();
  }

  /* The next word in a direction, over lines. */
  private word(by: 1 | -1, extend: boolean): { from: number; to: number } | null {
    const c = this.caret.peek();
    const at = extend && c ? this.head : c ? (by > 0 ? c.to : c.from) : this.head;
    for (let i = lineAt(this.lines, at); i >= 0 && i < this.lines.length; i += by) {
      const l = this.lines[i]!;
      const list = wordsOf(l.text, this.lang).map((w) => ({ from: w.from + l.start, to: w.to + l.start }));
      const hit = by > 0 ? list.find((w) => (c ? w.from >= at || w.to > at : w.to > at)) : list.reverse().find((w) => (c ? w.to <= at || w.from < at : w.from < at));
      if (hit) return hit;
    }
    return null;
  }

  /* To the word above or below. */
  private line(by: 1 | -1, extend: boolean): void {
    const rect = this.map?.rects(Math.max(0, this.head - 1), Math.max(1, this.head))[0];
    if (!rect) { this.walk(by, extend, false); return; }
    const x = (rect.left + rect.right) / 2;
    for (let step = 1; step <= 4; step++) {
      const at = this.map!.at(x, rect.top + rect.height / 2 + by * step * 30);
      if (at === null || Math.abs(at - this.head) < 2) continue;
      const i = lineAt(this.lines, at), l = this.lines[i]!;
      const words = wordsOf(l.text, this.lang);
      const w = words.find((q) => q.to + l.start >= at) ?? words[words.length - 1];
      if (!w) continue;
      if (extend) this.head = by > 0 ? w.to + l.start : w.from + l.start;
      else { this.anchor = w.from + l.start; this.head = w.to + l.start; }
      if (extend && !this.caret.peek()) this.anchor = at;
      this.show();
      return;
    }
  }
}

function brief(lines: readonly Line[], start: number, end: number): string {
  const s = pieces(lines, start, end).map((p) => lines[p.line]!.text.slice(p.from, p.to)).join(' ');
  const g = [...s];
  return g.length > 60 ? `${g.slice(0, 57).join('')}…` : s;
}

/* ---- what stands above and around the spans ---- */

function Tags({ m, store }: { m: TextModel; store: TaskStore }) {
  const box = useRef<HTMLDivElement>(null);
  const seen = useSignal(0);
  useEffect(() => {
    const sheet = box.current?.closest('.sheet, .scroll') ?? window;
    let asked = 0;
    const on = () => { if (!asked) asked = requestAnimationFrame(() => { asked = 0; seen.value++; }); };
    sheet.addEventListener('scroll', on, { passive: true });
    window.addEventListener('resize', on);
    return () => { sheet.removeEventListener('scroll', on); window.removeEventListener('resize', on); cancelAnimationFrame(asked); };
  }, []);
  seen.value;
  const out = m.ready.value && m.map && box.current ? layTags(m, store, box.current) : null;
  return <div class="tags" ref={box} aria-hidden="true">
    {out?.tags.map((g) => <i key={g.id} class={`tg ${g.cls} ${g.tight ? 'tight' : ''} ${g.sel ? 'sel' : ''}`} style={{ left: `${g.x}px`, top: `${g.y}px` }}>
      {g.n >= 0 && <Mark n={g.n + 1} />}{!g.tight && g.text}</i>)}
    {out?.rings.map((r, i) => <b key={i} class={r.kb ? 'ring kb' : 'ring'} style={{ left: `${r.x}px`, top: `${r.y}px`, width: `${r.w}px`, height: `${r.h}px` }} />)}
  </div>;
}

/* The first of n ordered things for which `f` holds; n when there is none. */
function bisect(n: number, f: (i: number) => boolean): number {
  let lo = 0, hi = n;
  while (lo < hi) { const mid = (lo + hi) >> 1; if (f(mid)) hi = mid; else lo = mid + 1; }
  return lo;
}

const TAG_WIDTH = 7;      // a letter of a tag, about; only to see whether two tags would touch

function layTags(m: TextModel, store: TaskStore, box: HTMLElement) {
  const o = box.getBoundingClientRect();
  const sel = store.selection.value, caret = m.caret.value;
  const low = -400, high = innerHeight + 400, ways = new Map<Element, boolean>();
  const tags: { id: string; x: number; y: number; cls: string; n: number; text: string; tight: boolean; sel: boolean; w: number }[] = [];
  const rings: { x: number; y: number; w: number; h: number; kb: boolean }[] = [];
  const lines = m.map!.lines, first = bisect(lines.length, (i) => (m.map!.element(i)?.getBoundingClientRect().bottom ?? 0) >= low);
  const last = bisect(lines.length, (i) => (m.map!.element(i)?.getBoundingClientRect().top ?? 0) > high);
  for (const s of m.spans.value) {
    const line = lineAt(lines, s.start), el = m.map!.element(line);
    if (!el || line < first || line > last) continue;
    const rects = m.map!.rects(s.start, s.id === sel ? s.end : Math.min(s.end, s.start + 2));
    const r = rects[0];
    if (!r || r.bottom < low || r.top > high) continue;
    let rtl = ways.get(el);
    if (rtl === undefined) ways.set(el, rtl = getComputedStyle(el.parentElement!).direction === 'rtl');
    const text = s.info?.text ?? '?', w = text.length * TAG_WIDTH + 16;
    const all = rtl ? m.map!.rects(s.start, s.end)[0] ?? r : r;
    tags.push({ id: s.id, x: (rtl ? all.right - Math.min(w, 400) : r.left) - o.left, y: r.top - o.top - 15, cls: s.info ? colourClass(s.info.n) : '', n: s.info?.n ?? -1, text, tight: false, sel: s.id === sel, w });
    if (s.id === sel) for (const q of rects) rings.push({ x: q.left - o.left - 2, y: q.top - o.top - 2, w: q.width + 4, h: q.height + 4, kb: false });
  }
  if (caret) for (const q of m.map!.rects(caret.from, Math.max(caret.to, caret.from + 1))) rings.push({ x: q.left - o.left - 1, y: q.top - o.top - 1, w: q.width + 2, h: q.height + 2, kb: true });
  tags.sort((a, b) => Math.round(a.y / 8) - Math.round(b.y / 8) || a.x - b.x);
  tags.forEach((g, i) => {
    const next = tags[i + 1];
    if (next && Math.abs(next.y - g.y) < 8 && next.x < g.x + g.w) { if (next.x - g.x < 12) next.y -= 11; else g.tight = true; }
  });
  return { tags, rings };
}

