/* worker.ts -- the slow part of masks, off the page's thread: packing, unpacking, filling. One question, one answer. */
import type { Size } from '../geometry';
import { bucket, cut, smooth, spread, wand, type Piece } from './fill';
import { fromPng, toPng } from './png';
import { pack, unpack } from './rle';

export type Ask =
  | { do: 'unpack'; rle: number[]; size: Size }
  | { do: 'unpng'; url: string; size: Size }
  | { do: 'pack'; piece: Piece | null; size: Size }
  | { do: 'png'; piece: Piece | null; size: Size }
  | { do: 'picture'; rgba: Uint8ClampedArray; size: Size }
  | { do: 'wand'; x: number; y: number; threshold: number; blur: number }
  | { do: 'bucket'; piece: Piece; size: Size; x: number; y: number };

let picture: { rgba: Uint8ClampedArray; size: Size } | null = null;

async function answer(a: Ask): Promise<unknown> {
  switch (a.do) {
    case 'unpack': return cut(unpack(a.rle, a.size.w * a.size.h), a.size.w, a.size.h);
    case 'unpng': return cut(await fromPng(a.url, a.size), a.size.w, a.size.h);
    case 'pack': return pack(spread(a.piece, a.size.w, a.size.h));
    case 'png': return toPng(spread(a.piece, a.size.w, a.size.h), a.size);
    case 'picture': picture = a; return null;
    case 'wand': {
      if (!picture) return null;
      const { w, h } = picture.size, p = cut(wand(picture.rgba, w, h, a.x, a.y, a.threshold), w, h);
      if (p) smooth(p, a.blur);
      return p;
    }
    case 'bucket': {
      const { w, h } = a.size, out = bucket(spread(a.piece, w, h), w, h, a.x, a.y);
      return out && cut(out, w, h);
    }
  }
}

const here = self as unknown as { onmessage: ((e: MessageEvent<{ n: number; ask: Ask }>) => void) | null; postMessage(v: unknown): void };
here.onmessage = (e) => {
  const { n, ask } = e.data;
  void answer(ask).then((value) => here.postMessage({ n, value }), (error: unknown) => here.postMessage({ n, error: String(error) }));
};
