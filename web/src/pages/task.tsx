/* One task: its data, every answer side by side, what was agreed, and how each answer came about. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, get } from '../core/api';
import { num, share, t } from '../core/i18n';
import { canReview } from '../core/session';
import { clockTime, duration } from '../core/time';
import { Empty, Failed, Face, Pill, ScrollX } from '../ui/bits';
import { Button } from '../ui/button';
import { Check } from '../ui/field';
import { ProjectView, useProject } from './frame';
import { hasMasks, MaskKey, useMaskImages } from './compare-layers';
import { isMask } from './compare-pixels';
import { Answers, LineKey, PictureOverlay, TextSpans, spansOf, type Layer } from './overlay';
import { answerText, author, controlsOf, imageField, textField } from './summary';
import type { Annotation, Cursor, ResultItem, Task } from './shapes';
import { Entry } from './shell';
import { Notes } from './notes';

export interface Verdict { task?: number; control?: string; from_name?: string; value?: unknown; result?: ResultItem[] | ResultItem; confidence?: number | null; method?: string; n?: number; state?: string; agreement?: number | null }

export default function TaskPage({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!);
  const [task, set] = useState<Task | null>(null), [error, setError] = useState<ApiError | null>(null), [verdict, setVerdict] = useState<Verdict[]>([]);
  useEffect(() => {
    const stop = new AbortController(), o = { signal: stop.signal };
    get<Task>(`/api/tasks/${params.task}/`, o).then(set, e => { if (!stop.signal.aborted) setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); });
    get<Cursor<Verdict>>(`/api/projects/${params.id}/consensus`, { ...o, query: { task: params.task, limit: 50 } }).then(v => setVerdict((v.results ?? []).filter(x => x.task === undefined || x.task === Number(params.task))), () => {});
    return () => stop.abort();
  }, [params.task]);
  const name = task ? t('task.n', { n: task.inner_id ?? task.id }) : t('task');
  return <ProjectView p={p} name={name} crumb={[{ href: `/projects/${params.id}/tasks`, text: t('tasks.title') }]} acts={p && task && canReview(p.my_role) && task.annotations.length > 1 && <Button icon="scale" href={`/projects/${p.id}/compare?task=${task.id}`}>{t('compare.settle')}</Button>}>
    {error && (error.status === 404 ? <div class="panel"><Empty title={t('task.missing')} art="search"><Button href={`/projects/${params.id}/tasks`}>{t('tasks.title')}</Button></Empty></div> : <Failed error={error} />)}
    {!task && !error && <p class="mute" role="status">{t('loading')}</p>}
    {task && <Body key={task.id} task={task} verdict={verdict} />}
    {task && p && <Entry title={t('task.notes')} text={t('task.notes.side')}><section class="panel beside"><Notes task={task.id} reviewing mayWrite={canReview(p.my_role)} /></section></Entry>}
  </ProjectView>;
}

function Body({ task, verdict }: { task: Task; verdict: Verdict[] }) {
  const given = task.annotations.filter(a => !a.was_cancelled), skipped = task.annotations.filter(a => a.was_cancelled);
  const layers: Layer[] = useMemo(() => given.map((a, i) => ({ name: author(a).name, result: a.result, n: i + 1 })), [task]);
  const [off, setOff] = useState<Set<number>>(new Set());
  const image = imageField(task.data), text = textField(task.data);
  const masks = useMemo(() => hasMasks(layers.map(l => l.result)), [layers]);
  const hasShapes = masks || layers.some(l => l.result.some(r => r.value && ('x' in r.value || 'points' in r.value || 'vertices' in r.value)));
  const hasSpans = layers.some(l => spansOf(l.result).length > 0);
  const labels = useMemo(() => [...new Set(layers.flatMap(l => spansOf(l.result).map(s => s.label)))], [layers]);
  const shown = useMemo(() => layers.filter(l => !off.has(l.n)), [layers, off]), images = useMaskImages(shown, false);
  const verdictItems = verdict.flatMap(v => Array.isArray(v.result) ? v.result : v.result ? [v.result] : []);
  return <>
    <Entry title={t('task.data')} text={t('task.data.side')}>
      {image && typeof task.data[image] === 'string' && <>
        {hasShapes && layers.length > 1 && <div class="row wrap" role="group" aria-label={t('task.people')}>{layers.map(l =>
          <Check key={l.n} checked={!off.has(l.n)} onChange={on => setOff(s => { const n = new Set(s); if (on) n.delete(l.n); else n.add(l.n); return n; })} label={<span class="row">{masks ? <MaskKey n={l.n} /> : <LineKey n={l.n} />}{l.name}</span>} />)}</div>}
        <PictureOverlay src={String(task.data[image])} layers={hasShapes ? shown : []} masks={images} alt={t('task.picture', { n: task.inner_id ?? task.id })} /></>}
      <section class="panel"><dl class="in data-kv">{Object.entries(task.data).filter(([k]) => k !== image).map(([k, v]) =>
        <div key={k}><dt><code>{k}</code></dt><dd dir="auto" class="pre">{typeof v === 'string' ? v : JSON.stringify(v, null, 1)}</dd></div>)}
        {Object.keys(task.data).length === (image ? 1 : 0) && <div><dt><code>{image}</code></dt><dd class="pre"><span class="clip3">{String(task.data[image!] ?? '').slice(0, 2000)}</span></dd></div>}</dl></section>
    </Entry>
    <Entry title={t('task.answers')} text={t('task.answers.side', { n: given.length, of: task.overlap })}>
      {given.length === 0 ? <div class="panel"><Empty title={t('task.noanswers')} art="clock" /></div> : <>
        {given.length > 1 && <Differences given={given} verdict={verdict} />}
        {hasSpans && text && <div class="swatches small">{labels.map((l, i) => <span key={l} class="lab spans"><mark class={`l${i % 12 + 1}`}>{l}</mark></span>)}</div>}
        <div class="side-by-side">{given.map((a, i) => <One key={a.id} a={a} n={i + 1} text={hasSpans && text ? String(task.data[text]) : null} labels={labels} lines={hasShapes} />)}</div>
      </>}
      {skipped.length > 0 && <p class="small mute">{t('task.skipped', { n: skipped.length, who: skipped.map(a => author(a).name).join(', ') })}</p>}
    </Entry>
    <Entry title={t('consensus')} text={t('consensus.side')}>
      {verdict.length === 0 ? <p class="dim">{t('consensus.none')}</p> : <section class="panel">
        <ul class="list">{verdict.map((v, i) => <li key={i}><span class="grow"><span class="mid">{v.control ?? v.from_name ?? ''}</span> {v.value !== undefined && typeof v.value !== 'object' ? String(v.value) : ''}</span>
          {v.method && <span class="small mute">{v.method}</span>}{typeof v.confidence === 'number' && <span class="est"><b>{share(v.confidence)}</b><span>{t('consensus.sure')}</span></span>}{v.state === 'settled' && <Pill tone="ok" icon="seal">{t('state.settled')}</Pill>}</li>)}</ul>
        {verdictItems.length > 0 && <div class="in sect-t"><Answers result={verdictItems} /></div>}</section>}
    </Entry>
    {task.predictions?.length > 0 && <Entry title={t('predictions')} text={t('task.predictions.side')}><div class="side-by-side">{task.predictions.map(x =>
      <section class="panel" key={x.id}><header><h3 class="grow">{x.model_version || t('task.model')}</h3>{x.score !== null && <span class="small mute">{share(x.score)}</span>}</header><div class="in"><Answers result={x.result} /></div></section>)}</div></Entry>}
  </>;
}

/** A row a question: who said what; rows on which people differ are marked by icon and word. */
function Differences({ given, verdict }: { given: Annotation[]; verdict: Verdict[] }) {
  const controls = controlsOf(given.map(a => a.result));
  if (controls.length === 0) return null;
  return <ScrollX cls="panel" name={t('task.compare')}><table class="tbl"><caption class="vh">{t('task.compare')}</caption>
    <thead><tr><th scope="col">{t('task.question')}</th>{given.map(a => <th scope="col" key={a.id} dir="auto">{author(a).name}</th>)}<th scope="col">{t('task.same')}</th></tr></thead>
    <tbody>{controls.map(c => {
      const texts = given.map(a => answerText(a.result, c)), masks = given.map(a => a.result.filter(r => r.from_name === c && isMask(r)).map(r => String(r.value!.rle ?? r.value!.imageDataURL)).join()), same = [texts, masks].every(l => l.every(x => x === l[0]));
      const v = verdict.find(x => (x.control ?? x.from_name) === c);
      return <tr key={c}><th scope="row" class="td-h">{c}</th>{texts.map((x, i) => <td key={i} dir="auto"><span class="clip3">{x || <span class="mute">{t('result.none')}</span>}</span></td>)}
        <td>{same ? <Pill tone="ok" icon="check">{t('task.equal')}</Pill> : <Pill tone="warn" icon="alert">{t('task.differ')}</Pill>}{typeof v?.agreement === 'number' && <span class="small mute ms">{share(v.agreement)}</span>}</td></tr>;
    })}</tbody></table></ScrollX>;
}

