/*
 * model.ts -- the pictures of a task and how one looks at them.
 *
 * Shapes live in the store; here are the pictures (several Image tags, or a
 * list in one), the view (zoom, place, turn, light), the tools, and what is
 * being drawn right now.  hand.ts is the pointer, board.ts the keyboard; both
 * end in add() and the store.  Every drag has a second way: clicks, the arrow
 * keys with Enter, and the number fields beside the list.
 */
import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { placeOf, shapeOf, spatialOf, type Result, type Shape } from '../../tags/result';
import type { TaskStore } from '../../tags/store';
import { attr, isLabels, num, type LabelInfo, type Tag } from '../../tags/tree';
import {
  area2, boxFrom, boxOfThree, boxPct, centred, ellipsePct, fit, keepInSight, onPicture, pointsPct, toPicture, toScreen, turnView, zoomAt,
  type Point, type Rect, type Size, type View,
} from './geometry';
import { Hand } from './hand';
import { kindOf, type Grip, type Value } from './kinds';
import type { Page } from './pages';
import { Scene, type Entry } from './scene';

export type Tool = 'move' | 'hand' | 'box' | 'box3' | 'polygon' | 'vector' | 'ellipse' | 'point' | 'brush' | 'eraser' | 'wand' | 'bucket';

/* Which tools a control brings. */
const TOOLS_OF: [RegExp, Tool[]][] = [
  [/^Rectangle/, ['box', 'box3']], [/^Polygon/, ['polygon']], [/^Vector/, ['vector']], [/^Ellipse/, ['ellipse']], [/^KeyPoint/, ['point']],
  [/^(Brush|Bitmask)/, ['brush', 'eraser', 'wand', 'bucket']], [/^MagicWand$/, ['wand', 'eraser']],
];
export const toolsOf = (c: Tag): Tool[] => TOOLS_OF.find(([re]) => re.test(c.tag))?.[1] ?? [];
const MASK_TOOLS: ReadonlySet<Tool> = new Set<Tool>(['brush', 'eraser', 'wand', 'bucket']);
export const isMaskTool = (t: Tool): boolean => MASK_TOOLS.has(t);

/* What is being drawn. `byClick`: the first corner stands and waits for the second. */
export type Draft =
  | { kind: 'box' | 'ellipse'; a: Point; b: Point; byClick: boolean }
  | { kind: 'polygon' | 'vector' | 'box3'; points: Point[]; outs: (Point | null)[]; at: Point };

export type LineDraft = Extract<Draft, { points: Point[] }>;

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

export class ImageModel {
  readonly store: TaskStore;
  readonly pages: Page[];
  readonly page: Signal<number> = signal(0);
  readonly size: Signal<Size | null> = signal(null);
  readonly stage: Signal<Size> = signal({ w: 0, h: 0 });
  readonly view: Signal<View> = signal({ k: 1, x: 0, y: 0 });
  readonly light: Signal<{ brightness: number; contrast: number }> = signal({ brightness: 100, contrast: 100 });
  readonly grid: Signal<boolean> = signal(false);
  readonly crosshair: Signal<boolean> = signal(false);
  readonly snapping: Signal<boolean> = signal(false);        // to the corners of other shapes
  readonly radius: Signal<number> = signal(12);              // of the brush, in picture pixels
  readonly draft: Signal<Draft | null> = signal(null);
  readonly cursor: Signal<Point | null> = signal(null);      // keyboard cross, in picture pixels
  readonly pointer: Signal<Point | null> = signal(null);     // where the mouse is, in picture pixels
  readonly hover: Signal<string | null> = signal(null);
  readonly panning: Signal<boolean> = signal(false);
  readonly pixels: Signal<Pixels | null> = signal(null);
  readonly painter: Signal<Brushwork | null> = signal(null);
  readonly tool: ReadonlySignal<Tool>;
  readonly toolSet: ReadonlySignal<Tool[]>;
  readonly marks: ReadonlySignal<Tag[]>;                     // the label sets and tools on this picture
  readonly live: ReadonlySignal<ReadonlySet<string>>;        // chosen regions: drawn as nodes, not painted
  readonly regions: ReadonlySignal<string[]>;
  readonly scene: Scene;
  readonly hand: Hand;
  readonly editable: boolean;
  penDown = false;                                           // the keyboard's pen, for brush and eraser
  private fitted = true;

