/*
 * compare-pixels.ts -- masks of several people, pixel by pixel: how alike they are, where they differ, how each is painted.
 *
 * A pattern besides the colour and a line around it: three masks over each other
 * are still three.  Pure; what is known of a mask is kept beside its result item.
 */
import type { Piece } from '../stage/image/mask/fill';
import { labelsOf } from './summary';
import type { ResultItem } from './shapes';

export interface Mask { w: number; h: number; piece: Piece | null }
export type Ink = readonly [number, number, number];

const known = new WeakMap<ResultItem, Mask>();
export const maskOf = (r: ResultItem): Mask | undefined => known.get(r);
export const setMask = (r: ResultItem, m: Mask): void => { known.set(r, m); };

/* Answers about a region carry its place along; they are no masks themselves. */
export const isMask = (r: ResultItem): boolean => /^(brush|bitmask|magicwand|labels)/.test(r.type) && (Array.isArray(r.value?.rle) || typeof r.value?.imageDataURL === 'string');

/** Masks with the same key are about the same thing: one label of one question on one picture. */
export const maskKey = (r: ResultItem): string => [r.from_name ?? r.type, labelsOf(r).join(), r.item_index ?? 0].join('\n');

/** One person's masks by what they are about. */
export function maskGroups(result: readonly ResultItem[]): Map<string, ResultItem[]> {
  const out = new Map<string, ResultItem[]>();
  for (const r of result) if (isMask(r)) out.set(maskKey(r), [...(out.get(maskKey(r)) ?? []), r]);
  return out;
}

/** What a mask covers, in per cent of its picture. */
export function hullOf(r: ResultItem): [number, number, number, number] | null {
  const m = known.get(r), p = m?.piece;
  return m && p ? [p.x / m.w * 100, p.y / m.h * 100, (p.x + p.width) / m.w * 100, (p.y + p.height) / m.h * 100] : null;
}

/** Common area by whole area of two lists of masks; null when the pixels of one are not known. */
export function iou(a: readonly ResultItem[], b: readonly ResultItem[]): number | null {
  const of = (list: readonly ResultItem[]): Mask[] | null => { const m = list.map(maskOf); return m.every(x => x !== undefined) ? m as Mask[] : null; };
  const p = of(a), q = of(b);
  if (!p || !q) return null;
  const all = [...p, ...q], first = all[0];
  if (!first || all.some(m => m.w !== first.w || m.h !== first.h)) return first ? 0 : null;
  const boxes = all.flatMap(m => m.piece ?? []);
  if (!boxes.length) return 1;
  const x0 = Math.min(...boxes.map(r => r.x)), y0 = Math.min(...boxes.map(r => r.y));
  const w = Math.max(...boxes.map(r => r.x + r.width)) - x0, h = Math.max(...boxes.map(r => r.y + r.height)) - y0, bits = new Uint8Array(w * h);
  const put = (list: Mask[], bit: number): void => {
    for (const { piece: r } of list) if (r) for (let i = 0; i < r.alpha.length; i++) if (r.alpha[i]) bits[(r.y - y0 + Math.floor(i / r.width)) * w + r.x - x0 + i % r.width]! |= bit;
  };
  put(p, 1);
  put(q, 2);
  let both = 0, any = 0;
  for (const v of bits) { if (v === 3) both++; if (v) any++; }
  return any ? both / any : 1;
}

/** What these masks cover of a picture drawn w by h. */
export function cover(list: readonly ResultItem[], w: number, h: number): Uint8Array {
  const out = new Uint8Array(w * h);
  for (const m of list.map(maskOf)) {
    const p = m?.piece;
    if (!m || !p) continue;
    for (let y = Math.floor(p.y * h / m.h); y < Math.min(h, Math.ceil((p.y + p.height) * h / m.h)); y++) {
      const sy = Math.floor((y + 0.5) * m.h / h) - p.y;
      if (sy < 0 || sy >= p.height) continue;
      for (let x = Math.floor(p.x * w / m.w); x < Math.min(w, Math.ceil((p.x + p.width) * w / m.w)); x++) {
        const sx = Math.floor((x + 0.5) * m.w / w) - p.x;
        if (sx >= 0 && sx < p.width && p.alpha[sy * p.width + sx]) out[y * w + x] = 1;
      }
    }
  }
  return out;
}

/* Plain, /, \, dots, lines, columns, a grid, checks. */
const PATTERNS: ((x: number, y: number) => boolean)[] = [
  () => false, (x, y) => (x + y) % 12 < 5, (x, y) => (x - y + 12_000) % 12 < 5, (x, y) => (x % 12 - 6) ** 2 + (y % 12 - 6) ** 2 < 10,
  (_, y) => y % 10 < 4, x => x % 10 < 4, (x, y) => x % 12 < 3 || y % 12 < 3, (x, y) => ((x >> 3) + (y >> 3)) % 2 === 0,
];

/** Person n's mask in their colour and pattern with a line around it; n = 0 is the line alone, for what was agreed. */
export function painted(on: Uint8Array, w: number, h: number, ink: Ink, n: number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(w * h * 4), pattern = n > 0 ? PATTERNS[(n - 1) % PATTERNS.length]! : null;
  const at = (x: number, y: number): number => (x >= 0 && y >= 0 && x < w && y < h ? on[y * w + x]! : 0);
  const near = (x: number, y: number, d: number, v: number): boolean => at(x - d, y) === v || at(x + d, y) === v || at(x, y - d) === v || at(x, y + d) === v;
  for (let y = 0, i = 0; y < h; y++) for (let x = 0; x < w; x++, i++) {
    const k = i * 4;
    if (on[i]) {
      const edge = near(x, y, 1, 0) || near(x, y, 2, 0);
      out[k] = ink[0]; out[k + 1] = ink[1]; out[k + 2] = ink[2];
      out[k + 3] = edge ? 255 : !pattern ? 0 : pattern === PATTERNS[0] ? 110 : pattern(x, y) ? 190 : 45;
    } else if (near(x, y, 1, 1)) out[k + 3] = 170;
  }
  return out;
}

const DISPUTED: Ink = [251, 207, 77];

/** Where people differ: striped what some cover and others do not, pale what all cover. */
export function difference(covers: readonly Uint8Array[], w: number, h: number): Uint8ClampedArray<ArrayBuffer> {
  const out = new Uint8ClampedArray(w * h * 4);
  for (let y = 0, i = 0; y < h; y++) for (let x = 0; x < w; x++, i++) {
    let n = 0;
    for (const c of covers) n += c[i]!;
    if (!n) continue;
    const k = i * 4, all = n === covers.length, stripe = (x + y) % 8 < 4;
    [out[k], out[k + 1], out[k + 2]] = all ? [255, 255, 255] : stripe ? DISPUTED : [0, 0, 0];
    out[k + 3] = all ? 105 : stripe ? 235 : 120;
  }
  return out;
}
