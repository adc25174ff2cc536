/* Why is this task skipped, or flagged for a reviewer? One key, or one click. Never modal. */
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { keys } from '../core/hotkeys';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import './annotate-side';

const REASONS = ['unsure', 'broken', 'nolabel', 'unfit', 'other'] as const;

export default function SkipPanel({ flag, onClose, onSkip }: { flag: boolean; onClose: () => void; onSkip: (reason: string, note: string) => void }) {
  const note = useSignal('');
  const ref = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    ref.current?.querySelector<HTMLElement>('button.choice')?.focus();
    const off = keys.bind('dialog', [
      { combo: 'esc', act: onClose, single: true },
      ...REASONS.map((r, i) => ({ combo: String(i + 1), act: () => onSkip(r, note.peek().trim()), single: true })),
    ]);
    return () => { off(); before?.focus?.(); };
  }, []);
  return <section class="skip-panel pop" ref={ref} aria-label={t(flag ? 'an.flag.title' : 'an.skip.title')}>
    <h2>{t(flag ? 'an.flag.title' : 'an.skip.title')}</h2>
    {flag && <p class="small dim">{t('an.flag.hint')}</p>}
    <div class="choices">{REASONS.map((r, i) => <button key={r} type="button" class="choice plain" onClick={() => onSkip(r, note.peek().trim())}>
      <span>{t(`an.why.${r}` as 'an.why.other')}</span><kbd aria-hidden="true">{i + 1}</kbd></button>)}</div>
    <label class="field"><span class="lbl">{t('an.skip.note')}</span>
      <input class="input" dir="auto" maxLength={500} value={note.value} onInput={(e) => { note.value = e.currentTarget.value; }} /></label>
    <div class="row"><Button kind="quiet" onClick={onClose} combo="esc">{t('an.cancel')}</Button></div>
  </section>;
}
