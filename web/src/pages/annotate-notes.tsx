/* Notes beside the task: what the person says about it or about the chosen region, and what reviewers answered. */
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import type { SideProps } from './annotate';
import { Notes } from './notes';

export default function NotesSide({ open, onClose }: SideProps) {
  const store = open?.work.store, ref = useRef<HTMLElement>(null), sel = store?.selection.value ?? null;
  useEffect(() => { ref.current?.querySelector('textarea')?.focus(); }, []);
  const nameOf = (id: string): string | null => {
    const n = store?.regions.value.indexOf(id) ?? -1;
    return n < 0 ? null : t('an.region', { n: n + 1 });
  };
  return <aside class="aside start beside guide-side" aria-label={t('an.notes')} ref={ref}>
    <header><h2>{t('an.notes')}</h2><span class="end"><Button kind="quiet" icon="x" name={t('an.close')} onClick={onClose} /></span></header>
    {open && store && <Notes key={open.lease.task.id} task={open.lease.task.id} annotation={open.edit?.annotation} region={sel !== null && nameOf(sel) ? sel : null} regionName={nameOf} onRegion={(id) => { store.selection.value = id; }} />}
  </aside>;
}
