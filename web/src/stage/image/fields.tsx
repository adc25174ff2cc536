/* The selected shape as numbers: the same shape, without a pointer. In picture pixels. */
import { t } from '../../core/i18n';
import { useItems } from '../../tags/calm';
import { Button } from '../../ui/button';
import { placeOf, shapeOf } from '../../tags/result';
import type { ImageModel } from './model';
import { boxPct, boxPx, clamp, ellipsePct, ellipsePx, normal, pointsPct, pointsPx, type Point, type Size } from './geometry';
import { verticesPct, verticesPx } from './vector';

export function ShapeFields({ m, id }: { m: ImageModel; id: string }) {
  const s = m.size.value, r = useItems(m.store, id).find((x) => shapeOf(x) !== null);
  if (!s || !r) return null;
  const off = !m.editable || m.store.locked.value.has(id);
  const shape = shapeOf(r), v = placeOf(r);
  const put = (patch: Record<string, unknown>) => { m.store.setPlace(id, patch); m.store.history.seal(); };
  return <>
    {shape === 'box' && <BoxFields v={v} s={s} off={off} put={put} />}
    {shape === 'ellipse' && <EllipseFields v={v} s={s} off={off} put={put} />}
    {shape === 'point' && <DotFields v={v} s={s} off={off} put={put} />}
    {shape === 'polygon' && <PointFields list={pointsPx(v.points, s)} s={s} off={off} put={(p) => put({ points: pointsPct(p, s) })} />}
    {shape === 'vector' && <VectorFields v={v} s={s} off={off} put={put} />}
    {m.editable && <Order m={m} id={id} />}
  </>;
}

/* Which lies above which; and the stage brings it near. */
function Order({ m, id }: { m: ImageModel; id: string }) {
  const { store } = m, list = store.regions.value, i = list.indexOf(id);
  const to = (at: number) => () => store.reorder(id, list[at] ?? null, at > i);
  return <div class="row" role="group" aria-label={t('im.order')}>
    <Button kind="quiet" icon="minusone" name={t('im.lower')} disabled={i <= 0} onClick={to(i - 1)} />
    <Button kind="quiet" icon="plusone" name={t('im.higher')} disabled={i >= list.length - 1} onClick={to(i + 1)} />
    <Button kind="quiet" icon="bottom" name={t('im.lowest')} disabled={i <= 0} onClick={to(0)} />
    <Button kind="quiet" icon="top" name={t('im.highest')} disabled={i >= list.length - 1} onClick={to(list.length - 1)} />
    <span class="end"><Button kind="quiet" icon="zin" name={t('im.zoomto')} onClick={() => m.ask((ed) => ed.zoomIn(id))} /></span>
  </div>;
}

interface P { v: Record<string, unknown>; s: Size; off: boolean; put: (patch: Record<string, unknown>) => void }

function BoxFields({ v, s, off, put }: P) {
  const b = boxPx(v, s);
  const set = (c: Partial<typeof b>) => put({ ...boxPct({ ...b, ...c }, s) });
  return <div class="quad five">
    <Num label={t('an.x')} value={b.x} max={s.w - (b.rotation ? 0 : b.width)} off={off} onValue={(x) => set({ x })} />
    <Num label={t('an.y')} value={b.y} max={s.h - (b.rotation ? 0 : b.height)} off={off} onValue={(y) => set({ y })} />
    <Num label={t('an.width')} value={b.width} min={1} max={b.rotation ? Math.hypot(s.w, s.h) : s.w - b.x} off={off} onValue={(width) => set({ width })} />
    <Num label={t('an.height')} value={b.height} min={1} max={b.rotation ? Math.hypot(s.w, s.h) : s.h - b.y} off={off} onValue={(height) => set({ height })} />
    <Num label={t('an.rotation')} value={b.rotation} max={360} off={off} onValue={(d) => set({ rotation: normal(d) })} />
  </div>;
}

function EllipseFields({ v, s, off, put }: P) {
  const e = ellipsePx(v, s);
  const set = (c: Partial<typeof e>) => put({ ...ellipsePct({ ...e, ...c }, s) });
  return <div class="quad five">
    <Num label={t('an.x')} value={e.x} max={s.w} off={off} onValue={(x) => set({ x })} />
    <Num label={t('an.y')} value={e.y} max={s.h} off={off} onValue={(y) => set({ y })} />
    <Num label={t('an.width')} value={2 * e.radiusX} min={1} max={s.w} off={off} onValue={(w) => set({ radiusX: w / 2 })} />
    <Num label={t('an.height')} value={2 * e.radiusY} min={1} max={s.h} off={off} onValue={(h) => set({ radiusY: h / 2 })} />
    <Num label={t('an.rotation')} value={e.rotation} max={360} off={off} onValue={(d) => set({ rotation: normal(d) })} />
  </div>;
}

function DotFields({ v, s, off, put }: P) {
  const b = boxPx(v, s);
  return <div class="quad">
    <Num label={t('an.x')} value={b.x} max={s.w} off={off} onValue={(x) => put({ x: x / s.w * 100 })} />
    <Num label={t('an.y')} value={b.y} max={s.h} off={off} onValue={(y) => put({ y: y / s.h * 100 })} />
  </div>;
}

function VectorFields({ v, s, off, put }: P) {
  const list = verticesPx(v, s);
  return <PointFields list={list.map((q) => q.at)} s={s} off={off}
    put={(p) => put({ vertices: verticesPct(list.map((q, i) => ({ ...q, at: p[i]! })), s) })} />;
}

function PointFields({ list, s, off, put }: { list: Point[]; s: Size; off: boolean; put: (p: Point[]) => void }) {
  const set = (i: number, c: { x?: number; y?: number }) => put(list.map((q, k) => (k === i ? { ...q, ...c } : q)));
  return <ol class="points">{list.slice(0, MOST).map((q, i) => <li key={i} class="row">
    <span class="n mute small">{i + 1}</span>
    <Num label={t('an.point.x', { n: i + 1 })} hide value={q.x} max={s.w} off={off} onValue={(x) => set(i, { x })} />
    <Num label={t('an.point.y', { n: i + 1 })} hide value={q.y} max={s.h} off={off} onValue={(y) => set(i, { y })} />
  </li>)}</ol>;
}

/* As many points as anyone edits by number; a traced outline has thousands. */
const MOST = 200;

function Num({ label, value, min = 0, max, off, hide, onValue }:
  { label: string; value: number; min?: number; max: number; off: boolean; hide?: boolean; onValue: (v: number) => void }) {
  return <label><span class={hide ? 'vh' : ''}>{label}</span>
    <input class="input" type="number" inputMode="decimal" value={Math.round(value * 10) / 10} min={min} max={Math.ceil(max)} disabled={off}
      onChange={(e) => {
        const n = e.currentTarget.valueAsNumber;
        if (Number.isFinite(n)) onValue(clamp(n, min, max));
        else e.currentTarget.value = String(Math.round(value * 10) / 10);
      }} /></label>;
}
