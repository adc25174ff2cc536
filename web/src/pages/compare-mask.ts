/* compare-mask.ts -- masks read from what was stored, and drawn as pictures for the page. Comes where a task has masks. */
import { away } from '../stage/image/mask/away';
import type { Piece } from '../stage/image/mask/fill';
import { cover, difference, maskOf, painted, setMask, type Ink } from './compare-pixels';
import type { ResultItem } from './shapes';

/* Reads the masks among these; what cannot be read stays unknown and is told in words. */
export async function learn(items: readonly ResultItem[]): Promise<void> {
  await Promise.all(items.map(async (r) => {
    const v = r.value ?? {}, size = { w: Number(r.original_width), h: Number(r.original_height) };
    if (!(size.w > 0 && size.h > 0) || maskOf(r)) return;
    try {
      if (Array.isArray(v.rle)) setMask(r, { ...size, piece: await away.ask<Piece | null>({ do: 'unpack', rle: v.rle as number[], size }) });
      else if (typeof v.imageDataURL === 'string') setMask(r, { ...size, piece: await away.ask<Piece | null>({ do: 'unpng', url: v.imageDataURL, size }) });
    } catch { /* not a mask of this size */ }
  }));
}

const LONGEST = 1000;        // pixels of the long side: as large as it is shown on a screen of twice the density

function sizeOf(list: readonly ResultItem[]): [number, number] | null {
  const m = list.map(maskOf).find(x => x !== undefined);
  if (!m) return null;
  const k = Math.min(1, LONGEST / Math.max(m.w, m.h));
  return [Math.max(1, Math.round(m.w * k)), Math.max(1, Math.round(m.h * k))];
}

async function address(rgba: Uint8ClampedArray<ArrayBuffer>, w: number, h: number): Promise<string> {
  const c = new OffscreenCanvas(w, h);
  c.getContext('2d')!.putImageData(new ImageData(rgba, w, h), 0, 0);
  return URL.createObjectURL(await c.convertToBlob({ type: 'image/png' }));
}

/* The masks of one person and one label; null when their pixels are not known. */
export async function picture(list: readonly ResultItem[], ink: Ink, n: number): Promise<string | null> {
  const s = sizeOf(list);
  return s && address(painted(cover(list, ...s), ...s, ink, n), ...s);
}

/* Where these people differ about one label. */
export async function differing(lists: readonly (readonly ResultItem[])[]): Promise<string | null> {
  const s = sizeOf(lists.flat());
  return s && address(difference(lists.map(l => cover(l, ...s)), ...s), ...s);
}
