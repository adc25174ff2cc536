/*
 * text.tsx -- a text with spans on it, and what stands above and around them.
 * Offsets are UTF-16 code units of the text as it came.
 */
import { effect, signal, useComputed } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { num, t } from '../../core/i18n';
import { Mark } from '../../ui/icon';
import { hasRelations, relationsView } from '../../tags/links';
import type { TaskStore } from '../../tags/store';
import { colourClass, type Tag } from '../../tags/tree';
import { SpanModel, type Place, type Span } from './model';
import { blocksOf, lengthOf, linesOf, LineSurface, type Line } from './offsets';
import { canHighlight } from './paint';
import './text.css';

export interface TextProps {
  store: TaskStore;
  tag: Tag;
  marks: Tag[];
  text: string;
  live: boolean;
  place?: Place;                           // a dialogue keeps its own
  authors?: (string | undefined)[];        // of each line, in a dialogue
  cls?: string;
  bare?: boolean;                          // without the row above
}

const plain = (text: string, save: boolean): Place => ({
  to: (start, end) => ({ start, end, ...(save ? { text: text.slice(start, end) } : {}) }),
  from: (r) => {
    const v = r.value ?? {};
    const g = v.globalOffsets as { start?: unknown; end?: unknown } | undefined;
    const start = Number(g?.start ?? v.start), end = Number(g?.end ?? v.end);
    return Number.isInteger(start) && Number.isInteger(end) && start >= 0 && end <= text.length && start < end ? { start, end } : null;
  },
});

/* Whether the words of a span are kept beside its offsets. */
export const savesText = (tag: Tag): boolean => {
  const s = tag.attrs.savetextresult;
  return s === undefined ? tag.attrs.valuetype !== 'url' : s !== 'no';
};

/* The keyboard, the handles and the row above: after the first paint. */
type Edit = typeof import('./edit');
export const edit = signal<Edit | null>(null);
let asked: Promise<Edit> | null = null;
const needEdit = (): Promise<Edit> => asked ??= import('./edit').then((m) => { edit.value = m; return m; });

export function TextStage(p: TextProps) {
  const { store, tag, text, live } = p;
  const lines = useMemo(() => linesOf(text), [text]);
  const place = p.place ?? useMemo(() => plain(text, savesText(tag)), [text, tag]);
  const root = useRef<HTMLDivElement>(null);
  const m = useMemo(() => new SpanModel({ store, tag, marks: p.marks, live, lines, place }), [store, tag, text]);

  useLayoutEffect(() => {
    const off = m.attach(new LineSurface(root.current!, lines)), stop = m.editable ? m.listen(root.current!) : chooses(m, root.current!);
    return () => { stop(); off(); };
  }, [m]);

  const marked = canHighlight() ? null : m.spans.value;
  const body = useMemo(() => marked ? null : <Blocks lines={lines} authors={p.authors} />, [lines, marked === null]);
  return <SpanFrame m={m} root={root} cls={p.cls} bare={p.bare}>
    {body ?? <Blocks lines={lines} authors={p.authors} spans={marked!} sel={store.selection.value} />}
  </SpanFrame>;
}

function chooses(m: SpanModel, el: HTMLElement): () => void {
  const on = (e: MouseEvent): void => m.click(e);
  el.addEventListener('click', on);
  return () => el.removeEventListener('click', on);
}

/* What a text and the HTML of a frame have in common: the row above, keys, tags, handles, arcs. */
export function SpanFrame({ m, root, cls, bare, children }: { m: SpanModel; root: { current: HTMLDivElement | null }; cls?: string | undefined; bare?: boolean | undefined; children: ComponentChildren }) {
  const on = m.editable && m.p.live;
  m.surface.value;
  useLayoutEffect(() => (canHighlight() ? effect(() => m.paint()) : undefined), [m]);
  useEffect(() => { if (on) void needEdit(); }, [on]);
  useLayoutEffect(() => (on && edit.value ? edit.value.bind(m) : undefined), [m, on, edit.value]);
  const key = (e: KeyboardEvent): void => {
    if (!on) return;
    if (edit.peek()) { edit.peek()!.key(m, e); return; }
    if (/^Arrow/.test(e.key) && !e.ctrlKey && !e.metaKey) e.preventDefault();
    void needEdit().then((x) => x.key(m, e));
  };
  const arcs = useComputed(() => hasRelations(m.store)).value;
  const Grips = edit.value?.Grips, Bar = edit.value?.GrainBar, Arcs = relationsView.value?.ArcLayer;
  return <>
    {on && !bare && <div class="meta">{Bar && <Bar m={m} />}<span class="end not-s">{t('an.text.units', { n: num(lengthOf(m.lines)) })}</span></div>}
    <div class={`txt ${m.editable ? '' : 'still'} ${arcs ? 'with-arcs' : ''} ${cls ?? ''}`} ref={root} data-object={m.tag.name} data-marks={m.p.marks.map((c) => `${c.name}:${c.tag}`).join(' ')} tabIndex={on ? 0 : undefined} role={on ? 'group' : undefined}
      aria-label={on ? t('an.text.name') : undefined} onKeyDown={key}>
      {children}
      <Tags m={m} />
      {Arcs && <Arcs m={m} />}
      {on && Grips && <Grips m={m} />}
    </div>
  </>;
}

