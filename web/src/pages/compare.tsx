/*
 * compare.tsx -- tasks on which people differ, one after another, and what a judge decides.
 *
 * Blind: people are numbers, in an order of their own for each task.  Everything
 * by key: a digit takes that person's answer at the point shown, the arrows go
 * from point to point, ctrl+enter settles and shows the next task, which is
 * already here.
 */
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import words from '../i18n/en/compare.json';
import { announce } from '../core/a11y';
import { ApiError, del, get, post } from '../core/api';
import { keys } from '../core/hotkeys';
import { addMessages, num, share, t } from '../core/i18n';
import { go, place } from '../core/router';
import { Empty, Failed, Note } from '../ui/bits';
import { Button, Segmented } from '../ui/button';
import { AreaField, Check } from '../ui/field';
import { toast } from '../ui/toast';
import { flipTheme, helpOpen } from './look';
import { hasMasks, MaskKey, useMaskImages, type MaskImage } from './compare-layers';
import { isMask } from './compare-pixels';
import { LineKey, PictureOverlay, spansOf, type Layer } from './overlay';
import { compose, pickAt, pointsOf, takeAll, wholly, type Point, type Said } from './compare-model';
import { aboutMask, boxOf, Cards, nameOf, PointList, pointName, Section, spanOf, TaskMatrix, TextOverlay } from './compare-parts';
import { imageField, plain, textField } from './summary';
import type { ResultItem } from './shapes';
import type { TaskWork } from '../tags/body';
import type { Data, Tag } from '../tags/tree';
import './compare.css';

await addMessages('compare', words);

interface Dispute { task: number; inner_id: number; agreement: number; at: string }
interface Disputes { results: Dispute[]; disputed: number; next: string | null; goal: number }
interface Opened {
  task: number; inner_id: number; agreement: number | null; goal: number; others: number; seen: string;
  data: Record<string, unknown>; answers: Said[]; pairs: (number | null)[][];
  consensus: { control: string; method: string; confidence: number; result: ResultItem[] }[];
  ruling: { kind: 'pick' | 'edit' | 'bad'; reason: string; mine: boolean; made_at: string; result?: ResultItem[] } | null;
}
interface WorkInfo { project: { id: number; title: string }; tree: Tag; instruction?: { text?: string } | null }

const asError = (e: unknown): ApiError => (e instanceof ApiError ? e : new ApiError(0, {}, String(e)));

export default function ComparePage({ params }: { params: Record<string, string> }) {
  const id = params.id!;
  const [info, setInfo] = useState<WorkInfo | null>(null), [error, setError] = useState<ApiError | null>(null);
  const load = (): void => { setError(null); get<WorkInfo>(`/api/projects/${id}/work`).then(setInfo, e => setError(asError(e))); };
  useEffect(load, [id]);
  if (error) return <main class="body"><h1>{t('cmp.title')}</h1><Failed error={error} again={load} /></main>;
  if (!info) return <main class="work" aria-busy="true"><h1 class="vh">{t('cmp.title')}</h1></main>;
  return <Judge key={id} info={info} id={id} />;
}

/* The tasks in dispute: the next one is opened while the judge looks at this one. */
function useQueue(id: string, wanted: number | null) {
  const list = useRef<Dispute[]>([]), next = useRef<string | null>(''), opened = useRef(new Map<number, Promise<Opened>>());
  const [left, setLeft] = useState<number | null>(null);
  const open = useCallback((task: number): Promise<Opened> => {
    let p = opened.current.get(task);
    if (!p) {
      opened.current.set(task, p = post<Opened>(`/api/tasks/${task}/dispute`).then(seen));
      p.catch(() => opened.current.delete(task));
    }
    return p;
  }, []);
  const more = useCallback(async (): Promise<void> => {
    if (next.current === null) return;
    const got = await get<Disputes>(`/api/projects/${id}/disputes`, { query: { limit: 50, after: next.current } });
    next.current = got.next;
    list.current.push(...got.results.filter(d => d.task !== wanted || !list.current.some(x => x.task === d.task)));
    setLeft(got.disputed);
  }, [id, wanted]);
  const drop = useCallback((task: number): void => { opened.current.delete(task); }, []);
  return { list, left, setLeft, open, more, drop };
}

/* Masks are read before the task is shown: only their pixels say whether people differ. */
async function seen(v: Opened): Promise<Opened> {
  const masks = [...v.answers.flatMap(a => a.result), ...v.consensus.flatMap(c => c.result), ...v.ruling?.result ?? []].filter(isMask);
  if (masks.length) await import('./compare-mask').then(m => m.learn(masks), () => {});
  return v;
}

