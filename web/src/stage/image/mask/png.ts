/*
 * png.ts -- masks as PNG in a data address (Bitmask), as Label Studio writes
 * them: black where painted, clear elsewhere.  Needs a canvas, not a page.
 */
import type { Size } from '../geometry';

function canvas(s: Size): { c: OffscreenCanvas; x: OffscreenCanvasRenderingContext2D } {
  const c = new OffscreenCanvas(s.w, s.h);
  return { c, x: c.getContext('2d', { willReadFrequently: true })! };
}

export async function toPng(mask: Uint8Array, s: Size): Promise<string> {
  const { c, x } = canvas(s), data = x.createImageData(s.w, s.h);
  for (let i = 0; i < mask.length; i++) if (mask[i]) data.data[i * 4 + 3] = 255;
  x.putImageData(data, 0, 0);
  const bytes = new Uint8Array(await (await c.convertToBlob({ type: 'image/png' })).arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return `data:image/png;base64,${btoa(text)}`;
}

/*
 * Whether the format can say "clear": an alpha channel, or a tRNS chunk before
 * the pixels.  The pixels themselves do not say it: a mask of all of the
 * picture has no clear one.
 */
export function saysClear(png: Uint8Array): boolean {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength);
  if (png.length < 33 || view.getUint32(12) !== 0x49484452) return true;                 // IHDR
  if (png[25]! & 4) return true;
  for (let at = 33; at + 12 <= png.length; at += 12 + view.getUint32(at)) {
    const type = view.getUint32(at + 4);
    if (type === 0x74524e53) return true;                                                // tRNS
    if (type === 0x49444154) return false;                                               // IDAT
  }
  return false;
}

/* A pixel is painted when it is not wholly clear, and where nothing can be clear when it is bright. */
export async function fromPng(url: string, s: Size): Promise<Uint8Array> {
  const m = /^data:(image\/\w+);base64,(.*)$/s.exec(url);
  if (!m) throw new Error('not a picture in a data address');
  const bytes = Uint8Array.from(atob(m[2]!), (ch) => ch.charCodeAt(0)), clear = saysClear(bytes);
  const { x } = canvas(s), bitmap = await createImageBitmap(new Blob([bytes], { type: m[1]! }));
  x.imageSmoothingEnabled = false;
  x.drawImage(bitmap, 0, 0, s.w, s.h);
  const { data } = x.getImageData(0, 0, s.w, s.h), out = new Uint8Array(s.w * s.h);
  for (let i = 0; i < out.length; i++) {
    const k = i * 4;
    if (clear ? data[k + 3]! > 0 : data[k]! + data[k + 1]! + data[k + 2]! > 3 * 127) out[i] = 255;
  }
  return out;
}
