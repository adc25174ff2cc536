/* Masks of several people as pictures to lay over theirs: made once for a person and a label, shown and hidden at once. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { isMask, maskGroups, painted, type Ink } from './compare-pixels';
import type { Layer } from './overlay';
import type { ResultItem } from './shapes';

/** n: the person; 0 what was agreed, -1 where they differ. key: what the mask is about. */
export interface MaskImage { n: number; key: string; url: string }

export const hasMasks = (lists: readonly (readonly ResultItem[])[]): boolean => lists.some(l => l.some(isMask));

/* The colours of people on pictures, in their order (manager.css). */
const IMG = [1, 2, 5, 6, 7, 10, 9, 8];
function inkOf(n: number): Ink {
  if (n === 0) return [255, 255, 255];
  const hex = getComputedStyle(document.documentElement).getPropertyValue(`--img-${IMG[(n - 1) % IMG.length]}`).trim();
  return [1, 3, 5].map(i => parseInt(hex.slice(i, i + 2), 16) || 0) as unknown as Ink;
}

/** The pictures of these layers; `differ` those of their differences instead. What was agreed is layer 0. */
export function useMaskImages(layers: readonly Layer[], differ: boolean): MaskImage[] {
  const made = useRef(new Map<string, Promise<string | null>>()), urls = useRef<string[]>([]), [images, set] = useState<MaskImage[]>([]);
  useEffect(() => () => { for (const u of urls.current) URL.revokeObjectURL(u); }, []);
  const wanted = useMemo(() => {
    const groups = layers.map(l => ({ n: l.n, by: maskGroups(l.result) })), people = groups.filter(g => g.n > 0), keys = [...new Set(people.flatMap(g => [...g.by.keys()]))];
    if (!differ) return groups.flatMap(g => [...g.by].map(([key, list]) => ({ n: g.n, key, lists: [list] })));
    return [...keys.map(key => ({ n: -1, key, lists: people.map(g => g.by.get(key) ?? []) })), ...groups.filter(g => g.n === 0).flatMap(g => [...g.by].map(([key, list]) => ({ n: 0, key, lists: [list] })))];
  }, [layers, differ]);
  useEffect(() => {
    let live = true;
    if (!wanted.length) { set([]); return undefined; }
    void import('./compare-mask').then(async m => {
      await m.learn(wanted.flatMap(x => x.lists.flat()).filter(isMask));
      const out: MaskImage[] = [];
      for (const x of wanted) {
        const name = `${x.n} ${x.key} ${x.n < 0 ? layers.map(l => l.n).join() : ''}`;
        let one = made.current.get(name);
        if (!one) {
          one = x.n < 0 ? m.differing(x.lists) : m.picture(x.lists[0]!, inkOf(x.n), x.n);
          made.current.set(name, one);
          void one.then(u => { if (u) urls.current.push(u); });
        }
        const url = await one;
        if (!live) return;
        if (url) out.push({ n: x.n, key: x.key, url });
      }
      set(out);
    });
    return () => { live = false; };
  }, [wanted]);
  return images;
}

/** The colour and pattern of person n. */
export function MaskKey({ n }: { n: number }) {
  const box = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const c = box.current?.getContext('2d'), w = 28, h = 18;
    c?.putImageData(new ImageData(painted(new Uint8Array(w * h).fill(1), w, h, inkOf(n), n), w, h), 0, 0);
  }, [n]);
  return <canvas class="cmp-mkey" ref={box} width={28} height={18} aria-hidden="true" />;
}
