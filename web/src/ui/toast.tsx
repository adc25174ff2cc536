/* Toasts: bottom centre, one act with its key and the seconds left. Read out by the live region, never focused. */
import { signal } from '@preact/signals';
import { announce } from '../core/a11y';
import { Button } from './button';

export interface Toast { id: number; text: string; act?: string | undefined; combo?: string | undefined; onAct?: (() => void) | undefined; left: number }

const list = signal<Toast[]>([]);
let last = 0;

/** Shows a line for some seconds; returns the way to take it away early. */
export function toast(text: string, o: { act?: string; combo?: string; onAct?: () => void; seconds?: number } = {}): () => void {
  const id = ++last, seconds = o.seconds ?? 5;
  list.value = [...list.value.slice(-2), { id, text, act: o.act, combo: o.combo, onAct: o.onAct, left: seconds }];
  announce(text);
  const away = () => { clearInterval(timer); list.value = list.value.filter(x => x.id !== id); };
  const timer = setInterval(() => {
    const now = list.value.find(x => x.id === id);
    if (!now || now.left <= 1) { away(); return; }
    list.value = list.value.map(x => x.id === id ? { ...x, left: x.left - 1 } : x);
  }, 1000);
  return away;
}

export function Toasts() {
  return <div class="toasts">{list.value.map(x =>
    <div class="toast" key={x.id}><span>{x.text}</span>
      {x.act && <Button {...(x.combo ? { combo: x.combo } : {})} onClick={() => { list.value = list.value.filter(y => y.id !== x.id); x.onAct?.(); }}>{x.act}</Button>}
      {x.act && <span class="small" aria-hidden="true">{x.left}</span>}</div>)}</div>;
}
