/*
 * tiles.worker.ts -- a huge picture, decoded once and handed out in pieces.
 *
 * Level 0 is full size, each further level half of the one before.  While the
 * decoded picture is here a piece is cut from it; in between all pieces are
 * packed, and then the decoded picture is let go: 400 million pixels are 1.6 GB
 * decoded and some tens of MB packed.
 */
import { TILE } from './geometry';

export type Ask = { do: 'open'; from: Blob | string } | { do: 'tile'; n: number; level: number; x: number; y: number };

const here = self as unknown as { onmessage: ((e: MessageEvent<Ask>) => void) | null; postMessage(v: unknown, moved?: Transferable[]): void };
let whole: ImageBitmap | null = null;
const packed = new Map<string, Promise<Blob>>();
const key = (level: number, x: number, y: number): string => `${level}/${x}/${y}`;

function cut(level: number, x: number, y: number): OffscreenCanvas | null {
  if (!whole) return null;
  const side = TILE * 2 ** level, sx = x * side, sy = y * side, sw = Math.min(side, whole.width - sx), sh = Math.min(side, whole.height - sy);
  if (sw <= 0 || sh <= 0) return null;
  const c = new OffscreenCanvas(Math.ceil(sw / 2 ** level), Math.ceil(sh / 2 ** level)), to = c.getContext('2d')!;
  to.imageSmoothingQuality = 'medium';
  to.drawImage(whole, sx, sy, sw, sh, 0, 0, c.width, c.height);
  return c;
}

/* Coarse levels first: what one sees first. One piece a turn, so that questions come in between. */
async function pack(levels: number): Promise<void> {
  for (let level = levels - 1; level >= 0; level--) {
    const side = TILE * 2 ** level;
    for (let y = 0; y * side < whole!.height; y++) for (let x = 0; x * side < whole!.width; x++) {
      const blob = cut(level, x, y)!.convertToBlob({ type: 'image/webp', quality: 0.92 });
      packed.set(key(level, x, y), blob);
      await blob;
      await new Promise((go) => setTimeout(go, 0));
    }
  }
  whole!.close();
  whole = null;
}

here.onmessage = (e) => {
  void (async () => {
    const a = e.data;
    if (a.do === 'open') {
      const blob = typeof a.from === 'string' ? await (await fetch(a.from, { credentials: 'same-origin' })).blob() : a.from;
      whole = await createImageBitmap(blob);
      const levels = Math.max(1, Math.ceil(Math.log2(Math.max(whole.width, whole.height) / TILE)) + 1);
      here.postMessage({ open: { w: whole.width, h: whole.height } });
      await pack(levels);
      return;
    }
    const now = packed.get(key(a.level, a.x, a.y)), bitmap = now ? await createImageBitmap(await now) : cut(a.level, a.x, a.y)?.transferToImageBitmap();
    here.postMessage({ n: a.n, bitmap }, bitmap ? [bitmap] : []);
  })().catch((error: unknown) => here.postMessage({ failed: String(error) }));
};
