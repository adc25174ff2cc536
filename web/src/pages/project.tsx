/* Overview: what needs a decision, how far it is, how well people agree, what runs in the background. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, get, patch } from '../core/api';
import { num, percent, share, t } from '../core/i18n';
import { canManage, canSeeResults } from '../core/session';
import { ago } from '../core/time';
import { Empty, Est, Failed, Pill } from '../ui/bits';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { Stacked, Histogram } from '../charts/bars';
import { reloadProject, ProjectView, setProject, useProject } from './frame';
import { jobState } from './jobs';
import { bins, estimate, overallOf, type Agreement, type Cursor, type Job, type Project } from './shapes';
import { plain } from './summary';
import { Entry } from './shell';

export default function ProjectPage({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!);
  const see = p ? canSeeResults(p.my_role) : false;
  const [agree, setAgree] = useState<Agreement | null>(null), [jobs, setJobs] = useState<Job[] | null>(null), [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    if (!see) return;
    const stop = new AbortController(), o = { signal: stop.signal };
    const bad = (e: unknown) => { if (!stop.signal.aborted) setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); };
    get<Agreement>(`/api/projects/${params.id}/agreement`, o).then(setAgree, bad);
    get<Cursor<Job>>(`/api/projects/${params.id}/jobs`, { ...o, query: { limit: 10 } }).then(v => setJobs(v.results), bad);
    return () => stop.abort();
  }, [params.id, see]);
  if (!p) return <ProjectView p={null} name={t('tab.overview')}>{null}</ProjectView>;
  return <ProjectView p={p} name={t('tab.overview')} acts={<Acts p={p} />}>
    {error && <Failed error={error} />}
    {p.task_number === 0 ? <FirstData p={p} /> : <>
      {see && <Needs p={p} agree={agree} />}
      <Progress p={p} />
      {see && <Quality p={p} agree={agree} />}
    </>}
    {p.expert_instruction && <Entry title={t('instruction')} text={t('instruction.side')}><p class="pre read mx" dir="auto">{plain(p.expert_instruction)}</p></Entry>}
    {see && jobs && jobs.length > 0 && <Entry title={t('jobs')} text={t('jobs.side')}><section class="panel"><ul class="list">{jobs.map(j => <JobRow key={j.id} j={j} project={p.id} />)}</ul></section></Entry>}
  </ProjectView>;
}

function Acts({ p }: { p: Project }) {
  const manage = canManage(p.my_role), [busy, set] = useState(false);
  const flip = async () => {
    set(true);
    try { setProject(await patch<Project>(`/api/projects/${p.id}/`, { paused: !p.paused })); await reloadProject(p.id); toast(t(p.paused ? 'project.resumed' : 'project.paused.done')); }
    catch (e) { toast(e instanceof ApiError ? e.message : String(e)); }
    set(false);
  };
  const main = p.task_number === 0 && manage;
  return <>
    {manage && p.paused !== undefined && <Button {...(p.paused ? {} : { icon: 'pause' as const })} busy={busy} onClick={flip}>{p.paused ? t('project.resume') : t('project.pause')}</Button>}
    {canSeeResults(p.my_role) && <Button icon="out" href={`/projects/${p.id}/export`}>{t('tab.export')}</Button>}
    {manage && <Button icon="in" {...(main ? { kind: 'primary' as const } : {})} href={`/projects/${p.id}/import`}>{t('import.add')}</Button>}
    {!main && <Button kind="primary" href={`/projects/${p.id}/annotate`} disabled={p.task_number === 0} {...(p.task_number === 0 ? { why: t('project.nodata') } : {})}>{t('work.start')}</Button>}
  </>;
}

function FirstData({ p }: { p: Project }) {
  const manage = canManage(p.my_role);
  return <div class="panel"><Empty title={t('project.empty')} text={t(manage ? 'project.empty.text' : 'project.empty.wait')} art="in">
    {manage && <><Button kind="primary" icon="in" href={`/projects/${p.id}/import`}>{t('import.add')}</Button><Button kind="quiet" href={`/projects/${p.id}/members`}>{t('people.invite')}</Button></>}
  </Empty></div>;
}

/** Worst first; each line says what was measured and offers one act. */
function Needs({ p, agree }: { p: Project; agree: Agreement | null }) {
  const overall = overallOf(agree), goal = agree?.goal ?? 0.8, base = `/projects/${p.id}`;
  const lines: { tone: 'bad' | 'warn'; title: string; text: string; href: string; act: string }[] = [];
  if (overall.value !== null && overall.high !== null && overall.high !== undefined && overall.high < goal) {
    lines.push({ tone: 'bad', title: t('need.agreement', { value: share(overall.value), goal: share(goal) }), text: t('need.agreement.text'), href: `${base}/results`, act: t('need.agreement.act') });
  }
  const worst = [...(agree?.pairs ?? [])].filter(x => x.agreement !== null && x.n >= 10 && x.agreement < 0.5).sort((a, b) => a.agreement! - b.agreement!)[0];
  if (worst) lines.push({ tone: 'warn', title: t('need.pair', { a: worst.a_name ?? String(worst.a), b: worst.b_name ?? String(worst.b) }), text: t('need.pair.text', { value: share(worst.agreement), n: worst.n }), href: `${base}/results`, act: t('need.compare') });
  if (p.paused) lines.push({ tone: 'warn', title: t('need.paused'), text: t('need.paused.text'), href: `${base}/settings`, act: t('tab.settings') });
  if ((p.skipped_annotations_number ?? 0) > Math.max(5, p.total_annotations_number * 0.1)) lines.push({ tone: 'warn', title: t('need.skips', { n: p.skipped_annotations_number! }), text: t('need.skips.text'), href: `${base}/tasks`, act: t('need.look') });
  if (lines.length === 0) return null;
  return <Entry title={t('need')} text={t('need.side')}><section class="panel"><ul class="hot">{lines.map(l =>
    <li key={l.title}><span class={l.tone}><IconOf tone={l.tone} /></span><div><h3><bdi>{l.title}</bdi></h3><p>{l.text}</p></div><Button href={l.href}>{l.act}</Button></li>)}</ul></section></Entry>;
}

