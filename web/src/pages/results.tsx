/* Results: how alike people answer, over all, by task and by pair; what was agreed; where to look first. */
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, get } from '../core/api';
import { num, percent, share, t } from '../core/i18n';
import { place } from '../core/router';
import { canManage, canReview } from '../core/session';
import { Empty, Est, Failed, Pill, ScrollX } from '../ui/bits';
import { Button, Segmented } from '../ui/button';
import { Histogram } from '../charts/bars';
import { Confusion, labelName } from '../charts/confusion';
import { squareOf, type LabelPair } from '../charts/confusion-model';
import { Figure, type Way } from '../charts/figure';
import { Reliability } from '../charts/reliability';
import { dotsOf, errorOf, lean, type Bin } from '../charts/reliability-model';
import { Heatmap, matrixOf } from '../charts/matrix';
import { ProjectView, useProject } from './frame';
import { describe } from './summary';
import { bins, overallOf, type Agreement, type Cursor, type ResultItem } from './shapes';
import { Entry } from './shell';
import { Skills } from './skills';
import { taskState } from './tasks-state';

interface Row { task: number; bad?: boolean; inner_id?: number; state?: string; agreement?: number | null; method?: string; confidence?: number | null; n?: number; control?: string | null; value?: unknown; result?: ResultItem[] | ResultItem | null }

export default function Results({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!);
  const [agree, setAgree] = useState<Agreement | null>(null), [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    get<Agreement>(`/api/projects/${params.id}/agreement`, { signal: stop.signal }).then(setAgree, e => { if (!stop.signal.aborted) setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); });
    return () => stop.abort();
  }, [params.id]);
  return <ProjectView p={p} name={t('tab.results')} acts={p && <>{canReview(p.my_role) && p.total_annotations_number > 0 && <Button icon="scale" href={`/projects/${p.id}/compare`}>{t('compare.settle')}</Button>}<Button icon="out" href={`/projects/${p.id}/export`}>{t('tab.export')}</Button></>}>
    {error && <Failed error={error} />}
    {p && (p.total_annotations_number === 0
      ? <div class="panel"><Empty title={t('results.none')} text={t('results.none.text')} art="scale"><Button kind="primary" href={canManage(p.my_role) && !p.task_number ? `/projects/${p.id}/import` : `/projects/${p.id}/annotate`}>{canManage(p.my_role) && !p.task_number ? t('import.add') : t('work.start')}</Button></Empty></div>
      : <>{agree && <AgreementView a={agree} />}<Confused id={params.id!} /><Reliable id={params.id!} judge={canReview(p.my_role)} manage={canManage(p.my_role)} /><Skills id={params.id!} /><Consensus id={params.id!} /></>)}
  </ProjectView>;
}

function AgreementView({ a }: { a: Agreement }) {
  const [as, setAs] = useState<Way>('chart');
  const counts = useMemo(() => bins(a.tasks), [a]), overall = overallOf(a);
  const pairs = useMemo(() => a.pairs.map(x => ({ a: x.a_name ?? t('person.n', { n: String(x.a) }), b: x.b_name ?? t('person.n', { n: String(x.b) }), value: x.agreement, n: x.n })), [a]);
  const matrix = useMemo(() => matrixOf(pairs), [pairs]), worst = useMemo(() => [...pairs].sort((x, y) => (x.value ?? 2) - (y.value ?? 2)), [pairs]);
  const total = counts.reduce((s, n) => s + n, 0), tenth = (i: number): string => `${(i / 10).toFixed(1)}–${((i + 1) / 10).toFixed(1)}`;
  return <Entry title={t('agreement')} text={t('agreement.side')} side={<Segmented name={t('chart.way')} value={as} onChange={setAs} options={[['chart', t('chart')], ['table', t('table')]]} />}>
    <div class="figs"><div><span class="small dim">{t('agreement.overall')}</span><span class="fig">{share(overall.value)}</span><span class="small dim">{overall.low !== null && overall.low !== undefined ? t('agreement.range', { low: share(overall.low), high: share(overall.high) }) : t('agreement.nointerval')}</span></div>
      <div><span class="small dim">{t('agreement.tasks')}</span><span class="fig">{num(overall.n ?? total)}</span><span class="small dim">{t('agreement.tasks.text')}</span></div>
      <div><span class="small dim">{t('agreement.pairs')}</span><span class="fig">{num(pairs.length)}</span><span class="small dim">{t('agreement.pairs.text')}</span></div></div>
    {total > 0 && total < 20 && <p class="small mute">{t('agreement.small', { n: total })}</p>}
    <div class="split2">
      <Figure name={t('quality.pertask')} as={as} aside={<Est {...overall} />} cols={[{ name: t('agreement') }, { name: t('tasks'), num: true }, { name: t('chart.share'), num: true }]}
        rows={counts.map((n, i) => [tenth(i), num(n), total ? percent(n / total) : '–'])} data={counts.map((n, i) => [tenth(i), n, total ? n / total : 0])}
        chart={() => <Histogram counts={counts} name={t('quality.pertask')} goal={a.goal} />} />
      {pairs.length === 0 ? <section class="panel"><header><h3 class="grow">{t('agreement.bypair')}</h3></header><Empty title={t('agreement.nopairs')} text={t('quality.wait')} art="people" /></section>
        : <Figure name={t('agreement.bypair')} as={as} aside={<span class="small mute">{t('agreement.meantasks')}</span>} cols={[{ name: t('pair.a') }, { name: t('pair.b') }, { name: t('agreement'), num: true }, { name: t('tasks'), num: true }]}
          rows={worst.map(p => [p.a, p.b, share(p.value), num(p.n)])} data={worst.map(p => [p.a, p.b, p.value, p.n])} chart={() => <Heatmap m={matrix} name={t('agreement.bypair')} />} />}
    </div>
  </Entry>;
}

