/* A question that must be answered before going on: the browser's own modal dialog. Not used on annotate pages. */
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { uid } from '../core/a11y';

export function Dialog({ title, children, onClose }: { title: string; children: ComponentChildren; onClose: () => void }) {
  const ref = useRef<HTMLDialogElement>(null), id = useMemo(() => uid('d'), []);
  useEffect(() => { const d = ref.current; d?.showModal(); return () => d?.close(); }, []);
  return <dialog class="pop dlg" ref={ref} aria-labelledby={id} onCancel={e => { e.preventDefault(); onClose(); }}>
    <h2 id={id} class="t5">{title}</h2>{children}
  </dialog>;
}
