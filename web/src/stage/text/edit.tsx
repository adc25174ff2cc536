/*
 * edit.tsx -- changing spans: by keyboard, by handles, and what selections are
 * widened to.  Comes after the first paint.
 *
 * Keys in the text: arrows walk word by word, shift extends, alt+shift goes by
 * characters, Enter or a label's key makes the span.  On a chosen span: ctrl
 * and an arrow move its end, with shift its start; Enter confirms a guess.
 */
import { useRef } from 'preact/hooks';
import { useSignal } from '@preact/signals';
import { announce } from '../../core/a11y';
import { addMessages, t } from '../../core/i18n';
import { keys, type KeyLike } from '../../core/hotkeys';
import { Kbd } from '../../ui/button';
import { Icon } from '../../ui/icon';
import { hasRelations, linksOf, relate } from '../../tags/links';
import words from '../../i18n/en/span.json';
import { brief, grainSet, type SpanModel } from './model';
import { lineAt, type Box } from './offsets';
import { GRAINS, granularityOf, snap, stepEdge, stepGrapheme, unitFrom, type Granularity } from './segment';
import './edit.css';

await addMessages('span', words);

/* ---- the keyboard ---- */

export function key(m: SpanModel, e: KeyboardEvent): void {
  if (e.ctrlKey || e.metaKey || e.isComposing) return;
  const rtl = m.surface.peek()?.rtl(m.head) ?? false;
  const way = e.key === 'ArrowRight' ? (rtl ? -1 : 1) : e.key === 'ArrowLeft' ? (rtl ? 1 : -1) : 0;
  let done = true;
  if (way !== 0) walk(m, way, e.shiftKey, e.altKey);
  else if ((e.key === 'ArrowDown' || e.key === 'ArrowUp') && !e.altKey) line(m, e.key === 'ArrowDown' ? 1 : -1, e.shiftKey);
  else if (e.key === 'Enter' && m.caret.peek()) { if (m.store.active.peek()) m.make(); else announce(t('an.text.choose')); }
  else if (e.key === 'Escape' && m.caret.peek()) { m.caret.value = null; m.wait(null); }
  else done = false;
  if (done) { e.preventDefault(); e.stopPropagation(); }
}

function show(m: SpanModel): void {
  const from = Math.min(m.anchor, m.head), to = Math.max(m.anchor, m.head);
  const at = snap(m.lines, from, to, m.grain(), m.lang);
  m.caret.value = at ? { from: at.start, to: at.end } : { from, to };
  m.wait(at);
  into(m, m.head);
  if (at) announce(brief(m.lines, at.start, at.end));
}

/* Scrolls just so far that a place is seen. */
function into(m: SpanModel, at: number): void {
  const s = m.surface.peek(), box = s?.root.closest('.sheet, .scroll'), r = s?.rects(Math.max(0, at - 1), at)[0] ?? s?.rects(at, at + 1)[0];
  if (!box || !r) return;
  const b = box.getBoundingClientRect();
  if (r.bottom > b.bottom - 24) box.scrollTop += r.bottom - b.bottom + 64;
  else if (r.top < b.top + 24) box.scrollTop -= b.top - r.top + 64;
}

function walk(m: SpanModel, by: 1 | -1, extend: boolean, fine: boolean): void {
  const c = m.caret.peek(), word = (at: number) => unitFrom(m.lines, at, by, 'word', m.lang);
  if (fine && extend) m.head = stepGrapheme(m.lines, m.head, by);
  else if (extend) {
    let w = word(m.head);
    if (!w) return;
    if (!c) { m.anchor = by > 0 ? w.from : w.to; m.head = by > 0 ? w.to : w.from; }
    else m.head = by > 0 ? w.to : w.from;
    if (m.head === m.anchor && (w = word(m.head))) m.head = by > 0 ? w.to : w.from;
  } else {
    const w = word(c ? (by > 0 ? c.to : c.from) : m.head);
    if (!w) return;
    m.anchor = w.from;
    m.head = w.to;
  }
  show(m);
}

