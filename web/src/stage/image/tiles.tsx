/*
 * tiles.tsx -- a picture too large to be kept decoded, or to be decoded at all:
 * only the pieces in sight are, at the level that fits the zoom.  Until a piece
 * is here, coarser ones stand in for it.
 *
 * A picture that the browser decodes is cut here (and where that cannot be, the
 * plain <img> stays); one that lies on the server in tiles comes with its size,
 * which is the size of the picture for all that is drawn on it.
 */
import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { addMessages, t } from '../../core/i18n';
import { isDeep } from '../../tags/address';
import words from '../../i18n/en/tiles.json';
import { shownBy } from './geometry';
import type { ImageModel } from './model';
import { Overview } from './overview';
import { openDeep, openWhole, type Source } from './tile-source';
import { TileStore, type Place } from './tile-store';
import { toScreen, type Point, type Rect, type View } from './view';
import './tiles.css';

await addMessages('tiles', words);

export default function Tiles({ m, src, onFail }: { m: ImageModel; src: string; onFail: () => void }) {
  const el = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const pyramid = new Pyramid(m, el.current!, onFail);
    void pyramid.open(src);
    const off = effect(() => { m.view.value; m.stage.value; m.size.value; pyramid.ask(); });
    return () => { off(); pyramid.stop(); };
  }, [src, m]);
  const masks = m.editable && m.tooLarge && m.marks.value.some((c) => /^(Brush|Bitmask|MagicWand)/.test(c.tag));
  return <>
    <canvas class="tiles" ref={el} aria-hidden="true" />
    {masks && <p class="tiles-note pop" role="status">{t('tl.masks')}</p>}
  </>;
}

/* Draws a source onto a canvas that covers the stage, and asks for what it lacks. */
export class Pyramid {
  private source: Source | null = null;
  private store: TileStore | null = null;
  private frame = 0;
  private until = new AbortController();
  private overview: Overview | null = null;
  private top = 0;                                                    // the lowest level that is one piece

  constructor(private m: ImageModel, private el: HTMLCanvasElement, private onFail: () => void) {}

  async open(src: string): Promise<void> {
    const deep = isDeep(src);
    try {
      const source = await (deep ? openDeep : openWhole)(src, this.until.signal);
      if (this.until.signal.aborted) { source.stop(); return; }
      this.top = Math.max(0, Math.ceil(Math.log2(Math.max(source.size.w, source.size.h) / source.tile)));
      this.source = source;
      this.store = new TileStore(source, () => this.ask(), (k) => { if (k === `${this.top}/0/0` && !this.store?.tiles.size) this.onFail(); });
      if (deep) this.m.loaded(source.size);
      this.overview = new Overview(this.m, this.el);
      this.ask();
    } catch { if (!this.until.signal.aborted) this.onFail(); }
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.until.abort();
    this.overview?.stop();
    this.store?.stop();
  }

  ask(): void { if (!this.frame && this.store) this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); }); }

  /* The pieces of a level that a rectangle of the picture touches. */
  private places(level: number, r: Rect): Place[] {
    const { size, tile } = this.source!, side = tile * 2 ** level, out: Place[] = [];
    const at = (p: number, all: number): number => Math.min(Math.ceil(all / side) - 1, Math.max(0, Math.floor(p / side)));
    for (let y = at(r.y, size.h); y <= at(r.y + r.height, size.h); y++) for (let x = at(r.x, size.w); x <= at(r.x + r.width, size.w); x++) out.push({ level, x, y });
    return out;
  }

  private draw(): void {
    const { m, el, top } = this, store = this.store!, v = m.view.peek(), st = m.stage.peek(), s = m.size.peek(), dpr = devicePixelRatio || 1;
    if (!s || !st.w) return;
    const w = Math.round(st.w * dpr), h = Math.round(st.h * dpr);
    if (el.width !== w || el.height !== h) {
      el.width = w; el.height = h;
      el.style.inlineSize = `${st.w}px`; el.style.blockSize = `${st.h}px`;
      store.most = Math.max(32_000_000, 4 * w * h);
    }
    const level = Math.min(top, Math.max(0, Math.round(Math.log2(1 / (v.k * dpr)))));
    const seen = shownBy(v, { x: 0, y: 0, width: st.w, height: st.h }), now = this.places(level, seen);
    const mid = { x: seen.x + seen.width / 2, y: seen.y + seen.height / 2 }, side = this.source!.tile * 2 ** level;
    const far = (p: Place): number => Math.hypot((p.x + 0.5) * side - mid.x, (p.y + 0.5) * side - mid.y);
    now.sort((a, b) => far(a) - far(b));
    const base: Place = { level: top, x: 0, y: 0 }, c = el.getContext('2d')!, here = now.filter((p) => store.use(p)).length;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, w, h);
    c.imageSmoothingEnabled = v.k * dpr < 6;
    // Coarse ones first, and only where finer ones are not here yet.
    for (let l = here === now.length ? level : top; l >= level; l--) for (const p of this.places(l, seen)) {
      const bitmap = store.use(p);
      if (bitmap) this.place(c, bitmap, p, v, dpr);
    }
    store.want(level === top ? now : [base, ...now]);
    this.overview?.draw(store.use(base), seen);
    Object.assign(el.dataset, { level, wanted: now.length, here, held: store.tiles.size, waiting: store.waiting });
  }

  /* Its edges go to whole pixels of the screen: neighbours meet without a seam. */
  private place(c: CanvasRenderingContext2D, b: ImageBitmap, p: Place, v: View, dpr: number): void {
    const { size, tile, overlap } = this.source!, by = 2 ** p.level, x0 = p.x * tile * by, y0 = p.y * tile * by;
    const sw = Math.min(tile, Math.ceil(size.w / by) - p.x * tile), sh = Math.min(tile, Math.ceil(size.h / by) - p.y * tile);
    const device = (q: Point): Point => { const d = toScreen(v, q); return { x: Math.round(d.x * dpr), y: Math.round(d.y * dpr) }; };
    const a = device({ x: x0, y: y0 }), z = device({ x: Math.min(size.w, x0 + sw * by), y: Math.min(size.h, y0 + sh * by) });
    const dx = z.x - a.x, dy = z.y - a.y;
    if ((v.turn ?? 0) % 2) c.setTransform(0, dy / sw, dx / sh, 0, a.x, a.y);
    else c.setTransform(dx / sw, 0, 0, dy / sh, a.x, a.y);
    c.drawImage(b, p.x ? overlap : 0, p.y ? overlap : 0, sw, sh, 0, 0, sw, sh);
  }
}
