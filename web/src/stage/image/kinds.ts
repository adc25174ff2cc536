/*
 * kinds.ts -- what each kind of shape is and does, in picture pixels.
 *
 * One row a kind: its outline, where it may be gripped, how a grip changes it,
 * how the arrow keys do.  Values come and go as they are stored (percent); the
 * stage knows no kind by name.  Masks have no outline; see mask/.
 */
import type { Shape } from '../../tags/result';
import {
  boxPct, boxPx, clampShift, corners, ellipseHull, ellipsePct, ellipsePx, handleAt, HANDLES, hull, moveBox, nearestEdge, onPicture, pointsPct, pointsPx,
  resizeBox, resizeEllipse, turn, turnBox, TURN_GAP, type Box, type Handle, type Point, type Rect, type Size,
} from './geometry';

export type Value = Record<string, unknown>;
export interface Grip { grip: string; x: number; y: number; first?: boolean; soft?: boolean }
/* What a drag carries: where it began, where it is, the zoom, and whether shift is held. */
export interface Pull { from: Point; at: Point; k: number; shift: boolean }

export interface Kind {
  path(v: Value, s: Size): string | null;            // as the d of an SVG path
  hull(v: Value, s: Size): Rect | null;              // everything the path covers
  flag(v: Value, s: Size): Point | null;             // where its flag stands
  open?(v: Value): boolean;                          // a line, not an area
  grips(v: Value, s: Size, k: number, turns: boolean): Grip[];
  pull(v: Value, s: Size, grip: string, p: Pull): Value | null;    // grip "body" moves the whole
  grow(v: Value, s: Size, dx: number, dy: number): Value | null;
  points?(v: Value, s: Size): Point[];               // corners others may snap to
  insert?(v: Value, s: Size, at: Point): Value | null;
  remove?(v: Value, s: Size, grip: string): Value | null;
  draw?(points: readonly Point[], outs: readonly (Point | null)[], s: Size, closed: boolean): Value;     // a new one, by its points
}

/* An edge shorter than this on the screen has no room for a grip in its middle. */
const ROOM = 40;

const isHandle = (g: string): g is Handle => (HANDLES as readonly string[]).includes(g);
const minus = (p: Pull): Point => ({ x: p.at.x - p.from.x, y: p.at.y - p.from.y });
const xy = (p: Point): string => `${p.x} ${p.y}`;

const box: Kind = {
  path: (v, s) => { const c = corners(boxPx(v, s)); return `M${c.map(xy).join('L')}Z`; },
  hull: (v, s) => hull(corners(boxPx(v, s))),
  flag: (v, s) => { const b = boxPx(v, s); return b.rotation ? hull(corners(b)) : b; },
  grips: (v, s, k, turns) => {
    const b = boxPx(v, s), out: Grip[] = HANDLES.map((h) => ({ grip: h, ...handleAt(b, h) }));
    if (turns) {
      const top = turn({ x: b.width / 2, y: -TURN_GAP / k }, b.rotation);
      out.push({ grip: 'turn', x: b.x + top.x, y: b.y + top.y });
    }
    return out;
  },
  pull: (v, s, grip, p) => {
    const b = boxPx(v, s);
    const n = isHandle(grip) ? kept(b, resizeBox(b, grip, p.at, s), grip, p.shift) : grip === 'turn' ? turnBox(b, p.at, TURN_GAP / p.k, p.shift) : moveBox(b, minus(p), s);
    return { ...boxPct(n, s) };
  },
  grow: (v, s, dx, dy) => {
    const b = boxPx(v, s), room = b.rotation === 0;
    const n: Box = { ...b,
      width: Math.max(1, room ? Math.min(b.width + dx, s.w - b.x) : b.width + dx),
      height: Math.max(1, room ? Math.min(b.height + dy, s.h - b.y) : b.height + dy) };
    return { ...boxPct(n, s) };
  },
};

/* With shift a corner keeps the shape of an upright box. */
function kept(old: Box, b: Box, h: Handle, shift: boolean): Box {
  if (!shift || h.length !== 2 || old.rotation || !old.width || !old.height) return b;
  const f = Math.min(b.width / old.width, b.height / old.height), width = old.width * f, height = old.height * f;
  return { ...b, width, height, x: h.endsWith('w') ? b.x + b.width - width : b.x, y: h.startsWith('n') ? b.y + b.height - height : b.y };
}