/* To the word above or below. */
function line(m: SpanModel, by: 1 | -1, extend: boolean): void {
  const s = m.surface.peek(), rect = s?.rects(Math.max(0, m.head - 1), Math.max(1, m.head))[0];
  if (!s || !rect) { walk(m, by, extend, false); return; }
  into(m, m.head);
  const x = (rect.left + rect.right) / 2;
  for (let step = 1; step <= 5; step++) {
    const at = s.at(x, (rect.top + rect.bottom) / 2 + by * step * 24);
    if (at === null || Math.abs(at - m.head) < 2) continue;
    const l = m.lines[lineAt(m.lines, at)]!, up = unitFrom(m.lines, Math.min(at, l.start + l.text.length), -1, 'word', m.lang), down = unitFrom(m.lines, at, 1, 'word', m.lang);
    const w = down && down.from < l.start + l.text.length ? down : up;
    if (!w) continue;
    if (extend) {
      if (!m.caret.peek()) m.anchor = m.head;
      m.head = by > 0 ? w.to : w.from;
    } else { m.anchor = w.from; m.head = w.to; }
    show(m);
    return;
  }
}

/* Keys of the chosen span, and the one that changes what selections are widened to. */
export function bind(m: SpanModel): () => void {
  const here = (e: KeyLike): boolean => {
    const el = e.target as Element | null;
    return !el || el === document.body || !!m.surface.peek()?.root.contains(el) || !!el.closest?.('.rlist, .labelbar');
  };
  const chosen = () => m.span(m.store.selection.peek());
  const edge = (which: 'start' | 'end', right: boolean) => (e: KeyLike): boolean => {
    const s = chosen(), surface = m.surface.peek();
    if (!s || !surface || !here(e) || m.store.locked.peek().has(s.id)) return false;
    const by = right !== surface.rtl(which === 'end' ? s.end - 1 : s.start) ? 1 : -1;
    const to = stepEdge(m.lines, s, which, by, m.grain(), m.lang);
    m.store.setPlace(s.id, m.place.to(to.start, to.end), `${which}:${s.id}`);
    into(m, to[which]);
    announce(brief(m.lines, to.start, to.end));
    return true;
  };
  const what = { end: t('span.key.end'), start: t('span.key.start') };
  const follow = m.store.selection.subscribe((id) => {
    const s = m.span(id);
    if (s) requestAnimationFrame(() => sight(m, s.start));
  });
  const off = keys.bind('stage', [
    { combo: 'ctrl+right', act: edge('end', true), what: what.end }, { combo: 'ctrl+left', act: edge('end', false) },
    { combo: 'ctrl+shift+right', act: edge('start', true), what: what.start }, { combo: 'ctrl+shift+left', act: edge('start', false) },
    { combo: 'enter', what: t('span.key.confirm'), act: (e) => {
      const s = chosen();
      if (!s?.guess || !here(e)) return false;
      m.store.confirm(s.id);
      const next = m.spans.peek().find((x) => x.guess && x.start >= s.start) ?? m.spans.peek().find((x) => x.guess);
      if (next) m.store.selection.value = next.id;
      return true;
    } },
    { combo: 'alt+g', what: t('span.key.grain'), act: () => {
      const list = grainsOf(m);
      grainSet.value = list[(list.indexOf(m.grain()) + 1) % list.length]!;
      announce(t(`span.by.${grainSet.value}` as 'span.by.word'));
    } },
  ]);
  return () => { off(); follow(); };
}

/* A span chosen in the list is brought into sight; what lies between is laid out on the way, so it is done twice. */
function sight(m: SpanModel, at: number): void {
  const s = m.surface.peek(), box = s?.root.closest('.sheet, .scroll');
  for (let i = 0; i < 2; i++) {
    const r = s?.rects(at, at + 1)[0], b = box?.getBoundingClientRect();
    if (!r || !b || (r.top >= b.top + 24 && r.bottom <= b.bottom - 24)) return;
    box!.scrollTop += (r.top + r.bottom) / 2 - (b.top + b.bottom) / 2;
  }
}

/* ---- the row above ---- */

const grainsOf = (m: SpanModel): Granularity[] => GRAINS.filter((g) => g !== 'paragraph' || granularityOf(m.tag.attrs.granularity) === g || m.grain() === g);

export function GrainBar({ m }: { m: SpanModel }) {
  const now = m.grain();
  return <div class="seg grain" role="group" aria-label={t('span.by')}>{grainsOf(m).map((g) =>
    <button type="button" key={g} aria-pressed={g === now} onMouseDown={(e) => e.preventDefault()} onClick={() => { grainSet.value = g; }}>{t(`span.by.${g}` as 'span.by.word')}</button>)}
    <Kbd combo="alt+g" /></div>;
}

/* ---- handles ---- */

interface Hold { which: 'start' | 'end'; id: string | null; dy: number }

