/* png.ts -- masks as PNG in a data address (Bitmask): white where painted, clear elsewhere. Needs a canvas, not a page. */
import type { Size } from '../geometry';

function canvas(s: Size): { c: OffscreenCanvas; x: OffscreenCanvasRenderingContext2D } {
  const c = new OffscreenCanvas(s.w, s.h);
  return { c, x: c.getContext('2d', { willReadFrequently: true })! };
}

export async function toPng(mask: Uint8Array, s: Size): Promise<string> {
  const { c, x } = canvas(s), data = x.createImageData(s.w, s.h);
  for (let i = 0; i < mask.length; i++) if (mask[i]) data.data.fill(255, i * 4, i * 4 + 4);
  x.putImageData(data, 0, 0);
  const bytes = new Uint8Array(await (await c.convertToBlob({ type: 'image/png' })).arrayBuffer());
  let text = '';
  for (let i = 0; i < bytes.length; i += 0x8000) text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return `data:image/png;base64,${btoa(text)}`;
}

/* A pixel is painted when it is not clear; in a picture without clear pixels when it is bright. */
export async function fromPng(url: string, s: Size): Promise<Uint8Array> {
  const m = /^data:(image\/\w+);base64,(.*)$/s.exec(url);
  if (!m) throw new Error('not a picture in a data address');
  const blob = new Blob([Uint8Array.from(atob(m[2]!), (ch) => ch.charCodeAt(0))], { type: m[1]! });
  const { x } = canvas(s), bitmap = await createImageBitmap(blob);
  x.imageSmoothingEnabled = false;
  x.drawImage(bitmap, 0, 0, s.w, s.h);
  const { data } = x.getImageData(0, 0, s.w, s.h), out = new Uint8Array(s.w * s.h);
  let solid = true;
  for (let i = 3; i < data.length && solid; i += 4) solid = data[i] === 255;
  for (let i = 0; i < out.length; i++) {
    const k = i * 4, on = solid ? data[k]! + data[k + 1]! + data[k + 2]! > 382 : data[k + 3]! > 127;
    if (on) out[i] = 255;
  }
  return out;
}