  constructor(store: TaskStore, pages: Page[], marks: (image: Tag) => Tag[], editable: boolean) {
    this.store = store;
    this.pages = pages;
    this.editable = editable && !store.readOnly;
    this.marks = computed(() => marks(this.image));
    this.toolSet = computed(() => {
      const all = this.editable ? [...new Set(this.marks.value.flatMap(toolsOf))].filter((x) => !isMaskTool(x) || (this.pixels.value && !this.tooLarge)) : [];
      return ['move', 'hand', ...ORDER.filter((t) => all.includes(t))];
    });
    this.tool = computed(() => {
      const want = store.tool.value as Tool, set = this.toolSet.value;
      return set.includes(want) ? want : this.editable ? this.firstTool : 'move';
    });
    this.regions = computed(() => { const { image, item } = this.at; return store.regionsOn(image.name).filter((id) => item === null || itemOf(store.peek(id)) === item); });
    this.live = computed(() => {
      const s = store.selection.value, also = store.also.value;
      return s === null ? NONE : also.size ? new Set([s, ...also]) : new Set([s]);
    });
    this.scene = new Scene(store);
    this.hand = new Hand(this);
    this.crosshair.value = attr(this.image, 'crosshair') === 'true';
    this.grid.value = attr(this.image, 'grid') === 'true';
  }

  get at(): Page { return this.pages[this.page.value] ?? this.pages[0]!; }
  get image(): Tag { return this.at.image; }
  get tools(): Tool[] { return this.toolSet.value; }
  /* A mask of so many pixels is more than server and browser take. */
  private get tooLarge(): boolean { const s = this.size.value; return !!s && s.w * s.h > MASK_MOST; }
  private get firstTool(): Tool { return this.marks.value.flatMap(toolsOf)[0] ?? 'move'; }

  /* While the stage is on the page. */
  start(): () => void {
    this.scene.start(() => this.regions.value, () => this.size.value);
    const offs = [
      effect(() => { this.store.item.value = this.at.item ?? 0; }),
      effect(() => { this.store.object.value = this.image.name; }),
      effect(() => { const want = this.store.object.value; if (want !== this.image.name) this.show(this.pages.findIndex((p) => p.image.name === want)); }),
      effect(() => { const want = this.store.item.value, now = this.at; if (now.item !== null && now.item !== want) this.show(this.pages.findIndex((p) => p.image === now.image && p.item === want)); }),
      effect(() => { const s = this.store.selection.value; if (this.store.also.peek().size && (s === null || !this.store.also.peek().has(s))) this.store.also.value = new Set(); if (s !== null) this.turnTo(s); }),
    ];
    return () => { offs.forEach((off) => off()); this.scene.stop(); };
  }

  /* A region of another picture was chosen: that picture comes. */
  private turnTo(id: string): void {
    const items = this.store.peek(id), to = spatialOf(items)?.to_name;
    const i = this.pages.findIndex((p) => p.image.name === to && (p.item === null || p.item === itemOf(items)));
    if (i >= 0 && i !== this.page.peek()) this.show(i);
  }

  show(i: number): void {
    if (i < 0 || i >= this.pages.length || i === this.page.peek()) return;
    this.cancel();
    batch(() => { this.size.value = null; this.hover.value = null; this.page.value = i; });
  }

  setTool(t: Tool): void {
    this.cancel();
    batch(() => {
      this.store.tool.value = t;
      const a = this.store.active.peek(), c = this.store.control(a?.control), own = c ? toolsOf(c) : [];
      if (a && own.length && !own.includes(t) && t !== 'move' && t !== 'hand') {
        const twin = this.store.labels.find((l) => l.value === a.values[0] && toolsOf(l.control).includes(t));
        this.store.active.value = twin ? { control: twin.control.name!, values: [twin.value] } : null;
      }
    });
  }

  /* A label taken in hand brings its tool along; one that the chosen region cannot take is meant for the next. */
  follow(info: LabelInfo): void {
    const own = toolsOf(info.control), t = own[0], id = this.store.selection.peek(), has = id === null ? null : this.store.control(this.spatial(id)?.from_name);
    if (!t || (has && toolsOf(has).some((x) => own.includes(x)))) return;
    this.store.selection.value = null;
    if (this.tools.includes(t) && !own.includes(this.tool.peek())) this.store.tool.value = t;
  }