/** What one says where another says something else, question by question. */
function Confused({ id }: { id: string }) {
  const [controls, setControls] = useState<string[]>([]), [control, setControl] = useState(place.value.query.get('control') ?? ''), [pairs, setPairs] = useState<LabelPair[] | null>(null), [as, setAs] = useState<Way>('chart');
  useEffect(() => {
    const stop = new AbortController();
    get<{ labels: { control: string }[] }>(`/api/projects/${id}/overview`, { signal: stop.signal, query: { days: 1 } }).then(o => {
      const all = [...new Set(o.labels.map(l => l.control))];
      setControls(all);
      setControl(c => (all.includes(c) ? c : all[0] ?? ''));
    }, () => {});
    return () => stop.abort();
  }, [id]);
  useEffect(() => {
    if (!control) return undefined;
    const stop = new AbortController();
    get<{ results: LabelPair[] }>(`/api/projects/${id}/confusion`, { signal: stop.signal, query: { control } }).then(v => setPairs(v.results), () => {});
    return () => stop.abort();
  }, [id, control]);
  if (!controls.includes(control) || !pairs?.length) return null;
  const differ = pairs.filter(p => p.a !== p.b);
  return <Entry title={t('confused')} text={t('confused.side')} side={<>{controls.length > 1 && <select class="input" aria-label={t('task.question')} value={control} onChange={e => setControl(e.currentTarget.value)}>{controls.map(c => <option key={c} value={c}>{c}</option>)}</select>}
    <Segmented name={t('chart.way')} value={as} onChange={setAs} options={[['chart', t('chart')], ['table', t('table')]]} /></>}>
    <Figure name={t('confused.for', { control })} as={as} aside={<span class="small mute">{t('chart.ofrow')}</span>} cols={[{ name: t('confused.one') }, { name: t('confused.other') }, { name: t('confused.pairs'), num: true }]}
      rows={differ.map(p => [labelName(p.b), labelName(p.a), num(p.n)])} data={pairs.map(p => [p.b, p.a, p.n])} note={differ.length === 0 ? t('confused.none') : t('confused.note')} chart={() => <Confusion s={squareOf(pairs)} name={t('confused.for', { control })} />} />
  </Entry>;
}

const SAID = { over: 'rely.over', under: 'rely.under', even: 'rely.even' } as const;

