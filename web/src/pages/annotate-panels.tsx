/* Panels of the annotate page: skip, and the banners above the bottom bar. Never modal. */
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { keys } from '../core/hotkeys';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import type { Open, Pipeline } from './annotate-pipeline';

const REASONS = ['unsure', 'broken', 'nolabel', 'unfit', 'other'] as const;

/* Why is this skipped, or flagged for a reviewer? One key, or one click. */
export function SkipPanel({ flag, onClose, onSkip }: { flag: boolean; onClose: () => void; onSkip: (reason: string, note: string) => void }) {
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

/* What the person must know about the line to the server, above the bottom bar. */
export function Banners({ p, open }: { p: Pipeline; open: Open | null }) {
  const stuck = p.queue.stuck.value, refused = p.queue.refused.value, newer = open?.newer.value;
  return <div class="banners">
    {p.queue.loggedOut.value && <div class="note warn act" role="alert"><Icon i="lock" /><span class="grow">{t('an.loggedout', { n: p.queue.waiting.value })}</span>
      <Button href="/user/login">{t('an.login')}</Button></div>}
    {stuck > 0 && !p.queue.loggedOut.value && <div class="note warn act" role="status"><Icon i="warn" /><span class="grow">{t('an.offline', { n: p.queue.waiting.value })}</span>
      <Button onClick={() => p.queue.retry()}>{t('again')}</Button></div>}
    {refused.map((j) => <div class="note bad act" role="alert" key={j.key}><Icon i="alert" /><span class="grow">{t('an.refused', { id: j.task, why: j.refused ?? '' })}</span>
      <Button onClick={() => void p.mend(j)}>{t('an.refused.open')}</Button><Button kind="danger" onClick={() => void p.discard(j)}>{t('an.refused.drop')}</Button></div>)}
    {newer && open && <div class="note warn act" role="alert"><Icon i="warn" /><span class="grow">{t('an.newer')}</span>
      <Button onClick={() => p.takeNewer(open)}>{t('an.newer.take')}</Button><Button onClick={() => p.keepMine(open)}>{t('an.newer.keep')}</Button></div>}
  </div>;
}