  /* The control that a new shape of this tool belongs to. */
  controlFor(t: Tool): Tag | undefined {
    const fitting = this.marks.peek().filter((c) => toolsOf(c).includes(t)), a = this.store.active.peek();
    if (t === 'wand') fitting.sort((x, y) => Number(y.tag === 'MagicWand') - Number(x.tag === 'MagicWand'));
    return fitting.find((c) => c.name === a?.control)
      ?? (a && /^(Ocr)?Labels$/.test(this.store.control(a.control)?.tag ?? '') ? fitting.find((c) => !isLabels(c)) : undefined)
      ?? (a ? fitting.find((c) => this.store.labels.some((l) => l.control === c && a.values.includes(l.value))) : undefined)
      ?? fitting[0];
  }

  add(t: Tool, place: Value): string | null {
    const c = this.controlFor(t), s = this.size.peek();
    if (!c || !s) return null;
    const { item } = this.at;
    return this.store.addRegion(c, place, { original_width: s.w, original_height: s.h, image_rotation: 0, ...(item === null ? {} : { item_index: item }) }, this.image.name ?? undefined);
  }

  /* ---- the view ---- */

  resize(stage: Size): void {
    this.stage.value = stage;
    if (this.size.peek() && this.fitted) this.fit();
  }

  loaded(size: Size): void {
    const had = this.size.peek();
    if (had && had.w === size.w && had.h === size.h) return;     // told twice: the picture was there, and then its event came
    this.size.value = size;
    const how = attr(this.image, 'defaultZoom');
    this.fit();
    if (how === 'original' || (how === 'auto' && this.view.peek().k > 1)) this.zoomTo(1);
  }

  fit(): void {
    const s = this.size.peek();
    if (!s) return;
    this.fitted = true;
    this.view.value = fit(s, this.stage.peek(), this.pages.length > 1 ? 60 : 24, this.view.peek().turn);
  }

  look(v: View): void {
    const s = this.size.peek();
    this.fitted = false;
    this.view.value = s ? keepInSight(v, s, this.stage.peek()) : v;
  }

  turn(by: number): void {
    const v = this.view.peek(), fitted = this.fitted;
    this.look(turnView(v, by, this.stage.peek()));
    if (fitted) this.fit();
  }

  zoom(factor: number, at?: Point): void {
    const st = this.stage.peek();
    this.look(zoomAt(this.view.peek(), at ?? { x: st.w / 2, y: st.h / 2 }, factor));
  }
  zoomStep(way: 1 | -1): void { this.zoom(Math.max(1.01, num(this.image, 'zoomBy', 1.25)) ** way); }
  zoomTo(k: number): void { this.zoom(k / this.view.peek().k); }

  /* The chosen region fills most of the stage. */
  zoomIn(id: string): void {
    const h = this.scene.entries.get(id)?.hull, s = this.size.peek(), st = this.stage.peek();
    if (!h || !s) return;
    const k = Math.min(8, st.w / 2 / Math.max(1, h.width), st.h / 2 / Math.max(1, h.height)), v = centred(k, s, { x: 0, y: 0 }, this.view.peek().turn);
    const c = toScreen(v, { x: h.x + h.width / 2, y: h.y + h.height / 2 });
    this.look({ ...v, x: v.x + st.w / 2 - c.x, y: v.y + st.h / 2 - c.y });
  }

  wheel(e: { ctrlKey: boolean; metaKey: boolean; deltaX: number; deltaY: number; deltaMode: number }, at: Point): void {
    const unit = e.deltaMode === 1 ? 16 : 1;
    if (e.ctrlKey || e.metaKey) this.zoom(Math.exp(-e.deltaY * unit / 300), at);
    else {
      const v = this.view.peek();
      this.look({ ...v, x: v.x - e.deltaX * unit, y: v.y - e.deltaY * unit });
    }
  }

  /* ---- regions ---- */

  spatial(id: string): Result | undefined { return this.store.peek(id).find((x) => shapeOf(x) !== null); }
  shape(id: string): Shape | null { const r = this.spatial(id); return r ? shapeOf(r) : null; }
  canEdit(id: string): boolean { return this.editable && !this.store.locked.peek().has(id); }

  /* What a drag of a grip, or an arrow key, makes of a shape. */
  pulled(id: string, grip: string, place: Value, from: Point, at: Point, shift: boolean): Value | null {
    const s = this.size.peek();
    return s ? kindOf(this.shape(id))?.pull(place, s, grip, { from, at, k: this.view.peek().k, shift }) ?? null : null;
  }

  change(id: string, f: (kind: NonNullable<ReturnType<typeof kindOf>>, place: Value, s: Size) => Value | null | undefined, merge?: string): boolean {
    const r = this.spatial(id), kind = kindOf(this.shape(id)), s = this.size.peek();
    if (!r || !kind || !s || !this.canEdit(id)) return false;
    const patch = f(kind, placeOf(r), s);
    if (patch) this.store.setPlace(id, patch, merge);
    return !!patch;
  }