function Blocks({ lines, authors, spans, sel }: { lines: readonly Line[]; authors?: (string | undefined)[] | undefined; spans?: Span[]; sel?: string | null }) {
  return <>{blocksOf(lines).map(([a, b]) => {
    const list = lines.slice(a, b), tall = list.reduce((s, l) => s + (l.text === '' ? 24 : 52 * Math.ceil(l.text.length / 78)), 0);
    return <div key={a} class="blk" style={{ containIntrinsicBlockSize: `auto ${tall}px` }}>{list.map((l, k) =>
      <LineView key={k} l={l} i={a + k} author={authors?.[a + k]} first={authors !== undefined && authors[a + k] !== authors[a + k - 1]} spans={spans} sel={sel} />)}</div>;
  })}</>;
}

function LineView({ l, i, author, first, spans, sel }: { l: Line; i: number; author: string | undefined; first: boolean; spans: Span[] | undefined; sel: string | null | undefined }) {
  return <>
    {first && author && <p class="who-says" dir="auto">{author}</p>}
    <p class={l.text === '' ? 'para gap' : 'para'} dir="auto"><span data-line={i}>{spans ? <Marked l={l} spans={spans} sel={sel ?? null} /> : l.text}</span>{l.text === '' && <br />}</p>
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

/* ---- what stands above and around the spans ---- */

function Tags({ m }: { m: SpanModel }) {
  m.tick.value;
  const { tags, rings } = m.surface.value ? layTags(m) : { tags: [], rings: [] };
  return <div class="tags" aria-hidden="true">
    {tags.map((g) => <i key={g.id} class={`tg ${g.cls} ${g.tight ? 'tight' : ''} ${g.sel ? 'sel' : ''}`} style={{ left: `${g.x}px`, top: `${g.y}px` }}>
      {g.n >= 0 && <Mark n={g.n + 1} />}{!g.tight && g.text}</i>)}
    {rings.map((r, i) => <b key={i} class={r.kb ? 'ring kb' : 'ring'} style={{ left: `${r.x}px`, top: `${r.y}px`, width: `${r.w}px`, height: `${r.h}px` }} />)}
  </div>;
}

const TAG_WIDTH = 7;      // a letter of a tag, about; only to see whether two tags would touch

function layTags(m: SpanModel) {
  const surface = m.surface.value!, o = surface.root.getBoundingClientRect(), sel = m.store.selection.value, caret = m.caret.value;
  const tags: { id: string; x: number; y: number; cls: string; n: number; text: string; tight: boolean; sel: boolean; w: number }[] = [];
  const rings: { x: number; y: number; w: number; h: number; kb: boolean }[] = [];
  const named = m.tag.attrs.showlabels !== 'false';
  for (const s of m.near()) {
    const mine = s.id === sel, rtl = surface.rtl(s.start);
    const rects = surface.rects(s.start, mine || rtl ? s.end : Math.min(s.end, s.start + 2)), r = rects[0];
    if (!r) continue;
    const text = s.name || '?', w = text.length * TAG_WIDTH + 16;
    if (named || mine) tags.push({ id: s.id, x: (rtl ? r.right - Math.min(w, 400) : r.left) - o.left, y: r.top - o.top - 15, cls: s.info ? colourClass(s.info.n) : '', n: s.info?.n ?? -1, text, tight: false, sel: mine, w });
    if (mine) for (const q of rects) rings.push({ x: q.left - o.left - 2, y: q.top - o.top - 2, w: q.right - q.left + 4, h: q.bottom - q.top + 4, kb: false });
  }
  if (caret) for (const q of surface.rects(caret.from, Math.max(caret.to, caret.from + 1))) rings.push({ x: q.left - o.left - 1, y: q.top - o.top - 1, w: q.right - q.left + 2, h: q.bottom - q.top + 2, kb: true });
  tags.sort((a, b) => Math.round(a.y / 8) - Math.round(b.y / 8) || a.x - b.x);
  tags.forEach((g, i) => {
    const next = tags[i + 1];
    if (g.x + g.w > o.width + 16) g.tight = true;
    if (next && Math.abs(next.y - g.y) < 8 && next.x < g.x + g.w) { if (next.x - g.x < 12) next.y -= 11; else g.tight = true; }
  });
  return { tags, rings };
}
