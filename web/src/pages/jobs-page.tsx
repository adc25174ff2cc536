/* What happens later in a project: imports and bulk acts, how far they are, how they ended, and stopping them; and deleted
   tasks, which can be had back. */
import './notice-list';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, del, get } from '../core/api';
import { t } from '../core/i18n';
import { canManage } from '../core/session';
import { ago } from '../core/time';
import { Empty, Failed, Pill, ScrollX } from '../ui/bits';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { Deleted } from './deleted';
import { ProjectView, useProject } from './frame';
import { jobWord } from './job-word';
import { jobEnded, jobState } from './jobs';
import type { Cursor, Job } from './shapes';

interface Row extends Job { import?: { id: number; name: string; task_count: number } }
const AGAIN = 2000;

export default function Jobs({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!), [rows, set] = useState<Row[] | null>(null), [next, setNext] = useState<string | number | null>(null), [error, setError] = useState<ApiError | null>(null);
  const load = (after?: string | number | null) => get<Cursor<Row>>(`/api/projects/${params.id}/jobs`, { query: { newest: 'true', limit: 50, after } }).then(v => {
    set(old => after && old ? [...old, ...v.results] : v.results);
    setNext(v.next ?? null);
    setError(null);
  }, e => setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))));
  useEffect(() => { void load(); }, [params.id]);
  const open = (rows ?? []).some(j => !jobEnded(j));
  useEffect(() => {
    if (!open) return;
    const timer = setInterval(() => { if (document.visibilityState === 'visible') void load(); }, AGAIN);
    return () => clearInterval(timer);
  }, [open]);
  const stop = async (j: Row) => {
    try { await del(`/api/jobs/${j.id}`); toast(t(j.state === 'waiting' ? 'jobs.stopped' : 'jobs.stopsoon')); } catch (e) { toast(e instanceof ApiError ? e.message : String(e)); }
    await load();
  };
  return <ProjectView p={p} name={t('jobs.title')} acts={p && canManage(p.my_role) && <Button href={`/projects/${p.id}/import`}>{t('import.add')}</Button>}>
    {error && <Failed error={error} again={() => void load()} />}
    {rows && rows.length === 0 && <div class="panel"><Empty title={t('jobs.none')} text={t('jobs.none.text')} art="clock">{p && canManage(p.my_role) && <Button kind="primary" href={`/projects/${p.id}/import`}>{t('import.add')}</Button>}</Empty></div>}
    {rows && rows.length > 0 && <section class="panel"><ScrollX name={t('jobs.title')}><table class="tbl"><caption class="vh">{t('jobs.title')}</caption>
      <thead><tr><th scope="col">{t('jobs.what')}</th><th scope="col">{t('jobs.state')}</th><th scope="col" class="num">{t('jobs.far')}</th><th scope="col">{t('jobs.when')}</th><th scope="col"><span class="vh">{t('jobs.acts')}</span></th></tr></thead>
      <tbody>{rows.map(j => { const s = jobState(j), bad = j.errors?.length ?? 0; return <tr key={j.id}>
        <td>{jobWord(j.kind ?? '')}{j.import && <> <bdi class="dim">{j.import.name}</bdi></>}{j.error && <span class="small bad block">{j.error}</span>}{bad > 0 && <span class="small dim block">{t('import.errors', { n: bad })}</span>}</td>
        <td>{j.state === 'cancelled' ? <Pill>{t('jobs.cancelled')}</Pill> : j.stopping ? <Pill icon="clock">{t('jobs.stopping')}</Pill> : <Pill tone={s.tone} icon={s.icon}>{t(s.key)}</Pill>}</td>
        <td class="num">{jobEnded(j) ? j.import ? j.import.task_count : '' : j.total ? <progress class="progress" max={j.total} value={j.done} aria-label={jobWord(j.kind ?? '')} /> : ''}</td>
        <td class="small dim">{j.created_at && ago(j.created_at)}</td>
        <td class="num">{j.import && <Button kind="quiet" cls="h28" href={`/projects/${params.id}/import?job=${j.id}`}>{t('jobs.look')}<span class="vh"> {j.import.name}</span></Button>}{p && canManage(p.my_role) && !j.stopping && (j.state === 'waiting' || j.state === 'running' && j.stoppable) && <Button kind="quiet" cls="h28" onClick={() => void stop(j)}>{t('jobs.stop')}<span class="vh"> {jobWord(j.kind ?? '')}</span></Button>}</td>
      </tr>; })}</tbody></table></ScrollX></section>}
    {p && canManage(p.my_role) && rows && <Deleted project={p.id} round={`${rows.filter(jobEnded).length} ${rows.length}`} onBegun={() => void load()} />}
    {next !== null && rows && <div class="row"><Button onClick={() => void load(next)}>{t('notices.more')}</Button></div>}
  </ProjectView>;
}
