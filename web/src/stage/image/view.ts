/*
 * view.ts -- how a picture lies on the screen: screen = turned picture * k + (x, y).
 */

export interface Size { w: number; h: number }
export interface Point { x: number; y: number }
export interface Rect { x: number; y: number; width: number; height: number }

export const clamp = (v: number, lo: number, hi: number): number => Math.min(Math.max(v, lo), hi);

/* `turn`: quarter turns of the whole picture for the eye, 0 to 3; what is stored does not change. */
export interface View { k: number; x: number; y: number; turn?: number }

const quarter = (p: Point, turn = 0): Point =>
  turn === 0 ? p : turn === 1 ? { x: -p.y, y: p.x } : turn === 2 ? { x: -p.x, y: -p.y } : { x: p.y, y: -p.x };

/* Where the picture lies on the screen. */
export function frame(v: View, s: Size): Rect {
  const a = toScreen(v, { x: 0, y: 0 }), b = toScreen(v, { x: s.w, y: s.h });
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
}

/* The view at `k` whose picture has its middle at `c` of the screen. */
export function centred(k: number, s: Size, c: Point, turn = 0): View {
  const m = quarter({ x: s.w * k / 2, y: s.h * k / 2 }, turn);
  return { k, x: c.x - m.x, y: c.y - m.y, ...(turn ? { turn } : {}) };
}

/* `pad` leaves room for the flag of a shape at the upper edge. */
export function fit(s: Size, stage: Size, pad = 24, turn = 0): View {
  const w = turn % 2 ? s.h : s.w, h = turn % 2 ? s.w : s.h;
  const k = Math.min(Math.max(1, stage.w - 2 * pad) / w, Math.max(1, stage.h - 2 * pad) / h);
  return centred(k, s, { x: stage.w / 2, y: stage.h / 2 }, turn);
}

export const ZOOM_MIN = 0.005, ZOOM_MAX = 40;

/* Zoom so that the picture point under `p` (screen) stays there. */
export function zoomAt(v: View, p: Point, factor: number): View {
  const k = clamp(v.k * factor, ZOOM_MIN, ZOOM_MAX);
  return { ...v, k, x: p.x - (p.x - v.x) * k / v.k, y: p.y - (p.y - v.y) * k / v.k };
}

/* Turned by quarters about the middle of the stage. */
export function turnView(v: View, by: number, stage: Size): View {
  const c = { x: stage.w / 2, y: stage.h / 2 }, d = quarter({ x: v.x - c.x, y: v.y - c.y }, (by + 4) % 4);
  return { k: v.k, x: c.x + d.x, y: c.y + d.y, turn: ((v.turn ?? 0) + by + 4) % 4 };
}

/* A part of the picture at least this large stays in sight while panning. */
export function keepInSight(v: View, s: Size, stage: Size, least = 48): View {
  const f = frame(v, s);
  return { ...v, x: v.x + clamp(f.x, least - f.width, stage.w - least) - f.x, y: v.y + clamp(f.y, least - f.height, stage.h - least) - f.y };
}

export const toPicture = (v: View, p: Point): Point => {
  const q = quarter({ x: p.x - v.x, y: p.y - v.y }, v.turn ? 4 - v.turn : 0);
  return { x: q.x / v.k, y: q.y / v.k };
};
export const toScreen = (v: View, p: Point): Point => {
  const q = quarter({ x: p.x * v.k, y: p.y * v.k }, v.turn);
  return { x: q.x + v.x, y: q.y + v.y };
};
/* As a transform attribute, and as a transform style. */
export const svgTransform = (v: View): string => `translate(${v.x} ${v.y})${v.turn ? ` rotate(${90 * v.turn})` : ''} scale(${v.k})`;
export const cssTransform = (v: View): string => `translate(${v.x}px,${v.y}px)${v.turn ? ` rotate(${90 * v.turn}deg)` : ''} scale(${v.k})`;

