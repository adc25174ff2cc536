/*
 * paint.ts -- all shapes at rest, on one canvas.
 *
 * A change repaints the rectangle under it and nothing else: adding one of 2,000
 * paints a handful.  What may wait (a new number on a flag) dirties blocks of the
 * screen, painted within a budget a frame.  When the picture moves or grows, the canvas
 * is moved by a transform at once, and a second one is painted for the new view
 * over as many frames as it takes, then shown in its place.
 *
 * What is chosen or under the pointer is not painted here: it is live SVG.
 */
import { effect } from '@preact/signals';
import { MARKS } from '../../ui/paths';
import { colourClass, shapeNumber, type LabelInfo } from '../../tags/tree';
import { shownBy, toScreen, type Rect, type Size, type View } from './geometry';
import type { Editor } from './editor';
import type { ImageModel } from './model';
import type { Entry, Scene } from './scene';

const BLOCK = 192;              // screen pixels
const BUDGET = 260;             // a frame, in upright boxes (some 8 microseconds each without a graphics card)
const PATH = 8, FLAG = 4;       // what another outline costs, and a flag
const CROWD = 150;              // with more shapes in sight, flags that would cover another one are left out
const FLAG_H = 22, FLAG_W = 58;

const RECTS = 16;               // more changed places in one frame are painted by blocks

/* Whose flags are shown: all, or in a crowd one a cell of the screen and none beside it. */
interface Flags { all: boolean; at: Map<string, number>; cells: Map<number, string>; wide: Map<string, number> }      // wide: digits of each, as painted

interface Layer {
  el: HTMLCanvasElement; c: CanvasRenderingContext2D; view: View | null; flags: Flags | null;
  now: Rect[];                                 // to be painted in this frame
  stale: Set<string>;                          // flags with another number, which may wait
  dirty: Uint8Array; left: number;             // blocks that may wait, and how many
  blank: boolean;                              // nothing is painted on it
}

export class Painter {
  private front: Layer;
  private back: Layer;
  private stage: Size = { w: 0, h: 0 };
  private dpr = 0;
  private cols = 0;
  private rows = 0;
  private frameId = 0;
  private colours = new Map<string, string>();
  private marks = MARKS.map((d) => new Path2D(d));
  private live: ReadonlySet<string> = NONE;
  private hidden: ReadonlySet<string> = NONE;
  private ed!: Editor;                         // from follow() on
  private m!: ImageModel;
  private scene!: Scene;

  constructor(private host: HTMLElement) {
    const layer = (): Layer => {
      const el = document.createElement('canvas');
      el.className = 'paint';
      el.setAttribute('aria-hidden', 'true');
      return { el, c: el.getContext('2d')!, view: null, flags: null, now: [], stale: new Set(), dirty: new Uint8Array(0), left: 0, blank: true };
    };
    this.front = layer();
    this.back = layer();
    host.append(this.back.el, this.front.el);
    this.back.el.hidden = true;
  }

  /* The shapes of this editor, until the returned function is called; of those before it nothing is left. */
  follow(ed: Editor): () => void {
    const { m, scene } = ed;
    this.ed = ed;
    this.m = m;
    this.scene = scene;
    this.live = this.hidden = NONE;
    for (const l of [this.front, this.back]) wipe(l);
    ed.painter = this;
    // What is live is not on the canvas (but for masks, which have no outline): dragging it paints nothing here.
    const listener = { dirty: (e: Entry, now: boolean) => { if (!this.live.has(e.id) || !e.path) this.dirtyEntry(e, now); }, all: () => this.afresh() };
    scene.listeners.add(listener);
    const offs = [
      effect(() => { const s = m.stage.value; if (s.w && s.h) this.resize(s); }),
      effect(() => { m.view.value; this.ask(); }),
      effect(() => { const next = m.live.value; this.swapSet(this.live, next); this.live = next; }),
      effect(() => { const next = m.store.hidden.value; this.swapSet(this.hidden, next); this.hidden = next; }),
    ];
    return () => {
      for (const off of offs) off();
      scene.listeners.delete(listener);
      ed.painter = null;
    };
  }

  stop(): void {
    cancelAnimationFrame(this.frameId);
    this.front.el.remove();
    this.back.el.remove();
  }

  /* Those that came into or left the set are painted again. */
  private swapSet(a: ReadonlySet<string>, b: ReadonlySet<string>): void {
    for (const id of a) if (!b.has(id)) this.touch(id);
    for (const id of b) if (!a.has(id)) this.touch(id);
  }
  touch(id: string): void { const e = this.scene.entries.get(id); if (e) this.dirtyEntry(e, true); }

