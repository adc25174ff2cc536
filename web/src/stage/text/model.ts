/*
 * model.ts -- spans on a text: which there are, which of them are painted, and
 * how a selection becomes one.
 *
 * Selecting makes a span of the label in hand; without one the selection waits
 * for a label.  Only spans near the window are painted, so that the length of a
 * text costs nothing.  The keyboard and the handles are in edit.tsx, which
 * comes after the first paint.
 */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { announce } from '../../core/a11y';
import { t } from '../../core/i18n';
import { setting } from '../../core/store';
import { labelsOf, shapeOf, type Result } from '../../tags/result';
import type { TaskStore } from '../../tags/store';
import { isLabels, type LabelInfo, type Tag } from '../../tags/tree';
import { pieces, type Line, type Surface } from './offsets';
import { Painter } from './paint';
import { granularityOf, lanes, snap, type Granularity } from './segment';

export interface Span { id: string; start: number; end: number; info: LabelInfo | undefined; name: string; guess: boolean }

/* Places of a text in a result: each kind of text keeps its own. */
export interface Place {
  to(start: number, end: number): Record<string, unknown>;
  from(r: Result): { start: number; end: number } | null;
}

export interface SpanProps { store: TaskStore; tag: Tag; marks: Tag[]; live: boolean; lines: readonly Line[]; place: Place }

/* What selections are widened to, as this person has set it; '' is as the config says. */
export const grainSet: Signal<Granularity | ''> = setting('text.grain', '');

const MARGIN = 700;      // pixels above and below the window that are painted too

export class SpanModel {
  readonly store: TaskStore;
  readonly tag: Tag;
  readonly place: Place;
  readonly editable: boolean;
  readonly lang: string | undefined;
  readonly surface: Signal<Surface | null> = signal(null);
  readonly view: Signal<readonly [number, number]> = signal([0, 0]);   // the part of the text near the window
  readonly tick: Signal<number> = signal(0);                           // the layout is another one
  readonly spans: ReadonlySignal<Span[]>;                              // by start
  readonly lane: ReadonlySignal<Map<string, number>>;
  /* The selection by keyboard or finger; `grip` shows handles on it. */
  readonly caret: Signal<{ from: number; to: number; grip?: boolean } | null> = signal(null);
  waiting: { start: number; end: number } | null = null;
  anchor = 0;
  head = 0;
  private painter: Painter | null = null;
  private cache = new Map<string, { items: Result[]; span: Span | null }>();

  constructor(readonly p: SpanProps) {
    this.store = p.store;
    this.tag = p.tag;
    this.place = p.place;
    this.editable = p.live && !p.store.readOnly && p.marks.length > 0 && p.tag.attrs.selectionenabled !== 'false';
    this.lang = document.documentElement.lang || undefined;
    this.spans = computed(() => this.collect());
    this.lane = computed(() => lanes(this.spans.value));
  }

  get lines(): readonly Line[] { return this.surface.peek()?.lines ?? this.p.lines; }

  private collect(): Span[] {
    this.surface.value;                                    // a frame knows its places once it is there
    const hidden = this.store.hidden.value, out: Span[] = [];
    for (const id of this.store.regions.value) {
      const items = this.store.items(id);
      let had = this.cache.get(id);
      if (had?.items !== items) this.cache.set(id, had = { items, span: this.spanOf(id, items) });
      if (had.span && !hidden.has(id)) out.push(had.span);
    }
    return out.sort((a, b) => a.start - b.start || b.end - a.end);
  }

  private spanOf(id: string, items: Result[]): Span | null {
    const r = items.find((x) => shapeOf(x) === 'span');
    const at = r && r.to_name === this.tag.name ? this.place.from(r) : null;
    if (!r || !at) return null;
    const names = labelsOf(items), info = this.store.info(names[0]);
    return { id, ...at, info, name: names.map((n) => this.store.info(n)?.text ?? n).join(', '), guess: r.origin === 'prediction' };
  }

  span(id: string | null): Span | undefined { return id === null ? undefined : this.spans.value.find((s) => s.id === id); }

  grain(): Granularity {
    if (grainSet.value) return grainSet.value;
    const a = this.store.active.value;
    const l = this.store.labels.find((x) => x.value === a?.values[0] && x.control.name === a?.control);
    return granularityOf(l?.tag.attrs.granularity ?? this.tag.attrs.granularity);
  }

