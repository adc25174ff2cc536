/* The projects a person sees. People who label get their work with one button each; managers get counts and agreement. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, get } from '../core/api';
import { t } from '../core/i18n';
import { canManage, canSeeResults, isAuditor, person } from '../core/session';
import { Empty, Est, Failed, Pill } from '../ui/bits';
import { Button } from '../ui/button';
import { FindField } from '../ui/field';
import { ShareBar } from '../charts/bars';
import { Art, artOf, kindKey } from './art';
import { NoticeList } from './notice-list';
import { fetchNotices, type Notices } from './notices';
import { View, mayCreate } from './shell';
import { overallOf, type Agreement, type Estimate, type Page, type Project } from './shapes';

const SIZE = 50;

function useProjects(find: string) {
  const [list, set] = useState<Project[] | null>(null), [count, setCount] = useState(0), [page, setPage] = useState(1);
  const [error, setError] = useState<ApiError | null>(null), [tick, again] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    const timer = setTimeout(() => {
      get<Page<Project> | Project[]>('/api/projects/', { query: { page, page_size: SIZE, title: find, ordering: '-id' }, signal: stop.signal }).then(v => {
        const rows = Array.isArray(v) ? v : v.results;
        set(old => page > 1 && old ? [...old, ...rows] : rows);
        setCount(Array.isArray(v) ? rows.length : v.count);
        setError(null);
      }, e => { if (!stop.signal.aborted) setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); });
    }, find ? 200 : 0);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [find, page, tick]);
  useEffect(() => { setPage(1); }, [find]);
  return { list, count, error, more: () => setPage(p => p + 1), again: () => again(n => n + 1) };
}

export function stateOf(p: Project): { tone: 'ok' | 'warn' | 'acc' | ''; icon: 'check' | 'pause' | 'seal' | 'in'; key: 'project.collecting' | 'project.paused' | 'project.finished' | 'project.nodata' } {
  if (p.paused) return { tone: 'warn', icon: 'pause', key: 'project.paused' };
  if (!p.task_number) return { tone: '', icon: 'in', key: 'project.nodata' };
  if (p.finished_task_number >= p.task_number) return { tone: 'ok', icon: 'seal', key: 'project.finished' };
  return { tone: 'acc', icon: 'check', key: 'project.collecting' };
}

export default function Home() {
  const [find, setFind] = useState('');
  const { list, count, error, more, again } = useProjects(find);
  const managing = isAuditor.value;
  const create = mayCreate() && <Button kind="primary" icon="plus" href="/projects/new">{t('project.new')}</Button>;
  return <View title={managing ? t('nav.projects') : greeting()} acts={<>{(count > 8 || find) && <div class="w240"><FindField label={t('project.find')} value={find} onValue={setFind} /></div>}{create}</>}>
    {error && <Failed error={error} again={again} />}
    {!list && !error && <p class="mute" role="status">{t('loading')}</p>}
    {list && list.length === 0 && <div class="panel">{find
      ? <Empty title={t('project.nofind', { find })} art="search"><Button onClick={() => setFind('')}>{t('find.clear')}</Button></Empty>
      : mayCreate()
        ? <Empty title={t('project.none')} text={t('project.none.text')} art="stack">{create}</Empty>
        : <Empty title={t('work.none')} text={t('work.none.text')} art="home"><Button onClick={again}>{t('work.look')}</Button></Empty>}</div>}
    {list && list.length > 0 && <section class="panel" aria-label={t('nav.projects')}>
      <header><h2 class="grow">{managing ? t('project.all', { n: count }) : t('work.for')}</h2></header>
      <ul class="jobs">{list.map((p, i) => managing ? <Managed key={p.id} p={p} /> : <Job key={p.id} p={p} first={i === 0} />)}</ul>
    </section>}
    <HeardBack />
    {list && list.length < count && <div class="row"><Button onClick={more}>{t('more', { n: count - list.length })}</Button></div>}
  </View>;
}

/** The newest of what one was told; nothing where there is nothing. */
function HeardBack() {
  const [v, set] = useState<Notices | null>(null);
  useEffect(() => { fetchNotices(4).then(set, () => {}); }, []);
  if (!v || v.results.length === 0) return null;
  return <section class="panel" aria-label={t('heard')}><header><h2 class="grow">{t('heard')}</h2><a class="small" href="/notices">{t('heard.all')}</a></header><NoticeList list={v.results} /></section>;
}

function greeting(): string {
  const name = person.value?.name;
  return name ? t('work.hello', { name: name.split(/\s+/)[0] ?? name }) : t('work.title');
}

function Job({ p, first }: { p: Project; first: boolean }) {
  const art = useMemo(() => artOf(p.label_config ?? ''), [p.label_config]);
  const left = Math.max(0, p.task_number - p.finished_task_number), over = canSeeResults(p.my_role);
  return <li>
    <Art of={art} small />
    <div class="col flat"><h3>{over ? <a class="rowlink" href={`/projects/${p.id}`}><bdi>{p.title}</bdi></a> : <bdi>{p.title}</bdi>}</h3>{p.description && <p class="small dim"><bdi>{p.description}</bdi></p>}</div>
    <span class="small dim">{t(kindKey(art))}</span>
    <span>{left ? t('work.left', { n: left }) : t('work.nothing')}</span>
    <Button {...(first ? { kind: 'primary' as const } : {})} href={`/projects/${p.id}/annotate`} disabled={!left} {...(left ? {} : { why: t('work.nothing') })}>{t('work.start')}<span class="vh">: {p.title}</span></Button>
  </li>;
}

function Managed({ p }: { p: Project }) {
  const art = useMemo(() => artOf(p.label_config ?? ''), [p.label_config]);
  const state = stateOf(p), [agree, setAgree] = useState<Estimate | null>(null);
  const ask = p.maximum_annotations > 1 && p.total_annotations_number > 1 && canSeeResults(p.my_role);
  useEffect(() => {
    const stop = new AbortController();
    if (ask) get<Agreement>(`/api/projects/${p.id}/agreement`, { signal: stop.signal }).then(v => setAgree(overallOf(v)), () => {});
    return () => stop.abort();
  }, [p.id, ask]);
  return <li>
    <Art of={art} small />
    <div class="col tight">
      <div class="row wrap"><h3><a class="rowlink" href={`/projects/${p.id}`}><bdi>{p.title}</bdi></a></h3><Pill tone={state.tone} icon={state.icon}>{t(state.key)}</Pill></div>
      <p class="small dim cut"><bdi>{p.description || t(kindKey(art))}</bdi></p>
    </div>
    <div class="col tight">
      <ShareBar value={p.finished_task_number} of={p.task_number} name={t('project.settled')} />
      <span class="small mute">{t('project.done', { done: p.finished_task_number, all: p.task_number })}</span>
    </div>
    <div class="col flat small"><span class="mute">{t('project.answers', { n: p.total_annotations_number })}</span>{agree && agree.value !== null && <><span class="mute">{t('agreement')}</span><Est {...agree} /></>}</div>
    {canManage(p.my_role) || p.my_role
      ? <Button href={`/projects/${p.id}/annotate`} disabled={p.task_number === 0} {...(p.task_number === 0 ? { why: t('project.nodata') } : {})}>{t('work.start')}<span class="vh">: {p.title}</span></Button>
      : <Button href={`/projects/${p.id}`}>{t('open')}<span class="vh">: {p.title}</span></Button>}
  </li>;
}
