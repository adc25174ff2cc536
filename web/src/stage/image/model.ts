/*
 * model.ts -- the pictures of a task and how one looks at them.
 *
 * Shapes live in the store; here are the pictures (several Image tags, or a
 * list in one), the view (zoom, place, turn, light), the tools, and the state
 * of what is drawn.  What draws it (editor.ts) comes right behind the picture:
 * what is done to the picture before is not lost but done then, in its order.
 */
import { batch, computed, effect, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { shapeOf, spatialOf, type Result } from '../../tags/result';
import type { TaskStore } from '../../tags/store';
import { attr, num, type LabelInfo, type Tag } from '../../tags/tree';
import type { Editor } from './editor';
import type { Page } from './pages';
import { isMaskTool, ORDER, toolsOf, type Tool } from './tools';
import { fit, keepInSight, turnView, zoomAt, type Point, type Size, type View } from './view';

/* What is being drawn. `byClick`: the first corner stands and waits for the second. */
export type Draft =
  | { kind: 'box' | 'ellipse'; a: Point; b: Point; byClick: boolean }
  | { kind: 'polygon' | 'vector' | 'box3'; points: Point[]; outs: (Point | null)[]; at: Point };

export type LineDraft = Extract<Draft, { points: Point[] }>;

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
  readonly draft: Signal<Draft | null> = signal(null);
  readonly hover: Signal<string | null> = signal(null);
  readonly panning: Signal<boolean> = signal(false);
  readonly tool: ReadonlySignal<Tool>;
  readonly toolSet: ReadonlySignal<Tool[]>;
  readonly marks: ReadonlySignal<Tag[]>;                     // the label sets and tools on this picture
  readonly live: ReadonlySignal<ReadonlySet<string>>;        // chosen regions: drawn as nodes, not painted
  readonly regions: ReadonlySignal<string[]>;                // on this picture, lowest first
  readonly here: ReadonlySignal<ReadonlySet<string>>;        // the same, to ask for one
  readonly editable: boolean;
  editor: Editor | null = null;
  private waiting: (() => void)[] = [];
  private fitted = true;

  constructor(store: TaskStore, pages: Page[], marks: (image: Tag) => Tag[], editable: boolean) {
    this.store = store;
    this.pages = pages;
    this.editable = editable && !store.readOnly;
    this.marks = computed(() => marks(this.image));
    this.toolSet = computed(() => {
      const all = this.editable ? [...new Set(this.marks.value.flatMap(toolsOf))].filter((x) => !isMaskTool(x) || !this.tooLarge) : [];
      return ['move', 'hand', ...ORDER.filter((t) => all.includes(t))];
    });
    this.tool = computed(() => {
      const want = store.tool.value as Tool, set = this.toolSet.value;
      return set.includes(want) ? want : this.editable ? this.firstTool : 'move';
    });
    this.regions = computed(() => { const { image, item } = this.at; const list = store.regionsOn(image.name); return item === null ? list : list.filter((id) => itemOf(store.peek(id)) === item); });
    this.here = computed(() => new Set(this.regions.value));
    this.live = computed(() => {
      const s = store.selection.value, also = store.also.value;
      return s === null ? NONE : also.size ? new Set([s, ...also]) : new Set([s]);
    });
    this.crosshair.value = attr(this.image, 'crosshair') === 'true';
    this.grid.value = attr(this.image, 'grid') === 'true';
  }

  get at(): Page { return this.pages[this.page.value] ?? this.pages[0]!; }
  get image(): Tag { return this.at.image; }
  get tools(): Tool[] { return this.toolSet.value; }
  /* A mask of so many pixels is more than server and browser take. */
  get tooLarge(): boolean { const s = this.size.value; return !!s && s.w * s.h > MASK_MOST; }
  private get firstTool(): Tool { return this.marks.value.flatMap(toolsOf)[0] ?? 'move'; }

  /* While the stage is on the page. */
  start(): () => void {
    const offs = [
      effect(() => { this.store.item.value = this.at.item ?? 0; }),
      effect(() => { this.store.object.value = this.image.name; }),
      effect(() => { const want = this.store.object.value; if (want !== this.image.name) this.show(this.pages.findIndex((p) => p.image.name === want)); }),
      effect(() => { const want = this.store.item.value, now = this.at; if (now.item !== null && now.item !== want) this.show(this.pages.findIndex((p) => p.image === now.image && p.item === want)); }),
      effect(() => { const s = this.store.selection.value; if (this.store.also.peek().size && (s === null || !this.store.also.peek().has(s))) this.store.also.value = new Set(); if (s !== null) this.turnTo(s); }),
    ];
    return () => offs.forEach((off) => off());
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

  /* ---- the view ---- */

  resize(stage: Size): void {
    this.stage.value = stage;
    if (this.size.peek() && this.fitted) this.fit();
  }

  /* On a stage that is there already, with a picture that is: known before anything is drawn. */
  enter(stage: Size, picture: Size | null): boolean {
    this.resize(stage);
    if (picture) this.loaded(picture);
    return picture !== null;
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

  wheel(e: { ctrlKey: boolean; metaKey: boolean; deltaX: number; deltaY: number; deltaMode: number }, at: Point): void {
    const unit = e.deltaMode === 1 ? 16 : 1;
    if (e.ctrlKey || e.metaKey) this.zoom(Math.exp(-e.deltaY * unit / 300), at);
    else {
      const v = this.view.peek();
      this.look({ ...v, x: v.x - e.deltaX * unit, y: v.y - e.deltaY * unit });
    }
  }

  /* ---- the editor, once it is there ---- */

  /* What is done to shapes, now or when the editor has come. */
  ask(act: (ed: Editor) => void): void {
    if (this.editor) act(this.editor);
    else if (this.waiting.length < MOST_WAITING) this.waiting.push(() => act(this.editor!));
  }

  /* What must not overtake anything that waits. */
  inTurn(act: () => void): void { if (this.waiting.length) this.waiting.push(act); else act(); }
  get waits(): boolean { return this.waiting.length > 0; }

  begin(ed: Editor): void {
    this.editor = ed;
    for (let act = this.waiting.shift(); act; act = this.waiting.shift()) act();
  }

  spatial(id: string): Result | undefined { return this.store.peek(id).find((x) => shapeOf(x) !== null); }

  /* Give up what is being drawn or dragged. true when there was something. */
  cancel(): boolean { return this.editor?.cancel() ?? false; }
}

const MOST_WAITING = 2000;          // as many moves of a pointer as anyone makes before giving up
const MASK_MOST = 64_000_000;
const NONE: ReadonlySet<string> = new Set();
/* Which picture of a list a region is on. */
export const itemOf = (items: readonly Result[]): number => { const i = spatialOf(items)?.item_index; return typeof i === 'number' ? i : 0; };