  /* ---- what is shown ---- */

  /* The page is there (or another one): paint, and follow scrolling. */
  attach(s: Surface): () => void {
    this.painter = new Painter(s.doc);
    if (s.doc !== document) this.cache.clear();
    this.surface.value = s;
    let asked = 0;
    const again = (): void => { asked ||= requestAnimationFrame(() => { asked = 0; this.refresh(); }); };
    const scroller = s.root.closest('.sheet, .scroll') ?? window;
    scroller.addEventListener('scroll', again, { passive: true });
    window.addEventListener('resize', again);
    const seen = new ResizeObserver(again);
    seen.observe(s.root);
    this.refresh();
    return () => {
      cancelAnimationFrame(asked);
      scroller.removeEventListener('scroll', again);
      window.removeEventListener('resize', again);
      seen.disconnect();
      this.painter?.clear();
      this.surface.value = null;
      this.wait(null);
    };
  }

  refresh(): void {
    const s = this.surface.peek();
    if (!s) return;
    const [a, b] = s.view(-MARGIN, innerHeight + MARGIN), old = this.view.peek();
    batch(() => {
      if (a !== old[0] || b !== old[1]) this.view.value = [a, b];
      this.tick.value++;
    });
  }

  /* The spans near the window. */
  near(): Span[] {
    const [a, b] = this.view.value, out: Span[] = [];
    for (const s of this.spans.value) {
      if (s.start >= b) break;
      if (s.end > a) out.push(s);
    }
    return out;
  }

  paint(): void {
    const s = this.surface.value, list = this.near(), lane = this.lane.value, sel = this.store.selection.value;
    if (!s || !this.painter) return;
    const own = this.tag.attrs.highlightcolor;
    this.painter.keep(new Set(list.map((x) => x.id)));
    for (const x of list) {
      this.painter.put(x.id, x.start, x.end, { n: x.info?.n ?? 8, lane: lane.get(x.id) ?? 0, guess: x.guess, sel: x.id === sel,
        ...(own || x.info?.background ? { colour: own ?? x.info!.background! } : {}) }, (a, b) => s.ranges(a, b));
    }
  }

  /* ---- making ---- */

  /* The selection of the page, when it was begun in this text. */
  private selected(): { start: number; end: number } | null {
    const s = this.surface.peek(), sel = s?.doc.getSelection();
    if (!s || !sel || sel.isCollapsed || !sel.rangeCount || !sel.anchorNode) return null;
    if (s.doc === document && !s.root.contains(sel.anchorNode)) return null;
    const r = sel.getRangeAt(0), a = s.from(r.startContainer, r.startOffset), b = s.from(r.endContainer, r.endOffset);
    return a === null || b === null ? null : snap(this.lines, a, b, this.grain(), this.lang);
  }

  /* Waits in the store for a label to be chosen. */
  private take = (): boolean => this.make();

  make(): boolean {
    const at = this.waiting, { store, tag } = this;
    const a = store.active.peek(), c = a ? this.setOf(a.control, a.values) : undefined;
    if (!at || !a || !c) return false;
    // The same again is meant to choose what is there.
    const same = this.spans.peek().find((s) => s.start === at.start && s.end === at.end && store.peek(s.id)[0]?.from_name === c.name && String(labelsOf(store.peek(s.id))) === String(a.values));
    if (same) store.selection.value = same.id;
    else store.addRegion(c, this.place.to(at.start, at.end), {}, tag.name!);
    this.clear();
    announce(t('an.text.made', { label: store.info(a.values[0])?.text ?? '', text: brief(this.lines, at.start, at.end) }));
    return true;
  }

  /* The set of this text that the label in hand is of: its own, or another one that has it too. */
  private setOf(control: string, values: readonly string[]): Tag | undefined {
    const own = this.p.marks.find((c) => c.name === control && isLabels(c));
    return own ?? this.p.marks.find((c) => isLabels(c) && this.store.labels.some((l) => l.control === c && values.includes(l.value)));
  }

  private clear(): void {
    this.caret.value = null;
    this.wait(null);
    this.surface.peek()?.doc.getSelection()?.removeAllRanges();
  }

