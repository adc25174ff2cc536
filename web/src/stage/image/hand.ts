/*
 * hand.ts -- the pointer on the picture: mouse, pen, one finger or two.
 *
 * A press is not yet decided: moving makes it a drag (drawing with a tool,
 * moving the picture without one), letting go a click.  Two fingers always zoom
 * and move.  Once a pen has touched, fingers no longer draw.  `p` is in screen
 * pixels of the stage.
 */
import { batch } from '@preact/signals';
import { placeOf } from '../../tags/result';
import { attr } from '../../tags/tree';
import { onPicture, squareCorner, straightened, toPicture, toScreen, zoomAt, type Point, type View } from './geometry';
import type { Editor } from './editor';
import type { Value } from './kinds';
import { isMaskTool, type Tool } from './tools';

export interface Held { shift: boolean; alt: boolean; space: boolean; button: number; touch: boolean; pen: boolean; grip: string | null; flag: string | null }

type Drag =
  | { do: 'pan'; from: Point; view: View }
  | { do: 'pinch' }
  | { do: 'press'; from: Point; screen: Point; on: string | null }     // not yet decided: click or drag
  | { do: 'draw' }
  | { do: 'mask' }
  | { do: 'curve'; screen: Point }                                      // pulling the control point out of a new vertex
  | { do: 'grip'; id: string; grip: string; from: Point; places: [string, Value][]; moved: boolean };

const SLOP = 4;             // a press that moves less is a click
const CLOSE = 14;           // clicking this near to the first point closes a polygon

const placing = (t: Tool): t is 'polygon' | 'vector' | 'box3' => t === 'polygon' || t === 'vector' || t === 'box3';

export class Hand {
  private drag: Drag | null = null;
  private pointers = new Map<number, Point>();
  private pinch: { gap: number; mid: Point; view: View } | null = null;
  private penned = false;
  private over: Point | null = null;    // where the pointer is, until the next frame looks what is there
  private lastGrip: string | null = null;       // what was pressed last: after a capture the click no longer tells

  constructor(private ed: Editor) {}

  get busy(): boolean { return this.drag !== null; }

  down(id: number, p: Point, o: Held): void {
    const { ed } = this, { m } = ed;
    this.pointers.set(id, p);
    this.lastGrip = o.grip;
    if (!m.size.peek()) return;
    if (o.pen) this.penned = true;
    if (this.pointers.size === 2) { this.startPinch(); return; }
    if (this.pointers.size > 2) return;
    ed.cursor.value = null;
    const tool = m.tool.peek(), at = toPicture(m.view.peek(), p);
    if (o.button === 1 || o.space || tool === 'hand' || (o.touch && this.penned)) { this.startPan(p); return; }
    if (o.button === 0) this.press(tool, at, p, o);
  }

  private press(tool: Tool, at: Point, p: Point, o: Held): void {
    const { ed } = this, { m } = ed, d = m.draft.peek(), selected = m.store.selection.peek(), edge = placing(tool) || tool === 'point';
    if (d && 'points' in d) { this.nextPoint(p, o.shift); return; }
    if (d?.byClick) { m.draft.value = { ...d, b: this.corner(d.a, at, tool, o.shift) }; ed.finish(); return; }
    if (o.grip && selected !== null && ed.canEdit(selected)) { this.startGrip(selected, o.grip, at); return; }
    if (isMaskTool(tool)) {
      this.drag = { do: 'mask' };
      ed.pixels?.down(tool, at, o);
      return;
    }
    const on = o.flag ?? ed.hit(at, edge, o.touch ? 12 : 5);
    if (on !== null && tool === 'move' && o.shift) { this.choose(on); return; }
    if (on !== null && (tool === 'move' || m.live.peek().has(on))) {
      if (!m.live.peek().has(on)) m.store.selection.value = on;
      if (ed.canEdit(on)) this.startGrip(on, 'body', at);
      return;
    }
    this.drag = { do: 'press', from: at, screen: p, on: tool === 'move' ? null : on };
  }

  /* Shift and a click: one more, or one less. */
  private choose(id: string): void {
    const { store } = this.ed.m, s = store.selection.peek(), also = new Set(store.also.peek());
    if (s === null) store.selection.value = id;
    else if (id === s) { const next = [...also][0] ?? null; also.delete(next ?? ''); batch(() => { store.also.value = new Set(next === null ? [] : [...also, next]); store.selection.value = next; }); }
    else { if (!also.delete(id)) also.add(id); store.also.value = also; }
  }

  private startPan(p: Point): void {
    this.drag = { do: 'pan', from: p, view: this.ed.m.view.peek() };
    this.ed.m.panning.value = true;
  }