function Judge({ info, id }: { info: WorkInfo; id: string }) {
  const wanted = Number(place.value.query.get('task')) || null;
  const q = useQueue(id, wanted);
  const [at, setAt] = useState(0), [view, setView] = useState<Opened | null>(null), [error, setError] = useState<ApiError | null>(null), [done, setDone] = useState(false);
  const [last, setLast] = useState<{ task: number; at: number } | null>(null), [busy, setBusy] = useState(false);

  const show = useCallback(async (i: number): Promise<void> => {
    setError(null);
    try {
      while (i >= q.list.current.length) { const n = q.list.current.length; await q.more(); if (q.list.current.length === n) break; }
      const d = q.list.current[i];
      if (!d) { setDone(true); setView(null); return; }
      setDone(false);
      const v = await q.open(d.task);
      setAt(i);
      setView(v);
      announce(t('cmp.now', { n: v.inner_id, agreement: share(v.agreement) }));
      history.replaceState(history.state, '', `${location.pathname}?task=${d.task}`);
      const after = q.list.current[i + 1];
      if (after) void q.open(after.task).catch(() => {});
    } catch (e) { setAt(i); setView(null); setError(asError(e)); }
  }, [q.open, q.more]);

  useEffect(() => {
    document.title = `${t('cmp.title')} · ${info.project.title} · ${t('app')}`;
    if (wanted) q.list.current.push({ task: wanted, inner_id: 0, agreement: 0, at: '' });
    void q.more().catch(() => {}).then(() => show(0));
  }, []);

  /** What was decided goes to the server; then the next task is shown. */
  const decide = async (v: Opened, body: Record<string, unknown>, words: string): Promise<void> => {
    if (busy) return;
    setBusy(true);
    try {
      await post(`/api/tasks/${v.task}/ruling`, { ...body, seen: v.seen });
      q.drop(v.task);
      if (!v.ruling) q.setLeft(n => (n === null ? n : Math.max(0, n - 1)));
      setLast(body.verdict === 'more' ? null : { task: v.task, at });
      toast(words, body.verdict === 'more' ? {} : { act: t('cmp.undo'), combo: 'ctrl+z', onAct: () => void undo(v.task, at) });
      await show(at + 1);
    } catch (e) {
      const bad = asError(e);
      toast(bad.message);
      if (bad.status === 412) { q.drop(v.task); await show(at); }
    }
    setBusy(false);
  };
  const undo = async (task: number, i: number): Promise<void> => {
    try { await del(`/api/tasks/${task}/ruling`); q.drop(task); q.setLeft(n => (n === null ? n : n + 1)); setLast(null); toast(t('cmp.undone')); await show(i); }
    catch (e) { toast(asError(e).message); }
  };
  const skipTo = (by: number): void => { if (at + by >= 0) void show(at + by); };
  const nav = { at, left: q.left, busy, undo: last ? () => void undo(last.task, last.at) : null, go: skipTo };

  if (view) return <Task key={`${view.task} ${view.seen}`} info={info} v={view} nav={nav} decide={decide} />;
  return <div class="work cmp" data-density="compact"><Top info={info} />
    <main class="mid1 grow"><div class="in-p">{error ? <><h2 class="vh">{t('cmp.title')}</h2><Failed error={error} again={() => void show(at)} /><div class="row mt8"><Button onClick={() => skipTo(1)}>{t('cmp.next')}</Button></div></>
      : done ? <Empty title={t('cmp.done')} text={t('cmp.done.text')} art="seal">{nav.undo && <Button onClick={nav.undo}>{t('cmp.undo')}</Button>}<Button kind="primary" href={`/projects/${id}`}>{t('cmp.overview')}</Button><Button href={`/projects/${id}/results`}>{t('tab.results')}</Button></Empty>
        : <p class="mute" role="status">{t('loading')}</p>}</div></main><footer class="botbar" /></div>;
}

function Top({ info, v, guide, onGuide }: { info: WorkInfo; v?: Opened; guide?: boolean; onGuide?: () => void }) {
  const back = `/projects/${info.project.id}`;
  return <header class="topbar">
    <Button kind="quiet" icon="back" name={t('cmp.back')} href={back} onClick={e => { e.preventDefault(); go(back); }} />
    <span class="small strong cut not-s" dir="auto">{info.project.title}</span>
    <h1 class="cmp-h small cut grow">{v ? t('cmp.task', { n: v.inner_id, agreement: share(v.agreement) }) : t('cmp.title')}</h1>
    {onGuide && <span class="not-s"><Button kind="quiet" icon="book" combo="h" pressed={guide} onClick={onGuide}>{t('instruction')}</Button></span>}
    <span class="not-s"><Button kind="quiet" icon="keys" combo="?" onClick={() => { helpOpen.value = true; }}>{t('cmp.keys')}</Button></span>
    <Button kind="quiet" icon="theme" name={t('theme.flip')} onClick={flipTheme} />
  </header>;
}