  private resize(stage: Size): void {
    if (stage.w === this.stage.w && stage.h === this.stage.h && this.dpr === (devicePixelRatio || 1)) return this.afresh();
    this.stage = stage;
    this.cols = Math.ceil(stage.w / BLOCK);
    this.rows = Math.ceil(stage.h / BLOCK);
    const dpr = this.dpr = devicePixelRatio || 1;
    for (const l of [this.front, this.back]) {
      l.el.width = Math.round(stage.w * dpr);
      l.el.height = Math.round(stage.h * dpr);
      l.el.style.inlineSize = `${stage.w}px`;
      l.el.style.blockSize = `${stage.h}px`;
      l.dirty = new Uint8Array(this.cols * this.rows);
      l.blank = true;
    }
    this.afresh();
  }

  /* Everything, from nothing. */
  private afresh(): void {
    this.back.view = null;
    this.front.view = null;
    this.ask();
  }

  private ask(): void { if (!this.frameId) this.frameId = requestAnimationFrame(() => { this.frameId = 0; this.tick(); }); }

  /* ---- what is dirty ---- */

  private dirtyEntry(e: Entry, now: boolean): void {
    for (const l of [this.front, this.back]) {
      if (!l.view) continue;
      if (now) { l.now.push(grown(this.flagAt(l.view, e), 3), grown(onScreen(l.view, e.hull), e.thick * 2 + 4)); this.replant(l, e); }
      else if (shows(l.flags, e.id)) l.stale.add(e.id);
    }
    this.ask();
  }

  private flagAt(v: View, e: Entry): Rect { const at = toScreen(v, e.flag); return { x: at.x, y: at.y - FLAG_H, width: FLAG_W, height: FLAG_H }; }

  /* Another number. In a crowd no flag covers another: one as wide as before is drawn over what it was. */
  private renumber(l: Layer, id: string): number {
    const e = this.scene.entries.get(id), f = l.flags, v = l.view!;
    if (!e || !f || !shows(f, id) || !this.painted(e)) return 0;
    if (f.all || f.wide.get(id) !== String(e.n).length) { this.dirtyRect(l, grown(this.flagAt(v, e), 3)); return 0; }
    l.c.setTransform(this.dpr, 0, 0, this.dpr, 0, 0);
    this.flag(l.c, e, v, f);
    return FLAG;
  }

  private painted(e: Entry): boolean { return (!this.live.has(e.id) || !e.path) && !this.hidden.has(e.id); }

  private dirtyRect(l: Layer, r: Rect): void {
    const x1 = Math.min(this.cols - 1, Math.floor((r.x + r.width) / BLOCK)), y1 = Math.min(this.rows - 1, Math.floor((r.y + r.height) / BLOCK));
    for (let y = Math.max(0, Math.floor(r.y / BLOCK)); y <= y1; y++) for (let x = Math.max(0, Math.floor(r.x / BLOCK)); x <= x1; x++) {
      const i = y * this.cols + x;
      if (!l.dirty[i]) l.left++;
      l.dirty[i] = 1;
    }
  }

  /* ---- a frame ---- */

  private tick(): void {
    const view = this.m.view.peek();
    if (!this.m.size.peek() || !this.stage.w || !this.cols) return;
    const { front, back } = this;
    let spent = 0;
    if (front.view) {
      place(front, view);
      spent = this.work(front, BUDGET);
    }
    if (!front.view || !same(front.view, view) || back.view) {
      if (!back.view) this.begin(back, view);
      spent += this.work(back, front.view ? BUDGET - spent : BUDGET);
      if (!back.left && !back.now.length && !back.stale.size) this.swap(view);
    }
    if (this.front.left || this.front.stale.size || this.back.view || (this.front.view && !same(this.front.view, this.m.view.peek()))) this.ask();
  }

  private begin(l: Layer, view: View): void {
    l.view = view;
    const bare = l.blank && this.scene.entries.size === 0;
    l.dirty.fill(bare ? 0 : 1);
    l.left = bare ? 0 : l.dirty.length;
    l.now = [];
    l.stale.clear();
    l.flags = null;
  }

  private swap(now: View): void {
    [this.front, this.back] = [this.back, this.front];
    this.front.el.hidden = false;
    this.back.el.hidden = true;
    this.back.view = null;
    this.back.left = 0;
    this.back.now = [];
    this.back.stale.clear();
    place(this.front, now);
  }

  /* Paints what was changed by hand, then dirty blocks as long as the budget lasts. Returns what it cost. */
  private work(l: Layer, budget: number): number {
    let done = 0;
    if (l.now.length > RECTS) for (const r of l.now) this.dirtyRect(l, r);
    else for (const r of merged(l.now)) done += this.rect(l, r);
    l.now = [];
    for (const id of l.stale) { if (done >= budget) break; l.stale.delete(id); done += this.renumber(l, id); }
    for (let i = 0; l.left && i < l.dirty.length && done < budget; i++) {
      if (!l.dirty[i]) continue;
      l.dirty[i] = 0;
      l.left--;
      done += this.rect(l, { x: i % this.cols * BLOCK, y: Math.floor(i / this.cols) * BLOCK, width: BLOCK, height: BLOCK });
    }
    return done;
  }

