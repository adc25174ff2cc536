/*
 * mask.ts -- masks on a picture: shown, painted, erased, filled.
 *
 * A mask at rest is kept cut to what it covers.  While one is worked on it is
 * spread over the whole picture; every stroke is packed by the worker and ends
 * as one step of the history.  An answer of the worker that comes after the
 * value has changed again is thrown away.
 */
import { effect } from '@preact/signals';
import { announce } from '../../../core/a11y';
import { t } from '../../../core/i18n';
import { shapeOf, spatialOf } from '../../../tags/result';
import { num, type Tag } from '../../../tags/tree';
import { cssTransform, type Point, type Rect, type Size } from '../geometry';
import type { Editor, Pixels } from '../editor';
import type { ImageModel } from '../model';
import type { Tool } from '../tools';
import { away } from './away';
import { cut, spread, stroke, ON, type Piece } from './fill';
import { pack, unpack } from './rle';

interface Kept { of: unknown; piece: Piece | null; canvas: HTMLCanvasElement | null; colour: string }
/* What is being painted on: a region, or a new one. */
interface Work { id: string | null; tool: Tool; control: Tag | undefined; mask: Uint8Array; size: Size; colour: [number, number, number]; last: Point; erase: boolean; changed: boolean }

export class Masks implements Pixels {
  private kept = new Map<string, Kept>();
  private work: Work | null = null;
  private pending: { work: Work; done: boolean } | null = null;       // painted, not yet in the store
  private layer: HTMLCanvasElement | null = null;
  private pictureOf: unknown = null;                                  // whose pixels the worker has
  private wanding: { at: Point; threshold: number; busy: boolean; next: number | null; base: Uint8Array } | null = null;

  private m: ImageModel;

  constructor(private ed: Editor) {
    const m = this.m = ed.m;
    ed.scene.hullOfMask = (id) => this.hull(id);
    m.store.flushers.add(() => this.flush());
  }

  /* The canvas on which strokes appear, above the picture. */
  mount(host: HTMLElement): () => void {
    const el = this.layer = document.createElement('canvas');
    el.className = 'pic-img masklay';
    el.setAttribute('aria-hidden', 'true');
    host.append(el);
    const off = effect(() => { const v = this.m.view.value; el.style.transform = cssTransform(v); });
    const clear = effect(() => { this.m.page.value; this.m.size.value; this.drop(); });
    return () => { off(); clear(); el.remove(); this.layer = null; };
  }

  /* ---- at rest ---- */

  /* The mask of a region as the store has it now; asks for it when it is not here yet. */
  private get(id: string): Kept | null {
    const r = spatialOf(this.m.store.peek(id)), v = r && shapeOf(r) === 'mask' ? r.value : undefined, s = this.m.size.peek();
    if (!v || !s) return null;
    const of = v.rle ?? v.imageDataURL, now = this.kept.get(id);
    if (now && now.of === of) return now;
    const made: Kept = { of, piece: null, canvas: null, colour: '' };
    this.kept.set(id, made);
    if (now) made.piece = now.piece;                                  // the old one stands until the new one is here
    const asked = Array.isArray(v.rle) ? away.ask<Piece | null>({ do: 'unpack', rle: v.rle as number[], size: s })
      : typeof v.imageDataURL === 'string' ? away.ask<Piece | null>({ do: 'unpng', url: v.imageDataURL, size: s }) : null;
    asked?.then((piece) => {
      if (this.kept.get(id) !== made) return;
      made.piece = piece;
      made.canvas = null;
      this.ed.scene.refresh(id);
    }, () => { /* not a mask of this picture: it is kept as it is and not shown */ });
    return made as Kept;
  }

  private keep(id: string, of: unknown, piece: Piece | null): void {
    this.kept.set(id, { of, piece, canvas: null, colour: '' });
    this.ed.scene.refresh(id);
  }

  hull(id: string): Rect | null { return this.get(id)?.piece ?? null; }

