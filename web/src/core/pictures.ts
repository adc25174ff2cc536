/* Pictures fetched and decoded before they are asked for. Who holds the element holds the picture: one shown from the
   same address is there at once. */

const KEEP = 8;
const kept = new Map<string, HTMLImageElement>();

export async function fetchAhead(src: string): Promise<void> {
  if (kept.has(src)) return;
  const img = new Image();
  kept.set(src, img);
  if (kept.size > KEEP) kept.delete(kept.keys().next().value!);
  img.src = src;
  try { await img.decode(); } catch { /* shown as missing when its turn comes */ }
}

/* The size of a picture that is here. */
export function aheadOf(src: string | null): { w: number; h: number } | null {
  const img = src === null ? undefined : kept.get(src);
  return img?.complete && img.naturalWidth ? { w: img.naturalWidth, h: img.naturalHeight } : null;
}
