/*
 * geometry.ts -- shapes on a picture.
 *
 * Stored: percent (0-100) of the picture; a box is x, y of its top-left corner
 * before rotation, and turns clockwise about that corner in pixel space.  An
 * ellipse is its centre and radii.  All sums are done in pixels, because turning
 * in percent space is wrong on a picture that is not square.  How a picture is
 * looked at stands in view.ts.
 */
import { clamp, toPicture, type Point, type Rect, type Size, type View } from './view';

export * from './view';

export interface Box { x: number; y: number; width: number; height: number; rotation: number }
export interface Ellipse { x: number; y: number; radiusX: number; radiusY: number; rotation: number }
export type Handle = 'nw' | 'n' | 'ne' | 'e' | 'se' | 's' | 'sw' | 'w';

export const HANDLES: readonly Handle[] = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'];

const RAD = Math.PI / 180;
/* A millionth of a percent is far below a pixel; more digits are noise in every export. */
export const tidy = (v: number): number => Math.round(v * 1e6) / 1e6;

export const turn = (p: Point, deg: number): Point => {
  const c = Math.cos(deg * RAD), s = Math.sin(deg * RAD);
  return { x: p.x * c - p.y * s, y: p.x * s + p.y * c };
};

const n0 = (v: unknown, otherwise = 0): number => (typeof v === 'number' && Number.isFinite(v) ? v : otherwise);

/* ---- percent <-> pixels ---- */

export const boxPx = (v: Record<string, unknown>, s: Size): Box => ({
  x: n0(v.x) * s.w / 100, y: n0(v.y) * s.h / 100, width: n0(v.width) * s.w / 100, height: n0(v.height) * s.h / 100, rotation: n0(v.rotation),
});
export const boxPct = (b: Box, s: Size): Box => ({
  x: tidy(b.x / s.w * 100), y: tidy(b.y / s.h * 100), width: tidy(b.width / s.w * 100), height: tidy(b.height / s.h * 100), rotation: tidy(b.rotation),
});
export const ellipsePx = (v: Record<string, unknown>, s: Size): Ellipse => ({
  x: n0(v.x) * s.w / 100, y: n0(v.y) * s.h / 100, radiusX: n0(v.radiusX) * s.w / 100, radiusY: n0(v.radiusY) * s.h / 100, rotation: n0(v.rotation),
});
export const ellipsePct = (e: Ellipse, s: Size): Ellipse => ({
  x: tidy(e.x / s.w * 100), y: tidy(e.y / s.h * 100), radiusX: tidy(e.radiusX / s.w * 100), radiusY: tidy(e.radiusY / s.h * 100), rotation: tidy(e.rotation),
});
export const pointsPx = (v: unknown, s: Size): Point[] =>
  Array.isArray(v) ? v.filter((p): p is [number, number] => Array.isArray(p) && p.length >= 2)
    .map(([x, y]) => ({ x: n0(x) * s.w / 100, y: n0(y) * s.h / 100 })) : [];
export const pointsPct = (p: readonly Point[], s: Size): [number, number][] =>
  p.map(({ x, y }) => [tidy(x / s.w * 100), tidy(y / s.h * 100)]);

/* ---- boxes, in pixels ---- */

/* Top-left, top-right, bottom-right, bottom-left, after turning. */
export function corners(b: Box): [Point, Point, Point, Point] {
  const at = (x: number, y: number): Point => { const p = turn({ x, y }, b.rotation); return { x: b.x + p.x, y: b.y + p.y }; };
  return [at(0, 0), at(b.width, 0), at(b.width, b.height), at(0, b.height)];
}

export const centre = (b: Box): Point => { const p = turn({ x: b.width / 2, y: b.height / 2 }, b.rotation); return { x: b.x + p.x, y: b.y + p.y }; };

export function hull(p: readonly Point[]): Rect {
  const xs = p.map((q) => q.x), ys = p.map((q) => q.y);
  const x = Math.min(...xs), y = Math.min(...ys);
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y };
}

export function boxFrom(a: Point, b: Point, s: Size): Box {
  const x0 = clamp(Math.min(a.x, b.x), 0, s.w), y0 = clamp(Math.min(a.y, b.y), 0, s.h);
  const x1 = clamp(Math.max(a.x, b.x), 0, s.w), y1 = clamp(Math.max(a.y, b.y), 0, s.h);
  return { x: x0, y: y0, width: x1 - x0, height: y1 - y0, rotation: 0 };
}

/* The shift that is left of `d` when the points must stay on the picture. */
export function clampShift(p: readonly Point[], d: Point, s: Size): Point {
  const h = hull(p);
  const edge = (lo: number, len: number, all: number): [number, number] =>
    [Math.min(0, -lo, all - lo - len), Math.max(0, -lo, all - lo - len)];
  const [lox, hix] = edge(h.x, h.width, s.w), [loy, hiy] = edge(h.y, h.height, s.h);
  return { x: clamp(d.x, lox, hix), y: clamp(d.y, loy, hiy) };
}

export function moveBox(b: Box, d: Point, s: Size): Box {
  const k = clampShift(corners(b), d, s);
  return { ...b, x: b.x + k.x, y: b.y + k.y };
}

/*
 * Drag a handle to `p`.  The opposite side stays where it is; a side dragged
 * across it turns the box over.  An upright box stays on the picture.
 */
