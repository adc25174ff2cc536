/* The guidelines beside the work. When they have changed since they were read, what changed can be shown. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { get } from '../core/api';
import { t } from '../core/i18n';
import { clockTime } from '../core/time';
import { Button } from '../ui/button';
import { Prose } from '../tags/markdown';
import type { SideProps } from './annotate';
import { changes, type Part } from './annotate-diff';
import { flow, setFlow } from './flow';
import './annotate-side';

interface Wording { version: number; text: string; created_at: string; versions: { version: number; created_at: string }[] }

export default function Guide({ info, onClose }: SideProps) {
  const project = info.project.id, text = info.instruction?.text ?? '', version = info.instruction?.version ?? 0;
  const before = useSignal(flow.peek().read[project] ?? 0), at = useSignal(''), list = useSignal<Wording['versions']>([]);
  const diff = useSignal<Part[] | null>(null), from = useSignal(0), failed = useSignal('');
  useEffect(() => {
    if (version) setFlow({ read: { ...flow.peek().read, [project]: version } });
    get<Wording>(`/api/projects/${project}/guidelines`).then((w) => { at.value = w.created_at; list.value = w.versions; }, () => {});
  }, [project, version]);
  const show = (n: number): void => {
    failed.value = '';
    from.value = n;
    if (!n) { diff.value = null; return; }
    get<Wording>(`/api/projects/${project}/guidelines?version=${n}`).then((w) => { diff.value = changes(w.text, text); }, (e) => { failed.value = (e as Error).message; });
  };
  const news = before.value > 0 && before.value < version, older = list.value.filter((v) => v.version < version);
  return <aside class="aside start beside guide-side" aria-label={t('an.guide')}>
    <header><h2>{t('an.guide')}</h2>{news && <span class="pill acc">{t('an.guide.changed')}</span>}
      <span class="end"><Button kind="quiet" icon="x" name={t('an.close')} onClick={onClose} /></span></header>
    <div class="guide-text">
      {version > 0 && <p class="small mute">{at.value ? t('guide.version.at', { n: version, at: clockTime(at.value) }) : t('guide.version', { n: version })}</p>}
      {news && !diff.value && <div class="row"><Button onClick={() => show(before.value)}>{t('guide.changes', { n: before.value })}</Button></div>}
      {failed.value && <p class="bad small" role="alert">{failed.value}</p>}
      {diff.value ? <><div class="diff">{diff.value.map((x, i) => x.kind === 'new' ? <ins key={i}><span class="vh">{t('guide.new')} </span>{x.text}</ins>
        : x.kind === 'gone' ? <del key={i}><span class="vh">{t('guide.gone')} </span>{x.text}</del> : <p key={i}>{x.text}</p>)}</div>
        <div class="row"><Button onClick={() => show(0)}>{t('guide.whole')}</Button></div></>
        : text.trim() ? <Prose text={text} /> : <p class="mute">{t('guide.none')}</p>}
      {older.length > 0 && <label class="field"><span class="lbl small mute">{t('guide.compare')}</span>
        <select class="input" value={String(from.value)} onChange={(e) => show(Number(e.currentTarget.value))}>
          <option value="0">{t('guide.compare.none')}</option>
          {older.map((v) => <option key={v.version} value={String(v.version)}>{t('guide.version.at', { n: v.version, at: clockTime(v.created_at) })}</option>)}</select></label>}
    </div>
  </aside>;
}
