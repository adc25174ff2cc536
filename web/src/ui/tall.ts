/* A list taller than a browser can scroll. Browsers stop at some tens of millions of pixels; a million rows of 53 need
   more. Here the scroll bar has a bounded length. Near both ends bar and list are the same pixels; between them the bar
   stands for the list in proportion. Wheel, keys and touch move by the pixel everywhere, a pulled bar in proportion; what
   drifts apart between the two is put right when the hand rests, or when it has grown large.

   `top` is where the view stands in the whole list, in pixels; top − scroll is constant while one scrolls by hand, so that
   rows stand still in the page and the browser moves them by itself. */

export const TALLEST = 8_000_000;
const END = 1_000_000;              // at each end: the same pixels
const DRIFT = 100_000;              // between bar and place, before it is put right at once

export interface Tall { total: number; height: number; view: number; scroll: number; top: number }

export function tall(total: number, view: number): Tall {
  return { total, height: Math.min(total, TALLEST), view, scroll: 0, top: 0 };
}

const room = (t: Tall) => Math.max(0, t.total - t.view);
const travel = (t: Tall) => Math.max(0, t.height - t.view);
export const shiftOf = (t: Tall): number => t.top - t.scroll;

/** Where the bar belongs for a place in the list. */
export function barOf(t: Tall, top: number): number {
  if (t.height === t.total || top <= END) return top;
  if (room(t) - top <= END) return travel(t) - (room(t) - top);
  return Math.round(END + (top - END) / (room(t) - 2 * END) * (travel(t) - 2 * END));
}

/** The place a bar stands for. */
export function placeOf(t: Tall, bar: number): number {
  if (t.height === t.total || bar <= END) return bar;
  if (travel(t) - bar <= END) return room(t) - (travel(t) - bar);
  return END + (bar - END) / (travel(t) - 2 * END) * (room(t) - 2 * END);
}

/** The bar has moved to `scroll`: by hand a little, or pulled far. */
export function moved(t: Tall, scroll: number): void {
  const by = scroll - t.scroll;
  if (t.height === t.total || Math.abs(by) > 3 * t.view) t.top = placeOf(t, scroll);
  else t.top = Math.min(room(t), Math.max(0, t.top + by));
  t.scroll = scroll;
}

/** Must the bar be put right at once? Near the ends as soon as it is off; else when it has drifted far. */
export function strained(t: Tall): boolean {
  const off = Math.abs(t.scroll - barOf(t, t.top));
  return off > DRIFT || off > 1 && (t.top < END || room(t) - t.top < END);
}

/** Goes to a place; answers where the bar must be set. */
export function goTo(t: Tall, top: number): number {
  t.top = Math.min(room(t), Math.max(0, top));
  t.scroll = barOf(t, t.top);
  return t.scroll;
}

/** Another number of rows or another window: the place stays as far as it can. */
export function resized(t: Tall, total: number, view: number): number {
  t.total = total;
  t.height = Math.min(total, TALLEST);
  t.view = view;
  return goTo(t, t.top);
}
