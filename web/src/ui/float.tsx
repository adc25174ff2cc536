/* A small panel beside what it is about, opened from outside. Escape and a press elsewhere close it; focus goes in, and
   back to where it was. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { keys } from '../core/hotkeys';

export function Float({ name, cls = '', onClose, children }: { name: string; cls?: string; onClose: () => void; children: ComponentChildren }) {
  const box = useRef<HTMLDivElement>(null), close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const end = () => { close.current(); };
    const off = keys.bind('dialog', [{ combo: 'esc', act: end, single: true }]);
    const outside = (e: Event) => { if (!box.current?.parentElement?.contains(e.target as globalThis.Node)) end(); };
    document.addEventListener('pointerdown', outside);
    (box.current?.querySelector<HTMLElement>('[data-first]') ?? box.current?.querySelector<HTMLElement>('input, select, textarea, button'))?.focus();
    return () => {
      off();
      document.removeEventListener('pointerdown', outside);
      if (!document.activeElement || document.activeElement === document.body || box.current?.contains(document.activeElement)) before?.focus();
    };
  }, []);
  return <div class={`pop float ${cls}`} ref={box} role="dialog" aria-label={name}>{children}</div>;
}
