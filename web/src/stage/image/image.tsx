/*
 * image.tsx -- a picture to draw on.
 *
 * From below: the picture, the shapes at rest on a canvas (paint.ts), and an
 * SVG with what is alive: the chosen shapes, the one under the pointer, their
 * grips, what is being drawn.  Zoom, pan and turning move all of them by one
 * transform.  The picture and the view stand here; everything about shapes
 * comes right behind (layer.tsx), and what the pointer or a key does until then
 * is done when it is there.
 *
 * The stage stays on the page and gets the model of the next task.  All of that
 * happens before the next paint: a picture that is already here (fetched ahead)
 * is seen in the first frame, with its shapes.
 */
import { computed, effect, signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { keys } from '../../core/hotkeys';
import { addMessages, t } from '../../core/i18n';
import { aheadOf } from '../../core/pictures';
import { Button } from '../../ui/button';
import { isDeep } from '../../tags/address';
import { isWhole } from '../../tags/families';
import { attr } from '../../tags/tree';
import words from '../../i18n/en/image.json';
import type { Hand } from './hand';
import type { ImageModel } from './model';
import { isHuge, layer, Tiles, ViewPanel } from './more';
import { cssTransform, svgTransform, type Point, type Size } from './view';
import './image.css';

await addMessages('image', words);

export { ImageModel } from './model';

interface Props { model: ImageModel; name: string; live: boolean; children?: ComponentChildren; tall?: boolean }

export function ImageStage({ model: m, name, live, children, tall }: Props) {
  const root = useRef<HTMLDivElement>(null), under = useRef<HTMLDivElement>(null), canvases = useRef<HTMLDivElement>(null), img = useRef<HTMLImageElement>(null), lines = useRef<HTMLDivElement>(null), g = useRef<SVGGElement>(null);
  const src = m.at.src, deep = isDeep(src), space = useMemo(() => signal(false), []);
  const { failed, plain, shapes } = useMemo(() => ({ failed: signal(false), plain: signal(false), shapes: computed(() => (isWhole(m.store.tree) ? layer.value : null)) }), [src, m]);
  const now = useRef(m), room = useRef<Size | null>(null), Shapes = shapes.value;
  now.current = m;
  const ahead = useMemo(() => room.current !== null && m.enter(room.current, aheadOf(src)), [m]);

  useLayoutEffect(() => {
    const el = root.current!, measure = (): void => now.current.resize(room.current = { w: el.clientWidth, h: el.clientHeight });
    const ro = new ResizeObserver(measure);
    ro.observe(el);
    measure();
    return () => ro.disconnect();
  }, []);
  useLayoutEffect(() => m.start(), [m]);
  const zooms = live || m.editable;
  useLayoutEffect(() => {
    // Preact listens passively to wheel; zooming must keep the page from scrolling.
    const el = root.current!, wheel = (e: WheelEvent): void => { e.preventDefault(); now.current.wheel(e, place(el, e)); };
    if (zooms) el.addEventListener('wheel', wheel, { passive: false });
    return () => el.removeEventListener('wheel', wheel);
  }, [zooms]);
  useLayoutEffect(() => (Shapes || !live ? undefined : keepKeys(m, root.current!)), [m, Shapes]);

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

  useLayoutEffect(() => {                     // a picture that was there before we listened
    const i = img.current;
    if (i?.complete && i.naturalWidth) loaded(i);
  }, [src, m]);

  const loaded = (i: HTMLImageElement): void => m.loaded(sizeOf(i));
  const size = m.size.value, cls = useMemo(() => computed(() => classes(m, tall)), [m, tall]);
  const from = (e: Event, what: string): string | null => (e.target as Element).closest?.(`[data-${what}]`)?.getAttribute(`data-${what}`) ?? null;
  const at = (e: MouseEvent) => place(root.current!, e);
  const hand = (act: (h: Hand) => void): void => m.ask((ed) => act(ed.hand));

  return <div class={cls} ref={root}
    data-object={m.image.name} data-marks={m.marks.value.map((c) => `${c.name}:${c.tag}`).join(' ')}>
    <div class="under" ref={under}>
      {failed.value || !src
        ? <p class="stage-note" role="alert">{src ? t('an.image.failed') : t('an.image.none')}</p>
        : !deep && <img key={src} ref={img} src={src} alt="" class={`pic-img ${size && isHuge(size) && !plain.value ? 'is-huge' : ''}`} draggable={false} decoding={ahead ? 'sync' : 'async'}
            width={size?.w} height={size?.h}
            onLoad={(e) => { if (e.currentTarget === img.current) loaded(e.currentTarget); }} onError={() => { failed.value = true; }} />}
      {src && (deep ? !failed.value : size && isHuge(size) && !plain.value) && <Tiles key={src} m={m} src={src} onFail={() => { (deep ? failed : plain).value = true; }} />}
      {m.grid.value && <div class="gridlay" ref={(el) => { lines.current = el; if (el) dress(el, m); }} aria-hidden="true" />}
      <div ref={canvases} />
    </div>
    <svg class="over" tabindex={0} role="group" aria-busy={Shapes ? undefined : 'true'} aria-label={m.pages.length > 1 ? t('im.page', { name, n: m.page.value + 1, of: m.pages.length }) : name}
      onPointerDown={(e) => {
        if (e.button > 1 || !size) return;
        e.currentTarget.setPointerCapture(e.pointerId);
        e.currentTarget.focus({ preventScroll: true });
        const p = at(e), held = { shift: e.shiftKey, alt: e.altKey, space: space.value, button: e.button, touch: e.pointerType === 'touch', pen: e.pointerType === 'pen', grip: from(e, 'grip'), flag: from(e, 'flag') };
        hand((h) => h.down(e.pointerId, p, held));
        e.preventDefault();
      }}
      onPointerMove={(e) => {
        if (!m.editor && !m.waits) return;     // before there is anything to hover over
        const p = at(e);
        hand((h) => h.move(e.pointerId, p, { shift: e.shiftKey, touch: e.pointerType === 'touch' }));
      }}
      onPointerUp={(e) => { const p = at(e); hand((h) => h.up(e.pointerId, p)); }}
      onPointerCancel={(e) => hand((h) => h.lost(e.pointerId))}
      onPointerLeave={() => m.editor?.hand.left()}
      onDblClick={(e) => { const p = at(e); hand((h) => h.double(p)); }}>
      <g ref={g}>{size && Shapes && <Shapes.Live m={m} />}</g>
      {Shapes && <Shapes.Over m={m} root={root} canvases={canvases} live={live} space={space} />}
    </svg>
    {children}
    <Hud m={m} live={live} />
  </div>;
}

/* Bound to the attribute: neither hovering nor zooming draws the stage again. */
function classes(m: ImageModel, tall: boolean | undefined): string {
  const tool = m.tool.value, hover = m.hover.value, over = hover !== null && (tool === 'move' || m.live.value.has(hover));
  return `stage img-stage tool-${tool} ${m.panning.value ? 'is-pan' : ''} ${over ? 'is-over' : ''} ${tall ? 'tall' : ''} ${attr(m.image, 'smoothing') === 'false' || m.view.value.k >= 6 ? 'sharp' : ''}`;
}

/* Keys meant for the shapes, while what hears them is on its way. */
function keepKeys(m: ImageModel, root: HTMLElement): () => void {
  const on = (e: KeyboardEvent): void => {
    const el = e.target as Element;
    if (!e.defaultPrevented && (el === document.body || root.contains(el))) m.ask(() => { keys.handle(e); });
  };
  document.addEventListener('keydown', on);
  return () => document.removeEventListener('keydown', on);
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
