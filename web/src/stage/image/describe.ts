/* A region on a picture in words: for the list, and for those who do not see the picture. */
import { t } from '../../core/i18n';
import { placeOf, shapeOf, type Result } from '../../tags/result';
import { boxPx, ellipsePx, pointsPx, type Size } from './geometry';

/* The one fact a row of the list shows. */
export function factOf(items: readonly Result[], s: Size | null): string {
  const r = items.find((x) => shapeOf(x) !== null), shape = r ? shapeOf(r) : null, n = Math.round;
  if (!r) return '';
  const v = placeOf(r);
  if (shape === 'polygon' || shape === 'vector') { const p = v.points ?? v.vertices; return t('an.points', { n: Array.isArray(p) ? p.length : 0 }); }
  if (shape === 'mask') return t('an.mask');
  if (!s) return '';
  if (shape === 'box') { const b = boxPx(v, s); return `${n(b.width)} × ${n(b.height)}`; }
  if (shape === 'ellipse') { const e = ellipsePx(v, s); return `${n(2 * e.radiusX)} × ${n(2 * e.radiusY)}`; }
  if (shape === 'point') { const b = boxPx(v, s); return `${n(b.x)}, ${n(b.y)}`; }
  return '';
}

/* The whole of it in words, where the fact alone does not say where it is. */
export function spokenOf(items: readonly Result[], s: Size | null): string {
  const r = items.find((x) => shapeOf(x) !== null), shape = r ? shapeOf(r) : null, n = Math.round;
  if (!r || !s) return '';
  const v = placeOf(r);
  if (shape === 'box') { const b = boxPx(v, s); return t('an.say.box', { w: n(b.width), h: n(b.height), x: n(b.x), y: n(b.y) }); }
  if (shape === 'ellipse') { const e = ellipsePx(v, s); return t('an.say.ellipse', { w: n(2 * e.radiusX), h: n(2 * e.radiusY), x: n(e.x), y: n(e.y) }); }
  if (shape !== 'polygon') return '';
  const p = pointsPx(v.points, s), first = p[0];
  return first ? t('an.say.polygon', { n: p.length, x: n(first.x), y: n(first.y) }) : '';
}
