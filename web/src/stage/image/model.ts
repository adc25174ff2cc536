/*
 * model.ts -- the hand on the picture: what the pointer and the keys do.
 *
 * Shapes live in the store; here are only the view (zoom and place), the tool
 * and what is being drawn right now.  Every drag has a second way: two clicks
 * draw a box, the arrow keys and Enter do too, and the list has number fields.
 */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { placeOf, shapeOf, type Shape } from '../../tags/result';
import type { TaskStore } from '../../tags/store';
import { isLabels, type LabelInfo, type Tag } from '../../tags/tree';
import {
  area2, boxFrom, boxPct, boxPx, clampShift, corners, ellipseHull, ellipsePct, ellipsePx, fit, handleAt, HANDLES, hull,
  keepInSight, moveBox, nearestEdge, onPicture, pointsPct, pointsPx, resizeBox, resizeEllipse, toPicture, toScreen, turn,
  turnBox, TURN_GAP, zoomAt, type Box, type Handle, type Point, type Size, type View,
} from './geometry';

export type Tool = 'move' | 'hand' | 'box' | 'polygon' | 'ellipse' | 'point';
export const TOOL_KEY: Record<Tool, string> = { move: 'v', hand: 'shift+h', box: 'r', polygon: 'p', ellipse: 'o', point: 'k' };

const TOOL_OF: [RegExp, Tool][] = [[/^Rectangle/, 'box'], [/^Polygon/, 'polygon'], [/^Ellipse/, 'ellipse'], [/^KeyPoint/, 'point']];
export const toolOf = (c: Tag): Tool | null => TOOL_OF.find(([re]) => re.test(c.tag))?.[1] ?? null;

/* What is being drawn. `byClick`: the first corner stands and waits for the second. */
export type Draft =
  | { kind: 'box' | 'ellipse'; a: Point; b: Point; byClick: boolean }
  | { kind: 'polygon'; points: Point[]; at: Point };

type Grip = { handle: Handle } | { turn: true } | { corner: number } | { body: true };

type Drag =
  | { do: 'pan'; from: Point; view: View }
  | { do: 'pinch' }
  | { do: 'press'; from: Point; screen: Point; on: string | null }     // not yet decided: click or drag
  | { do: 'draw' }
  | { do: 'grip'; id: string; grip: Grip; from: Point; place: Record<string, unknown>; moved: boolean };

const SLOP = 4;             // a press that moves less is a click
const CLOSE = 14;           // clicking this near to the first point closes a polygon
const SMALLEST = 3;         // screen pixels; less is a slip of the hand

export class ImageModel {
  readonly store: TaskStore;
  readonly image: Tag;
  readonly marks: Tag[];                 // the label sets and tools on this picture
  readonly tools: Tool[];
  readonly size: Signal<Size | null> = signal(null);
  readonly stage: Signal<Size> = signal({ w: 0, h: 0 });
  readonly view: Signal<View> = signal({ k: 1, x: 0, y: 0 });
  readonly draft: Signal<Draft | null> = signal(null);
  readonly cursor: Signal<Point | null> = signal(null);      // keyboard cross, in picture pixels
  readonly panning: Signal<boolean> = signal(false);
  readonly tool: ReadonlySignal<Tool>;
  readonly editable: boolean;

  private drag: Drag | null = null;
  private pointers = new Map<number, Point>();
  private pinch: { gap: number; mid: Point; view: View } | null = null;
  private fitted = true;

  constructor(store: TaskStore, image: Tag, marks: Tag[], editable: boolean) {
    this.store = store;
    this.image = image;
    this.marks = marks;
    this.editable = editable && !store.readOnly;
    const drawing = [...new Set(marks.map(toolOf).filter((x): x is Tool => x !== null))];
    this.tools = this.editable && drawing.length ? ['move', 'hand', ...drawing] : ['move', 'hand'];
    const start = drawing[0] ?? 'move';
    this.tool = computed(() => {
      const want = store.tool.value as Tool;
      return this.tools.includes(want) ? want : this.editable ? start : 'move';
    });
  }