interface Nav { at: number; left: number | null; busy: boolean; undo: (() => void) | null; go: (by: number) => void }

function Task({ info, v, nav, decide }: { info: WorkInfo; v: Opened; nav: Nav; decide: (v: Opened, body: Record<string, unknown>, words: string) => Promise<void> }) {
  const agreed = useMemo(() => v.ruling?.result ?? v.consensus.flatMap(c => c.result), [v]);
  const [points, setPoints] = useState<Point[]>(() => pointsOf(v.answers, agreed)), [i, setI] = useState(0);
  const [only, setOnly] = useState<'all' | 'differ'>('all'), [off, setOff] = useState<ReadonlySet<number>>(new Set()), [guide, setGuide] = useState(false);
  const [reason, setReason] = useState(v.ruling?.reason ?? ''), [edit, setEdit] = useState<TaskWork | null>(null), [size, setSize] = useState<[number, number] | null>(null);
  const reasonBox = useRef<HTMLDivElement>(null);
  const shown = only === 'differ' ? points.filter(p => !p.same) : points, p = shown[Math.min(i, shown.length - 1)];
  const masks = useMemo(() => hasMasks(v.answers.map(a => a.result)), [v]), [withAgreed, setAgreed] = useState(false);
  const layers = useMemo((): Layer[] => {
    const keep = only === 'differ' ? new Set(points.filter(x => !x.same).flatMap(x => x.variants.flatMap(y => [...y.own.values()].flat()))) : null;
    return [...v.answers.filter(a => !off.has(a.n)).map(a => ({ n: a.n, name: nameOf(a.n), result: keep ? a.result.filter(r => keep.has(r)) : a.result })),
      ...(withAgreed ? [{ n: 0, name: t('consensus'), result: agreed }] : [])];
  }, [v, off, only, points, withAgreed, agreed]);
  const all = useMemo(() => v.answers.map(a => ({ n: a.n, name: '', result: a.result })), [v]);
  const images = useMaskImages(layers, only === 'differ'), own = useMaskImages(all, false);

  const pick = (n: number): boolean => {
    const taken = p && pickAt(p, n);
    if (!taken) return false;
    setPoints(all => all.map(x => (x.key === taken.key ? taken : x)));
    announce(t('cmp.picked', { n }));
    return true;
  };
  const step = (by: number): void => setI(at => Math.max(0, Math.min(shown.length - 1, at + by)));
  const settle = async (): Promise<void> => {
    const why = reason.trim() ? { reason: reason.trim() } : {};
    if (edit) {
      const { finalResult, missing } = await import('../tags/missing');
      edit.store.flush();
      if (missing(edit.store).length) { toast(t('cmp.missing')); return; }
      return decide(v, { verdict: 'answer', result: finalResult(edit.store), ...why }, t('cmp.settled'));
    }
    const n = wholly(points, v.answers);
    return decide(v, n ? { verdict: 'answer', pick: n, ...why } : { verdict: 'answer', result: compose(points, v.answers), ...why }, t('cmp.settled'));
  };
  const nobody = (): void => void decide(v, { verdict: 'bad', ...(reason.trim() ? { reason: reason.trim() } : {}) }, t('cmp.bad.done'));
  const more = (): void => void decide(v, { verdict: 'more' }, t('cmp.more.done'));
  const beginEdit = async (): Promise<void> => {
    if (edit) { setEdit(null); return; }
    const [{ workOf }, { TaskStore }, { load }] = await Promise.all([import('../tags/body'), import('../tags/store'), import('../tags/families')]);
    await load(info.tree);
    setEdit(workOf(new TaskStore(info.tree, { id: v.task, data: v.data as Data }, compose(points, v.answers)), true));
    announce(t('cmp.editing'));
  };

  useLayoutEffect(() => keys.bind('page', [
    { combo: 'ctrl+enter', act: () => void settle(), what: t('cmp.settle') },
    { combo: 'alt+e', act: () => void beginEdit(), what: t('cmp.edit') },
    { combo: 'h', act: () => { if (edit) return false; setGuide(x => !x); return undefined; }, what: t('instruction') },
    ...(edit ? [{ combo: 'ctrl+z', act: () => { edit.store.undo(); } }, { combo: 'ctrl+shift+z', act: () => { edit.store.redo(); } }] : [
      ...v.answers.slice(0, 9).map(a => ({ combo: String(a.n), act: () => pick(a.n), what: t('cmp.take', { n: a.n }) })),
      ...v.answers.slice(0, 9).map(a => ({ combo: `alt+${a.n}`, act: () => { setPoints(all => takeAll(all, a.n)); announce(t('cmp.picked', { n: a.n })); }, what: t('cmp.take.all', { n: a.n }) })),
      { combo: 'down', act: () => step(1), what: t('cmp.point.next') }, { combo: 'up', act: () => step(-1), what: t('cmp.point.before') },
      { combo: '0', act: nobody, what: t('cmp.bad') }, { combo: 'm', act: more, what: t('cmp.more') },
      { combo: 'd', act: () => setOnly(x => (x === 'all' ? 'differ' : 'all')), what: t('cmp.only') },
      { combo: 'c', act: () => setAgreed(x => !x), what: t('cmp.agreed') },
      { combo: 'r', act: () => reasonBox.current?.querySelector('textarea')?.focus(), what: t('cmp.reason') },
      { combo: 'n', act: () => nav.go(1), what: t('cmp.next') }, { combo: 'b', act: () => nav.go(-1), what: t('cmp.before') },
      { combo: 'ctrl+z', act: () => { if (!nav.undo) return false; nav.undo(); return undefined; }, what: t('cmp.undo') },
    ]),
  ]), [points, i, only, edit, reason, nav.busy, nav.undo]);

  const bottom = <Bottom v={v} nav={nav} editing={edit !== null} onSettle={() => void settle()} onNobody={nobody} onMore={more} onEdit={() => void beginEdit()} />;
  if (edit) return <div class="work cmp" data-density="compact"><Top info={info} v={v} /><Editor work={edit} />{bottom}</div>;
  return <div class={`work cmp ${spansOf(v.answers.flatMap(a => a.result)).length ? 'cmp-text' : ''}`} data-density="compact"><Top info={info} v={v} guide={guide} onGuide={() => setGuide(x => !x)} />
    <div class="labelbar"><Segmented name={t('cmp.view')} value={only} onChange={setOnly} options={[['all', t('cmp.view.all')], ['differ', t('cmp.only')]]} />
      <span class="row wide end" role="group" aria-label={t('cmp.people')}>{v.answers.map(a => <Check key={a.n} checked={!off.has(a.n)} onChange={on => setOff(s => { const x = new Set(s); if (on) x.delete(a.n); else x.add(a.n); return x; })}
        label={<span class="row">{masks ? <MaskKey n={a.n} /> : <LineKey n={a.n} />}{nameOf(a.n)}</span>} />)}
        {agreed.length > 0 && imageField(v.data) && <Check checked={withAgreed} onChange={setAgreed} label={<span class="row">{masks ? <MaskKey n={0} /> : <LineKey n={0} />}{t('consensus')}</span>} />}</span></div>
    <main class="mid2"><div class="cmp-l" role="region" aria-label={t('cmp.answers')} tabIndex={0}>
      {guide && <section class="panel"><header><h2 class="grow">{t('instruction')}</h2></header><p class="in cmp-guide" dir="auto">{plain(info.instruction?.text ?? '') || t('cmp.noguide')}</p></section>}
      <Overlaid v={v} p={p} layers={layers} masks={images} onSize={setSize} />
      {masks && only === 'differ' && <p class="row wrap small cmp-legend"><span class="row"><i class="cmp-some" />{t('cmp.mask.some')}</span><span class="row"><i class="cmp-every" />{t('cmp.mask.all')}</span></p>}
      {p ? <><div class="row wrap"><h2 class="cut" dir="auto">{t(p.same ? 'cmp.same' : 'cmp.differs', { what: pointName(p) })}</h2><span class="mute nowrap">{t('cmp.place', { n: Math.min(i, shown.length - 1) + 1, of: shown.length })}</span><span class="end mute small not-s">{t('cmp.howto')}</span></div>
        <PointCards v={v} p={p} size={size} masks={own} onPick={pick} /></>
        : <p class="dim">{t(points.length ? 'cmp.nodiff' : 'cmp.nopoints')}</p>}
    </div>
    <aside class="aside" aria-label={t('consensus')}>
      <header><h2 class="grow">{t('consensus')}</h2><span class="small mute">{v.ruling ? t('cmp.ruled') : [...new Set(v.consensus.map(c => c.method))].join(', ')}</span></header>
      {v.ruling && <Note icon="seal">{t(v.ruling.kind === 'bad' ? 'cmp.was.bad' : v.ruling.mine ? 'cmp.was.mine' : 'cmp.was')}</Note>}
      <PointList points={shown} at={Math.min(i, shown.length - 1)} sure={new Map(v.consensus.map(c => [c.control, c.confidence]))} people={v.answers.length} onGo={setI} />
      <TaskMatrix pairs={v.pairs} mean={v.agreement} />
      <Section title={t('cmp.reason')} aside={t('cmp.reason.side')}><div ref={reasonBox}><AreaField label={t('cmp.reason')} hideLabel rows={2} value={reason} onValue={setReason} maxLength={1000} /></div></Section>
    </aside></main>
    {bottom}
  </div>;
}

