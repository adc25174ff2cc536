/* A menu or panel that floats beside its button. Escape and a click outside close it; focus goes in and comes back. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { keys } from '../core/hotkeys';
import { Icon } from './icon';
import type { IconName } from './paths';

export function Popover({ label, icon, kind = '', children, end, up }:
  { label: ComponentChildren; icon?: IconName; kind?: string; children: (close: () => void) => ComponentChildren; end?: boolean; up?: boolean }) {
  const [open, set] = useState(false);
  const box = useRef<HTMLDivElement>(null), button = useRef<HTMLButtonElement>(null);
  const close = () => { set(false); button.current?.focus(); };
  useEffect(() => {
    if (!open) return;
    const off = keys.bind('dialog', [{ combo: 'esc', act: close, single: true }]);
    const outside = (e: Event) => { if (!box.current?.contains(e.target as globalThis.Node)) set(false); };
    document.addEventListener('pointerdown', outside);
    box.current?.querySelector<HTMLElement>('.pop button, .pop a, .pop input, .pop select')?.focus();
    return () => { off(); document.removeEventListener('pointerdown', outside); };
  }, [open]);
  return <div class="popwrap" ref={box}>
    <button type="button" class={`btn ${kind}`} ref={button} aria-expanded={open} onClick={() => set(!open)}>{icon && <Icon i={icon} />}{label}</button>
    {open && <div class={`pop ${end ? 'pop-end' : ''} ${up ? 'pop-up' : ''}`}>{children(close)}</div>}
  </div>;
}