  covers(id: string, p: Point): boolean {
    const q = this.get(id)?.piece;
    if (!q) return false;
    const x = Math.floor(p.x) - q.x, y = Math.floor(p.y) - q.y;
    return x >= 0 && y >= 0 && x < q.width && y < q.height && q.alpha[y * q.width + x]! > 0;
  }

  draw(c: CanvasRenderingContext2D, id: string, colour: string): void {
    if (this.work?.id === id || this.pending?.work.id === id) return;     // it is on the layer above
    const k = this.get(id), p = k?.piece;
    if (!k || !p) return;
    if (!k.canvas || k.colour !== colour) {
      k.canvas = tinted(p, rgb(colour));
      k.colour = colour;
    }
    c.globalAlpha = this.m.live.peek().has(id) ? 0.7 : 0.45;
    c.imageSmoothingEnabled = c.getTransform().a < 1;
    c.drawImage(k.canvas, p.x, p.y);
    c.globalAlpha = 1;
  }

  /* ---- painting ---- */

  down(tool: Tool, p: Point, o: { shift: boolean; alt: boolean }): void {
    const { m, ed } = this, size = m.size.peek();
    if (!size || this.pending) return;
    const id = this.target(tool, p), control = id === null ? ed.controlFor(tool) : m.store.control(m.spatial(id)?.from_name);
    if (id === null && (tool === 'eraser' || tool === 'bucket')) { announce(t('im.mask.choose')); return; }
    if (id === null && m.store.selection.peek() !== null) m.store.selection.value = null;
    const label = m.store.info(id === null ? m.store.active.peek()?.values[0] : m.store.labelsOf(id)[0]);
    const w: Work = { id, tool, control, mask: spread(id === null ? null : this.piece(id), size.w, size.h), size, colour: rgb(ed.painter?.colourOf(label) ?? '#fff'), last: p, erase: tool === 'eraser' || o.alt, changed: false };
    this.work = w;
    if (id !== null) ed.painter?.touch(id);
    this.show(w, { x: 0, y: 0, width: size.w, height: size.h });
    if (tool === 'brush' || tool === 'eraser') this.dab(p);
    else if (tool === 'wand') void this.startWand(p);
    else void this.pour(p);
  }

  /* The chosen mask, when the tool may change it; the eraser takes the one under it. */
  private target(tool: Tool, p: Point): string | null {
    const { m, ed } = this, s = m.store.selection.peek(), can = (id: string | null): id is string => id !== null && ed.shape(id) === 'mask' && ed.canEdit(id) && m.regions.peek().includes(id);
    if (can(s)) return s;
    const under = tool === 'eraser' || tool === 'bucket' ? ed.hit(p) : null;
    if (can(under)) { m.store.selection.value = under; return under; }
    return null;
  }

  /* Unpacked here when the worker is not done: nobody paints on half a mask. */
  private piece(id: string): Piece | null {
    const k = this.get(id), v = this.m.spatial(id)?.value, s = this.m.size.peek()!;
    if (k && !k.piece && Array.isArray(v?.rle)) { try { k.piece = cut(unpack(v.rle as number[], s.w * s.h), s.w, s.h); } catch { /* not shown either */ } }
    return k?.piece ?? null;
  }

  private dab(p: Point): void {
    const w = this.work!;
    const r = stroke(w.mask, w.size.w, w.size.h, w.last, p, this.ed.radius.peek(), w.erase ? 0 : ON);
    w.last = p;
    if (r) { w.changed = true; this.show(w, r); }
  }

  move(p: Point): void {
    const w = this.work;
    if (!w) return;
    if (w.tool === 'brush' || w.tool === 'eraser') this.dab(p);
    else if (w.tool === 'wand' && this.wanding) {
      // Away from where it began the wand reaches further, back towards it less far.
      this.wanding.next = Math.max(0, this.wanding.threshold + Math.round((Math.hypot(p.x - this.wanding.at.x, p.y - this.wanding.at.y)) * this.m.view.peek().k / 4));
      void this.reach();
    }
  }

  up(): void {
    const w = this.work;
    if (!w) return;
    if (w.tool === 'wand' || w.tool === 'bucket') { w.last = { x: NaN, y: NaN }; void this.settle(); return; }
    this.commit(w);
  }

