/* A project's first page: its acts, how it stands (overview.tsx), its guidelines, what runs in the background. */
import { useEffect, useState } from 'preact/hooks';
import { ApiError, get, patch } from '../core/api';
import { num, t } from '../core/i18n';
import { canManage, canSeeResults } from '../core/session';
import { ago } from '../core/time';
import { Empty, Failed, Pill } from '../ui/bits';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { Stacked } from '../charts/bars';
import { reloadProject, ProjectView, setProject, useProject } from './frame';
import { jobState } from './jobs';
import { Standing } from './overview';
import type { Cursor, Job, Project } from './shapes';
import { plain } from './summary';
import { Entry } from './shell';

export default function ProjectPage({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!);
  const see = p ? canSeeResults(p.my_role) : false;
  const [jobs, setJobs] = useState<Job[] | null>(null), [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    if (!see) return;
    const stop = new AbortController();
    get<Cursor<Job>>(`/api/projects/${params.id}/jobs`, { signal: stop.signal, query: { limit: 10 } }).then(v => setJobs(v.results), e => { if (!stop.signal.aborted) setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); });
    return () => stop.abort();
  }, [params.id, see]);
  if (!p) return <ProjectView p={null} name={t('tab.overview')}>{null}</ProjectView>;
  return <ProjectView p={p} name={t('tab.overview')} acts={<Acts p={p} />}>
    {error && <Failed error={error} />}
    {p.task_number === 0 ? <FirstData p={p} /> : see ? <Standing p={p} jobs={jobs} /> : <Progress p={p} />}
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

/** For those who may not see answers. */
function Progress({ p }: { p: Project }) {
  const done = p.finished_task_number, touched = Math.max(0, (p.num_tasks_with_annotations ?? done) - done), left = Math.max(0, p.task_number - done - touched);
  return <Entry title={t('progress')} text={t('progress.side')}>
    <Stacked name={t('progress')} parts={[{ name: t('project.settled'), n: done, k: 'k1' }, { name: t('progress.going'), n: touched, k: 'soft' }, { name: t('progress.waiting'), n: left, k: 'track' }]} />
  </Entry>;
}

function JobRow({ j, project }: { j: Job; project: number }) {
  const s = jobState(j);
  return <li><span class="grow">{t(`job.${kindOf(j.kind)}`)}{j.total ? <span class="mute small"> {num(j.done)} / {num(j.total)}</span> : null}
    {j.errors && j.errors.length > 0 && <a class="link small ms" href={`/projects/${project}/import?job=${j.id}`}>{t('import.errors', { n: j.errors.length })}</a>}</span>
    <Pill tone={s.tone} icon={s.icon}>{t(s.key)}</Pill><span class="small mute">{j.updated_at || j.created_at ? ago((j.updated_at ?? j.created_at)!) : ''}</span></li>;
}
const kindOf = (k: string | undefined): 'import' | 'consensus' | 'export' | 'other' => k?.startsWith('import') ? 'import' : k?.startsWith('consensus') ? 'consensus' : k?.startsWith('export') ? 'export' : 'other';
