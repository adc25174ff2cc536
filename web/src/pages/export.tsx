/* Take the answers home: what to take, in which format, and what that format keeps and loses of these questions. */
import words from '../i18n/en/export.json';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, get, withQuery } from '../core/api';
import { addMessages, t, type Key } from '../core/i18n';
import { Empty, Failed, Note, Pill } from '../ui/bits';
import { Button } from '../ui/button';
import { Radios, Check } from '../ui/field';
import { Icon } from '../ui/icon';
import { ProjectView, useProject } from './frame';
import type { ExportFormat } from './shapes';
import { Entry } from './shell';

await addMessages('export', words);

interface Kept { name: string; tag: string; keeps: 'all' | 'part' | 'none'; loses?: string }
interface Format extends ExportFormat { controls?: Kept[]; loses?: string[] }

const formatWord = (name: string): string | undefined => `format.${name}` in words ? t(`format.${name}` as Key) : undefined;
const losesWord = (w: string): string => `loses.${w}` in words ? t(`loses.${w}` as Key) : w;

export default function Export({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!);
  const [formats, set] = useState<Format[] | null>(null), [error, setError] = useState<ApiError | null>(null);
  const [format, setFormat] = useState('JSON'), [answer, setAnswer] = useState<'annotations' | 'consensus'>('annotations'), [all, setAll] = useState(false), [guesses, setGuesses] = useState(true), [drafts, setDrafts] = useState(false);
  useEffect(() => {
    get<Format[]>(`/api/projects/${params.id}/export/formats`).then(v => set(Array.isArray(v) ? v : []), e => setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))));
  }, [params.id]);
  const usable = (formats ?? []).filter(f => !f.disabled), off = (formats ?? []).filter(f => f.disabled), now = usable.find(f => f.name === format), whole = format === 'JSON' || format === 'JSONL';
  const href = withQuery(`/api/projects/${params.id}/export`, { format, answer, download_all_tasks: all ? 'true' : undefined, predictions: whole && !guesses ? 'false' : undefined, drafts: whole && drafts ? 'true' : undefined });
  const none = p && p.total_annotations_number === 0 && !all;
  return <ProjectView p={p} name={t('tab.export')}>
    {error && <Failed error={error} />}
    {p && p.task_number === 0 ? <div class="panel"><Empty title={t('export.none')} text={t('project.empty.text')} art="out"><Button href={`/projects/${p.id}/import`}>{t('import.add')}</Button></Empty></div> : <>
      <Entry title={t('export.answer')} text={t('export.answer.side')}><section class="panel in col wide">
        <Radios name={t('export.answer')} value={answer} onChange={setAnswer} options={[['annotations', t('export.annotations'), t('export.annotations.hint')], ['consensus', t('export.consensus'), t('export.consensus.hint')]]} />
        <Check label={t('export.all')} hint={t('export.all.hint')} checked={all} onChange={setAll} />
        {whole && answer === 'annotations' && <><Check label={t('ex.guesses')} checked={guesses} onChange={setGuesses} /><Check label={t('ex.drafts')} hint={t('ex.drafts.hint')} checked={drafts} onChange={setDrafts} /></>}
      </section></Entry>
      <Entry title={t('export.format')} text={t('ex.format.side')}><section class="panel">
        <div class="exform">
          <div class="in">{formats && <Radios name={t('export.format')} value={format} onChange={setFormat} options={usable.map(f => { const hint = formatWord(f.name) ?? f.description; return hint ? [f.name, f.title || f.name, hint] as const : [f.name, f.title || f.name] as const; })} />}</div>
          {now && <Keeps f={now} />}
        </div>
        {off.length > 0 && <details class="in sect-t"><summary class="small">{t('ex.off', { n: off.length, list: off.map(f => f.name).join(', ') })}</summary><ul class="col tight small mt8">{off.map(f => <li key={f.name}><b>{f.name}</b> <span class="dim">{t('ex.off.why', { format: f.name })}</span></li>)}</ul></details>}
        <div class="in col sect-t">{none && <Note tone="warn">{t('export.noanswers')}</Note>}
          <div class="row wrap"><Button kind="primary" icon="in" href={href} download>{t('export.act', { format })}</Button><span class="small mute">{p && t('ex.size', { tasks: all ? p.task_number : p.num_tasks_with_annotations ?? p.finished_task_number, n: p.total_annotations_number })} {t('export.stream')}</span></div></div>
      </section></Entry>
      <Entry title={t('export.script')} text={t('export.script.side')}><pre class="panel in mono scrollx" tabIndex={0} aria-label={t('export.script')}>{`curl -H "Authorization: Token anno_…" -OJ "${location.origin}${href}"`}</pre></Entry>
    </>}
  </ProjectView>;
}

/** What a format makes of every control, in the order of the questions; then what every answer loses. */
function Keeps({ f }: { f: Format }) {
  const controls = f.controls ?? [], loses = f.loses ?? [], worst = controls.some(c => c.keeps === 'none') ? 'bad' : controls.some(c => c.keeps === 'part') || loses.length ? 'warn' : 'ok';
  return <section class="in col exkeep" aria-label={t('ex.keeps', { format: f.name })} aria-live="polite">
    <div class="row wrap"><h3 class="grow">{t('ex.keeps', { format: f.name })}</h3><Pill tone={worst} icon={worst === 'ok' ? 'check' : 'warn'}>{t(`ex.is.${worst}`)}</Pill></div>
    {controls.length > 0 && <ul class="col tight">{controls.map(c => <li key={c.name} class="row top"><Icon i={c.keeps === 'all' ? 'check' : c.keeps === 'part' ? 'warn' : 'x'} cls={c.keeps === 'all' ? 'ok' : c.keeps === 'part' ? 'warn' : 'bad'} name={t(`ex.${c.keeps}`)} />
      <span class="grow"><bdi>{c.name}</bdi> <code class="small mute">{c.tag}</code>{c.keeps === 'none' ? <span class="small dim block">{t('ex.none.text')}</span> : c.loses && <span class="small dim block">{losesWord(c.loses)}</span>}</span></li>)}</ul>}
    {loses.length > 0 && <p class="small dim">{t('ex.also', { list: loses.map(losesWord).join('; ') })}</p>}
    {worst === 'ok' && <p class="small dim">{t('ex.whole')}</p>}
  </section>;
}
