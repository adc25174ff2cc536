/* fill.ts -- what brush, wand and bucket do to a mask: one byte a pixel, 0 or 255. Pure; runs in the worker and in tests. */
import type { Rect } from '../geometry';

export interface Piece extends Rect { alpha: Uint8Array }      // a mask cut to what it covers

export const ON = 255;

/* The part of a mask that is painted; null when nothing is. */
export function cut(mask: Uint8Array, w: number, h: number): Piece | null {
  let x0 = w, y0 = -1, x1 = -1, y1 = -1;
  for (let y = 0; y < h; y++) {
    const row = y * w;
    let a = 0, b = w - 1;
    while (a < w && !mask[row + a]) a++;
    if (a === w) continue;
    while (!mask[row + b]) b--;
    if (y0 < 0) y0 = y;
    y1 = y;
    if (a < x0) x0 = a;
    if (b > x1) x1 = b;
  }
  if (y0 < 0) return null;
  const width = x1 - x0 + 1, height = y1 - y0 + 1, alpha = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) alpha.set(mask.subarray((y0 + y) * w + x0, (y0 + y) * w + x0 + width), y * width);
  return { x: x0, y: y0, width, height, alpha };
}

export function spread(p: Piece | null, w: number, h: number): Uint8Array {
  const out = new Uint8Array(w * h);
  if (p) for (let y = 0; y < p.height && p.y + y < h; y++) out.set(p.alpha.subarray(y * p.width, y * p.width + Math.min(p.width, w - p.x)), (p.y + y) * w + p.x);
  return out;
}

/* Draws a line of discs; returns the rectangle that changed. A pixel counts when its middle is inside. */
export function stroke(mask: Uint8Array, w: number, h: number, a: { x: number; y: number }, b: { x: number; y: number }, r: number, v: number): Rect | null {
  const x0 = Math.max(0, Math.floor(Math.min(a.x, b.x) - r)), x1 = Math.min(w - 1, Math.ceil(Math.max(a.x, b.x) + r));
  const y0 = Math.max(0, Math.floor(Math.min(a.y, b.y) - r)), y1 = Math.min(h - 1, Math.ceil(Math.max(a.y, b.y) + r));
  if (x0 > x1 || y0 > y1) return null;
  const dx = b.x - a.x, dy = b.y - a.y, len = dx * dx + dy * dy, rr = Math.max(0.25, r * r);
  for (let y = y0; y <= y1; y++) for (let x = x0; x <= x1; x++) {
    const px = x + 0.5 - a.x, py = y + 0.5 - a.y, t = len ? Math.min(1, Math.max(0, (px * dx + py * dy) / len)) : 0;
    const ex = px - t * dx, ey = py - t * dy;
    if (ex * ex + ey * ey <= rr) mask[y * w + x] = v;
  }
  return { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

/* Fills from a seed over neighbours that `same` accepts, row by row. Returns the mask of what was reached. */
function flood(w: number, h: number, sx: number, sy: number, same: (i: number) => boolean): Uint8Array {
  const out = new Uint8Array(w * h), stack = [sy * w + sx];
  while (stack.length) {
    const i = stack.pop()!;
    if (out[i] || !same(i)) continue;
    const row = i - i % w;
    let a = i, b = i;
    while (a > row && !out[a - 1] && same(a - 1)) a--;
    while (b < row + w - 1 && !out[b + 1] && same(b + 1)) b++;
    out.fill(ON, a, b + 1);
    for (const next of [-w, w]) {
      if ((next < 0 && row === 0) || (next > 0 && row === (h - 1) * w)) continue;
      for (let k = a + next, open = false; k <= b + next; k++) {
        const fits = !out[k] && same(k);
        if (fits && !open) stack.push(k);
        open = fits;
      }
    }
  }
  return out;
}

/* The wand: all pixels joined to the seed whose colour is at most `threshold` from the seed's, in each channel. */
export function wand(rgba: Uint8ClampedArray, w: number, h: number, x: number, y: number, threshold: number): Uint8Array {
  const s = (y * w + x) * 4, [r, g, b] = [rgba[s]!, rgba[s + 1]!, rgba[s + 2]!];
  return flood(w, h, x, y, (i) => {
    const k = i * 4;
    return Math.abs(rgba[k]! - r) <= threshold && Math.abs(rgba[k + 1]! - g) <= threshold && Math.abs(rgba[k + 2]! - b) <= threshold;
  });
}

/* The bucket: the unpainted place around the seed, when paint encloses it; null when it runs to the picture's edge. */
export function bucket(mask: Uint8Array, w: number, h: number, x: number, y: number): Uint8Array | null {
  if (mask[y * w + x]) return null;
  const out = flood(w, h, x, y, (i) => !mask[i]);
  for (let i = 0; i < w; i++) if (out[i] || out[(h - 1) * w + i]) return null;
  for (let i = 0; i < h; i++) if (out[i * w] || out[i * w + w - 1]) return null;
  return out;
}

/* Rounds the edge of a piece: what most of the neighbourhood of radius r says. */
export function smooth(p: Piece, r: number): void {
  const { width: w, height: h, alpha } = p, n = 2 * r + 1;
  if (r < 1) return;
  const rows = new Uint16Array(w * h);
  for (let y = 0; y < h; y++) for (let x = -r, sum = 0; x < w; x++) {
    if (x + r < w && alpha[y * w + x + r]) sum++;
    if (x - r - 1 >= 0 && alpha[y * w + x - r - 1]) sum--;
    if (x >= 0) rows[y * w + x] = sum;
  }
  // Outside of the piece the edge counts as what it touches there: a straight cut stays straight.
  for (let x = 0; x < w; x++) for (let y = -r, sum = 0; y < h; y++) {
    if (y + r < h) sum += rows[(y + r) * w + x]!;
    if (y - r - 1 >= 0) sum -= rows[(y - r - 1) * w + x]!;
    if (y < 0) continue;
    const across = Math.min(w - 1, x + r) - Math.max(0, x - r) + 1, down = Math.min(h - 1, y + r) - Math.max(0, y - r) + 1;
    alpha[y * w + x] = sum * 2 > Math.min(n * n, across * down) ? ON : 0;
  }
}