  cancel(): boolean {
    if (!this.work) return false;
    const { id } = this.work;
    this.work = null;
    this.wanding = null;
    this.drop();
    if (id !== null) this.ed.painter?.touch(id);
    return true;
  }

  /* ---- wand and bucket ---- */

  private async startWand(p: Point): Promise<void> {
    const w = this.work!, c = w.control;
    if (!await this.givePicture() || this.work !== w) { if (this.work === w) this.cancel(); return; }
    this.wanding = { at: p, threshold: c ? num(c, 'defaultthreshold', 15) : 15, busy: false, next: null, base: w.mask.slice() };
    this.wanding.next = this.wanding.threshold;
    await this.reach();
  }

  /* Ask once more for each new threshold, one question at a time; the latest wins. */
  private async reach(): Promise<void> {
    const w = this.work, now = this.wanding;
    if (!w || !now || now.busy || now.next === null) return;
    now.busy = true;
    const threshold = now.next;
    now.next = null;
    const c = w.control, at = { x: Math.min(w.size.w - 1, Math.max(0, Math.floor(now.at.x))), y: Math.min(w.size.h - 1, Math.max(0, Math.floor(now.at.y))) };
    const got = await away.ask<Piece | null>({ do: 'wand', ...at, threshold, blur: Math.round((c ? num(c, 'blurradius', 5) : 5) / 2) });
    now.busy = false;
    if (this.work !== w || this.wanding !== now) return;
    w.mask.set(now.base);
    this.lay(w, got);
    if (now.next !== null) await this.reach();
    else if (Number.isNaN(w.last.x)) this.commit(w);
  }

  private async pour(p: Point): Promise<void> {
    const w = this.work!, piece = cut(w.mask, w.size.w, w.size.h), x = Math.floor(p.x), y = Math.floor(p.y);
    const got = piece && x >= 0 && y >= 0 && x < w.size.w && y < w.size.h ? await away.ask<Piece | null>({ do: 'bucket', piece, size: w.size, x, y }) : null;
    if (this.work !== w) return;
    if (!got) { announce(t('im.bucket.open')); this.cancel(); return; }
    w.erase = false;
    this.lay(w, got);
    this.commit(w);
  }

  /* The button is up: commit now, or when the answer is here. */
  private async settle(): Promise<void> {
    const w = this.work;
    if (w?.tool === 'wand' && this.wanding && !this.wanding.busy && this.wanding.next === null) this.commit(w);
  }

  private lay(w: Work, p: Piece | null): void {
    if (p) for (let y = 0; y < p.height; y++) for (let x = 0; x < p.width; x++) if (p.alpha[y * p.width + x]) w.mask[(p.y + y) * w.size.w + p.x + x] = w.erase ? 0 : ON;
    w.changed ||= !!p;
    this.show(w, { x: 0, y: 0, width: w.size.w, height: w.size.h });
  }

  /* The pixels of the picture, to the worker. A picture of another server that does not allow it cannot be read. */
  private async givePicture(): Promise<boolean> {
    const img = this.layer?.closest('.under')?.querySelector<HTMLImageElement>('img.pic-img'), s = this.m.size.peek();
    if (!s) return false;
    if (!img) { announce(t('im.wand.blocked'), true); return false; }    // in tiles
    if (this.pictureOf === img.src) return true;
    try {
      const c = new OffscreenCanvas(s.w, s.h), x = c.getContext('2d', { willReadFrequently: true })!;
      x.drawImage(img, 0, 0, s.w, s.h);
      await away.ask({ do: 'picture', rgba: x.getImageData(0, 0, s.w, s.h).data, size: s });
      this.pictureOf = img.src;
      return true;
    } catch { announce(t('im.wand.blocked'), true); return false; }
  }

  /* ---- into the store ---- */