import { Icon } from '../ui/icon';
function IconOf({ tone }: { tone: 'bad' | 'warn' }) { return <Icon i={tone === 'bad' ? 'alert' : 'warn'} cls={tone} />; }

function Progress({ p }: { p: Project }) {
  const done = p.finished_task_number, touched = Math.max(0, (p.num_tasks_with_annotations ?? done) - done), left = Math.max(0, p.task_number - done - touched);
  return <Entry title={t('progress')} text={t('progress.side')}>
    <div class="figs">
      <div><span class="small dim">{t('project.settled')}</span><span class="fig">{num(done)} <small>{t('of.n', { n: p.task_number })}</small></span><span class="small dim">{p.task_number ? percent(done / p.task_number) : '–'}</span></div>
      <div><span class="small dim">{t('answers')}</span><span class="fig">{num(p.total_annotations_number)}</span><span class="small dim">{t('answers.each', { n: p.maximum_annotations })}</span></div>
      <div><span class="small dim">{t('predictions')}</span><span class="fig">{num(p.total_predictions_number ?? 0)}</span><span class="small dim">{t('predictions.text')}</span></div>
      {p.skipped_annotations_number !== undefined && <div><span class="small dim">{t('skips')}</span><span class="fig">{num(p.skipped_annotations_number)}</span><span class="small dim">{t('skips.text')}</span></div>}
    </div>
    <Stacked name={t('progress')} parts={[{ name: t('project.settled'), n: done, k: 'k1' }, { name: t('progress.going'), n: touched, k: 'soft' }, { name: t('progress.waiting'), n: left, k: 'track' }]} />
  </Entry>;
}

function Quality({ p, agree }: { p: Project; agree: Agreement | null }) {
  const counts = useMemo(() => bins(agree?.tasks), [agree]), n = counts.reduce((a, b) => a + b, 0);
  return <Entry title={t('quality')} text={t('quality.side')}>
    {!agree ? <p class="mute" role="status">{t('loading')}</p>
      : n === 0 && estimate(agree.overall).value === null
        ? <div class="panel"><Empty title={t('quality.none')} text={p.maximum_annotations < 2 ? t('quality.one') : t('quality.wait')} art="scale"><Button href={`/projects/${p.id}/settings`}>{t('tab.settings')}</Button></Empty></div>
        : <section class="panel"><header><h3 class="grow">{t('quality.pertask')}</h3><Est {...overallOf(agree)} /></header><div class="in"><Histogram counts={counts} name={t('quality.pertask')} goal={agree.goal} /></div>
          <div class="in sect-t"><a class="link" href={`/projects/${p.id}/results`}>{t('quality.more')}</a></div></section>}
  </Entry>;
}

function JobRow({ j, project }: { j: Job; project: number }) {
  const s = jobState(j);
  return <li><span class="grow">{t(`job.${kindOf(j.kind)}`)}{j.total ? <span class="mute small"> {num(j.done)} / {num(j.total)}</span> : null}
    {j.errors && j.errors.length > 0 && <a class="link small ms" href={`/projects/${project}/import?job=${j.id}`}>{t('import.errors', { n: j.errors.length })}</a>}</span>
    <Pill tone={s.tone} icon={s.icon}>{t(s.key)}</Pill><span class="small mute">{j.updated_at || j.created_at ? ago((j.updated_at ?? j.created_at)!) : ''}</span></li>;
}
const kindOf = (k: string | undefined): 'import' | 'consensus' | 'export' | 'other' => k?.startsWith('import') ? 'import' : k?.startsWith('consensus') ? 'consensus' : k?.startsWith('export') ? 'export' : 'other';
