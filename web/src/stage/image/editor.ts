/*
 * editor.ts -- what is done to the shapes on a picture.
 *
 * hand.ts is the pointer, board.ts the keyboard; both end in add() and the
 * store.  Every drag has a second way: clicks, the arrow keys with Enter, and
 * the number fields beside the list.  One editor a model; it works while its
 * stage is on the page.
 */
import { batch, signal, type Signal } from '@preact/signals';
import { nudge } from '../../tags/nudge';
import { isBareSet, placeOf, shapeOf, type Shape } from '../../tags/result';
import { attr, isLabels, num, type LabelInfo, type Tag } from '../../tags/tree';
import {
  area2, boxFrom, boxOfThree, boxPct, centred, ellipsePct, onPicture, pointsPct, toPicture, toScreen, type Point, type Rect, type Size,
} from './geometry';
import { Hand } from './hand';
import { kindOf, type Grip, type Value } from './kinds';
import type { ImageModel, LineDraft } from './model';
import { Scene, type Entry } from './scene';
import { toolsOf, type Tool } from './tools';

/* The mask chunk (mask/), once it is there. All places in picture pixels. */
export interface Pixels {
  down(tool: Tool, p: Point, o: { shift: boolean; alt: boolean }): void;
  move(p: Point): void;
  up(): void;
  cancel(): boolean;
  mount(host: HTMLElement): () => void;
  covers(id: string, p: Point): boolean;
  hull(id: string): Rect | null;
  draw(c: CanvasRenderingContext2D, id: string, colour: string): void;
}

/* What the painter does for others. */
interface Brushwork { touch(id: string): void; colourOf(info: LabelInfo | undefined): string }

const SMALLEST = 3;         // screen pixels; less is a slip of the hand

export class Editor {
  readonly scene: Scene;
  readonly hand: Hand;
  readonly pixels: Pixels | null;
  painter: Brushwork | null = null;
  readonly radius: Signal<number> = signal(12);              // of the brush, in picture pixels
  readonly cursor: Signal<Point | null> = signal(null);      // keyboard cross, in picture pixels
  readonly pointer: Signal<Point | null> = signal(null);     // where the mouse is, in picture pixels
  penDown = false;                                           // the keyboard's pen, for brush and eraser

  constructor(readonly m: ImageModel, masks?: new (ed: Editor) => Pixels) {
    this.scene = new Scene(m.store);
    this.hand = new Hand(this);
    this.pixels = masks ? new masks(this) : null;
  }

  /* While the stage is on the page. */
  start(): () => void {
    this.scene.start(() => this.m.regions.value, () => this.m.size.value);
    return () => this.scene.stop();
  }

  /* The control that a new shape of this tool belongs to. */
  controlFor(t: Tool): Tag | undefined {
    const fitting = this.m.marks.peek().filter((c) => toolsOf(c).includes(t)), a = this.m.store.active.peek();
    if (t === 'wand') fitting.sort((x, y) => Number(y.tag === 'MagicWand') - Number(x.tag === 'MagicWand'));
    return fitting.find((c) => c.name === a?.control)
      ?? (a && isBareSet(this.m.store.control(a.control)) ? fitting.find((c) => !isLabels(c)) : undefined)
      ?? (a ? fitting.find((c) => this.m.store.labels.some((l) => l.control === c && a.values.includes(l.value))) : undefined)
      ?? fitting[0];
  }

  add(t: Tool, place: Value): string | null {
    const c = this.controlFor(t), s = this.m.size.peek();
    if (!c || !s) return null;
    const { item } = this.m.at;
    return this.m.store.addRegion(c, place, { original_width: s.w, original_height: s.h, image_rotation: 0, ...(item === null ? {} : { item_index: item }) }, this.m.image.name ?? undefined);
  }

  /* A copy a little lower, chosen. */
  copy(id: string): void { this.m.store.duplicate(id, nudge); }

  /* The chosen region fills most of the stage. */
  zoomIn(id: string): void {
    const h = this.scene.entries.get(id)?.hull, s = this.m.size.peek(), st = this.m.stage.peek();
    if (!h || !s) return;
    const k = Math.min(8, st.w / 2 / Math.max(1, h.width), st.h / 2 / Math.max(1, h.height)), v = centred(k, s, { x: 0, y: 0 }, this.m.view.peek().turn);
    const c = toScreen(v, { x: h.x + h.width / 2, y: h.y + h.height / 2 });
    this.m.look({ ...v, x: v.x + st.w / 2 - c.x, y: v.y + st.h / 2 - c.y });
  }

  /* ---- regions ---- */

  shape(id: string): Shape | null { const r = this.m.spatial(id); return r ? shapeOf(r) : null; }
  canEdit(id: string): boolean { return this.m.editable && !this.m.store.locked.peek().has(id); }

  /* What a drag of a grip, or an arrow key, makes of a shape. */
  pulled(id: string, grip: string, place: Value, from: Point, at: Point, shift: boolean): Value | null {
    const s = this.m.size.peek();
    return s ? kindOf(this.shape(id))?.pull(place, s, grip, { from, at, k: this.m.view.peek().k, shift }) ?? null : null;
  }

  change(id: string, f: (kind: NonNullable<ReturnType<typeof kindOf>>, place: Value, s: Size) => Value | null | undefined, merge?: string): boolean {
    const r = this.m.spatial(id), kind = kindOf(this.shape(id)), s = this.m.size.peek();
    if (!r || !kind || !s || !this.canEdit(id)) return false;
    const patch = f(kind, placeOf(r), s);
    if (patch) this.m.store.setPlace(id, patch, merge);
    return !!patch;
  }

