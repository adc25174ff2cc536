/*
 * vector.ts -- lines of vertices: open or closed, straight or Bézier, branching
 * where a skeleton is drawn.
 *
 * Stored: vertices [{id, x, y, prevPointId, isBezier, controlPoint1, controlPoint2}]
 * in percent; the line to a vertex comes from the one its prevPointId names.
 * controlPoint1 leads into a vertex, controlPoint2 out of it.  Keys of a vertex
 * that are not known here stay on it.
 */
import { shortId } from '../../core/store';
import { clampShift, hull, onPicture, pointsPct, pointsPx, type Point, type Size } from './geometry';
import { addKind, type Grip, type Kind, type Value } from './kinds';
import { vectorPath, verticesOf, type Vertex } from './vertices';

export const verticesPx = (v: Value, s: Size): Vertex[] => verticesOf(v.vertices, (x, y) => pointsPx([[x, y]], s)[0] ?? { x: 0, y: 0 });

const pct = (p: Point, s: Size): { x: number; y: number } => { const [x, y] = pointsPct([p], s)[0]!; return { x, y }; };

export const verticesPct = (list: readonly Vertex[], s: Size): Value[] => list.map(({ at, in: a, out: b, ...rest }) => ({
  ...rest, ...pct(at, s), isBezier: !!(a || b), ...(a || b ? { controlPoint1: pct(a ?? at, s), controlPoint2: pct(b ?? at, s) } : {}),
}));

/* A new chain through these points; `outs` are the control points dragged out of them. */
const chain = (points: readonly Point[], outs: readonly (Point | null)[] = []): Vertex[] => {
  const ids = points.map(() => shortId());
  return points.map((at, i) => ({
    id: ids[i]!, prevPointId: i ? ids[i - 1]! : null, at,
    ...(outs[i] ? { out: outs[i]!, in: { x: 2 * at.x - outs[i]!.x, y: 2 * at.y - outs[i]!.y } } : {}),
  }));
};

const everyPoint = (list: readonly Vertex[]): Point[] => list.flatMap((q) => [q.at, ...(q.in ? [q.in] : []), ...(q.out ? [q.out] : [])]);

const vectorKind: Kind = {
  path: (v, s) => vectorPath(verticesPx(v, s), v.closed === true),
  hull: (v, s) => { const p = everyPoint(verticesPx(v, s)); return p.length ? hull(p) : null; },
  flag: (v, s) => vectorKind.hull(v, s),
  open: (v) => v.closed !== true,
  draw: (points, outs, s, closed) => ({ vertices: verticesPct(chain(points, outs), s), closed }),
  points: (v, s) => verticesPx(v, s).map((q) => q.at),
  grips: (v, s) => verticesPx(v, s).flatMap((q, i): Grip[] => [
    ...(q.in ? [{ grip: `i${i}`, ...q.in, soft: true }] : []), ...(q.out ? [{ grip: `o${i}`, ...q.out, soft: true }] : []),
    { grip: `c${i}`, ...q.at, first: i === 0 }]),
  pull: (v, s, grip, p) => {
    const list = verticesPx(v, s), q = list[Number(grip.slice(1))], at = onPicture(p.at, s);
    if (grip === 'body') {
      const d = clampShift(list.map((x) => x.at), { x: p.at.x - p.from.x, y: p.at.y - p.from.y }, s);
      for (const x of list) shiftBy(x, d);
    } else if (!q) return null;
    else if (grip[0] === 'c') shiftBy(q, { x: at.x - q.at.x, y: at.y - q.at.y });
    else {
      const other = { x: 2 * q.at.x - at.x, y: 2 * q.at.y - at.y };          // the other side keeps the line smooth; shift breaks it
      if (grip[0] === 'o') { q.out = at; if (!p.shift && q.in) q.in = other; } else { q.in = at; if (!p.shift && q.out) q.out = other; }
    }
    return { vertices: verticesPct(list, s) };
  },
  grow: (v, s, dx, dy) => {
    const list = verticesPx(v, s), h = hull(list.map((q) => q.at)), fx = (h.width + dx) / (h.width || 1), fy = (h.height + dy) / (h.height || 1);
    if (fx <= 0.02 || fy <= 0.02) return null;
    const to = (q: Point): Point => onPicture({ x: h.x + (q.x - h.x) * fx, y: h.y + (q.y - h.y) * fy }, s);
    return { vertices: verticesPct(list.map((q) => ({ ...q, at: to(q.at), ...(q.in ? { in: to(q.in) } : {}), ...(q.out ? { out: to(q.out) } : {}) })), s) };
  },
  insert: (v, s, at) => {
    const list = verticesPx(v, s), byId = new Map(list.map((q) => [q.id, q]));
    let best = -1, least = Infinity, on = at;
    list.forEach((q, i) => {
      const a = q.prevPointId === null ? undefined : byId.get(q.prevPointId);
      if (!a) return;
      const dx = q.at.x - a.at.x, dy = q.at.y - a.at.y, t = Math.min(1, Math.max(0, ((at.x - a.at.x) * dx + (at.y - a.at.y) * dy) / (dx * dx + dy * dy || 1)));
      const m = { x: a.at.x + t * dx, y: a.at.y + t * dy }, d = Math.hypot(m.x - at.x, m.y - at.y);
      if (d < least) { least = d; best = i; on = m; }
    });
    if (best < 0) return null;
    const id = shortId(), after = list[best]!;
    list.splice(best, 1, { id, prevPointId: after.prevPointId, at: on }, { ...after, prevPointId: id });
    return { vertices: verticesPct(list, s) };
  },
  remove: (v, s, grip) => {
    const list = verticesPx(v, s), gone = list[Number(grip.slice(1))];
    if (!gone || grip[0] !== 'c' || list.length <= 2) return null;
    const rest = list.filter((q) => q !== gone).map((q) => (q.prevPointId === gone.id ? { ...q, prevPointId: gone.prevPointId } : q));
    return { vertices: verticesPct(rest, s) };
  },
};

addKind('vector', vectorKind);

function shiftBy(q: Vertex, d: Point): void {
  q.at = { x: q.at.x + d.x, y: q.at.y + d.y };
  if (q.in) q.in = { x: q.in.x + d.x, y: q.in.y + d.y };
  if (q.out) q.out = { x: q.out.x + d.x, y: q.out.y + d.y };
}
