/* A region on a picture in words: for the list, and for those who do not see the picture. */
import { t } from '../../core/i18n';
import { shapeOf } from '../../tags/result';
import type { TaskStore } from '../../tags/store';
import { boxPx, ellipsePx, pointsPx, type Size } from './geometry';

export interface Facts { brief: string; spoken: string }

export function factsOf(store: TaskStore, id: string, s: Size | null): Facts {
  const items = store.items(id), r = items.find((x) => shapeOf(x) !== null);
  const label = store.labelsOf(id).map((l) => store.info(l)?.text ?? l).join(', ') || t('an.nolabel');
  if (!r) return { brief: '', spoken: label };
  const brief = briefOf(r.value ?? {}, shapeOf(r), s);
  return { brief, spoken: brief ? `${label}, ${spokenOf(r.value ?? {}, shapeOf(r), s)}` : label };
}

function briefOf(v: Record<string, unknown>, shape: string | null, s: Size | null): string {
  const n = Math.round;
  if (shape === 'polygon') return t('an.points', { n: Array.isArray(v.points) ? v.points.length : 0 });
  if (shape === 'mask') return t('an.mask');
  if (!s) return '';
  if (shape === 'box') { const b = boxPx(v, s); return `${n(b.width)} × ${n(b.height)}`; }
  if (shape === 'ellipse') { const e = ellipsePx(v, s); return `${n(2 * e.radiusX)} × ${n(2 * e.radiusY)}`; }
  if (shape === 'point') { const b = boxPx(v, s); return `${n(b.x)}, ${n(b.y)}`; }
  return '';
}

function spokenOf(v: Record<string, unknown>, shape: string | null, s: Size | null): string {
  const n = Math.round;
  if (!s) return briefOf(v, shape, s);
  if (shape === 'box') { const b = boxPx(v, s); return t('an.say.box', { w: n(b.width), h: n(b.height), x: n(b.x), y: n(b.y) }); }
  if (shape === 'ellipse') { const e = ellipsePx(v, s); return t('an.say.ellipse', { w: n(2 * e.radiusX), h: n(2 * e.radiusY), x: n(e.x), y: n(e.y) }); }
  if (shape === 'polygon') {
    const p = pointsPx(v.points, s)[0];
    return t('an.say.polygon', { n: Array.isArray(v.points) ? v.points.length : 0, x: n(p?.x ?? 0), y: n(p?.y ?? 0) });
  }
  return briefOf(v, shape, s);
}