  /* Grips of a region in picture pixels: for drawing them. */
  grips(id: string): Grip[] {
    const s = this.m.size.value, r = this.m.store.items(id).find((x) => shapeOf(x) !== null);
    if (!s || !r) return [];
    return kindOf(shapeOf(r))?.grips(placeOf(r), s, this.m.view.value.k, this.mayTurn(r.from_name)) ?? [];
  }

  private mayTurn(name: string | undefined): boolean {
    return (this.m.store.control(name)?.attrs.canrotate ?? 'true').toLowerCase() !== 'false';
  }

  /* The region under a point. `edge`: only by its line, as tools that place points ask. */
  hit(p: Point, edge = false, slop = 5): string | null {
    const { store } = this.m, off = store.hidden.peek(), k = this.m.view.peek().k;
    const e = this.scene.hit(p, slop / k, edge, (x: Entry) => off.has(x.id), (id, q) => !edge && (this.pixels?.covers(id, q) ?? false));
    return e?.id ?? null;
  }

  /* ---- where a point goes: on the picture, to whole pixels, to a corner near by ---- */

  snap(p: Point, tool: Tool | null, except?: string): Point {
    const s = this.m.size.peek()!, q = onPicture(p, s);
    const near = this.m.snapping.peek() ? this.corner(q, except) : null;
    if (near) return near;
    const c = tool ? this.controlFor(tool) : this.m.store.control(except ? this.m.spatial(except)?.from_name : undefined);
    return c && attr(c, 'snap') === 'pixel' ? { x: Math.round(q.x), y: Math.round(q.y) } : q;
  }

  /* A corner of another shape, or an edge of the picture, within reach of the eye. */
  private corner(p: Point, except?: string): Point | null {
    const s = this.m.size.peek()!, reach = 8 / this.m.view.peek().k;
    let best: Point | null = null, least = reach;
    for (const e of this.scene.query({ x: p.x - reach, y: p.y - reach, width: 2 * reach, height: 2 * reach })) {
      if (e.id === except) continue;
      const r = this.m.spatial(e.id);
      for (const q of (r && kindOf(e.shape)?.points?.(placeOf(r), s)) || []) {
        const d = Math.hypot(q.x - p.x, q.y - p.y);
        if (d < least) { least = d; best = { x: q.x, y: q.y }; }
      }
    }
    if (best) return best;
    const x = p.x < reach ? 0 : p.x > s.w - reach ? s.w : p.x, y = p.y < reach ? 0 : p.y > s.h - reach ? s.h : p.y;
    return x !== p.x || y !== p.y ? { x, y } : null;
  }

  /* ---- what is drawn ---- */

  /* Put the drawn shape into the store. */
  finish(closed = true): boolean {
    const d = this.m.draft.peek(), size = this.m.size.peek();
    this.m.draft.value = null;
    if (!d || !size) return false;
    const least = SMALLEST / this.m.view.peek().k;
    if (d.kind === 'box' || d.kind === 'ellipse') {
      const b = boxFrom(d.a, d.b, size);
      if (b.width < Math.min(least, 1) || b.height < Math.min(least, 1) || (b.width < least && b.height < least)) return false;
      if (d.kind === 'box') this.add('box', { ...boxPct(b, size) });
      else this.add('ellipse', { ...ellipsePct({ x: b.x + b.width / 2, y: b.y + b.height / 2, radiusX: b.width / 2, radiusY: b.height / 2, rotation: 0 }, size) });
    } else if (d.kind === 'box3') {
      const b = d.points.length === 3 ? boxOfThree(d.points[0]!, d.points[1]!, d.points[2]!) : null;
      if (!b || b.width < least || b.height < least) return false;
      this.add('box3', { ...boxPct(b, size) });
    } else if (d.kind === 'polygon') {
      if (d.points.length < 3 || Math.abs(area2(d.points)) < least * least) return false;
      this.add('polygon', { points: pointsPct(d.points, size), closed: true });
    } else if ('points' in d) {
      const c = this.controlFor('vector');
      if (d.points.length < Math.max(2, c ? num(c, 'minPoints', 2) : 2)) { this.m.draft.value = d; return false; }
      const value = kindOf('vector')?.draw?.(d.points, d.outs, size, closed && d.points.length > 2 && !!c && attr(c, 'closable') === 'true');
      if (value) this.add('vector', value);
    }
    return true;
  }

  /* One point more. true: the shape is complete by it. */
  place(kind: 'polygon' | 'vector' | 'box3', p: Point): boolean {
    const now = this.m.draft.peek(), d: LineDraft | null = now && 'points' in now && now.kind === kind ? now as LineDraft : null;
    if (!d) { this.m.draft.value = { kind, points: [p], outs: [null], at: p }; return false; }
    const last = d.points[d.points.length - 1]!;
    if (last.x === p.x && last.y === p.y) return false;
    this.m.draft.value = { ...d, points: [...d.points, p], outs: [...d.outs, null], at: p };
    const most = kind === 'box3' ? 3 : kind === 'vector' ? num(this.controlFor('vector')!, 'maxPoints', Infinity) : Infinity;
    return d.points.length + 1 >= most ? this.finish(false) : false;
  }

  /* Give up what is being drawn or dragged. true when there was something. */
  cancel(): boolean {
    const had = [this.hand.cancel(), this.pixels?.cancel() ?? false, this.m.draft.peek() !== null, this.cursor.peek() !== null].some(Boolean);
    this.penDown = false;
    batch(() => { this.m.draft.value = null; this.cursor.value = null; this.m.panning.value = false; });
    return had;
  }

  middle(): Point {
    const st = this.m.stage.peek();
    return onPicture(toPicture(this.m.view.peek(), { x: st.w / 2, y: st.h / 2 }), this.m.size.peek()!);
  }
}