function One({ a, n, text, labels, lines }: { a: Annotation; n: number; text: string | null; labels: string[]; lines: boolean }) {
  const who = author(a);
  return <section class="panel" aria-label={who.name}>
    <header>{lines ? <LineKey n={n} /> : <Face name={who.name} />}<h3 class="grow cut"><bdi>{who.name}</bdi></h3>{a.ground_truth && <Pill tone="acc" icon="star">{t('task.truth')}</Pill>}{a.counted === false && <Pill>{t('task.surplus')}</Pill>}</header>
    <div class="in col">
      {text && <TextSpans text={text} result={a.result} labels={labels} />}
      <Answers result={a.result} />
      <p class="small mute">{clockTime(a.updated_at ?? a.created_at)}{a.lead_time !== null && a.lead_time !== undefined && <> · {t('task.took', { time: duration(a.lead_time) })}</>}</p>
      <Revisions id={a.id} />
    </div></section>;
}

interface Revision { n?: number; revision?: number; created_at?: string; at?: string; created_username?: string; person?: number; reason?: string | null; result: ResultItem[] }

function Revisions({ id }: { id: number }) {
  const [list, set] = useState<Revision[] | null>(null), [error, setError] = useState<string | null>(null);
  const open = (e: Event) => {
    if (!(e.currentTarget as HTMLDetailsElement).open || list) return;
    get<Cursor<Revision> | Revision[]>(`/api/annotations/${id}/revisions`).then(v => set(Array.isArray(v) ? v : v.results), x => setError(x instanceof ApiError ? x.message : String(x)));
  };
  return <details class="more" onToggle={open}><summary>{t('revisions')}</summary>
    {error && <p class="bad small" role="alert">{error}</p>}
    {!list && !error && <p class="small mute">{t('loading')}</p>}
    {list && <ol class="col">{list.map((r, i) => <li key={i} class="small"><span class="mid">{t('revision.n', { n: r.n ?? r.revision ?? i + 1 })}</span> <span class="mute">{clockTime(r.created_at ?? r.at ?? '')} {r.created_username ?? ''} {r.reason ?? ''}</span>
      <Answers result={r.result ?? []} /></li>)}</ol>}
    {list && list.length < 2 && <p class="small mute">{t('revisions.one', { n: num(list.length) })}</p>}
  </details>;
}
