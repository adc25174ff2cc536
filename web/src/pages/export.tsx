/* Take the answers home: a format, the answers or the consensus, one link. */
import { useEffect, useState } from 'preact/hooks';
import { ApiError, get, withQuery } from '../core/api';
import { t } from '../core/i18n';
import { Empty, Failed, Note } from '../ui/bits';
import { Button } from '../ui/button';
import { Radios, Check } from '../ui/field';
import { ProjectView, useProject } from './frame';
import type { ExportFormat } from './shapes';
import { Entry } from './shell';

const fallback = ['JSON', 'JSON_MIN', 'JSONL', 'CSV', 'TSV', 'COCO', 'YOLO', 'VOC', 'CONLL2003'] as const;
type Known = typeof fallback[number];
const known = (name: string): name is Known => (fallback as readonly string[]).includes(name);

export default function Export({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!);
  const [formats, set] = useState<ExportFormat[] | null>(null), [error, setError] = useState<ApiError | null>(null);
  const [format, setFormat] = useState('JSON'), [answer, setAnswer] = useState<'annotations' | 'consensus'>('annotations'), [all, setAll] = useState(false);
  useEffect(() => {
    get<(ExportFormat | string)[]>(`/api/projects/${params.id}/export/formats`).then(v => set((Array.isArray(v) ? v : []).map(f => typeof f === 'string' ? { name: f, title: f } : f)),
      e => setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))));
  }, [params.id]);
  const usable = (formats ?? []).filter(f => !f.disabled), off = (formats ?? []).filter(f => f.disabled);
  const href = withQuery(`/api/projects/${params.id}/export`, { format, answer, download_all_tasks: all ? 'true' : undefined });
  const none = p && p.total_annotations_number === 0 && !all;
  return <ProjectView p={p} name={t('tab.export')}>
    {error && <Failed error={error} />}
    {p && p.task_number === 0 ? <div class="panel"><Empty title={t('export.none')} text={t('project.empty.text')} art="out"><Button href={`/projects/${p.id}/import`}>{t('import.add')}</Button></Empty></div> : <>
      <Entry title={t('export.answer')} text={t('export.answer.side')}><section class="panel in col wide">
        <Radios name={t('export.answer')} value={answer} onChange={setAnswer} options={[['annotations', t('export.annotations'), t('export.annotations.hint')], ['consensus', t('export.consensus'), t('export.consensus.hint')]]} />
        <Check label={t('export.all')} hint={t('export.all.hint')} checked={all} onChange={setAll} />
      </section></Entry>
      <Entry title={t('export.format')} text={t('export.format.side')}><section class="panel in col wide">
        {formats && <Radios name={t('export.format')} value={format} onChange={setFormat} options={usable.map(f => [f.name, f.title || f.name, known(f.name) ? t(`format.${f.name}`) : f.description] as const).map(([a, b, c]) => c ? [a, b, c] as const : [a, b] as const)} />}
        {off.length > 0 && <p class="small mute">{t('export.off', { list: off.map(f => f.title || f.name).join(', ') })}</p>}
        {none && <Note tone="warn">{t('export.noanswers')}</Note>}
        <div class="row wrap"><Button kind="primary" icon="in" href={href} download>{t('export.act', { format })}</Button><span class="small mute">{t('export.stream')}</span></div>
      </section></Entry>
      <Entry title={t('export.script')} text={t('export.script.side')}><pre class="panel in mono scrollx" tabIndex={0} aria-label={t('export.script')}>{`curl -H "Authorization: Token anno_…" -OJ "${location.origin}${href}"`}</pre></Entry>
    </>}
  </ProjectView>;
}
