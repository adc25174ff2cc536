/*
 * tile-source.ts -- where the pieces of a huge picture come from.
 *
 * Level 0 is full size, each further level half of the one before.  Either a
 * worker has the decoded picture and cuts it, or the pieces lie on the server
 * beside a .dzi file (Deep Zoom), whose own levels count the other way.
 */
import { startWorker } from '../../core/trusted';
import { TILE } from './geometry';
import type { Ask } from './tiles.worker';
import type { Size } from './view';
import workerUrl from './tiles.worker?worker&url';

export interface Source {
  readonly size: Size;
  readonly tile: number;
  readonly overlap: number;              // pixels of its neighbours around each piece
  get(level: number, x: number, y: number, until: AbortSignal): Promise<ImageBitmap>;
  stop(): void;
}

/* ---- Deep Zoom ---- */

export interface Dzi { size: Size; tile: number; overlap: number; format: string }

/* A .dzi file, by its attributes; null when it is none. XML needs no parser for five words, and a page under Trusted Types has none. */
export function readDzi(xml: string): Dzi | null {
  const word = (element: string, name: string): string => new RegExp(`<${element}\\s(?:[^>]*\\s)?${name}\\s*=\\s*["']([^"'<>]{1,16})["']`).exec(xml)?.[1] ?? '';
  const n = (element: string, name: string): number => { const v = word(element, name); return /^\d+$/.test(v) ? Number(v) : NaN; };
  const dzi = { size: { w: n('Size', 'Width'), h: n('Size', 'Height') }, tile: n('Image', 'TileSize'), overlap: n('Image', 'Overlap') || 0, format: word('Image', 'Format') };
  return dzi.size.w > 0 && dzi.size.h > 0 && dzi.tile >= 16 && dzi.overlap < dzi.tile && /^(jpe?g|png)$/i.test(dzi.format) ? dzi : null;
}

export const dziLevels = (s: Size): number => Math.ceil(Math.log2(Math.max(s.w, s.h))) + 1;

export function tileAddress(src: string, d: Dzi, level: number, x: number, y: number): string {
  return src.replace(/\.dzi(?=[?#]|$)/i, `_files/${dziLevels(d.size) - 1 - level}/${x}_${y}.${d.format}`);
}

export async function openDeep(src: string, until: AbortSignal): Promise<Source> {
  const reply = await fetch(src, { credentials: 'same-origin', signal: until }), dzi = reply.ok ? readDzi(await reply.text()) : null;
  if (!dzi) throw new Error('no picture in tiles');
  return { ...dzi, stop() {}, async get(level, x, y, signal) {
    const r = await fetch(tileAddress(src, dzi, level, x, y), { credentials: 'same-origin', signal });
    if (!r.ok) throw new Error(String(r.status));
    return createImageBitmap(await r.blob());
  } };
}

/* ---- cut by a worker ---- */

export function openWhole(src: string, until: AbortSignal): Promise<Source> {
  const w = startWorker(workerUrl), open = new Map<number, [(b: ImageBitmap) => void, (e: Error) => void]>();
  const tell = (a: Ask): void => w.postMessage(a), stop = (): void => w.terminate();
  let n = 0;
  until.addEventListener('abort', stop);
  return new Promise((yes, no) => {
    w.onmessage = (e: MessageEvent<{ open?: Size; failed?: string; n?: number; bitmap?: ImageBitmap }>) => {
      const { open: size, failed, bitmap } = e.data;
      if (size) yes({ size, tile: TILE, overlap: 0, stop, get });
      else if (failed !== undefined) { no(new Error(failed)); for (const [, fail] of open.values()) fail(new Error(failed)); }
      else { const [got, fail] = open.get(e.data.n!) ?? []; open.delete(e.data.n!); if (bitmap) got?.(bitmap); else fail?.(new Error('no such piece')); }
    };
    const get: Source['get'] = (level, x, y) => new Promise((got, fail) => { open.set(++n, [got, fail]); tell({ do: 'tile', n, level, x, y }); });
    const data = /^data:([\w/+.-]+)(;base64)?,(.*)$/s.exec(src);       // a worker may not fetch these
    const bytes = data && (data[2] ? Uint8Array.from(atob(data[3]!), (c) => c.charCodeAt(0)) : new TextEncoder().encode(decodeURIComponent(data[3]!)));
    tell({ do: 'open', from: bytes ? new Blob([bytes], { type: data![1]! }) : src });
  });
}