  setTool(t: Tool): void {
    this.cancel();
    batch(() => {
      this.store.tool.value = t;
      const a = this.store.active.peek();
      const c = this.store.control(a?.control);
      const own = c && toolOf(c);
      if (a && own && own !== t && t !== 'move' && t !== 'hand') {
        const twin = this.store.labels.find((l) => l.value === a.values[0] && toolOf(l.control) === t);
        this.store.active.value = twin ? { control: twin.control.name!, values: [twin.value] } : null;
      }
    });
  }

  /* A label taken in hand brings its tool along. */
  follow(info: LabelInfo): void {
    const t = toolOf(info.control);
    if (t && this.tools.includes(t) && this.tool.peek() !== t && this.store.selection.peek() === null) this.store.tool.value = t;
  }

  /* The control that a new shape of this tool belongs to. */
  private controlFor(t: Tool): Tag | undefined {
    const fitting = this.marks.filter((c) => toolOf(c) === t);
    const a = this.store.active.peek();
    return fitting.find((c) => c.name === a?.control)
      ?? (a && this.store.control(a.control)?.tag === 'Labels' ? fitting.find((c) => !isLabels(c)) : undefined)
      ?? fitting[0];
  }

  private extra(): Record<string, unknown> {
    const s = this.size.peek()!;
    return { original_width: s.w, original_height: s.h, image_rotation: 0 };
  }

  private add(t: Tool, place: Record<string, unknown>): void {
    const c = this.controlFor(t);
    if (!c) return;
    this.store.addRegion(c, place, this.extra());
  }

  /* ---- the view ---- */

  resize(stage: Size): void {
    this.stage.value = stage;
    const s = this.size.peek();
    if (s && this.fitted) this.view.value = fit(s, stage);
  }

  loaded(size: Size): void {
    this.size.value = size;
    this.fitted = true;
    this.view.value = fit(size, this.stage.peek());
  }

  fit(): void { const s = this.size.peek(); if (s) { this.fitted = true; this.view.value = fit(s, this.stage.peek()); } }

  private look(v: View): void {
    const s = this.size.peek();
    this.fitted = false;
    this.view.value = s ? keepInSight(v, s, this.stage.peek()) : v;
  }

  zoom(factor: number, at?: Point): void {
    const st = this.stage.peek();
    this.look(zoomAt(this.view.peek(), at ?? { x: st.w / 2, y: st.h / 2 }, factor));
  }

  zoomTo(k: number): void { this.zoom(k / this.view.peek().k); }

  wheel(e: { ctrlKey: boolean; metaKey: boolean; deltaX: number; deltaY: number; deltaMode: number }, at: Point): void {
    const unit = e.deltaMode === 1 ? 16 : 1;
    if (e.ctrlKey || e.metaKey) this.zoom(Math.exp(-e.deltaY * unit / 300), at);
    else {
      const v = this.view.peek();
      this.look({ ...v, x: v.x - e.deltaX * unit, y: v.y - e.deltaY * unit });
    }
  }

  /* ---- the pointer; `p` is in stage pixels ---- */

  down(id: number, p: Point, o: { region: string | null; grip: string | null; button: number; space: boolean }): void {
    this.pointers.set(id, p);
    const size = this.size.peek();
    if (!size) return;
    if (this.pointers.size === 2) { this.startPinch(); return; }
    if (this.pointers.size > 2) return;
    this.cursor.value = null;
    const at = toPicture(this.view.peek(), p);
    const tool = this.tool.peek();
    if (o.button === 1 || o.space || tool === 'hand') { this.startPan(p); return; }
    if (o.button !== 0) return;
    const d = this.draft.peek();
    if (d?.kind === 'polygon') { this.polygonClick(p); return; }
    if (d?.byClick) { this.draft.value = { ...d, b: onPicture(at, size) }; this.finish(); return; }
    const selected = this.store.selection.peek();
    const grip = o.grip ? gripOf(o.grip) : null;
    if (grip && selected !== null && this.canEdit(selected)) { this.startGrip(selected, grip, at); return; }
    if (o.region !== null && (tool === 'move' || o.region === selected)) {
      this.store.selection.value = o.region;
      if (this.canEdit(o.region)) this.startGrip(o.region, { body: true }, at);
      return;
    }
    if (tool === 'move') { this.drag = { do: 'press', from: at, screen: p, on: null }; return; }
    this.drag = { do: 'press', from: at, screen: p, on: o.region };
  }

