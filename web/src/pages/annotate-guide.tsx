/* The guidelines beside the work, with a mark when they have changed since they were read. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Prose } from '../tags/markdown';
import { guideChanged, read } from './annotate-read';

export default function Guide({ project, text, version, onClose }: { project: number; text: string; version?: number | undefined; onClose: () => void }) {
  const changed = useSignal(guideChanged(project, version) && (read.peek()[String(project)] ?? 0) > 0);
  useEffect(() => {
    if (version !== undefined) read.value = { ...read.peek(), [String(project)]: version };
  }, [project, version]);
  return <aside class="aside start guide-side" aria-label={t('an.guide')}>
    <header><h2>{t('an.guide')}</h2>{changed.value && <span class="pill acc">{t('an.guide.changed')}</span>}
      <span class="end"><Button kind="quiet" icon="x" name={t('an.close')} onClick={onClose} /></span></header>
    <div class="guide-text">{version !== undefined && <p class="small mute">{t('an.guide.version', { n: version })}</p>}
      {text.trim() ? <Prose text={text} /> : <p class="mute">{t('an.guide.none')}</p>}</div>
  </aside>;
}
