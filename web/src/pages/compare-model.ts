/*
 * compare-model.ts -- what people differ on in one task, point by point.
 *
 * A point is a question of the task, or a place where somebody drew a region.
 * At each point equal answers are one variant; the judge chooses a variant, and
 * the ruling is made of the chosen ones.  Where everybody says the same there is
 * nothing to choose.  Masks of one label are about one thing, as they are in the
 * consensus; whose cover the same pixels, mostly, say the same.  No markup, no signals.
 */
import { hullOf, iou, isMask, maskKey } from './compare-pixels';
import { labelsOf } from './summary';
import type { ResultItem } from './shapes';

export interface Said { n: number; result: ResultItem[] }
export interface Variant { who: number[]; items: ResultItem[]; own: Map<number, ResultItem[]> }
export interface Point {
  key: string;
  control: string;
  region: boolean;
  variants: Variant[];        // most people first; a variant without items says that there is nothing
  same: boolean;
  chosen: number;
  by: number | null;          // whose own words and lines; null: as agreed
}

/** Least overlap at which two regions are about the same thing; the server's consensus has the same. */
export const SAME_PLACE = 0.5;

type Place = { kind: 'box'; at: [number, number, number, number] } | { kind: 'span'; at: [number, number] } | null;

export function placeOf(r: ResultItem): Place {
  const v = r.value ?? {}, n = (x: unknown): number => Number(x);
  if (isMask(r)) { const at = hullOf(r); return at && { kind: 'box', at }; }
  if (Array.isArray(v.vertices) && v.vertices.length) {
    const all = v.vertices as { x?: unknown; y?: unknown }[], xs = all.map(p => n(p.x)), ys = all.map(p => n(p.y));
    return { kind: 'box', at: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] };
  }
  if (Array.isArray(v.points) && Array.isArray(v.points[0])) {
    const xs = (v.points as number[][]).map(p => n(p[0])), ys = (v.points as number[][]).map(p => n(p[1]));
    return { kind: 'box', at: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)] };
  }
  if (v.radiusX !== undefined) return { kind: 'box', at: [n(v.x) - n(v.radiusX), n(v.y) - n(v.radiusY), n(v.x) + n(v.radiusX), n(v.y) + n(v.radiusY)] };
  if (v.x !== undefined && v.width !== undefined) {
    if (v.height === undefined) return { kind: 'box', at: [n(v.x) - 2, n(v.y) - 2, n(v.x) + 2, n(v.y) + 2] };
    return { kind: 'box', at: [n(v.x), n(v.y), n(v.x) + n(v.width), n(v.y) + n(v.height)] };
  }
  if (typeof v.start === 'number' && typeof v.end === 'number') return { kind: 'span', at: [v.start, v.end] };
  return null;
}

const over = (a: number, b: number, c: number, d: number): number => Math.max(0, Math.min(b, d) - Math.max(a, c));

export function overlap(a: Place, b: Place): number {
  if (!a || !b || a.kind !== b.kind) return 0;
  if (a.kind === 'span' || b.kind === 'span') {
    const [s, e] = a.at as [number, number], [u, v] = b.at as [number, number], both = over(s, e, u, v);
    return both / (e - s + v - u - both || 1);
  }
  const p = a.at, q = b.at, both = over(p[0], p[2], q[0], q[2]) * over(p[1], p[3], q[1], q[3]);
  return both / ((p[2] - p[0]) * (p[3] - p[1]) + (q[2] - q[0]) * (q[3] - q[1]) - both || 1);
}

/* The items of one region, told by its id; the one with a place first. */
interface Drawn { n: number; control: string; place: Place; items: ResultItem[]; said: string; mask: string | null }      // mask: what it is about

const isRegion = (r: ResultItem): boolean => labelsOf(r).length > 0 && r.type !== 'relation' && r.type !== 'choices' || placeOf(r) !== null || isMask(r);

/* What is said about a region, its place aside; a mask in several parts says it once. */
function wordsOf(items: ResultItem[]): string {
  return [...new Set(items.map(r => {
    const { x, y, width, height, rotation, points, vertices, start, end, text, rle, imageDataURL, format, radiusX, radiusY, startOffset, endOffset, globalOffsets, closed, ...rest } = r.value ?? {};
    const own = labelsOf(r).length > 0 || !Array.isArray(rest.text);
    return JSON.stringify([r.from_name, own && !r.type.startsWith('textarea') ? rest : { ...rest, text }]);
  }))].sort().join('\n');
}

