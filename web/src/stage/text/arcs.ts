/*
 * arcs.ts -- relations as square-cornered lines under the text, in lanes.
 *
 * A line leaves the middle of its first span downwards and runs in the gap
 * under that row.  In the same row it comes up to the other span, from the row
 * above it goes down to it, else it takes the margin and comes up from below.
 * Runs that would touch in one gap take different lanes.
 */
import type { Box } from './offsets';

export interface Arc { id: string; from: Box; to: Box; text: string }
export interface Drawn { id: string; d: string; tips: { to: string; from: string }; text: string; x: number; y: number; w: number }

const LANE = 10, LANES = 3, FIRST = 9, R = 5, TAG = 16, NEXT = 96;

const width = (text: string): number => [...text].reduce((s, c) => s + (c > '\u2e80' ? 11 : 6.2), 0) + 8;
const middle = (b: Box): number => (b.left + b.right) / 2;

/* A corner at each inner point, rounded. */
export function path(points: readonly (readonly [number, number])[]): string {
  let d = `M${points[0]![0]} ${points[0]![1]}`;
  for (let i = 1; i < points.length; i++) {
    const [x, y] = points[i]!, [px, py] = points[i - 1]!, next = points[i + 1];
    const r = next ? Math.min(R, Math.hypot(x - px, y - py) / 2, Math.hypot(next[0] - x, next[1] - y) / 2) : 0;
    d += `L${x - Math.sign(x - px) * r} ${y - Math.sign(y - py) * r}`;
    if (next && r > 0) d += `Q${x} ${y} ${x + Math.sign(next[0] - x) * r} ${y + Math.sign(next[1] - y) * r}`;
  }
  return d;
}

const tip = (x: number, y: number, up: boolean): string => `M${x} ${y}l-4 ${up ? 6 : -6}h8z`;

export function layArcs(arcs: readonly Arc[], margin: number): Drawn[] {
  const gaps = new Map<number, [number, number][][]>();      // bottom of a row -> lanes -> runs
  let outside = 0;
  const lane = (bottom: number, a: number, b: number): number => {
    const key = [...gaps.keys()].find((k) => Math.abs(k - bottom) < 12) ?? bottom, list = gaps.get(key) ?? [];
    gaps.set(key, list);
    const lo = Math.min(a, b) - 4, hi = Math.max(a, b) + 4;
    let i = list.findIndex((runs) => runs.every(([x, y]) => hi < x || lo > y));
    if (i < 0) i = list.length;
    (list[i] ??= []).push([lo, hi]);
    return bottom + FIRST + LANE * Math.min(i, LANES - 1);
  };
  const size = (a: Arc): number => Math.abs(middle(a.from) - middle(a.to)) + 2000 * (Math.abs(a.from.bottom - a.to.bottom) > 8 ? 1 : 0);
  return [...arcs].sort((a, b) => size(a) - size(b)).map((a) => {
    const { from, to } = a, w = a.text ? width(a.text) : 0, same = Math.abs(from.bottom - to.bottom) < 8;
    let x = middle(from), tx = middle(to);
    if (same && Math.abs(x - tx) < 12) { x -= 6; tx += 6; }
    const run = (p: number, q: number): [number, number] => { const m = (p + q) / 2, h = Math.max(Math.abs(p - q), w) / 2; return [m - h, m + h]; };
    if (same) {
      const y = lane(from.bottom, ...run(x, tx));
      return { id: a.id, d: path([[x, from.bottom], [x, y], [tx, y], [tx, to.bottom + 5]]), tips: { to: tip(tx, to.bottom + 1, true), from: tip(x, from.bottom + 1, true) }, text: a.text, x: (x + tx) / 2, y, w };
    }
    if (to.top > from.bottom && to.top - from.bottom < NEXT) {
      const y = lane(from.bottom, ...run(x, tx)), end = to.top - TAG;
      return { id: a.id, d: path([[x, from.bottom], [x, y], [tx, y], [tx, end - 5]]), tips: { to: tip(tx, end, false), from: tip(x, from.bottom + 1, true) }, text: a.text, x: (x + tx) / 2, y, w };
    }
    const side = margin - 6 - 6 * (outside++ % 3), y = lane(from.bottom, side, x), ty = lane(to.bottom, side, tx);
    const long = Math.abs(x - side) > Math.abs(tx - side);
    return { id: a.id, d: path([[x, from.bottom], [x, y], [side, y], [side, ty], [tx, ty], [tx, to.bottom + 5]]), tips: { to: tip(tx, to.bottom + 1, true), from: tip(x, from.bottom + 1, true) },
      text: a.text, x: ((long ? x : tx) + side) / 2, y: long ? y : ty, w };
  });
}