  private canEdit(id: string): boolean { return this.editable && !this.store.locked.peek().has(id); }

  private startPan(p: Point): void {
    this.drag = { do: 'pan', from: p, view: this.view.peek() };
    this.panning.value = true;
  }

  private startPinch(): void {
    const [a, b] = [...this.pointers.values()] as [Point, Point];
    if (this.drag?.do === 'grip') this.store.drop();
    if (this.draft.peek()?.kind !== 'polygon') this.draft.value = null;
    this.drag = { do: 'pinch' };
    this.pinch = { gap: Math.hypot(a.x - b.x, a.y - b.y) || 1, mid: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, view: this.view.peek() };
  }

  private startGrip(id: string, grip: Grip, at: Point): void {
    const r = this.store.peek(id).find((x) => shapeOf(x) !== null);
    if (!r) return;
    this.drag = { do: 'grip', id, grip, from: at, place: placeOf(r), moved: false };
    this.store.hold(id);
  }

  move(id: number, p: Point, shift: boolean): void {
    if (this.pointers.has(id)) this.pointers.set(id, p);
    const size = this.size.peek();
    if (!size) return;
    const at = toPicture(this.view.peek(), p);
    const dr = this.drag, d = this.draft.peek();
    if (dr?.do === 'pinch') { this.movePinch(); return; }
    if (dr?.do === 'pan') {
      this.look({ ...dr.view, x: dr.view.x + p.x - dr.from.x, y: dr.view.y + p.y - dr.from.y });
      return;
    }
    if (dr?.do === 'press' && Math.hypot(p.x - dr.screen.x, p.y - dr.screen.y) >= SLOP) this.decide(dr);
    if (this.drag?.do === 'grip') { this.moveGrip(this.drag, at, size, shift); return; }
    const now = this.draft.peek() ?? d;
    if (!now) return;
    if (now.kind === 'polygon') this.draft.value = { ...now, at: onPicture(at, size) };
    else if (now.byClick || this.drag?.do === 'draw') this.draft.value = { ...now, b: onPicture(at, size) };
  }

  /* A press has become a drag: drawing with a tool, moving the picture without. */
  private decide(dr: Extract<Drag, { do: 'press' }>): void {
    const tool = this.tool.peek(), size = this.size.peek()!;
    if (tool === 'box' || tool === 'ellipse') {
      const a = onPicture(dr.from, size);
      this.store.selection.value = null;
      this.drag = { do: 'draw' };
      this.draft.value = { kind: tool, a, b: a, byClick: false };
    } else this.startPan(dr.screen);
  }

  private movePinch(): void {
    const [a, b] = [...this.pointers.values()];
    if (!a || !b || !this.pinch) return;
    const mid = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    const v = zoomAt(this.pinch.view, this.pinch.mid, Math.hypot(a.x - b.x, a.y - b.y) / this.pinch.gap);
    this.look({ ...v, x: v.x + mid.x - this.pinch.mid.x, y: v.y + mid.y - this.pinch.mid.y });
  }

  private moveGrip(dr: Extract<Drag, { do: 'grip' }>, at: Point, size: Size, shift: boolean): void {
    const k = this.view.peek().k;
    if (!dr.moved && Math.hypot(at.x - dr.from.x, at.y - dr.from.y) * k < SLOP && 'body' in dr.grip) return;
    dr.moved = true;
    const patch = this.gripped(dr.id, dr.grip, dr.place, dr.from, at, size, shift);
    if (patch) this.store.live(dr.id, patch);
  }