function PointCards({ v, p, size, masks, onPick }: { v: Opened; p: Point; size: [number, number] | null; masks: MaskImage[]; onPick: (n: number) => void }) {
  const image = imageField(v.data), text = textField(v.data);
  return <Cards p={p} answers={v.answers} picture={image && size ? { src: String(v.data[image]), size } : null} lines={p.region} masks={masks} text={text && spanOf(p) ? String(v.data[text]) : null} onPick={onPick} />;
}

/* Everybody over one picture or text, and the rest of the task's data in words. */
function Overlaid({ v, p, layers, masks, onSize }: { v: Opened; p: Point | undefined; layers: Layer[]; masks: MaskImage[]; onSize: (s: [number, number]) => void }) {
  const image = imageField(v.data), text = textField(v.data);
  const spans = text !== null && layers.some(l => spansOf(l.result).length > 0);
  const rest = Object.entries(v.data).filter(([k]) => k !== image && !(spans && k === text));
  return <>
    {image && typeof v.data[image] === 'string' && <PictureOverlay src={String(v.data[image])} layers={layers} alt={t('cmp.picture')} masks={masks} about={aboutMask(p)} mark={p?.region ? boxOf(p) : null} onSize={onSize} />}
    {spans && <section class="panel"><div class="in"><TextOverlay text={String(v.data[text])} layers={layers.filter(l => l.n > 0)} mark={p?.region ? spanOf(p) : null} /></div></section>}
    {rest.length > 0 && <section class="panel"><dl class="in data-kv">{rest.map(([k, x]) => <div key={k}><dt><code>{k}</code></dt><dd dir="auto" class="pre read">{typeof x === 'string' ? x : JSON.stringify(x, null, 1)}</dd></div>)}</dl></section>}
  </>;
}