export function resizeBox(b: Box, handle: Handle, p: Point, s: Size): Box {
  const q = b.rotation === 0 ? { x: clamp(p.x, 0, s.w), y: clamp(p.y, 0, s.h) } : p;
  const local = turn({ x: q.x - b.x, y: q.y - b.y }, -b.rotation);
  let x0 = 0, y0 = 0, x1 = b.width, y1 = b.height;
  if (handle.includes('w')) x0 = local.x;
  if (handle.includes('e')) x1 = local.x;
  if (handle.startsWith('n')) y0 = local.y;
  if (handle.startsWith('s')) y1 = local.y;
  const tl = turn({ x: Math.min(x0, x1), y: Math.min(y0, y1) }, b.rotation);
  return { x: b.x + tl.x, y: b.y + tl.y, width: Math.abs(x1 - x0), height: Math.abs(y1 - y0), rotation: b.rotation };
}

/* Turn about the top-left corner, so that the handle `gap` above the middle of the top side follows the pointer. */
export function turnBox(b: Box, p: Point, gap: number, snap: boolean): Box {
  const rest = Math.atan2(-gap, b.width / 2);
  const deg = (Math.atan2(p.y - b.y, p.x - b.x) - rest) / RAD;
  return { ...b, rotation: normal(snap ? Math.round(deg / 15) * 15 : deg) };
}
/* How far above the top side the turning handle stands, in screen pixels. */
export const TURN_GAP = 24;

export const normal = (deg: number): number => { const d = deg % 360; return tidy(d < 0 ? d + 360 : d); };

/* Where a handle is, on a box. */
export function handleAt(b: Box, h: Handle): Point {
  const x = h.includes('w') ? 0 : h.includes('e') ? b.width : b.width / 2;
  const y = h.startsWith('n') ? 0 : h.startsWith('s') ? b.height : b.height / 2;
  const p = turn({ x, y }, b.rotation);
  return { x: b.x + p.x, y: b.y + p.y };
}

/* A turned box by two points of one side and a third on the other: the first two are its top, read so that it never has a
   negative height. */
export function boxOfThree(a: Point, b: Point, c: Point): Box {
  const deg = Math.atan2(b.y - a.y, b.x - a.x) / RAD, width = Math.hypot(b.x - a.x, b.y - a.y);
  const far = turn({ x: c.x - a.x, y: c.y - a.y }, -deg).y;
  const top = turn({ x: 0, y: Math.min(0, far) }, deg);
  return { x: a.x + top.x, y: a.y + top.y, width, height: Math.abs(far), rotation: normal(deg) };
}

/* The second corner of a square whose first is `a`, towards `b`, on the picture. */
export function squareCorner(a: Point, b: Point, s: Size): Point {
  const dx = b.x - a.x, dy = b.y - a.y, sx = dx < 0 ? -1 : 1, sy = dy < 0 ? -1 : 1;
  const side = Math.min(Math.max(Math.abs(dx), Math.abs(dy)), sx < 0 ? a.x : s.w - a.x, sy < 0 ? a.y : s.h - a.y);
  return { x: a.x + sx * side, y: a.y + sy * side };
}

/* `b` moved so that the line from `a` runs at a multiple of 15 degrees. */
export function straightened(a: Point, b: Point): Point {
  const len = Math.hypot(b.x - a.x, b.y - a.y), step = 15 * RAD, deg = Math.round(Math.atan2(b.y - a.y, b.x - a.x) / step) * step;
  return { x: a.x + len * Math.cos(deg), y: a.y + len * Math.sin(deg) };
}

/* ---- ellipses ---- */

export const ellipseHull = (e: Ellipse): Point[] => {
  const c = Math.cos(e.rotation * RAD), s = Math.sin(e.rotation * RAD);
  const dx = Math.hypot(e.radiusX * c, e.radiusY * s), dy = Math.hypot(e.radiusX * s, e.radiusY * c);
  return [{ x: e.x - dx, y: e.y - dy }, { x: e.x + dx, y: e.y + dy }];
};

export function resizeEllipse(e: Ellipse, h: Handle, p: Point): Ellipse {
  const l = turn({ x: p.x - e.x, y: p.y - e.y }, -e.rotation);
  return { ...e,
    radiusX: h === 'e' || h === 'w' || h.length === 2 ? Math.max(0.5, Math.abs(l.x)) : e.radiusX,
    radiusY: h === 'n' || h === 's' || h.length === 2 ? Math.max(0.5, Math.abs(l.y)) : e.radiusY };
}

/* ---- polygons ---- */

export function nearestEdge(p: readonly Point[], q: Point, closed = true): { edge: number; at: Point; distance: number } {
  let best = { edge: 0, at: p[0] ?? q, distance: Infinity };
  const n = closed ? p.length : p.length - 1;
  for (let i = 0; i < n; i++) {
    const a = p[i]!, b = p[(i + 1) % p.length]!;
    const dx = b.x - a.x, dy = b.y - a.y, len = dx * dx + dy * dy;
    const t = len === 0 ? 0 : clamp(((q.x - a.x) * dx + (q.y - a.y) * dy) / len, 0, 1);
    const at = { x: a.x + t * dx, y: a.y + t * dy };
    const distance = Math.hypot(q.x - at.x, q.y - at.y);
    if (distance < best.distance) best = { edge: i, at, distance };
  }
  return best;
}

/* Twice the area, signed. */
export const area2 = (p: readonly Point[]): number =>
  p.reduce((sum, a, i) => { const b = p[(i + 1) % p.length]!; return sum + a.x * b.y - b.x * a.y; }, 0);

export const onPicture = (p: Point, s: Size): Point => ({ x: clamp(p.x, 0, s.w), y: clamp(p.y, 0, s.h) });

/* ---- beside the view ---- */

/* The side of a piece of a huge picture (tiles.tsx). */
export const TILE = 1024;

/* The rectangle of the picture that a rectangle of the screen shows. */
export function shownBy(v: View, r: Rect): Rect {
  return hull([toPicture(v, r), toPicture(v, { x: r.x + r.width, y: r.y + r.height })]);
}