  wait(at: { start: number; end: number } | null): void {
    this.waiting = at;
    const { store } = this;
    if (at) { store.selection.value = null; store.pending.value = this.take; }
    else if (store.pending.peek() === this.take) store.pending.value = null;
  }

  /* Pointer and selection; in a frame its document is listened to as well. */
  listen(el: Element | Document, frame?: Element): () => void {
    const doc = 'ownerDocument' in el && el.ownerDocument ? el.ownerDocument : el as Document;
    const spot = (e: MouseEvent): { x: number; y: number } => { const o = frame?.getBoundingClientRect(); return { x: e.clientX + (o?.left ?? 0), y: e.clientY + (o?.top ?? 0) }; };
    let touch = false, down = false, clicks = 0, made: string | null = null;
    const press = (e: Event): void => { touch = (e as PointerEvent).pointerType === 'touch'; down = true; };
    const up = (e: Event): void => {
      if (!down) return;
      down = false;
      if ((e.target as Element | null)?.closest?.('[data-grip]')) return;
      clicks = 0;
      // The selection is settled only after this event and the click.
      setTimeout(() => {
        if (clicks > 1) return;
        const at = this.selected();
        if (!at) { if (doc.getSelection()?.isCollapsed && !this.caret.peek()) this.wait(null); return; }
        this.wait(at);
        made = null;
        if (!touch) this.make();
      });
    };
    const click = (e: Event): void => {
      const m = e as MouseEvent;
      clicks = m.detail;
      if (m.detail < 2) { this.click(m, spot(m)); return; }
      const p = spot(m), at = this.surface.peek()?.at(p.x, p.y);
      const unit = at === null || at === undefined ? null : snap(this.lines, at, at + 1, m.detail === 2 ? (this.grain() === 'symbol' ? 'word' : this.grain()) : 'paragraph', this.lang);
      if (!unit) return;
      // The third click takes the line instead of the word that the second one took.
      if (m.detail === 3 && made !== null && this.store.has(made)) this.store.undo();
      this.wait(unit);
      made = null;
      if (!touch && this.make()) { made = this.store.selection.peek(); return; }
      this.surface.peek()?.select(unit.start, unit.end);
      if (touch) this.caret.value = { from: unit.start, to: unit.end, grip: true };
    };
    const changed = (): void => { const at = touch ? this.selected() : null; if (at) this.wait(at); };
    el.addEventListener('pointerdown', press);
    el.addEventListener('click', click);
    doc.addEventListener('pointerup', up);
    doc.addEventListener('selectionchange', changed);
    return () => {
      el.removeEventListener('pointerdown', press);
      el.removeEventListener('click', click);
      doc.removeEventListener('pointerup', up);
      doc.removeEventListener('selectionchange', changed);
    };
  }

  /* A click chooses the shortest span there, a second one the next longer. */
  click(e: MouseEvent, p = { x: e.clientX, y: e.clientY }): void {
    const s = this.surface.peek();
    if (!s || !s.doc.getSelection()?.isCollapsed || (e.target as Element).closest('button, [data-grip]')) return;
    const at = s.at(p.x, p.y);
    const hit = at === null ? [] : this.under(at, p.x, p.y);
    const i = hit.findIndex((x) => x.id === this.store.selection.peek());
    this.caret.value = null;
    this.store.selection.value = hit.length ? hit[(i + 1) % hit.length]!.id : null;
    if (at !== null) this.anchor = this.head = at;
  }

  /* The spans at a place, the shortest first. */
  under(at: number, x: number, y: number): Span[] {
    const s = this.surface.peek()!;
    return this.spans.peek().filter((q) => q.start <= at && at <= q.end
      && s.rects(q.start, q.end).some((r) => x >= r.left && x <= r.right && y >= r.top - 4 && y <= r.bottom + 4))
      .sort((a, b) => (a.end - a.start) - (b.end - b.start));
  }
}

export function brief(lines: readonly Line[], start: number, end: number): string {
  const s = pieces(lines, start, end).map((p) => lines[p.line]!.text.slice(p.from, p.to)).join(' ');
  const g = [...s];
  return g.length > 60 ? `${g.slice(0, 57).join('')}…` : s;
}
