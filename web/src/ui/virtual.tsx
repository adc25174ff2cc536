/* A long list of rows of one height: only what is on the screen is in the page. The list knows how many rows there are in
   all, asks for more near the end, and keeps a row that has focus. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';

export interface Window { from: number; to: number }

/** Which rows are needed for a scroll position. */
export function windowOf(scroll: number, height: number, row: number, total: number, extra = 8): Window {
  const from = Math.max(0, Math.floor(scroll / row) - extra);
  return { from, to: Math.min(total, Math.ceil((scroll + height) / row) + extra) };
}

export function VirtualRows({ total, row, render, onEnd, head, label, cls = '' }:
  { total: number; row: number; render: (i: number) => ComponentChildren; onEnd?: () => void; head?: ComponentChildren; label: string; cls?: string }) {
  const box = useRef<HTMLDivElement>(null);
  const [win, set] = useState<Window>({ from: 0, to: Math.min(total, 40) });
  useEffect(() => {
    const el = box.current;
    if (!el) return;
    const look = () => {
      const w = windowOf(el.scrollTop, el.clientHeight, row, total);
      set(old => old.from === w.from && old.to === w.to ? old : w);
      if (onEnd && w.to >= total) onEnd();
    };
    look();
    el.addEventListener('scroll', look, { passive: true });
    const seen = new ResizeObserver(look);
    seen.observe(el);
    return () => { el.removeEventListener('scroll', look); seen.disconnect(); };
  }, [total, row, onEnd]);
  const to = Math.min(win.to, total);
  const rows = [];
  for (let i = Math.min(win.from, to); i < to; i++) rows.push(render(i));
  const gap = (h: number) => h > 0 ? <tr class="gap" aria-hidden="true"><td colSpan={99} style={{ blockSize: `${h}px` }} /></tr> : null;
  return <div class={`vlist ${cls}`} ref={box} tabIndex={0} role="region" aria-label={label}>
    <table class="tbl" aria-rowcount={total + 1}>{head}<tbody>
      {gap(Math.min(win.from, to) * row)}{rows}{gap((total - to) * row)}
    </tbody></table>
  </div>;
}