const ellipse: Kind = {
  path: (v, s) => {
    const e = ellipsePx(v, s), a = turn({ x: e.radiusX, y: 0 }, e.rotation);
    const arc = (d: 1 | -1): string => `A${e.radiusX} ${e.radiusY} ${e.rotation} 0 1 ${e.x + d * a.x} ${e.y + d * a.y}`;
    return `M${e.x + a.x} ${e.y + a.y}${arc(-1)}${arc(1)}Z`;
  },
  hull: (v, s) => hull(ellipseHull(ellipsePx(v, s))),
  flag: (v, s) => ellipseHull(ellipsePx(v, s))[0]!,
  grips: (v, s, k, turns) => {
    const e = ellipsePx(v, s), at = (grip: string, x: number, y: number): Grip => { const p = turn({ x, y }, e.rotation); return { grip, x: e.x + p.x, y: e.y + p.y }; };
    const out = [at('n', 0, -e.radiusY), at('e', e.radiusX, 0), at('s', 0, e.radiusY), at('w', -e.radiusX, 0)];
    return turns ? [...out, at('turn', 0, -e.radiusY - TURN_GAP / k)] : out;
  },
  pull: (v, s, grip, p) => {
    const e = ellipsePx(v, s);
    if (isHandle(grip)) return { ...ellipsePct(resizeEllipse(e, grip, p.at), s) };
    if (grip === 'turn') {
      const deg = Math.atan2(p.at.y - e.y, p.at.x - e.x) * 180 / Math.PI + 90, r = p.shift ? Math.round(deg / 15) * 15 : deg;
      return { ...ellipsePct({ ...e, rotation: (r % 360 + 360) % 360 }, s) };
    }
    const d = clampShift(ellipseHull(e), minus(p), s);
    return { ...ellipsePct({ ...e, x: e.x + d.x, y: e.y + d.y }, s) };
  },
  grow: (v, s, dx, dy) => {
    const e = ellipsePx(v, s);
    return { ...ellipsePct({ ...e, radiusX: Math.max(1, e.radiusX + dx), radiusY: Math.max(1, e.radiusY + dy) }, s) };
  },
};

const polygon: Kind = {
  path: (v, s) => { const p = pointsPx(v.points, s); return p.length < 2 ? null : `M${p.map(xy).join('L')}${v.closed === false ? '' : 'Z'}`; },
  hull: (v, s) => { const p = pointsPx(v.points, s); return p.length ? hull(p) : null; },
  flag: (v, s) => polygon.hull(v, s),
  open: (v) => v.closed === false,
  grips: (v, s, k) => {
    const p = pointsPx(v.points, s), n = p.length, last = v.closed === false ? n - 1 : n;
    const between = p.slice(0, last).flatMap((a, i): Grip[] => {
      const b = p[(i + 1) % n]!;
      return Math.hypot(a.x - b.x, a.y - b.y) * k < ROOM ? [] : [{ grip: `m${i}`, x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, soft: true }];
    });
    return [...between, ...p.map((q, i): Grip => ({ grip: `c${i}`, ...q, first: i === 0 }))];
  },
  pull: (v, s, grip, p) => {
    const list = pointsPx(v.points, s), i = Number(grip.slice(1));
    if (grip[0] === 'c') list[i] = onPicture(p.at, s);
    else if (grip[0] === 'm') list.splice(i + 1, 0, onPicture(p.at, s));      // the middle of an edge becomes a corner
    else { const d = clampShift(list, minus(p), s); for (const q of list) { q.x += d.x; q.y += d.y; } }
    return { points: pointsPct(list, s) };
  },
  grow: (v, s, dx, dy) => {
    const list = pointsPx(v.points, s), h = hull(list);
    const fx = (h.width + dx) / (h.width || 1), fy = (h.height + dy) / (h.height || 1);
    if (fx <= 0.02 || fy <= 0.02) return null;
    return { points: pointsPct(list.map((q) => onPicture({ x: h.x + (q.x - h.x) * fx, y: h.y + (q.y - h.y) * fy }, s)), s) };
  },
  points: (v, s) => pointsPx(v.points, s),
  insert: (v, s, at) => { const list = pointsPx(v.points, s), e = nearestEdge(list, at, v.closed !== false); list.splice(e.edge + 1, 0, e.at); return { points: pointsPct(list, s) }; },
  remove: (v, s, grip) => {
    const list = pointsPx(v.points, s);
    if (list.length <= (v.closed === false ? 2 : 3)) return null;
    list.splice(Number(grip.slice(1)), 1);
    return { points: pointsPct(list, s) };
  },
};

const point: Kind = {
  path: (v, s) => { const b = boxPx(v, s); return `M${b.x} ${b.y}h.001`; },
  hull: (v, s) => { const b = boxPx(v, s); return { x: b.x, y: b.y, width: 0, height: 0 }; },
  flag: (v, s) => boxPx(v, s),
  grips: () => [],
  pull: (v, s, _grip, p) => {
    const b = boxPx(v, s), d = minus(p), q = pointsPct([onPicture({ x: b.x + d.x, y: b.y + d.y }, s)], s)[0]!;
    return { x: q[0], y: q[1] };
  },
  grow: () => null,
  points: (v, s) => [boxPx(v, s)],
};


const KINDS: Partial<Record<Shape, Kind>> = { box, ellipse, polygon, point };
/* A kind from a chunk of its own (vector.ts). */
export function addKind(shape: Shape, kind: Kind): void { KINDS[shape] = kind; }
export const kindOf = (shape: Shape | null): Kind | undefined => (shape ? KINDS[shape] : undefined);