  private gripped(id: string, grip: Grip, place: Record<string, unknown>, from: Point, at: Point, size: Size, shift: boolean): Record<string, unknown> | null {
    const shape = this.shape(id);
    const d = { x: at.x - from.x, y: at.y - from.y };
    if (shape === 'box') {
      const b = boxPx(place, size);
      const gap = TURN_GAP / this.view.peek().k;
      const n = 'handle' in grip ? resizeBox(b, grip.handle, at, size) : 'turn' in grip ? turnBox(b, at, gap, shift) : moveBox(b, d, size);
      return { ...boxPct(n, size) };
    }
    if (shape === 'ellipse') {
      const e = ellipsePx(place, size);
      const k = clampShift(ellipseHull(e), d, size);
      return { ...ellipsePct('handle' in grip ? resizeEllipse(e, grip.handle, at) : { ...e, x: e.x + k.x, y: e.y + k.y }, size) };
    }
    if (shape === 'polygon') {
      const p = pointsPx(place.points, size);
      if ('corner' in grip) p[grip.corner] = onPicture(at, size);
      else { const k = clampShift(p, d, size); p.forEach((q) => { q.x += k.x; q.y += k.y; }); }
      return { points: pointsPct(p, size) };
    }
    if (shape === 'point') {
      const b = boxPx(place, size);
      const q = onPicture({ x: b.x + d.x, y: b.y + d.y }, size);
      return { x: q.x / size.w * 100, y: q.y / size.h * 100 };
    }
    return null;
  }

  up(id: number, p: Point): void {
    this.pointers.delete(id);
    const dr = this.drag;
    if (dr?.do === 'pinch') { if (this.pointers.size === 0) { this.drag = null; this.pinch = null; } return; }
    this.drag = null;
    this.panning.value = false;
    if (dr?.do === 'grip') this.store.settle('move');
    else if (dr?.do === 'draw') this.finish();
    else if (dr?.do === 'press') this.click(dr, p);
  }

  private click(dr: Extract<Drag, { do: 'press' }>, p: Point): void {
    const size = this.size.peek()!, tool = this.tool.peek();
    if (dr.on !== null) { this.store.selection.value = dr.on; return; }
    if (tool === 'move') { this.store.selection.value = null; return; }
    const a = onPicture(dr.from, size);
    const inside = dr.from.x === a.x && dr.from.y === a.y;
    if (!inside) { this.store.selection.value = null; return; }
    if (this.store.selection.peek() !== null && tool !== 'point' && tool !== 'polygon') { this.store.selection.value = null; return; }
    if (tool === 'box' || tool === 'ellipse') this.draft.value = { kind: tool, a, b: a, byClick: true };
    else if (tool === 'point') this.add('point', { x: a.x / size.w * 100, y: a.y / size.h * 100, width: 0.5 });
    else if (tool === 'polygon') { this.store.selection.value = null; this.polygonClick(p); }
  }

  private polygonClick(p: Point): void {
    const size = this.size.peek()!, v = this.view.peek();
    const at = onPicture(toPicture(v, p), size);
    const d = this.draft.peek();
    if (d?.kind !== 'polygon') { this.draft.value = { kind: 'polygon', points: [at], at }; return; }
    const first = toScreen(v, d.points[0]!);
    if (d.points.length >= 3 && Math.hypot(first.x - p.x, first.y - p.y) <= CLOSE) { this.finish(); return; }
    this.draft.value = { ...d, points: [...d.points, at], at };
  }

  /* Put the drawn shape into the store. */
  finish(): boolean {
    const d = this.draft.peek(), size = this.size.peek();
    this.draft.value = null;
    if (!d || !size) return false;
    const least = SMALLEST / this.view.peek().k;
    if (d.kind === 'polygon') {
      if (d.points.length < 3 || Math.abs(area2(d.points)) < least * least) return false;
      this.add('polygon', { points: pointsPct(d.points, size), closed: true });
      return true;
    }
    const b = boxFrom(d.a, d.b, size);
    if (b.width < Math.min(least, 1) || b.height < Math.min(least, 1) || (b.width < least && b.height < least)) return false;
    if (d.kind === 'box') this.add('box', { ...boxPct(b, size) });
    else this.add('ellipse', { ...ellipsePct({ x: b.x + b.width / 2, y: b.y + b.height / 2, radiusX: b.width / 2, radiusY: b.height / 2, rotation: 0 }, size) });
    return true;
  }

