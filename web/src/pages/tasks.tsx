/* The tasks of a project, by cursor, in a table that draws only what is seen. */
import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiError, get } from '../core/api';
import { num, share, t } from '../core/i18n';
import { go, place, setQuery } from '../core/router';
import { canManage } from '../core/session';
import { ago } from '../core/time';
import { Empty, Failed, Pill } from '../ui/bits';
import { Button, Segmented } from '../ui/button';
import { VirtualRows } from '../ui/virtual';
import { ProjectView, useProject } from './frame';
import { imageField, oneLine } from './summary';
import type { Cursor, TaskRow } from './shapes';

const LIMIT = 200;
type Which = 'all' | 'open' | 'settled';

export function taskState(s: string): { tone: 'ok' | 'warn' | 'acc' | ''; icon: 'seal' | 'alert' | 'eye' | 'clock'; key: 'state.settled' | 'state.disputed' | 'state.going' | 'state.waiting' } {
  if (s === 'settled' || s === 'finished' || s === 'done' || s === 'complete') return { tone: 'ok', icon: 'seal', key: 'state.settled' };
  if (s === 'disputed') return { tone: 'warn', icon: 'alert', key: 'state.disputed' };
  if (s === 'started' || s === 'going' || s === 'in_progress' || s === 'leased' || s === 'answered' || s === 'open_answered') return { tone: 'acc', icon: 'eye', key: 'state.going' };
  return { tone: '', icon: 'clock', key: 'state.waiting' };
}

export default function Tasks({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!);
  const asked = place.value.query.get('state');
  const which: Which = asked === 'open' || asked === 'settled' ? asked : 'all';
  const [rows, set] = useState<TaskRow[] | null>(null), [error, setError] = useState<ApiError | null>(null);
  const next = useRef<string | number | null>(null), busy = useRef(false), run = useRef(0);

  const load = useCallback(async (first: boolean) => {
    if (busy.current && !first) return;
    const mine = first ? ++run.current : run.current;
    busy.current = true;
    try {
      const v = await get<Cursor<TaskRow>>(`/api/projects/${params.id}/tasks`, { query: { after: first ? undefined : next.current, limit: LIMIT, state: which === 'all' ? undefined : which } });
      if (mine !== run.current) return;
      next.current = v.next;
      set(old => first || !old ? v.results : [...old, ...v.results]);
      setError(null);
    } catch (e) { if (mine === run.current) setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); }
    finally { if (mine === run.current) busy.current = false; }
  }, [params.id, which]);
  useEffect(() => { set(null); void load(true); }, [load]);
  const onEnd = useCallback(() => { if (next.current !== null && next.current !== undefined) void load(false); }, [load]);
  const columns = useMemo(() => columnsOf(rows ?? []), [rows && rows[0]]);

  return <ProjectView p={p} name={t('tasks.title')} cls="page-tasks"
    acts={p && <>{canManage(p.my_role) && <Button icon="in" href={`/projects/${p.id}/import`}>{t('import.add')}</Button>}<Button icon="out" href={`/projects/${p.id}/export`}>{t('tab.export')}</Button></>}>
    <div class="toolbar">
      <Segmented name={t('tasks.show')} value={which} onChange={v => setQuery({ state: v === 'all' ? null : v })} options={[['all', t('tasks.all')], ['open', t('tasks.open')], ['settled', t('tasks.settled')]]} />
      <span class="end small mute" role="status">{rows ? next.current !== null && next.current !== undefined ? t('tasks.first', { n: rows.length }) : t('tasks.n', { n: rows.length }) : t('loading')}</span>
    </div>
    {error && <div class="body"><Failed error={error} again={() => void load(rows === null)} /></div>}
    {rows && rows.length === 0 && <div class="body"><div class="panel">{which !== 'all'
      ? <Empty title={t('tasks.nomatch')} art="filter"><Button onClick={() => setQuery({ state: null })}>{t('tasks.all')}</Button></Empty>
      : <Empty title={t('project.empty')} text={t('project.empty.text')} art="in">{p && canManage(p.my_role) && <Button kind="primary" icon="in" href={`/projects/${p.id}/import`}>{t('import.add')}</Button>}</Empty>}</div></div>}
    {rows && rows.length > 0 && <VirtualRows total={rows.length} row={53} onEnd={onEnd} label={t('tasks.title')} cls="tasklist"
      head={<thead><tr><th scope="col" class="num">{t('task')}</th>{columns.image && <th scope="col" class="not-s"><span class="vh">{t('tasks.picture')}</span></th>}<th scope="col">{t('tab.data')}</th><th scope="col">{t('tasks.state')}</th><th scope="col" class="num">{t('answers')}</th><th scope="col" class="num">{t('agreement')}</th><th scope="col" class="num not-s">{t('tasks.changed')}</th></tr></thead>}
      render={i => {
        const r = rows[i]!, s = taskState(r.state), href = `/projects/${params.id}/tasks/${r.id}`;
        const pic = columns.image ? r.data?.[columns.image] : null;
        return <tr key={r.id} aria-rowindex={i + 2} class="hitrow" onClick={e => { if (!(e.target as Element).closest('a')) go(href); }}>
          <td class="num"><a class="rowlink mid" href={href}>{num(r.inner_id)}</a></td>
          {columns.image && <td class="not-s">{typeof pic === 'string' && safeImage(pic) ? <img class="thumb" src={pic} alt="" loading="lazy" width="64" height="40" /> : <span class="thumb blank" />}</td>}
          <td class="cellcut"><span class="cut block" dir="auto">{oneLine(r.data, columns.image)}</span></td>
          <td><Pill tone={s.tone} icon={s.icon}>{t(s.key)}</Pill></td>
          <td class="num">{num(r.answered)} <span class="mute">/ {num(r.overlap)}</span></td>
          <td class="num">{share(r.agreement)}</td>
          <td class="num mute not-s">{ago(r.updated_at)}</td></tr>;
      }} />}
  </ProjectView>;
}

/** Pictures only from this server; anything else waits for a click on the task. */
export function safeImage(url: string): boolean { return /^\/(?!\/)/.test(url) || url.startsWith('data:image/'); }

function columnsOf(rows: TaskRow[]): { image: string | null } {
  return { image: rows[0]?.data ? imageField(rows[0].data) : null };
}