/** Does confidence mean what it says? Known where a ruling or ground truth says what is true. */
function Reliable({ id, judge, manage }: { id: string; judge: boolean; manage: boolean }) {
  const [bins, setBins] = useState<Bin[] | null>(null), [wanted, setControl] = useState(''), [as, setAs] = useState<Way>('chart');
  useEffect(() => {
    const stop = new AbortController();
    get<{ results: Bin[] }>(`/api/projects/${id}/calibration`, { signal: stop.signal }).then(v => setBins(v.results), () => {});
    return () => stop.abort();
  }, [id]);
  if (!bins) return null;
  const controls = [...new Set(bins.map(b => b.control))], control = controls.includes(wanted) ? wanted : controls[0];
  if (control === undefined) return <Entry title={t('rely')} text={t('rely.side')}><div class="panel"><Empty title={t('rely.none')} text={t('rely.none.text')} art="scale">
    {judge && <Button kind="primary" href={`/projects/${id}/compare`}>{t('rely.settle')}</Button>}{manage && <Button href={`/projects/${id}/import`}>{t('import.add')}</Button>}</Empty></div></Entry>;
  const dots = dotsOf(bins, control), n = dots.reduce((s, d) => s + d.n, 0), range = (d: { low: number; high: number }): string => `${share(d.low)}–${share(d.high)}`;
  return <Entry title={t('rely')} text={t('rely.side')} side={<>{controls.length > 1 && <select class="input" aria-label={t('task.question')} value={control} onChange={e => setControl(e.currentTarget.value)}>{controls.map(c => <option key={c} value={c}>{c}</option>)}</select>}
    <Segmented name={t('chart.way')} value={as} onChange={setAs} options={[['chart', t('chart')], ['table', t('table')]]} /></>}>
    <Figure name={t('rely.for', { control })} as={as} aside={<span class="small mute">{t('rely.error', { n, error: share(errorOf(dots)) })}</span>}
      cols={[{ name: t('rely.tenth') }, { name: t('tasks'), num: true }, { name: t('rely.sure'), num: true }, { name: t('rely.right'), num: true }, { name: t('rely.range'), num: true }]}
      rows={dots.map(d => [`${(d.tenth / 10).toFixed(1)}–${((d.tenth + 1) / 10).toFixed(1)}`, num(d.n), share(d.sure), share(d.right), range(d)])} data={dots.map(d => [d.tenth / 10, d.n, d.sure, d.right, range(d)])}
      note={`${t(n < 20 ? 'rely.few' : SAID[lean(dots)])} ${t('rely.biased')}`} chart={(at, seek) => <Reliability axes={[t('rely.sure'), t('rely.right')]} dots={dots} name={t('rely.for', { control })} at={at} seek={seek} />} />
  </Entry>;
}

function sayValue(r: Row): string {
  if (r.control === null) return t('consensus.nothing');
  const list = Array.isArray(r.result) ? r.result : r.result ? [r.result] : [];
  if (list.length) return list.slice(0, 6).map(x => { const d = describe(x); return d.region ? `${d.what} ${d.text}` : d.text; }).join(' · ') + (list.length > 6 ? ' …' : '');
  if (r.value === undefined || r.value === null) return '–';
  return typeof r.value === 'object' ? JSON.stringify(r.value).slice(0, 160) : String(r.value);
}

function Consensus({ id }: { id: string }) {
  const [rows, set] = useState<Row[] | null>(null), [next, setNext] = useState<string | number | null>(null), [error, setError] = useState<ApiError | null>(null), [busy, setBusy] = useState(false);
  const load = useCallback(async (after: string | number | null) => {
    setBusy(true);
    try {
      const v = await get<Cursor<Row>>(`/api/projects/${id}/consensus`, { query: { after, limit: 100 } });
      set(old => after === null || !old ? v.results : [...old, ...v.results]);
      setNext(v.next);
    } catch (e) { setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); }
    setBusy(false);
  }, [id]);
  useEffect(() => { void load(null); }, [load]);
  return <Entry title={t('consensus')} text={t('consensus.side')}>
    {error && <Failed error={error} again={() => void load(null)} />}
    {rows && rows.length === 0 && <div class="panel"><Empty title={t('consensus.empty')} text={t('consensus.empty.text')} art="seal" /></div>}
    {rows && rows.length > 0 && <ScrollX cls="panel" name={t('consensus')}><table class="tbl"><caption class="vh">{t('consensus')}</caption>
      <thead><tr><th scope="col" class="num">{t('task')}</th><th scope="col">{t('consensus.answer')}</th><th scope="col">{t('tasks.state')}</th><th scope="col" class="num">{t('answers')}</th><th scope="col" class="num">{t('agreement')}</th><th scope="col" class="num">{t('consensus.confidence')}</th></tr></thead>
      <tbody>{rows.map((r, i) => {
        const s = taskState(r.state ?? 'settled');
        return <tr key={`${r.task}-${r.control ?? ''}-${i}`}><td class="num"><a class="rowlink mid" href={`/projects/${id}/tasks/${r.task}`}>{num(r.inner_id ?? r.task)}</a></td>
          <td dir="auto" class="cellcut"><span class="cut block">{r.control && <span class="mute">{r.control} </span>}{sayValue(r)}</span></td>
          <td>{r.bad ? <Pill tone="warn" icon="ban">{t('consensus.bad')}</Pill> : r.method === 'ruling' ? <Pill tone="ok" icon="seal">{t('consensus.ruled')}</Pill> : <Pill tone={s.tone} icon={s.icon}>{t(s.key)}</Pill>}</td><td class="num">{r.n === undefined ? '–' : num(r.n)}</td><td class="num">{share(r.agreement)}</td><td class="num">{r.bad ? '–' : share(r.confidence)}</td></tr>;
      })}</tbody></table></ScrollX>}
    {next !== null && next !== undefined && <div class="row"><Button busy={busy} onClick={() => void load(next)}>{t('more.plain')}</Button></div>}
  </Entry>;
}
