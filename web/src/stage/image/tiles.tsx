/*
 * tiles.tsx -- a picture too large to be kept decoded: only the pieces in sight
 * are, at the level that fits the zoom.  Until a piece is here the coarsest
 * level stands in for it.  Where the worker cannot have the picture (another
 * server, or more than the browser decodes) the plain <img> stays.
 */
import { effect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { startWorker } from '../../core/trusted';
import { shownBy, TILE, type View } from './geometry';
import type { ImageModel } from './model';
import type { Ask } from './tiles.worker';
import workerUrl from './tiles.worker?worker&url';

const KEEP = 48;                // decoded pieces, 4 MB each

export default function Tiles({ m, src, onFail }: { m: ImageModel; src: string; onFail: () => void }) {
  const el = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const pyramid = new Pyramid(m, el.current!, onFail);
    pyramid.open(src);
    const off = effect(() => { m.view.value; m.stage.value; pyramid.ask(); });
    return () => { off(); pyramid.stop(); };
  }, [src, m]);
  return <canvas class="tiles" ref={el} aria-hidden="true" />;
}

class Pyramid {
  private w = startWorker(workerUrl);
  private levels = 0;
  private tiles = new Map<string, ImageBitmap | null>();       // null: asked for
  private waiting = new Map<number, string>();
  private n = 0;
  private frame = 0;

  constructor(private m: ImageModel, private el: HTMLCanvasElement, private onFail: () => void) {
    this.w.onmessage = (e: MessageEvent<{ open?: { levels: number }; failed?: string; n?: number; bitmap?: ImageBitmap }>) => {
      const { open, failed, n, bitmap } = e.data;
      if (failed !== undefined) { this.onFail(); return; }
      if (open) this.levels = open.levels;
      else if (n !== undefined) this.got(n, bitmap);
      this.ask();
    };
  }

  open(src: string): void {
    const data = /^data:([\w/+.-]+)(;base64)?,(.*)$/s.exec(src);       // a worker may not fetch these
    const bytes = data && (data[2] ? Uint8Array.from(atob(data[3]!), (c) => c.charCodeAt(0)) : new TextEncoder().encode(decodeURIComponent(data[3]!)));
    this.tell({ do: 'open', from: bytes ? new Blob([bytes], { type: data![1]! }) : src });
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.w.terminate();
    for (const t of this.tiles.values()) t?.close();
  }

  private tell(a: Ask): void { this.w.postMessage(a); }
  ask(): void { if (!this.frame) this.frame = requestAnimationFrame(() => { this.frame = 0; this.draw(); }); }

  private got(n: number, bitmap: ImageBitmap | undefined): void {
    const k = this.waiting.get(n);
    this.waiting.delete(n);
    if (k === undefined) return;
    if (!bitmap) { this.tiles.delete(k); return; }
    this.tiles.set(k, bitmap);
    for (const [old, t] of this.tiles) {                              // the one not used for longest goes; the coarsest level stays
      if (this.tiles.size <= KEEP) break;
      if (!t || old.startsWith(`${this.levels - 1}/`)) continue;
      t.close();
      this.tiles.delete(old);
    }
  }

  private want(k: string, level: number, x: number, y: number): ImageBitmap | null {
    const t = this.tiles.get(k);
    if (t) { this.tiles.delete(k); this.tiles.set(k, t); return t; }
    if (t === undefined && this.waiting.size < 8) {
      this.tiles.set(k, null);
      this.waiting.set(++this.n, k);
      this.tell({ do: 'tile', n: this.n, level, x, y });
    }
    return null;
  }

  private draw(): void {
    const { m, el } = this, v = m.view.peek(), st = m.stage.peek(), s = m.size.peek(), dpr = devicePixelRatio || 1;
    if (!s || !this.levels || !st.w) return;
    if (el.width !== Math.round(st.w * dpr) || el.height !== Math.round(st.h * dpr)) {
      el.width = Math.round(st.w * dpr); el.height = Math.round(st.h * dpr);
      el.style.inlineSize = `${st.w}px`; el.style.blockSize = `${st.h}px`;
    }
    const c = el.getContext('2d')!;
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, el.width, el.height);
    turnTo(c, v, dpr);
    c.imageSmoothingEnabled = v.k < 6;
    const level = Math.min(this.levels - 1, Math.max(0, Math.floor(Math.log2(1 / (v.k * dpr)))));
    const seen = shownBy(v, { x: 0, y: 0, width: st.w, height: st.h });
    for (const l of level === this.levels - 1 ? [level] : [this.levels - 1, level]) {
      const side = TILE * 2 ** l, last = (all: number): number => Math.ceil(all / side) - 1, at = (p: number, all: number): number => Math.min(last(all), Math.max(0, Math.floor(p / side)));
      for (let y = at(seen.y, s.h); y <= at(seen.y + seen.height, s.h); y++) for (let x = at(seen.x, s.w); x <= at(seen.x + seen.width, s.w); x++) {
        const t = this.want(`${l}/${x}/${y}`, l, x, y);
        if (t) c.drawImage(t, x * side, y * side, Math.min(side, s.w - x * side), Math.min(side, s.h - y * side));
      }
    }
  }
}

function turnTo(c: CanvasRenderingContext2D, v: View, dpr: number): void {
  c.setTransform(dpr, 0, 0, dpr, v.x * dpr, v.y * dpr);
  if (v.turn) c.rotate(v.turn * Math.PI / 2);
  c.scale(v.k, v.k);
}