  private startPinch(): void {
    const { ed } = this, { m } = ed, [a, b] = [...this.pointers.values()] as [Point, Point];
    if (this.drag?.do === 'grip') m.store.drop();
    if (this.drag?.do === 'mask') ed.pixels?.cancel();
    const d = m.draft.peek();
    if (d && !('points' in d)) m.draft.value = null;
    this.drag = { do: 'pinch' };
    this.pinch = { gap: Math.hypot(a.x - b.x, a.y - b.y) || 1, mid: { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 }, view: m.view.peek() };
  }

  private startGrip(id: string, grip: string, at: Point): void {
    const { ed } = this, { m } = ed, ids = grip === 'body' ? [...m.live.peek()].filter((x) => ed.canEdit(x)) : [id];
    const places = ids.flatMap((x): [string, Value][] => { const r = m.spatial(x); return r ? [[x, placeOf(r)]] : []; });
    if (!places.length) return;
    this.drag = { do: 'grip', id, grip, from: at, places, moved: false };
    m.store.hold(...places.map(([x]) => x));
  }

  move(id: number, p: Point, o: { shift: boolean; touch: boolean }): void {
    const { ed } = this, { m } = ed;
    if (this.pointers.has(id)) this.pointers.set(id, p);
    if (!m.size.peek()) return;
    const at = toPicture(m.view.peek(), p);
    if (!o.touch) ed.pointer.value = at;
    const dr = this.drag;
    if (!dr) { this.idle(at, o); return; }
    if (dr.do === 'pinch') this.movePinch();
    else if (dr.do === 'pan') m.look({ ...dr.view, x: dr.view.x + p.x - dr.from.x, y: dr.view.y + p.y - dr.from.y });
    else if (dr.do === 'mask') ed.pixels?.move(at);
    else if (dr.do === 'grip') this.moveGrip(dr, at, o.shift);
    else if (dr.do === 'curve') this.curve(dr.screen, p, at);
    else {
      if (dr.do === 'press' && Math.hypot(p.x - dr.screen.x, p.y - dr.screen.y) >= SLOP) this.decide(dr);
      this.follow(at, o.shift);
    }
  }

  /* No button is down: what is under the pointer shows, an open shape follows. */
  private idle(at: Point, o: { shift: boolean; touch: boolean }): void {
    const { m } = this.ed;
    if (m.draft.peek()) { this.follow(at, o.shift); return; }
    if (o.touch) return;
    if (!this.over) requestAnimationFrame(() => this.hover());
    this.over = at;
  }

  /* Once a frame, and not when the same frame brings a press. */
  private hover(): void {
    const { over, ed } = this, tool = ed.m.tool.peek();
    this.over = null;
    if (over && !this.drag && ed.m.size.peek()) ed.m.hover.value = isMaskTool(tool) ? null : ed.hit(over, placing(tool) || tool === 'point');
  }

  private follow(at: Point, shift: boolean): void {
    const { ed } = this, { m } = ed, d = m.draft.peek();
    if (!d) return;
    if ('points' in d) m.draft.value = { ...d, at: this.aim(d.points, at, shift, m.tool.peek()) };
    else if (d.byClick || this.drag?.do === 'draw') m.draft.value = { ...d, b: this.corner(d.a, at, m.tool.peek(), shift) };
  }

  /* The next point of a line: with shift at a multiple of 15 degrees. */
  private aim(points: readonly Point[], at: Point, shift: boolean, tool: Tool): Point {
    const last = points[points.length - 1];
    return shift && last ? onPicture(straightened(last, at), this.ed.m.size.peek()!) : this.ed.snap(at, tool);
  }
  private corner(a: Point, at: Point, tool: Tool, shift: boolean): Point {
    const q = this.ed.snap(at, tool);
    return shift ? squareCorner(a, q, this.ed.m.size.peek()!) : q;
  }

  /* A press has become a drag: drawing with a tool, moving the picture without. */
  private decide(dr: Extract<Drag, { do: 'press' }>): void {
    const { ed } = this, { m } = ed, tool = m.tool.peek();
    if (tool === 'box' || tool === 'ellipse') {
      const a = ed.snap(dr.from, tool);
      m.store.selection.value = null;
      this.drag = { do: 'draw' };
      m.draft.value = { kind: tool, a, b: a, byClick: false };
    } else this.startPan(dr.screen);
  }

  private movePinch(): void {
    const [a, b] = [...this.pointers.values()];
    if (!a || !b || !this.pinch) return;
    const mid = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    const v = zoomAt(this.pinch.view, this.pinch.mid, Math.hypot(a.x - b.x, a.y - b.y) / this.pinch.gap);
    this.ed.m.look({ ...v, x: v.x + mid.x - this.pinch.mid.x, y: v.y + mid.y - this.pinch.mid.y });
  }

