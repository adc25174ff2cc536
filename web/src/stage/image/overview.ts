/*
 * overview.ts -- the whole of a huge picture, small, in a corner, with a frame
 * around what the stage shows.  Press or drag there to go there; with the
 * keyboard one goes by the arrows of the hand.  Away while all of it is in sight.
 */
import type { ImageModel } from './model';
import { fit, toPicture, toScreen, type Rect } from './view';

const WIDE = 168, HIGH = 126;

export class Overview {
  private el = document.createElement('canvas');

  constructor(private m: ImageModel, below: HTMLElement) {
    const { el } = this;
    el.className = 'overview pop';
    el.hidden = true;
    el.setAttribute('aria-hidden', 'true');
    el.addEventListener('pointerdown', (e) => { el.setPointerCapture(e.pointerId); this.go(e); });
    el.addEventListener('pointermove', (e) => { if (el.hasPointerCapture(e.pointerId)) this.go(e); });
    below.closest('.img-stage')!.append(el);
  }

  stop(): void { this.el.remove(); }

  private get view() { const { m } = this; return fit(m.size.peek()!, { w: WIDE, h: HIGH }, 0, m.view.peek().turn); }

  private go(e: PointerEvent): void {
    const { m } = this, r = this.el.getBoundingClientRect(), st = m.stage.peek(), v = m.view.peek();
    const c = toScreen(v, toPicture(this.view, { x: e.clientX - r.left - this.el.clientLeft, y: e.clientY - r.top - this.el.clientTop }));
    m.look({ ...v, x: v.x + st.w / 2 - c.x, y: v.y + st.h / 2 - c.y });
    e.preventDefault();
  }

  /* `seen`: what the stage shows, in picture pixels. */
  draw(bitmap: ImageBitmap | undefined, seen: Rect): void {
    const { el, m } = this, s = m.size.peek()!, st = m.stage.peek(), dpr = devicePixelRatio || 1;
    const all = seen.x <= 0 && seen.y <= 0 && seen.x + seen.width >= s.w && seen.y + seen.height >= s.h;
    el.hidden = all || !bitmap || st.w < 3 * WIDE || st.h < 3 * HIGH;
    if (el.hidden || !bitmap) return;
    if (el.width !== Math.round(WIDE * dpr)) { el.width = Math.round(WIDE * dpr); el.height = Math.round(HIGH * dpr); el.style.inlineSize = `${WIDE}px`; el.style.blockSize = `${HIGH}px`; }
    const c = el.getContext('2d')!, v = this.view, turn = v.turn ?? 0, a = toScreen(v, { x: 0, y: 0 });
    c.setTransform(1, 0, 0, 1, 0, 0);
    c.clearRect(0, 0, el.width, el.height);
    c.setTransform(dpr, 0, 0, dpr, a.x * dpr, a.y * dpr);
    c.rotate(turn * Math.PI / 2);
    c.drawImage(bitmap, 0, 0, s.w * v.k, s.h * v.k);
    c.setTransform(dpr, 0, 0, dpr, 0, 0);
    const p = toScreen(v, seen), q = toScreen(v, { x: seen.x + seen.width, y: seen.y + seen.height });
    const w = Math.max(6, Math.abs(q.x - p.x)), h = Math.max(6, Math.abs(q.y - p.y)), x = (p.x + q.x - w) / 2, y = (p.y + q.y - h) / 2;
    for (const [style, width] of [['#000', 4], ['#fff', 2]] as const) { c.strokeStyle = style; c.lineWidth = width; c.strokeRect(x, y, w, h); }
  }
}