/* Two handles on the chosen span, or on a selection made by finger; a third one draws a relation. */
export function Grips({ m }: { m: SpanModel }) {
  m.tick.value;
  const hold = useRef<Hold | null>(null), line = useSignal<{ x: number; y: number } | null>(null), links = linksOf(m.store);
  const s = m.surface.value, c = m.caret.value, own = m.span(m.store.selection.value);
  const at = own ?? (c?.grip ? { id: null, start: c.from, end: c.to } : null);
  if (!s || !at || (own && m.store.locked.value.has(own.id))) return null;
  const [va, vb] = m.view.value;
  if (at.end < va || at.start > vb) return null;
  const rects = s.rects(at.start, at.end), o = s.root.getBoundingClientRect();
  if (!rects.length) return null;
  const place = (r: Box, end: boolean) => ({ left: `${(end !== s.rtl(end ? at.end - 1 : at.start) ? r.right : r.left) - o.left}px`, top: `${r.bottom - o.top}px` });

  const down = (which: 'start' | 'end') => (e: PointerEvent): void => {
    const el = e.currentTarget as HTMLElement, r = which === 'start' ? rects[0]! : rects[rects.length - 1]!;
    el.setPointerCapture(e.pointerId);
    s.root.classList.add('is-drag');
    hold.current = { which, id: at.id, dy: e.clientY - (r.top + r.bottom) / 2 };
    if (at.id !== null) m.store.hold(at.id);
    e.preventDefault();
    e.stopPropagation();
  };
  const move = (e: PointerEvent): void => {
    const h = hold.current, to = h && s.at(e.clientX, e.clientY - h.dy);
    if (!h || to === null) return;
    const next = edgeTo(m, at, h.which, to);
    if (h.id !== null) m.store.live(h.id, m.place.to(next.start, next.end));
    else { m.caret.value = { from: next.start, to: next.end, grip: true }; m.wait(next); }
  };
  const up = (): void => {
    s.root.classList.remove('is-drag');
    if (hold.current?.id) m.store.settle('move');
    hold.current = null;
  };
  const grip = (which: 'start' | 'end') => <span key={which} class="edge" data-grip={which} style={place(which === 'start' ? rects[0]! : rects[rects.length - 1]!, which === 'end')}
    onPointerDown={down(which)} onPointerMove={move} onPointerUp={up} onPointerCancel={() => { m.store.drop(); up(); }} />;

  const end = rects[rects.length - 1]!, rtl = s.rtl(at.end - 1);
  const from = { x: (rtl ? end.left - 18 : end.right + 18) - o.left, y: end.top - o.top - 8 };
  const joins = own && s.doc === document && hasRelations(m.store) && !m.store.readOnly;
  return <div class="grips" aria-hidden="true">
    {grip('start')}{grip('end')}
    {joins && <span class="join" data-grip="join" title={t('span.join')} style={{ left: `${from.x}px`, top: `${from.y}px` }}
      onPointerDown={(e) => { e.currentTarget.setPointerCapture(e.pointerId); s.root.classList.add('is-drag'); line.value = from; e.preventDefault(); e.stopPropagation(); }}
      onPointerMove={(e) => { if (line.peek()) line.value = { x: e.clientX - o.left, y: e.clientY - o.top }; }}
      onPointerCancel={() => { line.value = null; s.root.classList.remove('is-drag'); }}
      onPointerUp={(e) => {
        const moved = line.peek() && Math.hypot(line.peek()!.x - from.x, line.peek()!.y - from.y) > 12, to = moved ? s.at(e.clientX, e.clientY) : null;
        line.value = null;
        s.root.classList.remove('is-drag');
        const other = to === null ? undefined : m.under(to, e.clientX, e.clientY).find((x) => x.id !== own.id);
        if (other) relate(m.store, own.id, other.id);
        else if (!moved) { links.from.value = own.id; announce(t('an.relation.second')); }
      }}><Icon i="link" /></span>}
    {line.value && <svg class="drawn"><path d={`M${from.x} ${from.y}L${line.value.x} ${line.value.y}`} /></svg>}
  </div>;
}

/* One end of a span at a place; it never passes the other and takes whole units. */
function edgeTo(m: SpanModel, at: { start: number; end: number }, which: 'start' | 'end', to: number): { start: number; end: number } {
  const g = m.grain();
  if (which === 'end') {
    const s = to > at.start ? snap(m.lines, at.start, to, g, m.lang) : null;
    return s && s.end > at.start ? { start: at.start, end: s.end } : { start: at.start, end: stepGrapheme(m.lines, at.start, 1) };
  }
  const s = to < at.end ? snap(m.lines, to, at.end, g, m.lang) : null;
  return s && s.start < at.end ? { start: s.start, end: at.end } : { start: stepGrapheme(m.lines, at.end, -1), end: at.end };
}