  private moveGrip(dr: Extract<Drag, { do: 'grip' }>, at: Point, shift: boolean): void {
    const { ed } = this, { m } = ed, body = dr.grip === 'body';
    if (!dr.moved && body && Math.hypot(at.x - dr.from.x, at.y - dr.from.y) * m.view.peek().k < SLOP) return;
    dr.moved = true;
    const to = body || dr.grip === 'turn' ? at : ed.snap(at, null, dr.id);
    batch(() => {
      for (const [id, place] of dr.places) {
        const patch = ed.pulled(id, dr.grip, place, dr.from, to, shift);
        if (patch) m.store.live(id, patch);
      }
    });
  }

  private curve(from: Point, p: Point, at: Point): void {
    const { ed } = this, { m } = ed, d = m.draft.peek();
    if (!d || !('points' in d) || Math.hypot(p.x - from.x, p.y - from.y) < SLOP) return;
    m.draft.value = { ...d, outs: [...d.outs.slice(0, -1), onPicture(at, m.size.peek()!)] };
  }

  up(id: number, p: Point): void {
    const { ed } = this, { m } = ed, dr = this.drag;
    this.pointers.delete(id);
    if (dr?.do === 'pinch') { if (this.pointers.size === 0) { this.drag = null; this.pinch = null; } return; }
    this.drag = null;
    m.panning.value = false;
    if (dr?.do === 'grip') m.store.settle('move');
    else if (dr?.do === 'mask') ed.pixels?.up();
    else if (dr?.do === 'draw') ed.finish();
    else if (dr?.do === 'press') this.click(dr, p);
  }

  private click(dr: Extract<Drag, { do: 'press' }>, p: Point): void {
    const { ed } = this, { m } = ed, { selection } = m.store, tool = m.tool.peek(), size = m.size.peek()!;
    if (dr.on !== null) { selection.value = dr.on; return; }
    const a = onPicture(dr.from, size), inside = dr.from.x === a.x && dr.from.y === a.y;
    if (tool === 'move' || !inside || (selection.peek() !== null && tool !== 'point' && !placing(tool))) { selection.value = null; return; }
    const at = ed.snap(a, tool);
    if (tool === 'box' || tool === 'ellipse') m.draft.value = { kind: tool, a: at, b: at, byClick: true };
    else if (tool === 'point') ed.add('point', { x: at.x / size.w * 100, y: at.y / size.h * 100, width: 0.5 });
    else if (placing(tool)) { selection.value = null; this.nextPoint(p, false); }
  }

  private nextPoint(p: Point, shift: boolean): void {
    const { ed } = this, { m } = ed, v = m.view.peek(), d = m.draft.peek(), tool = m.tool.peek();
    if (!placing(tool)) return;
    const points = d && 'points' in d ? d.points : [], first = points[0] && toScreen(v, points[0]);
    const c = ed.controlFor(tool), closes = tool === 'polygon' || (tool === 'vector' && c && attr(c, 'closable') === 'true');
    if (first && closes && points.length >= 3 && Math.hypot(first.x - p.x, first.y - p.y) <= CLOSE) { ed.finish(); return; }
    ed.place(tool, this.aim(points, toPicture(v, p), shift, tool));
    if (tool === 'vector' && m.draft.peek() && c && attr(c, 'curves') === 'true') this.drag = { do: 'curve', screen: p };
  }

  /* A line that is drawn ends; a corner goes; elsewhere on the outline one comes. */
  double(p: Point): void {
    const { ed, lastGrip: grip } = this, { m } = ed, id = m.store.selection.peek(), d = m.draft.peek();
    if (d && 'points' in d) { ed.finish(false); return; }
    if (id === null) return;
    if (grip?.[0] === 'c') { ed.change(id, (kind, value, s) => kind.remove?.(value, s, grip)); return; }
    const at = toPicture(m.view.peek(), p);
    if (ed.hit(at, true, 8) === id) ed.change(id, (kind, value, s) => kind.insert?.(value, s, at));
  }

  /* Called off. true when something was held. */
  cancel(): boolean {
    const held = this.drag?.do === 'grip';
    if (held) this.ed.m.store.drop();
    this.drag = null;
    return held;
  }

  lost(id: number): void { this.pointers.delete(id); if (this.pointers.size === 0) { this.pinch = null; this.ed.cancel(); } }
  left(): void { this.over = null; this.ed.pointer.value = null; if (!this.drag) this.ed.m.hover.value = null; }
}
