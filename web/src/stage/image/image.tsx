/*
 * image.tsx -- a picture with shapes on it.
 *
 * The picture is an <img>, the shapes an SVG above it.  Zoom and pan move both
 * by one transform; lines keep their width, handles and flags are drawn in
 * screen pixels.  Each shape listens to its own region only.
 */
import { effect, signal, useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { t } from '../../core/i18n';
import { keys } from '../../core/hotkeys';
import { Button } from '../../ui/button';
import { MARKS } from '../../ui/paths';
import { placeOf, shapeOf } from '../../tags/result';
import type { TaskStore } from '../../tags/store';
import { colourClass, shapeNumber, type LabelInfo } from '../../tags/tree';
import { factsOf } from './describe';
import { boxPx, ellipsePx, pointsPx, toScreen, type Point, type Size } from './geometry';
import { ImageModel } from './model';
import './image.css';

export { ImageModel } from './model';

interface Props { model: ImageModel; src: string; name: string; live: boolean; children?: ComponentChildren; tall?: boolean }

export function ImageStage({ model: m, src, name, live, children, tall }: Props) {
  const root = useRef<HTMLDivElement>(null), img = useRef<HTMLImageElement>(null), g = useRef<SVGGElement>(null), f = useRef<SVGGElement>(null);
  const failed = useSignal(false);
  const space = useMemo(() => signal(false), []);

  useEffect(() => {
    const el = root.current!;
    const fit = () => m.resize({ w: el.clientWidth, h: el.clientHeight });
    const ro = new ResizeObserver(fit);
    ro.observe(el);
    fit();
    // Preact listens passively to wheel; zooming must keep the page from scrolling.
    const wheel = (e: WheelEvent) => { e.preventDefault(); m.wheel(e, place(el, e)); };
    if (live || m.editable) el.addEventListener('wheel', wheel, { passive: false });
    return () => { ro.disconnect(); el.removeEventListener('wheel', wheel); };
  }, [m]);

  useEffect(() => effect(() => {
    const { k, x, y } = m.view.value;
    if (img.current) img.current.style.transform = `translate(${x}px,${y}px) scale(${k})`;
    for (const el of [g.current, f.current]) {
      el?.setAttribute('transform', `translate(${x} ${y}) scale(${k})`);
      el?.style.setProperty('--inv', String(1 / k));
    }
  }), [m]);

  useLayoutEffect(() => { if (live) return bindKeys(m, root, space); return undefined; }, [m, live]);

  useEffect(() => {                           // a picture that was there before we listened
    const i = img.current;
    failed.value = false;
    if (i?.complete && i.naturalWidth) m.loaded(sizeOf(i));
  }, [src, m]);

  const size = m.size.value, tool = m.tool.value;
  const grip = (e: PointerEvent) => (e.target as Element).closest?.('[data-grip]')?.getAttribute('data-grip') ?? null;
  const region = (e: PointerEvent) => (e.target as Element).closest?.('[data-region]')?.getAttribute('data-region') ?? null;
  const at = (e: PointerEvent) => place(root.current!, e);

  return <div class={`stage img-stage tool-${tool} ${m.panning.value ? 'is-pan' : ''} ${tall ? 'tall' : ''}`} ref={root}
    data-object={m.image.name} data-marks={m.marks.map((c) => `${c.name}:${c.tag}`).join(' ')}>
    {failed.value
      ? <p class="stage-note" role="alert">{t('an.image.failed')}</p>
      : <img ref={img} src={src} alt="" class="pic-img" draggable={false} decoding="async"
          width={size?.w} height={size?.h}
          onLoad={(e) => m.loaded(sizeOf(e.currentTarget))} onError={() => { failed.value = true; }} />}
    <svg class="over" tabindex={0} role="group" aria-label={name}
      onPointerDown={(e) => {
        if (e.button > 1) return;
        e.currentTarget.setPointerCapture(e.pointerId);
        e.currentTarget.focus({ preventScroll: true });
        m.down(e.pointerId, at(e), { region: region(e), grip: grip(e), button: e.button, space: space.value });
        e.preventDefault();
      }}
      onPointerMove={(e) => m.move(e.pointerId, at(e), e.shiftKey)}
      onPointerUp={(e) => m.up(e.pointerId, at(e))}
      onPointerCancel={(e) => m.lost(e.pointerId)}
      onDblClick={(e) => doubleClick(m, e, at(e as unknown as PointerEvent))}>
      <g ref={g}>{size && <Shapes m={m} />}</g>
      <g ref={f}>{size && <Flags m={m} />}</g>
      {size && m.editable && <Handles m={m} />}
      {size && <DraftShape m={m} />}
    </svg>
    {children}
    <Hud m={m} live={live} />
  </div>;
}

/* SVGs may have no size of their own. */
const sizeOf = (i: HTMLImageElement): Size => ({ w: i.naturalWidth || 1000, h: i.naturalHeight || 1000 });

function place(el: Element, e: { clientX: number; clientY: number }): Point {
  const r = el.getBoundingClientRect();
  return { x: e.clientX - r.left, y: e.clientY - r.top };
}

function doubleClick(m: ImageModel, e: MouseEvent, p: Point): void {
  const id = m.store.selection.peek();
  if (m.draft.peek()?.kind === 'polygon') { m.finish(); return; }
  if (id === null || m.shape(id) !== 'polygon') return;
  const corner = /^c(\d+)$/.exec((e.target as Element).closest('[data-grip]')?.getAttribute('data-grip') ?? '');
  if (corner) m.removeCorner(id, Number(corner[1]));
  else m.insertCorner(id, p);
}

/* ---- shapes ---- */

export function labelLook(store: TaskStore, labels: readonly string[]): { cls: string; info: LabelInfo | undefined; style?: Record<string, string> } {
  const info = store.info(labels[0]);
  const cls = info ? colourClass(info.n) : 'l0';
  return { cls, info, ...(info?.background ? { style: { '--c': info.background } } : {}) };
}

function Shapes({ m }: { m: ImageModel }) {
  const ids = m.store.regionsOn(m.image.name);
  const sel = m.store.selection.value;
  const kept = useRef(new Map<string, VNode>());
  const next = new Map<string, VNode>();
  const make = (id: string, n: number) => {
    const key = `${id} ${n}`;
    const v = kept.current.get(key) ?? <Shape key={id} m={m} id={id} n={n} />;
    next.set(key, v);
    return v;
  };
  const list = ids.map((id, i) => [id, i + 1] as const);
  const out = list.filter(([id]) => id !== sel).map(([id, n]) => make(id, n));
  const top = list.find(([id]) => id === sel);
  if (top) out.push(make(...top));
  kept.current = next;
  return <>{out}</>;
}

function Shape({ m, id, n }: { m: ImageModel; id: string; n: number }) {
  const items = m.store.items(id), r = items.find((x) => shapeOf(x) !== null), size = m.size.value;
  const off = useComputed(() => m.store.hidden.value.has(id)).value, sel = useComputed(() => m.store.selection.value === id).value;
  if (!r || !size || off) return null;
  const look = labelLook(m.store, m.store.labelsOf(id));
  const cls = `shape ${sel ? 'sel' : ''} ${r.origin === 'prediction' ? 'ghost' : ''}`;
  const el = (c: string) => shapeElement(r.value ?? {}, shapeOf(r), size, c);
  if (!el('')) return null;
  return <g class={look.cls} style={look.style} data-region={id} role="img" aria-label={`${n} ${factsOf(m.store, id, size).spoken}`}>
    {el(sel ? 'sel-d' : 'shape-d')}{el(cls)}
  </g>;
}

function shapeElement(v: Record<string, unknown>, shape: string | null, s: Size, cls: string) {
  if (shape === 'box') {
    const b = boxPx(v, s);
    return <rect class={cls} x={b.x} y={b.y} width={b.width} height={b.height} transform={b.rotation ? `rotate(${b.rotation} ${b.x} ${b.y})` : undefined} />;
  }
  if (shape === 'ellipse') {
    const e = ellipsePx(v, s);
    return <ellipse class={cls} cx={e.x} cy={e.y} rx={e.radiusX} ry={e.radiusY} transform={e.rotation ? `rotate(${e.rotation} ${e.x} ${e.y})` : undefined} />;
  }
  if (shape === 'polygon') {
    const p = pointsPx(v.points, s);
    return p.length < 2 ? null : <path class={cls} d={`M${p.map((q) => `${q.x} ${q.y}`).join('L')}${v.closed === false ? '' : 'Z'}`} />;
  }
  if (shape === 'point') {
    const b = boxPx(v, s);
    return <path class={`${cls} dot`} d={`M${b.x} ${b.y}h.001`} />;
  }
  return null;
}

function Flags({ m }: { m: ImageModel }) {
  const ids = m.store.regionsOn(m.image.name);
  return <g class="flags">{ids.map((id, i) => <Flag key={id} m={m} id={id} n={i + 1} />)}</g>;
}

function Flag({ m, id, n }: { m: ImageModel; id: string; n: number }) {
  const r = m.store.items(id).find((x) => shapeOf(x) !== null);
  const off = useComputed(() => m.store.hidden.value.has(id)).value, sel = useComputed(() => m.store.selection.value === id).value;
  if (!r || off) return null;
  const at = m.flagAt(placeOf(r), shapeOf(r));
  if (!at) return null;
  const { cls, info, style } = labelLook(m.store, m.store.labelsOf(id));
  const text = String(n), w = 26 + 8 * text.length;
  return <g class={`flag ${cls} ${sel ? 'sel' : ''}`} style={style} transform={`translate(${at.x} ${at.y})`} data-region={id} aria-hidden="true">
    <g class="inv">
      <rect x="-1" y="-22" width={w} height="20" rx="3" />
      {info && <path class="mk" transform="translate(4 -18)" fill-rule="evenodd" d={MARKS[shapeNumber(info.n) - 1]} />}
      <text x={info ? 20 : 8} y="-7.500">{info ? text : `${text} ?`}</text>
    </g>
  </g>;
}

function Handles({ m }: { m: ImageModel }) {
  const id = m.store.selection.value;
  if (id === null || m.store.locked.value.has(id) || m.store.hidden.value.has(id) || m.draft.value) return null;
  if (m.store.spatial(id)?.to_name !== m.image.name) return null;
  const list = m.handles(id);
  const top = list.find((h) => h.grip === 'turn'), n = list.find((h) => h.grip === 'n');
  return <g class="grips">
    {top && n && <line class="stalk" x1={n.x} y1={n.y} x2={top.x} y2={top.y} />}
    {list.map((h) => <g key={h.grip} data-grip={h.grip} class={`grip g-${h.grip}`}>
      <rect class="hit" x={h.x - 12} y={h.y - 12} width="24" height="24" />
      {h.grip === 'turn' ? <circle class="handle" cx={h.x} cy={h.y} r="5" /> : <rect class="handle" x={h.x - 4} y={h.y - 4} width="8" height="8" rx="1" />}
    </g>)}
  </g>;
}

function DraftShape({ m }: { m: ImageModel }) {
  const d = m.draft.value, v = m.view.value, c = m.cursor.value;
  const info = m.store.info(m.store.active.value?.values[0]);
  const cross = c && toScreen(v, c), st = m.stage.value;
  return <g class={info ? colourClass(info.n) : 'l0'}>
    {cross && <path class="cross" d={`M0 ${cross.y}H${st.w}M${cross.x} 0V${st.h}`} />}
    {d && d.kind !== 'polygon' && draftBox(d.kind, toScreen(v, d.a), toScreen(v, d.b))}
    {d?.kind === 'polygon' && draftPath([...d.points, d.at].map((p) => toScreen(v, p)))}
  </g>;
}

function draftBox(kind: string, a: Point, b: Point) {
  const x = Math.min(a.x, b.x), y = Math.min(a.y, b.y), w = Math.abs(a.x - b.x), h = Math.abs(a.y - b.y);
  return kind === 'box'
    ? <><rect class="sel-d" x={x} y={y} width={w} height={h} /><rect class="shape" x={x} y={y} width={w} height={h} /></>
    : <><ellipse class="sel-d" cx={x + w / 2} cy={y + h / 2} rx={w / 2} ry={h / 2} /><ellipse class="shape" cx={x + w / 2} cy={y + h / 2} rx={w / 2} ry={h / 2} /></>;
}

function draftPath(p: Point[]) {
  const d = `M${p.map((q) => `${q.x} ${q.y}`).join('L')}`;
  return <><path class="sel-d" d={d} /><path class="shape" d={d} />
    {p.slice(0, -1).map((q, i) => <rect key={i} class={`handle ${i === 0 ? 'first' : ''}`} x={q.x - 4} y={q.y - 4} width="8" height="8" rx="1" />)}</>;
}

function Hud({ m, live }: { m: ImageModel; live: boolean }) {
  const k = Math.round(m.view.value.k * 100);
  return <div class="hud pop" role="group" aria-label={t('an.zoom')}>
    <Button icon="minus" name={t('an.zoom.out')} onClick={() => m.zoom(1 / 1.25)} />
    <Button cls="nowrap" name={t('an.zoom.full', { k })} onClick={() => m.zoomTo(1)}>{k} %</Button>
    <Button icon="plus" name={t('an.zoom.in')} onClick={() => m.zoom(1.25)} />
    <Button icon="fit" name={live ? t('an.zoom.fit.key') : t('an.zoom.fit')} onClick={() => m.fit()} />
  </div>;
}

/* ---- keys ---- */

function bindKeys(m: ImageModel, root: { current: HTMLElement | null }, space: { value: boolean }): () => void {
  const here = (e: { target: EventTarget | null }): boolean => {
    const el = e.target as Element | null;
    return !el || el === document.body || root.current?.contains(el) === true || !!el.closest?.('.rlist');
  };
  const arrows = (['left', 'right', 'up', 'down'] as const).flatMap((key) => {
    const dx = key === 'left' ? -1 : key === 'right' ? 1 : 0, dy = key === 'up' ? -1 : key === 'down' ? 1 : 0;
    return [['', false, false], ['shift+', true, false], ['ctrl+', false, true], ['ctrl+shift+', true, true]].map(([pre, shift, ctrl]) => ({
      combo: `${pre as string}${key}`,
      act: (e: { target: EventTarget | null }) => {
        if ((e.target as Element | null)?.closest?.('.rlist') && !shift && !ctrl && m.store.selection.peek() === null) return false;
        return here(e) ? m.arrow(dx, dy, shift as boolean, ctrl as boolean) : false;
      },
    }));
  });
  const off = keys.bind('stage', [
    ...arrows,
    { combo: 'enter', act: (e) => here(e) && m.enter(), what: t('an.key.place') },
    { combo: 'esc', act: () => m.cancel(), what: t('an.key.cancel') },
    { combo: 'backspace', act: () => undoCorner(m) },
    { combo: 'ctrl+plus', act: () => m.zoom(1.25), what: t('an.zoom.in') },
    { combo: 'ctrl+=', act: () => m.zoom(1.25) },
    { combo: 'ctrl+-', act: () => m.zoom(1 / 1.25), what: t('an.zoom.out') },
    { combo: 'shift+1', act: () => m.fit(), what: t('an.zoom.fit') },
    { combo: 'shift+2', act: () => m.zoomTo(1), what: t('an.zoom.full', { k: 100 }) },
  ]);
  const hold = (e: KeyboardEvent) => {
    if (e.code !== 'Space' || e.ctrlKey || !here(e)) return;
    space.value = e.type === 'keydown';
    if (e.type === 'keydown') e.preventDefault();
  };
  document.addEventListener('keydown', hold);
  document.addEventListener('keyup', hold);
  return () => { off(); document.removeEventListener('keydown', hold); document.removeEventListener('keyup', hold); };
}

function undoCorner(m: ImageModel): boolean {
  const d = m.draft.peek();
  if (d?.kind !== 'polygon') return false;
  if (d.points.length < 2) m.cancel();
  else m.draft.value = { ...d, points: d.points.slice(0, -1) };
  return true;
}