  private rect(l: Layer, r: Rect): number {
    const { c } = l, v = l.view!, dpr = devicePixelRatio || 1;
    l.blank = false;
    // Whole device pixels, or the seams of the clip would show.
    const x = Math.floor(r.x), y = Math.floor(r.y), width = Math.ceil(r.x + r.width) - x, height = Math.ceil(r.y + r.height) - y;
    c.setTransform(dpr, 0, 0, dpr, 0, 0);
    c.save();
    c.beginPath();
    c.rect(x, y, width, height);
    c.clip();
    c.clearRect(x, y, width, height);
    const list = this.scene.query(shownBy(v, { x: x - FLAG_W, y: y - 12, width: width + FLAG_W + 12, height: height + FLAG_H + 12 }))
      .filter((e) => this.painted(e));
    let cost = 2;
    if (list.length) {
      const near = shownBy(v, { x: x - 8, y: y - 8, width: width + 16, height: height + 16 });
      this.turnTo(c, v, dpr);
      for (const e of list) if (meet(e.hull, near)) { this.draw(c, e, v.k); cost += e.upright ? 1 : PATH; }
      c.setTransform(dpr, 0, 0, dpr, 0, 0);
      const flags = l.flags ??= this.plant(v), box = { x, y, width, height };
      for (const e of list) if (shows(flags, e.id) && this.flag(c, e, v, flags, box)) cost += FLAG;
    }
    c.restore();
    return cost;
  }

  /* The canvas speaks picture pixels. */
  private turnTo(c: CanvasRenderingContext2D, v: View, dpr: number): void {
    c.setTransform(dpr, 0, 0, dpr, v.x * dpr, v.y * dpr);
    if (v.turn) c.rotate(v.turn * Math.PI / 2);
    c.scale(v.k, v.k);
  }

  private draw(c: CanvasRenderingContext2D, e: Entry, k: number): void {
    if (!e.path) { this.ed.pixels?.draw(c, e.id, this.colour(e)); return; }
    const dot = e.shape === 'point', look = lookOf(e), h = e.hull, colour = this.colour(e);
    const stroke = (): void => { if (e.upright) c.strokeRect(h.x, h.y, h.width, h.height); else c.stroke(e.path!); };
    c.lineCap = dot ? 'round' : 'butt';
    c.lineJoin = e.upright ? 'miter' : 'bevel';
    c.setLineDash([]);
    c.lineWidth = (dot ? 13 : e.thick * 2) / k;
    c.strokeStyle = e.info && LIGHT.has(e.info.n % 12) && !e.info.background ? '#ffffffd9' : '#000000b3';
    stroke();
    if (!dot && !e.open && !e.guess && look.fill > 0) {
      c.fillStyle = look.colour ?? colour;
      c.globalAlpha = look.fill;
      if (e.upright) c.fillRect(h.x, h.y, h.width, h.height); else c.fill(e.path, 'evenodd');
      c.globalAlpha = 1;
    }
    if (e.guess) c.setLineDash([7 / k, 5 / k]);
    c.lineWidth = (dot ? 9 : e.thick) / k;
    c.strokeStyle = colour;
    stroke();
  }

  private flag(c: CanvasRenderingContext2D, e: Entry, v: View, f: Flags, within?: Rect): boolean {
    const p = toScreen(v, e.flag), text = e.info ? String(e.n) : `${e.n} ?`, w = (e.info ? 26 : 18) + 8 * text.length;
    const x = Math.round(p.x) - 1, y = Math.round(p.y) - FLAG_H;
    if (within && !meet({ x, y, width: w, height: 20 }, within)) return false;
    f.wide.set(e.id, String(e.n).length);
    c.fillStyle = '#141615';
    c.beginPath();
    c.roundRect(x, y, w, 20, 3);
    c.fill();
    if (e.info) {
      c.translate(x + 5, y + 4);
      c.fillStyle = this.colour(e);
      c.fill(this.marks[shapeNumber(e.info.n) - 1]!, 'evenodd');
      c.translate(-x - 5, -y - 4);
    }
    c.fillStyle = '#fff';
    c.font = this.font;
    c.fillText(text, x + (e.info ? 21 : 9), y + 14.5);
    return true;
  }

  private plant(v: View): Flags {
    const seen = this.scene.query(shownBy(v, { x: 0, y: 0, width: this.stage.w, height: this.stage.h }));
    const f: Flags = { all: seen.length <= CROWD, at: new Map(), cells: new Map(), wide: new Map() };
    if (!f.all) for (const e of seen) stand(f, e, v);
    return f;
  }

