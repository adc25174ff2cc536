/* Small pictures in a list. Promise: nothing is fetched while the list moves, two at a time afterwards, and what is kept is
   small: a picture is decoded to the size it is shown in, beside the main thread, and at most KEPT of them stay. Pictures
   only from this server, which asks each time whether this person may see them; any other address waits for the task. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { smallOf } from '../tags/address';
import { safeImage } from './tasks-state';

const WIDE = 128, HIGH = 80, KEPT = 300, AT_ONCE = 2, QUIET_MS = 120;

const kept = new Map<string, ImageBitmap | null>();
const waiting = new Map<string, Set<(b: ImageBitmap | null) => void>>();
let busy = 0, quietAt = 0, timer = 0;

/** The list moves: pictures wait until it rests. */
export function holdThumbs(): void { quietAt = performance.now() + QUIET_MS; }

function pump(): void {
  const rest = quietAt - performance.now();
  if (rest > 0) { if (!timer) timer = window.setTimeout(() => { timer = 0; pump(); }, rest + 5); return; }
  // The newest wishes first: they are what is on the screen now.
  while (busy < AT_ONCE && waiting.size) {
    const src = [...waiting.keys()].at(-1)!, wish = waiting.get(src)!;
    waiting.delete(src);
    busy++;
    void load(src).then(b => { keep(src, b); for (const give of wish) give(b); }).finally(() => { busy--; pump(); });
  }
}

async function load(src: string): Promise<ImageBitmap | null> {
  try {
    const reply = await fetch(smallOf(src), { credentials: 'same-origin' });
    if (!reply.ok) return null;
    const whole = await reply.blob();
    if (!whole.type.startsWith('image/') || whole.type.includes('svg')) return null;
    const b = await createImageBitmap(whole, { resizeWidth: WIDE, resizeQuality: 'medium' });
    return b.height > 4 * HIGH ? createImageBitmap(b, 0, (b.height - 2 * HIGH) >> 1, WIDE, 2 * HIGH) : b;
  } catch { return null; }
}

function keep(src: string, b: ImageBitmap | null): void {
  kept.delete(src);
  kept.set(src, b);
  for (const [old, was] of kept) { if (kept.size <= KEPT) break; kept.delete(old); was?.close(); }
}

export function Thumb({ src }: { src: string | null }) {
  const canvas = useRef<HTMLCanvasElement>(null), [seen, set] = useState<string | null>(null);
  const inline = src?.startsWith('data:image/') ?? false, mine = src !== null && !inline && safeImage(src);
  useEffect(() => {
    if (!mine || !src) return;
    const draw = (b: ImageBitmap | null) => {
      const el = canvas.current, pen = el?.getContext('2d');
      if (!el || !pen || !b) { set(null); return; }
      const scale = Math.max(WIDE / b.width, HIGH / b.height), w = b.width * scale, h = b.height * scale;
      pen.clearRect(0, 0, WIDE, HIGH);
      pen.drawImage(b, (WIDE - w) / 2, (HIGH - h) / 2, w, h);
      set(src);
    };
    const b = kept.get(src);
    if (b !== undefined) { kept.delete(src); kept.set(src, b); draw(b); return; }
    let wish = waiting.get(src);
    if (!wish) waiting.set(src, wish = new Set());
    wish.add(draw);
    pump();
    return () => { wish.delete(draw); if (wish.size === 0 && waiting.get(src) === wish) waiting.delete(src); };
  }, [src]);
  if (inline) return <img class="thumb" src={src!} alt="" decoding="async" width="64" height="40" />;
  return <canvas class={`thumb ${seen === src && src ? '' : 'blank'}`} ref={canvas} width={WIDE} height={HIGH} aria-hidden="true" />;
}