  /* Give up what is being drawn or dragged. true when there was something. */
  cancel(): boolean {
    const had = this.draft.peek() !== null || this.drag?.do === 'grip' || this.cursor.peek() !== null;
    if (this.drag?.do === 'grip') this.store.drop();
    this.drag = null;
    this.draft.value = null;
    this.cursor.value = null;
    this.panning.value = false;
    return had;
  }

  lost(id: number): void { this.pointers.delete(id); if (this.pointers.size === 0) { this.pinch = null; this.cancel(); } }

  /* ---- polygons: points come and go ---- */

  removeCorner(id: string, corner: number): void {
    const size = this.size.peek(), r = this.store.peek(id).find((x) => shapeOf(x) === 'polygon');
    if (!size || !r || !this.canEdit(id)) return;
    const p = pointsPx(r.value?.points, size);
    if (p.length <= 3) return;
    p.splice(corner, 1);
    this.store.setPlace(id, { points: pointsPct(p, size) });
  }

  insertCorner(id: string, p: Point): void {
    const size = this.size.peek(), r = this.store.peek(id).find((x) => shapeOf(x) === 'polygon');
    if (!size || !r || !this.canEdit(id)) return;
    const list = pointsPx(r.value?.points, size);
    const near = nearestEdge(list, toPicture(this.view.peek(), p));
    list.splice(near.edge + 1, 0, near.at);
    this.store.setPlace(id, { points: pointsPct(list, size) });
  }

  /* ---- the keyboard ---- */

  /* Arrows: the selected shape moves (with ctrl: grows); without one the cross moves. */
  arrow(dx: number, dy: number, shift: boolean, ctrl: boolean): boolean {
    const size = this.size.peek();
    if (!size || !this.editable) return false;
    const by = shift ? 10 : 1;
    const id = this.store.selection.peek();
    if (id !== null && this.shape(id) !== null) {
      const patch = ctrl ? this.grown(id, dx * by, dy * by, size) : this.shifted(id, dx * by, dy * by, size);
      if (patch) this.store.setPlace(id, patch, `${ctrl ? 'size' : 'move'}:${id}`);
      return patch !== null;
    }
    const tool = this.tool.peek();
    if (tool === 'move' || tool === 'hand') {
      const v = this.view.peek();
      this.look({ ...v, x: v.x - dx * 40, y: v.y - dy * 40 });
      return true;
    }
    const step = (shift ? 10 : 1) * Math.max(1, 1 / this.view.peek().k);
    const c = this.cursor.peek() ?? this.middle();
    const q = onPicture({ x: c.x + dx * step, y: c.y + dy * step }, size);
    this.cursor.value = q;
    const d = this.draft.peek();
    if (d?.kind === 'polygon') this.draft.value = { ...d, at: q };
    else if (d) this.draft.value = { ...d, b: q };
    return true;
  }

  private middle(): Point {
    const st = this.stage.peek();
    return onPicture(toPicture(this.view.peek(), { x: st.w / 2, y: st.h / 2 }), this.size.peek()!);
  }

  /* Enter: place a corner or a point; at the second corner the box stands. */
  enter(): boolean {
    const size = this.size.peek(), tool = this.tool.peek();
    if (!size || !this.editable || tool === 'move' || tool === 'hand') return false;
    const c = this.cursor.peek();
    if (!c) { this.store.selection.value = null; this.cursor.value = this.middle(); return true; }
    const d = this.draft.peek();
    if (tool === 'point') this.add('point', { x: c.x / size.w * 100, y: c.y / size.h * 100, width: 0.5 });
    else if (tool === 'polygon') {
      if (d?.kind !== 'polygon') this.draft.value = { kind: 'polygon', points: [c], at: c };
      else {
        const last = d.points[d.points.length - 1]!;
        if (last.x === c.x && last.y === c.y) { if (this.finish()) this.cursor.value = null; return true; }
        this.draft.value = { ...d, points: [...d.points, c], at: c };
      }
      return true;
    } else if (!d || d.kind === 'polygon') { this.draft.value = { kind: tool, a: c, b: c, byClick: true }; return true; }
    else if (!this.finish()) return true;
    this.cursor.value = null;
    return true;
  }

