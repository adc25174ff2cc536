/*
 * scene.ts -- the shapes of one picture as plain data: outlines, order, and who
 * lies where.
 *
 * It follows the store and tells what has to be painted again.  A grid of
 * squares answers "what is here" for the pointer and for the painter, so that
 * neither ever walks through all shapes.
 */
import { effect, untracked } from '@preact/signals';
import { labelsOf, placeOf, shapeOf, spatialOf, type Shape } from '../../tags/result';
import type { TaskStore } from '../../tags/store';
import { num, type LabelInfo, type Tag } from '../../tags/tree';
import type { Point, Rect, Size } from './geometry';
import { kindOf } from './kinds';

export interface Entry {
  id: string;
  n: number;                    // its number in the list, from 1; later ones lie above
  shape: Shape;
  hull: Rect;
  flag: Point;
  path: Path2D | null;          // null: a mask, whose picture comes from elsewhere
  upright: boolean;             // its hull is its outline: many times cheaper to paint
  open: boolean;
  info: LabelInfo | undefined;
  control: Tag | undefined;
  guess: boolean;
  thick: number;                // width of the line on the screen
  seen: number;                 // stamp of the last query
}

export interface Listener {
  dirty(e: Entry, now: boolean): void;      // this one changed; not now: its number only
  all(): void;
}

const CELLS = 48;               // along the longer side

export class Scene {
  readonly entries: Map<string, Entry> = new Map();
  private cells = new Map<number, Set<Entry>>();
  private where = new Map<Entry, number[]>();
  private size: Size = { w: 1, h: 1 };
  private cell = 1;
  private stamp = 0;
  private list: string[] = [];
  private offs: (() => void)[] = [];
  readonly listeners: Set<Listener> = new Set();
  /* A shape without an outline: the mask chunk answers what it covers. */
  hullOfMask: ((id: string) => Rect | null) | null = null;

  constructor(private store: TaskStore) {}

  /* Follow these regions on a picture of this size. */
  start(ids: () => string[], size: () => Size | null): void {
    const watch = (id: string): void => this.refresh(id);
    this.store.watchers.add(watch);
    this.offs.push(() => this.store.watchers.delete(watch), effect(() => {
      const list = ids(), s = size();
      untracked(() => this.reorder(list, s));
    }));
  }

  stop(): void { for (const off of this.offs) off(); this.offs = []; this.clear(); }

  private clear(): void { this.entries.clear(); this.cells.clear(); this.where.clear(); }

  private reorder(ids: string[], size: Size | null): void {
    this.list = ids;
    if (!size) { this.clear(); for (const l of this.listeners) l.all(); return; }
    if (size !== this.size) { this.clear(); this.size = size; this.cell = Math.max(size.w, size.h) / CELLS; }
    const fresh = this.entries.size === 0, next = new Set(ids);
    for (const [id, e] of this.entries) if (!next.has(id)) { this.take(e); this.entries.delete(id); this.tell(e, true); }
    ids.forEach((id, i) => {
      const e = this.entries.get(id);
      if (!e) this.make(id, i + 1, !fresh);
      else if (e.n !== i + 1) { e.n = i + 1; this.tell(e, false); }
    });
    if (fresh) for (const l of this.listeners) l.all();
  }

  private tell(e: Entry, now: boolean): void { for (const l of this.listeners) l.dirty(e, now); }

  /* A region has changed (or came, or went: then reorder() sees to it). One without an outline may have got one. */
  refresh(id: string): void {
    const old = this.entries.get(id), n = old?.n ?? this.list.indexOf(id) + 1;
    if (old) { this.tell(old, true); this.take(old); this.entries.delete(id); }
    if (n && this.store.has(id)) this.make(id, n, true);
  }

  private make(id: string, n: number, tell: boolean): void {
    const items = this.store.peek(id), r = spatialOf(items), shape = r ? shapeOf(r) : null;
    if (!r || !shape) return;
    const v = placeOf(r), kind = kindOf(shape), s = this.size;
    const hull = kind ? kind.hull(v, s) : this.hullOfMask?.(id) ?? null, d = kind?.path(v, s);
    if (!hull || (kind && !d)) return;
    const control = this.store.control(r.from_name);
    const info = this.store.info(labelsOf(items)[0]);
    const e: Entry = {
      id, n, shape, hull, flag: kind?.flag(v, s) ?? hull, path: d ? new Path2D(d) : null,
      upright: shape === 'box' && !v.rotation, open: kind?.open?.(v) ?? false, info, control,
      guess: r.origin === 'prediction', thick: Math.min(8, Math.max(2, control ? num(control, 'strokeWidth', 2.5) : 2.5)), seen: 0,
    };
    this.entries.set(id, e);
    this.put(e);
    if (tell) this.tell(e, true);
  }

  /* ---- the grid ---- */

  private *keys(r: Rect): Generator<number> {
    const at = (v: number): number => Math.floor(Math.min(Math.max(v / this.cell, -2), CELLS + 2));
    for (let y = at(r.y); y <= at(r.y + r.height); y++) for (let x = at(r.x); x <= at(r.x + r.width); x++) yield y * 1000 + x;
  }

  private put(e: Entry): void {
    const list = [...this.keys(e.hull)];
    for (const k of list) {
      const c = this.cells.get(k);
      if (c) c.add(e); else this.cells.set(k, new Set([e]));
    }
    this.where.set(e, list);
  }

  private take(e: Entry): void {
    for (const k of this.where.get(e) ?? []) this.cells.get(k)?.delete(e);
    this.where.delete(e);
  }

  /* Every shape that may touch this rectangle, lowest first. */
  query(r: Rect): Entry[] {
    const out: Entry[] = [], stamp = ++this.stamp;
    for (const k of this.keys(r)) for (const e of this.cells.get(k) ?? []) {
      if (e.seen === stamp) continue;
      e.seen = stamp;
      const h = e.hull;
      if (h.x <= r.x + r.width && h.x + h.width >= r.x && h.y <= r.y + r.height && h.y + h.height >= r.y) out.push(e);
    }
    return out.sort((a, b) => a.n - b.n);
  }

  /*
   * The shape under a point: of those whose line is near or that lie around it
   * the smallest, so that a small one inside a large one can always be had.
   */
  hit(p: Point, slop: number, edge: boolean, skip: (e: Entry) => boolean, inMask: (id: string, p: Point) => boolean): Entry | null {
    const near = this.query({ x: p.x - slop, y: p.y - slop, width: 2 * slop, height: 2 * slop }), c = pencil();
    let best: Entry | null = null, least = Infinity;
    for (const e of near) {
      if (skip(e)) continue;
      const area = e.shape === 'point' || e.open ? 0 : Math.max(1, e.hull.width * e.hull.height);
      if (area > least) continue;
      if (e.path) {
        c.lineWidth = 2 * slop;
        c.lineCap = 'round';
        if (!c.isPointInStroke(e.path, p.x, p.y) && (edge || e.open || !c.isPointInPath(e.path, p.x, p.y, 'evenodd'))) continue;
      } else if (!inMask(e.id, p)) continue;
      best = e;
      least = area;
    }
    return best;
  }
}

/* A canvas that is only asked where things are. */
let asked: CanvasRenderingContext2D | null = null;
const pencil = (): CanvasRenderingContext2D => asked ??= document.createElement('canvas').getContext('2d')!;