  private commit(w: Work): void {
    this.work = null;
    this.wanding = null;
    const piece = cut(w.mask, w.size.w, w.size.h);
    if (!w.changed || (w.id === null && !piece)) { this.drop(); if (w.id !== null) this.ed.painter?.touch(w.id); return; }
    const job = { work: w, done: false }, bitmap = /^Bitmask/.test(w.control?.tag ?? '');
    this.pending = job;
    const asked = bitmap ? away.ask<string>({ do: 'png', piece, size: w.size }) : away.ask<number[]>({ do: 'pack', piece, size: w.size });
    asked.then((v) => this.store(job, v, piece), () => { this.pending = null; this.drop(); });
  }

  private store(job: { work: Work; done: boolean }, value: number[] | string, piece: Piece | null): void {
    if (job.done) return;
    job.done = true;
    this.pending = null;
    const { m, ed } = this, { id, tool } = job.work, place = typeof value === 'string' ? { imageDataURL: value } : { format: 'rle', rle: value };
    if (id === null) {
      const made = ed.add(tool === 'wand' ? 'wand' : 'brush', place);
      if (made !== null) this.keep(made, value, piece);
    } else if (!piece) m.store.remove(id);
    else if (m.store.has(id)) { this.keep(id, value, piece); m.store.setPlace(id, place); m.store.history.seal(); ed.painter?.touch(id); }
    this.drop();
  }

  /* Before a submit: what is painted is in the answer, whether the worker is done or not. */
  flush(): void {
    const job = this.pending;
    if (!job || job.done) return;
    const { work: w } = job, piece = cut(w.mask, w.size.w, w.size.h);
    this.store(job, /^Bitmask/.test(w.control?.tag ?? '') ? pngHere(w) : pack(w.mask), piece);
  }

  /* ---- the layer ---- */

  private show(w: Work, r: Rect): void {
    const el = this.layer, c = el?.getContext('2d');
    if (!el || !c) return;
    if (el.width !== w.size.w || el.height !== w.size.h) { el.width = w.size.w; el.height = w.size.h; }
    const x0 = Math.max(0, r.x), y0 = Math.max(0, r.y), width = Math.min(w.size.w, r.x + r.width) - x0, height = Math.min(w.size.h, r.y + r.height) - y0;
    if (width <= 0 || height <= 0) return;
    const data = c.createImageData(width, height), px = new Uint32Array(data.data.buffer), [cr, cg, cb] = w.colour, on = (178 << 24 | cb << 16 | cg << 8 | cr) >>> 0;
    for (let y = 0; y < height; y++) for (let x = 0, at = (y0 + y) * w.size.w + x0; x < width; x++) if (w.mask[at + x]) px[y * width + x] = on;
    c.putImageData(data, x0, y0);
  }

  private drop(): void {
    if (this.work || this.pending || !this.layer) return;
    this.layer.width = this.layer.height = 0;
  }
}

function tinted(p: Piece, [r, g, b]: [number, number, number]): HTMLCanvasElement {
  const el = document.createElement('canvas');
  el.width = p.width;
  el.height = p.height;
  const c = el.getContext('2d')!, data = c.createImageData(p.width, p.height), px = new Uint32Array(data.data.buffer);
  for (let i = 0; i < p.alpha.length; i++) if (p.alpha[i]) px[i] = (p.alpha[i]! << 24 | b << 16 | g << 8 | r) >>> 0;
  c.putImageData(data, 0, 0);
  return el;
}

/* Any CSS colour as numbers. */
function rgb(colour: string): [number, number, number] {
  const el = document.createElement('canvas');
  el.width = el.height = 1;
  const c = el.getContext('2d', { willReadFrequently: true })!;
  c.fillStyle = '#fff';
  c.fillStyle = colour;
  c.fillRect(0, 0, 1, 1);
  const d = c.getImageData(0, 0, 1, 1).data;
  return [d[0]!, d[1]!, d[2]!];
}

function pngHere(w: Work): string {
  const el = document.createElement('canvas');
  el.width = w.size.w;
  el.height = w.size.h;
  const c = el.getContext('2d')!, data = c.createImageData(w.size.w, w.size.h);
  for (let i = 0; i < w.mask.length; i++) if (w.mask[i]) data.data[i * 4 + 3] = 255;
  c.putImageData(data, 0, 0);
  return el.toDataURL('image/png');
}