  private shifted(id: string, dx: number, dy: number, size: Size): Record<string, unknown> | null {
    const r = this.store.peek(id).find((x) => shapeOf(x) !== null);
    if (!r) return null;
    return this.gripped(id, { body: true }, placeOf(r), { x: 0, y: 0 }, { x: dx, y: dy }, size, false);
  }

  private grown(id: string, dx: number, dy: number, size: Size): Record<string, unknown> | null {
    const r = this.store.peek(id).find((x) => shapeOf(x) !== null);
    const shape = this.shape(id);
    if (!r) return null;
    if (shape === 'box') {
      const b = boxPx(placeOf(r), size);
      const room = b.rotation === 0;
      const n: Box = { ...b,
        width: Math.max(1, room ? Math.min(b.width + dx, size.w - b.x) : b.width + dx),
        height: Math.max(1, room ? Math.min(b.height + dy, size.h - b.y) : b.height + dy) };
      return { ...boxPct(n, size) };
    }
    if (shape === 'ellipse') {
      const e = ellipsePx(placeOf(r), size);
      return { ...ellipsePct({ ...e, radiusX: Math.max(1, e.radiusX + dx), radiusY: Math.max(1, e.radiusY + dy) }, size) };
    }
    return null;
  }

  shape(id: string): Shape | null {
    const r = this.store.peek(id).find((x) => shapeOf(x) !== null);
    return r ? shapeOf(r) : null;
  }

  /* Screen places of the handles of a region: for drawing them. */
  handles(id: string): { grip: string; x: number; y: number }[] {
    const size = this.size.value, v = this.view.value;
    const r = this.store.items(id).find((x) => shapeOf(x) !== null);
    if (!size || !r) return [];
    const at = (grip: string, p: Point): { grip: string; x: number; y: number } => ({ grip, ...toScreen(v, p) });
    const shape = shapeOf(r);
    if (shape === 'box') {
      const b = boxPx(r.value ?? {}, size);
      const out = HANDLES.map((h) => at(h, handleAt(b, h)));
      if (this.mayTurn(r.from_name)) {
        const top = turn({ x: b.width / 2, y: -TURN_GAP / v.k }, b.rotation);
        out.push(at('turn', { x: b.x + top.x, y: b.y + top.y }));
      }
      return out;
    }
    if (shape === 'ellipse') {
      const e = ellipsePx(r.value ?? {}, size);
      return (['n', 'e', 's', 'w'] as Handle[]).map((h) => {
        const p = turn({ x: h === 'e' ? e.radiusX : h === 'w' ? -e.radiusX : 0, y: h === 's' ? e.radiusY : h === 'n' ? -e.radiusY : 0 }, e.rotation);
        return at(h, { x: e.x + p.x, y: e.y + p.y });
      });
    }
    if (shape === 'polygon') return pointsPx(r.value?.points, size).map((p, i) => at(`c${i}`, p));
    return [];
  }

  private mayTurn(name: string | undefined): boolean {
    return (this.store.control(name)?.attrs.canrotate ?? 'true').toLowerCase() !== 'false';
  }

  /* Where the flag of a region stands, in picture pixels. */
  flagAt(place: Record<string, unknown>, shape: Shape | null): Point | null {
    const size = this.size.value;
    if (!size) return null;
    if (shape === 'box') { const h = hull(corners(boxPx(place, size))); const b = boxPx(place, size); return b.rotation ? { x: h.x, y: h.y } : { x: b.x, y: b.y }; }
    if (shape === 'ellipse') return ellipseHull(ellipsePx(place, size))[0]!;
    if (shape === 'polygon') { const p = pointsPx(place.points, size); if (!p.length) return null; const h = hull(p); return { x: h.x, y: h.y }; }
    if (shape === 'point') { const b = boxPx(place, size); return { x: b.x, y: b.y }; }
    return null;
  }
}

function gripOf(s: string): Grip | null {
  if (s === 'turn') return { turn: true };
  if (/^c\d+$/.test(s)) return { corner: Number(s.slice(1)) };
  return (HANDLES as readonly string[]).includes(s) ? { handle: s as Handle } : null;
}
