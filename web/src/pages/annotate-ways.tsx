/* Ways of working: what goes on by itself, and the doors to keys, notes and last tasks. */
import { t } from '../core/i18n';
import { keyOf } from '../core/actions';
import { Button } from '../ui/button';
import { Check } from '../ui/field';
import type { SideProps } from './annotate';
import { binaryOf } from './annotate-quick';
import { flow, setFlow } from './flow';
import { helpOpen, singleKeys } from './look';
import './annotate-side';

export default function WaysSide({ open, turn, onClose, p }: SideProps) {
  const f = flow.value, two = open && binaryOf(open.work.store);
  const act = (module: 'copyFrom' | 'repeatLast') => (): void => { void import('./annotate-again').then((m) => m[module](p)); };
  return <aside class="aside start beside guide-side ways" aria-label={t('an.ways')}>
    <header><h2>{t('an.ways')}</h2><span class="end"><Button kind="quiet" icon="x" name={t('an.close')} onClick={onClose} /></span></header>
    <div class="side-in">
      <Check label={t('ways.auto')} hint={t('ways.auto.hint')} checked={f.auto} onChange={(v) => setFlow({ auto: v })} />
      <Check label={t('ways.hand')} hint={two ? t('ways.hand.two', { a: two[0].text, b: two[1].text }) : t('ways.hand.hint')} checked={f.hand} onChange={(v) => setFlow({ hand: v })} />
      <Check label={t('ways.sticky')} hint={t('ways.sticky.hint')} checked={f.sticky} onChange={(v) => setFlow({ sticky: v })} />
      <Check label={t('keys.single')} hint={t('ways.single.hint')} checked={singleKeys.value} onChange={(v) => { singleKeys.value = v; }} />
      <div class="doors">
        <Button kind="quiet" icon="copy" combo={keyOf('copy')} disabled={!p.previous} why={t('ways.copy.none')} onClick={act('copyFrom')}>{t('ways.copy')}</Button>
        <Button kind="quiet" icon="redo" combo={keyOf('repeat')} onClick={act('repeatLast')}>{t('ways.repeat')}</Button>
        <Button kind="quiet" icon="clock" combo={keyOf('history')} onClick={() => turn('history')}>{t('history')}</Button>
        <Button kind="quiet" icon="text" combo={keyOf('notes')} onClick={() => turn('notes')}>{t('an.notes')}</Button>
        <Button kind="quiet" icon="keys" combo={keyOf('help')} onClick={() => { helpOpen.value = true; }}>{t('an.keys')}</Button>
        <Button kind="quiet" icon="link" href="/keys">{t('ways.keys')}</Button>
      </div>
    </div>
  </aside>;
}