function split(s: Said): { drawn: Drawn[]; answers: Map<string, ResultItem[]>; relations: ResultItem[] } {
  const byId = new Map<string, ResultItem[]>(), answers = new Map<string, ResultItem[]>(), relations: ResultItem[] = [];
  s.result.forEach((r, i) => {
    if (r.type === 'relation') { relations.push(r); return; }
    const id = r.id ?? `~${i}`;
    byId.set(id, [...(byId.get(id) ?? []), r]);
  });
  const drawn: Drawn[] = [];
  for (const items of byId.values()) {
    const main = items.find(isRegion);
    if (main) {
      const sorted = [main, ...items.filter(r => r !== main)], mask = isMask(main) ? maskKey(main) : null, with_ = mask === null ? undefined : drawn.find(d => d.mask === mask);
      if (with_) { with_.items.push(...sorted); with_.said = wordsOf(with_.items); continue; }
      drawn.push({ n: s.n, control: main.from_name ?? main.type, place: placeOf(main), items: sorted, said: wordsOf(sorted), mask });
      continue;
    }
    for (const r of items) answers.set(r.from_name ?? r.type, [...(answers.get(r.from_name ?? r.type) ?? []), r]);
  }
  return { drawn, answers, relations };
}

const valueText = (items: ResultItem[]): string => items.map(r => JSON.stringify([r.item_index ?? 0, sorted(r.value)])).sort().join('\n');

function sorted(v: unknown): unknown {
  if (Array.isArray(v)) return v.every(x => typeof x === 'string') ? [...v].sort() : v.map(sorted);
  if (typeof v !== 'object' || v === null) return v;
  return Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, x]) => [k, sorted(x)]));
}

/* Equal answers become one variant, in the order of their numbers; the largest first. */
function variantsOf(said: { n: number; key: string; items: ResultItem[] }[]): Variant[] {
  const by = new Map<string, Variant>();
  for (const s of said) {
    const v = by.get(s.key);
    if (v) { v.who.push(s.n); v.own.set(s.n, s.items); }
    else by.set(s.key, { who: [s.n], items: s.items, own: new Map([[s.n, s.items]]) });
  }
  return [...by.values()].sort((a, b) => b.who.length - a.who.length || a.who[0]! - b.who[0]!);
}

/* Regions of different people at one place; each person at most once in a place. */
function clusters(all: Drawn[]): Drawn[][] {
  const out: Drawn[][] = [], pairs: [number, number, number][] = [];
  all.forEach((a, i) => all.forEach((b, j) => {
    if (j <= i || a.n === b.n || a.control !== b.control && !a.place) return;
    const o = a.mask !== null || b.mask !== null ? Number(a.mask === b.mask) : a.place ? overlap(a.place, b.place) : Number(a.said === b.said && JSON.stringify(a.items[0]!.value) === JSON.stringify(b.items[0]!.value));
    if (o >= SAME_PLACE) pairs.push([o, i, j]);
  }));
  const at = all.map((_, i) => i), people = all.map(d => new Set([d.n])), root = (i: number): number => (at[i] === i ? i : (at[i] = root(at[i]!)));
  for (const [, i, j] of pairs.sort((x, y) => y[0] - x[0])) {
    const a = root(i), b = root(j);
    if (a === b || [...people[b]!].some(n => people[a]!.has(n))) continue;
    at[b] = a;
    for (const n of people[b]!) people[a]!.add(n);
  }
  const by = new Map<number, Drawn[]>();
  all.forEach((d, i) => by.set(root(i), [...(by.get(root(i)) ?? []), d]));
  for (const list of by.values()) out.push(list.sort((a, b) => a.n - b.n));
  return out;
}

/* Masks of one label: who covers mostly the same and says the same of it has the same key. */
function maskKeys(list: Drawn[]): string[] {
  const heads: Drawn[] = [];
  return list.map(d => {
    let at = heads.findIndex(h => h.said === d.said && (iou(h.items.filter(isMask), d.items.filter(isMask)) ?? Number(JSON.stringify(h.items) === JSON.stringify(d.items))) >= SAME_PLACE);
    if (at < 0) at = heads.push(d) - 1;
    return `mask ${at}`;
  });
}