  /* One shape came, went or moved: its flag goes with it; no other flag is thought over. */
  private replant(l: Layer, e: Entry): void {
    const f = l.flags;
    if (!f || f.all) return;
    const old = f.at.get(e.id);
    if (old !== undefined) { f.at.delete(e.id); f.cells.delete(old); }
    if (this.scene.entries.get(e.id) === e) stand(f, e, l.view!);
  }

  /* ---- colours: those of the style sheet ---- */

  private colour(e: Entry): string { return e.info?.background ?? e.control?.attrs.strokecolor ?? this.colourOf(e.info); }

  colourOf(info: LabelInfo | undefined): string {
    if (info?.background) return info.background;
    const cls = info ? colourClass(info.n) : 'l0';
    let c = this.colours.get(cls);
    if (!c) {
      const probe = document.createElement('i');
      probe.className = cls;
      this.host.append(probe);
      c = getComputedStyle(probe).getPropertyValue('--c').trim() || '#fff';
      probe.remove();
      this.colours.set(cls, c);
    }
    return c;
  }

  private font = '600 13px system-ui';
}

/* Labels whose colour is dark: they get a light halo (crimson, plum, violet, rust, petrol). */
const LIGHT = new Set([2, 3, 8, 10, 11]);

/* opacity and fillColor of the config; without them a veil. */
export function lookOf(e: { control: Entry['control'] }): { fill: number; colour: string | undefined } {
  const o = e.control?.attrs.opacity ?? e.control?.attrs.fillopacity, n = o === undefined || o === '' ? NaN : Number(o), colour = e.control?.attrs.fillcolor;
  return { fill: colour === 'transparent' ? 0 : Number.isFinite(n) ? Math.min(1, Math.max(0, n)) : 0.13, colour: colour || undefined };
}

const NONE: ReadonlySet<string> = new Set();

/* Nothing is painted on it and nothing waits to be. */
function wipe(l: Layer): void {
  if (!l.blank) { l.c.setTransform(1, 0, 0, 1, 0, 0); l.c.clearRect(0, 0, l.el.width, l.el.height); }
  Object.assign(l, { view: null, flags: null, now: [], left: 0, blank: true });
  l.stale.clear();
  l.dirty.fill(0);
}

const shows = (f: Flags | null, id: string): boolean => !!f && (f.all || f.at.has(id));

function stand(f: Flags, e: Entry, v: View): void {
  const p = toScreen(v, e.flag), x = Math.floor(p.x / FLAG_W), y = Math.floor(p.y / FLAG_H);
  for (let b = y - 1; b <= y + 1; b++) for (let a = x - 1; a <= x + 1; a++) if (f.cells.has(b * 4096 + a)) return;
  f.cells.set(y * 4096 + x, e.id);
  f.at.set(e.id, y * 4096 + x);
}

const same = (a: View, b: View): boolean => a === b || (a.k === b.k && a.x === b.x && a.y === b.y && a.turn === b.turn);
const grown = (r: Rect, by: number): Rect => ({ x: r.x - by, y: r.y - by, width: r.width + 2 * by, height: r.height + 2 * by });

const meet = (a: Rect, b: Rect): boolean => a.x <= b.x + b.width && a.x + a.width >= b.x && a.y <= b.y + b.height && a.y + a.height >= b.y;

/* Rectangles that overlap become one: nothing is painted twice, and no clear takes away what another has painted. */
function merged(list: Rect[]): Rect[] {
  const out: Rect[] = [];
  for (let r of list) {
    for (let i = 0; i < out.length; i++) {
      const o = out[i]!;
      if (!meet(o, r)) continue;
      const x = Math.min(o.x, r.x), y = Math.min(o.y, r.y);
      r = { x, y, width: Math.max(o.x + o.width, r.x + r.width) - x, height: Math.max(o.y + o.height, r.y + r.height) - y };
      out.splice(i, 1);
      i = -1;
    }
    out.push(r);
  }
  return out;
}

const onScreen = (v: View, r: Rect): Rect => {
  const a = toScreen(v, r), b = toScreen(v, { x: r.x + r.width, y: r.y + r.height });
  return { x: Math.min(a.x, b.x), y: Math.min(a.y, b.y), width: Math.abs(a.x - b.x), height: Math.abs(a.y - b.y) };
};

/* Moves what was painted for one view to where it belongs in another. */
function place(l: Layer, v: View): void {
  const o = l.view!;
  if (same(o, v)) { l.el.style.transform = ''; return; }
  if ((o.turn ?? 0) !== (v.turn ?? 0)) { l.el.style.transform = ''; l.el.hidden = true; return; }
  const f = v.k / o.k;
  l.el.style.transform = `translate(${v.x - o.x * f}px,${v.y - o.y * f}px) scale(${f})`;
}