function Editor({ work }: { work: TaskWork }) {
  const [Body, set] = useState<typeof import('../tags/body').TaskBody | null>(null);
  useEffect(() => { void import('../tags/body').then(m => set(() => m.TaskBody)); }, []);
  return <div class="cmp-edit">{Body && <Body work={work} />}</div>;
}

function Bottom({ v, nav, editing, onSettle, onNobody, onMore, onEdit }: { v: Opened; nav: Nav; editing: boolean; onSettle: () => void; onNobody: () => void; onMore: () => void; onEdit: () => void }) {
  return <footer class="botbar" aria-label={t('cmp.acts')}>
    <Button kind="quiet" icon="undo" name={t('cmp.undo')} disabled={!nav.undo} {...(nav.undo ? {} : { why: t('cmp.undo.none') })} onClick={() => nav.undo?.()} />
    <span class="sep not-s" />
    <Button kind="quiet" icon="back" cls="flip" name={t('cmp.before')} disabled={nav.at === 0} onClick={() => nav.go(-1)} />
    <span class="mid nowrap" role="status">{nav.left === null ? '' : <>{num(nav.left)}<span class="mute"> {t('cmp.left', { n: nav.left })}</span></>}</span>
    <Button kind="quiet" icon="chev" cls="flip" name={t('cmp.next')} onClick={() => nav.go(1)} />
    <span class="end" />
    <Button pressed={editing} combo="alt+e" onClick={onEdit}>{t(editing ? 'cmp.edit.back' : 'cmp.edit')}</Button>
    {!editing && <><Button combo="0" busy={nav.busy} onClick={onNobody}>{t('cmp.bad')}</Button>
      <Button combo="m" busy={nav.busy} disabled={v.others === 0 || v.ruling !== null} {...(v.others === 0 ? { why: t('cmp.more.none') } : v.ruling ? { why: t('cmp.more.ruled') } : {})} onClick={onMore}>{t('cmp.more')}</Button></>}
    <Button kind="primary" icon="seal" combo="ctrl+enter" busy={nav.busy} onClick={onSettle}>{t('cmp.settle')}</Button>
  </footer>;
}