/* The variant that covers most of what was agreed; -1 when none covers half of it. */
function likest(variants: Variant[], like: Drawn): number {
  const far = variants.map(v => (v.items.length ? iou(v.items.filter(isMask), like.items.filter(isMask)) ?? 0 : 0)), best = Math.max(...far);
  return best >= SAME_PLACE ? far.indexOf(best) : -1;
}

const first = (p: Place): number => (p ? p.kind === 'span' ? p.at[0] : p.at[1] * 1000 + p.at[0] : 0);

function regionPoint(list: Drawn[], answers: Said[], agreed: Drawn[], k: number): Point {
  const there = new Set(list.map(d => d.n)), none = answers.filter(a => !there.has(a.n));
  const keys = list[0]!.mask === null ? list.map(d => d.said) : maskKeys(list);
  const variants = variantsOf([...list.map((d, i) => ({ n: d.n, key: keys[i]!, items: d.items })), ...none.map(a => ({ n: a.n, key: '', items: [] }))]);
  const like = agreed.find(d => list.some(x => (x.mask !== null || d.mask !== null ? x.mask === d.mask : x.place ? overlap(x.place, d.place) >= SAME_PLACE : x.said === d.said)));
  const chosen = like ? (like.mask !== null ? likest(variants, like) : variants.findIndex(v => v.items.length > 0 && wordsOf(v.items) === like.said)) : variants.findIndex(v => v.items.length === 0);
  // What was agreed may lie between the answers: it stands for the variant that says the same.
  if (like && chosen >= 0) variants[chosen] = { ...variants[chosen]!, items: like.items };
  return { key: `r${k}`, control: list[0]!.control, region: true, variants, same: variants.length === 1, chosen: Math.max(0, chosen), by: null };
}

/** All points of a task, those people differ on first; `agreed` is the consensus, or a ruling that stands. */
export function pointsOf(answers: Said[], agreed: ResultItem[]): Point[] {
  const parts = answers.map(a => ({ n: a.n, ...split(a) })), is = split({ n: 0, result: agreed });
  const names = [...new Set(parts.flatMap(p => [...p.answers.keys()]))];
  const points: Point[] = names.map(control => {
    const variants = variantsOf(parts.map(p => ({ n: p.n, key: valueText(p.answers.get(control) ?? []), items: p.answers.get(control) ?? [] })));
    const chosen = variants.findIndex(v => valueText(v.items) === valueText(is.answers.get(control) ?? []));
    return { key: control, control, region: false, variants, same: variants.length === 1, chosen: Math.max(0, chosen), by: null };
  });
  const places = clusters(parts.flatMap(p => p.drawn)).sort((a, b) => first(a[0]!.place) - first(b[0]!.place));
  places.forEach((list, k) => points.push(regionPoint(list, answers, is.drawn, k + 1)));
  return [...points.filter(p => !p.same), ...points.filter(p => p.same)];
}

/** What is chosen at a point. */
export function chosenItems(p: Point): ResultItem[] {
  const v = p.variants[p.chosen];
  return (p.by !== null && v?.own.get(p.by)) || v?.items || [];
}

/** The point with the answer of person n; null when they are not among those who were asked. */
export function pickAt(p: Point, n: number): Point | null {
  const at = p.variants.findIndex(v => v.who.includes(n));
  return at < 0 ? null : { ...p, chosen: at, by: n };
}

/** The ruling: what is chosen at each point, and relations whose two ends are both in it. */
export function compose(points: Point[], answers: Said[]): ResultItem[] {
  const items = points.flatMap(chosenItems), ids = new Set(items.map(r => r.id));
  const seen = new Set<string>(), relations: ResultItem[] = [];
  for (const a of answers) for (const r of a.result) {
    if (r.type !== 'relation' || !ids.has(r.from_id) || !ids.has(r.to_id)) continue;
    const key = `${r.from_id} ${r.to_id} ${(r.labels ?? []).join()}`;
    if (!seen.has(key)) { seen.add(key); relations.push(r); }
  }
  return [...items, ...relations];
}

/** One person's whole answer, when the chosen variants are all theirs and nothing was edited. */
export function wholly(points: Point[], answers: Said[]): number | null {
  for (const a of answers) {
    if (points.every(p => p.variants[p.chosen]?.who.includes(a.n) && chosenItems(p).every(r => a.result.includes(r)))) return a.n;
  }
  return null;
}

/** The points with the variants of person n chosen everywhere. */
export const takeAll = (points: Point[], n: number): Point[] =>
  points.map(p => pickAt(p, n) ?? p);