  /* Grips of a region in picture pixels: for drawing them. */
  grips(id: string): Grip[] {
    const s = this.size.value, r = this.store.items(id).find((x) => shapeOf(x) !== null);
    if (!s || !r) return [];
    return kindOf(shapeOf(r))?.grips(placeOf(r), s, this.view.value.k, this.mayTurn(r.from_name)) ?? [];
  }

  private mayTurn(name: string | undefined): boolean {
    return (this.store.control(name)?.attrs.canrotate ?? 'true').toLowerCase() !== 'false';
  }

  /* The region under a point. `edge`: only by its line, as tools that place points ask. */
  hit(p: Point, edge = false, slop = 5): string | null {
    const { store } = this, off = store.hidden.peek(), k = this.view.peek().k;
    const e = this.scene.hit(p, slop / k, edge, (x: Entry) => off.has(x.id), (id, q) => !edge && (this.pixels.peek()?.covers(id, q) ?? false));
    return e?.id ?? null;
  }

  /* ---- where a point goes: on the picture, to whole pixels, to a corner near by ---- */

  snap(p: Point, tool: Tool | null, except?: string): Point {
    const s = this.size.peek()!, q = onPicture(p, s);
    const near = this.snapping.peek() ? this.corner(q, except) : null;
    if (near) return near;
    const c = tool ? this.controlFor(tool) : this.store.control(except ? this.spatial(except)?.from_name : undefined);
    return c && attr(c, 'snap') === 'pixel' ? { x: Math.round(q.x), y: Math.round(q.y) } : q;
  }

  /* A corner of another shape, or an edge of the picture, within reach of the eye. */
  private corner(p: Point, except?: string): Point | null {
    const s = this.size.peek()!, reach = 8 / this.view.peek().k;
    let best: Point | null = null, least = reach;
    for (const e of this.scene.query({ x: p.x - reach, y: p.y - reach, width: 2 * reach, height: 2 * reach })) {
      if (e.id === except) continue;
      const r = this.spatial(e.id);
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
    const d = this.draft.peek(), size = this.size.peek();
    this.draft.value = null;
    if (!d || !size) return false;
    const least = SMALLEST / this.view.peek().k;
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
      if (d.points.length < Math.max(2, c ? num(c, 'minPoints', 2) : 2)) { this.draft.value = d; return false; }
      const value = kindOf('vector')?.draw?.(d.points, d.outs, size, closed && d.points.length > 2 && !!c && attr(c, 'closable') === 'true');
      if (value) this.add('vector', value);
    }
    return true;
  }

  /* One point more. true: the shape is complete by it. */
  place(kind: 'polygon' | 'vector' | 'box3', p: Point): boolean {
    const now = this.draft.peek(), d: LineDraft | null = now && 'points' in now && now.kind === kind ? now as LineDraft : null;
    if (!d) { this.draft.value = { kind, points: [p], outs: [null], at: p }; return false; }
    const last = d.points[d.points.length - 1]!;
    if (last.x === p.x && last.y === p.y) return false;
    this.draft.value = { ...d, points: [...d.points, p], outs: [...d.outs, null], at: p };
    const most = kind === 'box3' ? 3 : kind === 'vector' ? num(this.controlFor('vector')!, 'maxPoints', Infinity) : Infinity;
    return d.points.length + 1 >= most ? this.finish(false) : false;
  }

  /* Give up what is being drawn or dragged. true when there was something. */
  cancel(): boolean {
    const had = [this.hand.cancel(), this.pixels.peek()?.cancel() ?? false, this.draft.peek() !== null, this.cursor.peek() !== null].some(Boolean);
    this.penDown = false;
    batch(() => { this.draft.value = null; this.cursor.value = null; this.panning.value = false; });
    return had;
  }

  middle(): Point {
    const st = this.stage.peek();
    return onPicture(toPicture(this.view.peek(), { x: st.w / 2, y: st.h / 2 }), this.size.peek()!);
  }
}

const MASK_MOST = 64_000_000;
const NONE: ReadonlySet<string> = new Set();
const ORDER: readonly Tool[] = ['box', 'box3', 'polygon', 'vector', 'ellipse', 'point', 'brush', 'eraser', 'wand', 'bucket'];
/* Which picture of a list a region is on. */
export const itemOf = (items: readonly Result[]): number => { const i = spatialOf(items)?.item_index; return typeof i === 'number' ? i : 0; };
