/*
 * image.tsx -- a picture with shapes on it.
 *
 * From below: the picture, the shapes at rest on a canvas (paint.ts), and an
 * SVG with what is alive: the chosen shapes, the one under the pointer, their
 * grips, what is being drawn.  Zoom, pan and turning move all of them by one
 * transform.
 *
 * The stage stays on the page and gets the model of the next task.  All of that
 * happens before the next paint: a picture that is already here (fetched ahead)
 * is seen in the first frame, with its shapes.
 */
import { effect, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { addMessages, t } from '../../core/i18n';
import { Button } from '../../ui/button';
import { addIcons, MARKS } from '../../ui/paths';
import { STAGE } from '../../ui/paths-stage';
import { attr } from '../../tags/tree';
import { relationsView } from '../../tags/links';
import { placeOf, shapeOf } from '../../tags/result';
import type { TaskStore } from '../../tags/store';
import { colourClass, shapeNumber, type LabelInfo } from '../../tags/tree';
import words from '../../i18n/en/image.json';
import { bindKeys } from './board';
import { DraftShape } from './draft';
import { cssTransform, svgTransform, toPicture, toScreen, type Point, type Size } from './geometry';
import { kindOf } from './kinds';
import { isMaskTool, type ImageModel } from './model';
import { lookOf, Painter } from './paint';
import { isHuge, Tiles, ViewPanel } from './more';
import './image.css';

await addMessages('image', words);
addIcons(STAGE);

export { ImageModel } from './model';

interface Props { model: ImageModel; name: string; live: boolean; children?: ComponentChildren; tall?: boolean }

export function ImageStage({ model: m, name, live, children, tall }: Props) {
  const root = useRef<HTMLDivElement>(null), under = useRef<HTMLDivElement>(null), canvases = useRef<HTMLDivElement>(null), img = useRef<HTMLImageElement>(null), lines = useRef<HTMLDivElement>(null), g = useRef<SVGGElement>(null);
  const src = m.at.src, space = useMemo(() => signal(false), []);
  const { failed, plain } = useMemo(() => ({ failed: signal(false), plain: signal(false) }), [src, m]);
  const now = useRef(m), paint = useRef<Painter | null>(null), room = useRef<Size | null>(null);
  now.current = m;

  useLayoutEffect(() => {
    const el = root.current!, measure = (): void => now.current.resize(room.current = { w: el.clientWidth, h: el.clientHeight });
    const ro = new ResizeObserver(measure), own = paint.current = new Painter(canvases.current!);
    ro.observe(el);
    measure();
    return () => { ro.disconnect(); own.stop(); };
  }, []);
  useLayoutEffect(() => {
    const stop = m.start();
    if (room.current) m.resize(room.current);          // as large as it was for the task before: nothing is laid out to ask
    const leave = paint.current!.follow(m), unmount = m.pixels.peek()?.mount(canvases.current!);
    return () => { leave(); unmount?.(); stop(); };
  }, [m]);
  const zooms = live || m.editable;
  useLayoutEffect(() => {
    // Preact listens passively to wheel; zooming must keep the page from scrolling.
    const el = root.current!, wheel = (e: WheelEvent): void => { e.preventDefault(); now.current.wheel(e, place(el, e)); };
    if (zooms) el.addEventListener('wheel', wheel, { passive: false });
    return () => el.removeEventListener('wheel', wheel);
  }, [zooms]);

  useLayoutEffect(() => effect(() => {
    const v = m.view.value, s = m.size.value;
    if (img.current) img.current.style.transform = cssTransform(v);
    g.current?.setAttribute('transform', svgTransform(v));
    g.current?.style.setProperty('--inv', String(1 / v.k));
    const l = lines.current;
    if (l && s) { l.style.transform = cssTransform(v); l.style.inlineSize = `${s.w}px`; l.style.blockSize = `${s.h}px`; l.style.setProperty('--line-w', `${1 / v.k}px`); }
  }), [m]);
  useLayoutEffect(() => effect(() => {
    const { brightness, contrast } = m.light.value, f = brightness === 100 && contrast === 100 ? '' : `brightness(${brightness}%) contrast(${contrast}%)`;
    if (under.current) under.current.style.setProperty('--light', f || 'none');
  }), [m]);

  useLayoutEffect(() => (live ? bindKeys(m, root, space) : undefined), [m, live, m.tools.join()]);

  useLayoutEffect(() => {                     // a picture that was there before we listened
    const i = img.current;
    if (i?.complete && i.naturalWidth) loaded(i);
  }, [src, m]);

  const loaded = (i: HTMLImageElement): void => m.loaded(sizeOf(i));
  const size = m.size.value, tool = m.tool.value;
  const from = (e: Event, what: string): string | null => (e.target as Element).closest?.(`[data-${what}]`)?.getAttribute(`data-${what}`) ?? null;
  const at = (e: MouseEvent) => place(root.current!, e);
  const hover = m.hover.value, sharp = attr(m.image, 'smoothing') === 'false' || m.view.value.k >= 6;

  return <div class={`stage img-stage tool-${tool} ${m.panning.value ? 'is-pan' : ''} ${hover !== null && (tool === 'move' || m.live.value.has(hover)) ? 'is-over' : ''} ${tall ? 'tall' : ''} ${sharp ? 'sharp' : ''}`} ref={root}
    data-object={m.image.name} data-marks={m.marks.value.map((c) => `${c.name}:${c.tag}`).join(' ')}>
    <div class="under" ref={under}>
      {failed.value || !src
        ? <p class="stage-note" role="alert">{src ? t('an.image.failed') : t('an.image.none')}</p>
        : <img key={src} ref={img} src={src} alt="" class={`pic-img ${size && isHuge(size) && !plain.value ? 'is-huge' : ''}`} draggable={false} decoding="async"
            width={size?.w} height={size?.h}
            onLoad={(e) => { if (e.currentTarget === img.current) loaded(e.currentTarget); }} onError={() => { failed.value = true; }} />}
      {src && size && isHuge(size) && !plain.value && <Tiles key={src} m={m} src={src} onFail={() => { plain.value = true; }} />}
      {m.grid.value && <div class="gridlay" ref={(el) => { lines.current = el; if (el) dress(el, m); }} aria-hidden="true" />}
      <div ref={canvases} />
    </div>
    <svg class="over" tabindex={0} role="group" aria-label={m.pages.length > 1 ? t('im.page', { name, n: m.page.value + 1, of: m.pages.length }) : name}
      onPointerDown={(e) => {
        if (e.button > 1) return;
        e.currentTarget.setPointerCapture(e.pointerId);
        e.currentTarget.focus({ preventScroll: true });
        m.hand.down(e.pointerId, at(e), { shift: e.shiftKey, alt: e.altKey, space: space.value, button: e.button, touch: e.pointerType === 'touch', pen: e.pointerType === 'pen', grip: from(e, 'grip'), flag: from(e, 'flag') });
        e.preventDefault();
      }}
      onPointerMove={(e) => m.hand.move(e.pointerId, at(e), { shift: e.shiftKey, touch: e.pointerType === 'touch' })}
      onPointerUp={(e) => m.hand.up(e.pointerId, at(e))}
      onPointerCancel={(e) => m.hand.lost(e.pointerId)}
      onPointerLeave={() => m.hand.left()}
      onDblClick={(e) => doubleClick(m, at(e))}>
      <g ref={g}>{size && <Live m={m} />}</g>
      {size && <Flags m={m} />}
      {size && relationsView.value && <Links m={m} size={size} />}
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

/* The grid of the config: its width in picture pixels and its colour. */
function dress(el: HTMLElement, m: ImageModel): void {
  const v = m.view.peek(), s = m.size.peek();
  el.style.setProperty('--grid', `${Math.max(2, Number(attr(m.image, 'gridSize')) || 30)}px`);
  if (attr(m.image, 'gridColor')) el.style.setProperty('--grid-c', attr(m.image, 'gridColor')!);
  if (s) { el.style.transform = cssTransform(v); el.style.inlineSize = `${s.w}px`; el.style.blockSize = `${s.h}px`; el.style.setProperty('--line-w', `${1 / v.k}px`); }
}

/* A line that is drawn ends; a corner goes; elsewhere on the outline one comes. */
function doubleClick(m: ImageModel, p: Point): void {
  const id = m.store.selection.peek(), d = m.draft.peek(), grip = m.hand.lastGrip;
  if (d && 'points' in d) { m.finish(false); return; }
  if (id === null) return;
  if (grip?.[0] === 'c') { m.change(id, (kind, value, s) => kind.remove?.(value, s, grip)); return; }
  const at = toPicture(m.view.peek(), p);
  if (m.hit(at, true, 8) === id) m.change(id, (kind, value, s) => kind.insert?.(value, s, at));
}

/* ---- shapes that are alive ---- */

export function labelLook(store: TaskStore, labels: readonly string[]): { cls: string; info: LabelInfo | undefined; style?: Record<string, string> } {
  const info = store.info(labels[0]);
  const cls = info ? colourClass(info.n) : 'l0';
  return { cls, info, ...(info?.background ? { style: { '--c': info.background } } : {}) };
}

function Live({ m }: { m: ImageModel }) {
  const live = m.live.value, hover = m.hover.value, here = new Set(m.regions.value);
  return <>
    {hover !== null && !live.has(hover) && here.has(hover) && <Shape key={`h${hover}`} m={m} id={hover} how="hov" />}
    {[...live].filter((id) => here.has(id)).map((id) => <Shape key={id} m={m} id={id} how="sel" />)}
  </>;
}

function Shape({ m, id, how }: { m: ImageModel; id: string; how: 'sel' | 'hov' }) {
  const items = m.store.items(id), r = items.find((x) => shapeOf(x) !== null), size = m.size.value;
  if (!r || !size || m.store.hidden.value.has(id)) return null;
  const shape = shapeOf(r), d = kindOf(shape)?.path(placeOf(r), size);
  if (!d) return null;
  const look = labelLook(m.store, m.store.labelsOf(id)), open = kindOf(shape)!.open?.(placeOf(r)) || lookOf({ control: m.store.control(r.from_name) }).fill === 0;
  const cls = `shape ${how} ${r.origin === 'prediction' ? 'ghost' : ''} ${shape === 'point' ? 'dot' : ''} ${open ? 'open' : ''}`;
  return <g class={look.cls} style={look.style} data-region={id} aria-hidden="true">
    <path class={`${how}-d ${shape === 'point' ? 'dot' : ''}`} d={d} /><path class={cls} d={d} />
  </g>;
}

/* Relations as lines from middle to middle. */
function Links({ m, size }: { m: ImageModel; size: Size }) {
  const Lines = relationsView.value!.RelationLines, here = new Set(m.regions.value), view = m.view.value;
  return <Lines store={m.store} at={(id) => {
    const r = here.has(id) ? m.store.items(id).find((x) => shapeOf(x) !== null) : undefined, h = r && kindOf(shapeOf(r))?.hull(placeOf(r), size);
    return h ? toScreen(view, { x: h.x + h.width / 2, y: h.y + h.height / 2 }) : null;
  }} />;
}

function Flags({ m }: { m: ImageModel }) {
  const here = m.regions.value;
  return <g class="flags">{[...m.live.value].map((id) => <Flag key={id} m={m} id={id} n={here.indexOf(id) + 1} />)}</g>;
}

function Flag({ m, id, n }: { m: ImageModel; id: string; n: number }) {
  const r = m.store.items(id).find((x) => shapeOf(x) !== null), size = m.size.value;
  if (!r || !size || !n || m.store.hidden.value.has(id)) return null;
  const at = kindOf(shapeOf(r))?.flag(placeOf(r), size);
  if (!at) return null;
  const { cls, info, style } = labelLook(m.store, m.store.labelsOf(id)), p = toScreen(m.view.value, at);
  const text = String(n), w = 26 + 8 * text.length;
  return <g class={`flag sel ${cls}`} style={style} transform={`translate(${Math.round(p.x)} ${Math.round(p.y)})`} data-flag={id} aria-hidden="true">
    <rect x="-1" y="-22" width={w} height="20" rx="3" />
    {info && <path class="mk" transform="translate(4 -18)" fill-rule="evenodd" d={MARKS[shapeNumber(info.n) - 1]} />}
    <text x={info ? 20 : 8} y="-7.500">{info ? text : `${text} ?`}</text>
  </g>;
}

function Handles({ m }: { m: ImageModel }) {
  const id = m.store.selection.value;
  if (id === null || m.live.value.size > 1 || m.store.locked.value.has(id) || m.store.hidden.value.has(id) || m.draft.value || isMaskTool(m.tool.value)) return null;
  if (!m.regions.value.includes(id)) return null;
  const v = m.view.value, list = m.grips(id).map((h) => ({ ...h, ...toScreen(v, h) }));
  const top = list.find((h) => h.grip === 'turn'), n = list.find((h) => h.grip === 'n'), c = m.store.spatial(id)?.from_name;
  const round = attr(m.store.control(c) ?? m.image, 'pointStyle') === 'circle';
  return <g class="grips">
    {top && n && <line class="stalk" x1={n.x} y1={n.y} x2={top.x} y2={top.y} />}
    {list.map((h) => <g key={h.grip} data-grip={h.grip} class={`grip g-${h.grip.replace(/\d+/, '')} ${h.soft ? 'soft' : ''}`}>
      <rect class="hit" x={h.x - 12} y={h.y - 12} width="24" height="24" />
      {h.grip === 'turn' || round || h.soft ? <circle class="handle" cx={h.x} cy={h.y} r={h.soft ? 3.5 : 5} /> : <rect class="handle" x={h.x - 4} y={h.y - 4} width="8" height="8" rx="1" />}
    </g>)}
  </g>;
}

function Hud({ m, live }: { m: ImageModel; live: boolean }) {
  const k = Math.round(m.view.value.k * 1000) / 10, shown = k < 10 ? k : Math.round(k), open = useMemo(() => signal(false), [m]);
  if (attr(m.image, 'zoomControl') === 'false' && !live) return null;
  return <>
    {open.value && <ViewPanel m={m} onClose={() => { open.value = false; }} />}
    <div class="hud pop" role="group" aria-label={t('an.zoom')}>
      <Button icon="minus" name={t('an.zoom.out')} onClick={() => m.zoomStep(-1)} />
      <Button cls="nowrap" name={t('an.zoom.full', { k: shown })} onClick={() => m.zoomTo(1)}>{shown} %</Button>
      <Button icon="plus" name={t('an.zoom.in')} onClick={() => m.zoomStep(1)} />
      <Button icon="fit" name={live ? t('an.zoom.fit.key') : t('an.zoom.fit')} onClick={() => m.fit()} />
      <Button icon="more" name={t('im.view')} pressed={open.value} onClick={() => { open.value = !open.value; }} />
    </div>
  </>;
}
