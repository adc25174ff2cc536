/* The tasks of a project: any number of them, narrowed by conditions, in any order that the server can give at once, as one
   saved it, and with acts on many at a time. The question stands in the address bar, so a link shows the same list. */
import './tasks.css';
import words from '../i18n/en/tasks.json';
import { useCallback, useEffect, useMemo, useReducer, useRef, useState } from 'preact/hooks';
import { get } from '../core/api';
import { announce } from '../core/a11y';
import { keys } from '../core/hotkeys';
import { addMessages, t } from '../core/i18n';
import { go, place as here, setQuery } from '../core/router';
import { canManage, canSeeResults, isAuditor } from '../core/session';
import { Empty, Failed } from '../ui/bits';
import { Button } from '../ui/button';
import { Check } from '../ui/field';
import { Icon } from '../ui/icon';
import { Popover } from '../ui/popover';
import { ProjectView, reloadProject, useProject } from './frame';
import { imageField } from './summary';
import { BulkBar } from './tasks-bulk';
import { allColumns, columnName, HIDDEN_AT_FIRST, shownColumns } from './tasks-columns';
import { FilterBar, useMembers } from './tasks-filter';
import { chosenCount, flipped, Grid, NONE, type Selection } from './tasks-grid';
import { fromState, fromText, fromView, NOTHING, orderOf, sameQuery, sorted, toServer, toText, type Field, type Query } from './tasks-query';
import { Rows, wireOf } from './tasks-rows';
import { LeftOut } from './tasks-left';
import { Rail, titleOf, useViews, viewColumns, viewData, type Columns } from './tasks-views';

await addMessages('tasks', words);

/** Where one was in a list, for the way back from a task. */
const places = new Map<string, { top: number; at: number }>();
const placeOf = (key: string) => { let p = places.get(key); if (!p) places.set(key, p = { top: 0, at: -1 }); return p; };

function startColumns(project: string): Columns {
  try {
    const v = JSON.parse(localStorage.getItem(`annotary.tasks.${project}`) ?? 'null') as Columns | null;
    if (v && Array.isArray(v.hidden) && Array.isArray(v.open)) return { hidden: v.hidden, open: v.open, widths: v.widths ?? {} };
  } catch { /* the plain columns, then */ }
  return { hidden: HIDDEN_AT_FIRST, open: [], widths: {} };
}

export default function Tasks({ params }: { params: Record<string, string> }) {
  const id = params.id!, project = Number(id), p = useProject(id), q = here.value.query;
  const core = canManage(p?.my_role) || p?.my_role === 'auditor' || isAuditor.value, manage = canManage(p?.my_role);
  const views = useViews(id, core), people = useMembers(id);
  const [fields, setFields] = useState<Field[]>([]);
  useEffect(() => { if (core) get<{ fields: Field[] }>(`/api/projects/${id}/fields`).then(v => setFields(v.fields), () => {}); }, [id, core]);

  // The question: of the address, else of the view it names.
  const viewId = Number(q.get('view')) || null, view = views.list?.find(v => v.id === viewId) ?? null, text = q.get('q'), find = q.get('find') ?? '';
  const query: Query = useMemo(() => text !== null ? fromText(text) : view ? fromView(view.data) : q.get('state') ? fromState(q.get('state')) : NOTHING, [text, view, q.get('state')]);
  const waits = viewId !== null && text === null && views.list === null;
  const goneView = viewId !== null && views.list !== null && !view;
  const ask = useCallback((next: Query) => setQuery({ q: view && sameQuery(next, fromView(view.data)) ? null : toText(next) ?? (view ? '{}' : null), state: null }), [view]);

  const [columns, setColumns] = useState<Columns>(() => startColumns(id));
  useEffect(() => { setColumns(old => view ? viewColumns(view.data, old) : startColumns(id)); }, [view?.id, id]);
  const keepColumns = (c: Columns) => { setColumns(c); if (!view) try { localStorage.setItem(`annotary.tasks.${id}`, JSON.stringify(c)); } catch { /* not kept, then */ } };

  // The rows. A new question begins a new list; the old one stays on the screen until the new one has its first page.
  const [version, bump] = useReducer((n: number) => n + 1, 0), [round, again] = useReducer((n: number) => n + 1, 0);
  const server = useMemo(() => toServer(query, find), [query, find]), key = `${id} ${JSON.stringify(server) ?? ''}`;
  const [shownNow, setShown] = useState<{ rows: Rows; key: string } | null>(null), coming = useRef<Rows | null>(null), rows = shownNow?.rows ?? null;
  useEffect(() => {
    if (waits) return;
    const mine: Rows = new Rows(wireOf(id), server, () => { if (coming.current === mine && (mine.ready || mine.error)) { coming.current = null; setShown({ rows: mine, key }); } bump(0 as never); }, server ? null : p?.task_number ?? null);
    coming.current = mine;
    return () => mine.dispose();
  }, [key, round, waits]);
  const fresh = coming.current === null;
  const at = placeOf(key), [cursor, setCursor] = useState(at.at);
  useEffect(() => { setCursor(placeOf(key).at); }, [key]);
  const moveTo = (i: number) => { const n = Math.max(0, Math.min((rows?.total ?? 0) - 1, i)); at.at = n; setCursor(n); };

  const [selection, select] = useState<Selection>(NONE), anchor = useRef(-1);
  useEffect(() => { select(NONE); }, [key]);
  const total = rows?.total ?? 0, count = chosenCount(selection, total);
  const check = (i: number, range: boolean) => {
    const row = rows?.at(i);
    if (!row) return;
    if (range && anchor.current >= 0) {
      const ids = new Set(selection.ids), [a, b] = anchor.current < i ? [anchor.current, i] : [i, anchor.current];
      for (let k = a; k <= b; k++) { const r = rows?.at(k); if (r) { if (selection.all) ids.delete(r.id); else ids.add(r.id); } }
      select({ all: selection.all, ids });
    } else select(flipped(selection, row.id));
    anchor.current = i;
    at.at = i;
    setCursor(i);
  };
  const all = () => { select({ all: true, ids: new Set() }); announce(t('bulk.chosen', { n: total, of: total })); };
  const open = (i: number) => { const r = rows?.at(i); if (r) { at.at = i; go(`/projects/${id}/tasks/${r.id}`); } };

  const [adding, setAdding] = useState(false), search = useRef<HTMLInputElement>(null);
  const step = (by: number, mark = false) => { const to = cursor < 0 ? 0 : cursor + by; if (mark && cursor >= 0) { const r = rows?.at(cursor); if (r && !selection.ids.has(r.id)) check(cursor, false); } moveTo(to); if (mark) check(Math.max(0, Math.min(total - 1, to)), true); };
  const act = useRef({ step, moveTo, check, open, all, cursor, total });
  act.current = { step, moveTo, check, open, all, cursor, total };
  const page = () => Math.max(1, Math.floor((document.querySelector('.scroller')?.clientHeight ?? 500) / 53) - 1);
  useEffect(() => keys.bind('page', [
    { combo: 'j', what: t('key.next'), act: () => act.current.step(1) }, { combo: 'k', what: t('key.previous'), act: () => act.current.step(-1) },
    { combo: 'down', act: () => act.current.step(1) }, { combo: 'up', act: () => act.current.step(-1) },
    { combo: 'shift+down', what: t('key.extend'), act: () => act.current.step(1, true) }, { combo: 'shift+up', act: () => act.current.step(-1, true) },
    { combo: 'pagedown', act: () => act.current.step(page()) }, { combo: 'pageup', act: () => act.current.step(-page()) },
    { combo: 'home', what: t('key.first'), act: () => act.current.moveTo(0) }, { combo: 'end', what: t('key.last'), act: () => act.current.moveTo(act.current.total) },
    { combo: 'x', what: t('key.mark'), act: () => act.current.check(Math.max(0, act.current.cursor), false) },
    { combo: 'enter', what: t('key.open'), act: () => { if (act.current.cursor < 0) return false; act.current.open(act.current.cursor); return true; } },
    { combo: 'a', what: t('key.all'), act: () => act.current.all() }, { combo: 'esc', what: t('key.clear'), single: true, act: () => select(NONE) },
    ...(core ? [{ combo: '/', what: t('key.find'), act: () => search.current?.focus() }, { combo: 'f', what: t('key.condition'), act: () => setAdding(true) }] : []),
    { combo: 'b', what: t('key.bulk'), act: () => document.querySelector<HTMLElement>('.bar-bulk button')?.focus() },
  ]), [core]);

  const first = rows?.at(0), image = first?.data ? imageField(first.data) : null;
  const shown = useMemo(() => shownColumns(fields, columns.hidden, columns.open, image !== null).map(c => columns.widths[c.id] ? { ...c, least: c.width, width: columns.widths[c.id]! } : c), [fields, columns, image]);
  const narrowed = query.items.length > 0 || find !== '', changedView = !!view && (text !== null || JSON.stringify(viewColumns(view.data, columns)) !== JSON.stringify(columns));
  const order = orderOf(query), error = rows?.error ?? null, refused = error && (error.status === 400 || error.status === 413);
  const reload = () => { again(0 as never); void reloadProject(id); void views.load(); };

  return <ProjectView p={p} name={t('tasks.title')} cls="page-tasks"
    acts={p && <>
      {core && <form class="find" role="search" onSubmit={e => { e.preventDefault(); setQuery({ find: search.current?.value.trim() || null }); }}><Icon i="search" />
        <input class="input w240" type="search" ref={search} aria-label={t('tasks.find')} placeholder={t('tasks.find')} defaultValue={find} onKeyDown={e => { if (e.key === 'Escape') { e.currentTarget.blur(); } }} onInput={e => { if (e.currentTarget.value === '' && find) setQuery({ find: null }); }} /></form>}
      <ColumnPicker fields={fields} columns={columns} picture={image !== null} onColumns={keepColumns} />
      {manage && <Button icon="in" href={`/projects/${p.id}/import`}>{t('import.add')}</Button>}{canSeeResults(p.my_role) && <Button icon="out" href={`/projects/${p.id}/export`}>{t('tab.export')}</Button>}</>}>
    <div class="toolbar">
      {core ? <FilterBar project={id} fields={fields} people={people} query={query} onQuery={ask} adding={adding} onAdding={setAdding} wrong={error?.fields ?? {}} /> : <span class="small mute">{t('tasks.nofilter')}</span>}
      <span class="end row small mute">{order && <span class="row tight"><Icon i="sort" />{t(order.down ? 'tasks.sorted.down' : 'tasks.sorted.up', { name: columnName(order.name) })}</span>}
        <span role="status" data-total={rows?.mapped ? total : ''}>{!fresh || !rows ? t('loading') : rows.total === null ? '' : t('tasks.n', { n: total })}</span>
        <Button kind="quiet" icon="redo" name={t('tasks.reload')} onClick={reload} /></span>
    </div>
    {goneView && <div class="note warn" role="status"><Icon i="warn" /><div class="grow">{t('view.gone')}</div><Button onClick={() => setQuery({ view: null })}>{t('view.every')}</Button></div>}
    {fresh && rows?.mapped && <LeftOut project={id} query={query} find={find} fields={fields} shown={total} all={p?.task_number ?? null} onQuery={ask} />}
    <div class={core ? 'data' : 'data plain'}>
      {core && <Rail project={project} views={views.list} current={viewId} changed={changedView} total={rows?.mapped ? total : null} all={p?.task_number ?? null} canShare={manage}
        onShow={v => { setQuery({ view: v === null ? null : String(v), q: null, state: null, find: null }); if (search.current) search.current.value = ''; }} data={() => viewData(view ? titleOf(view) : '', query, columns, view?.data)} onViews={views.load} />}
      <div class="tblwrap">
        {error && <div class="tknote"><Failed error={error} {...(refused ? {} : { again: reload })} /></div>}
        {rows && rows.ready && total === 0 && (narrowed
          ? <Empty title={t('tasks.nomatch2')} text={t('tasks.nomatch.text')} art="filter"><Button onClick={() => { if (search.current) search.current.value = ''; setQuery({ q: null, find: null, state: null, view: null }); }}>{t('tasks.showall')}</Button></Empty>
          : <Empty title={t('project.empty')} text={t('project.empty.text')} art="in">{manage && <Button kind="primary" icon="in" href={`/projects/${id}/import`}>{t('import.add')}</Button>}</Empty>)}
        {rows && total > 0 && <Grid key={shownNow!.key} rows={rows} version={version} columns={shown} around={{ image, people: rows.people }} rowHeight={image ? 53 : 41} label={t('tasks.title')} query={query} canSort={core}
          at={cursor} onAt={moveTo} place={at} selection={selection} onCheck={check} onAll={() => count === total ? select(NONE) : all()} onOpen={open}
          onSort={name => ask(sorted(query, name))} onWidth={(c, w) => keepColumns({ ...columns, widths: { ...columns.widths, [c]: w } })} />}
        {!rows && !error && <p class="mute tknote" role="status">{t('loading')}</p>}
        <BulkBar project={project} total={total} count={count} selection={selection} query={server} people={people} canManage={manage} onAll={all} onClear={() => select(NONE)} onChanged={reload} />
      </div>
    </div>
  </ProjectView>;
}

function ColumnPicker({ fields, columns, picture, onColumns }: { fields: Field[]; columns: Columns; picture: boolean; onColumns: (c: Columns) => void }) {
  const flip = (list: string[], id: string) => list.includes(id) ? list.filter(x => x !== id) : [...list, id];
  return <Popover end icon="table" label={t('tasks.columns')}>{() => <div class="colpick" role="group" aria-label={t('tasks.columns')}>
    {allColumns(fields).filter(c => c.id !== 'picture' || picture).map(c => {
      const data = c.id.startsWith('data.'), on = data ? columns.open.includes(c.id) : !columns.hidden.includes(c.id), name = columnName(c.id);
      return <div class="row" key={c.id}><span class="grow"><Check checked={on} label={<span dir="auto">{name}</span>} onChange={() => onColumns(data ? { ...columns, open: flip(columns.open, c.id) } : { ...columns, hidden: flip(columns.hidden, c.id) })} /></span>
        {on && <input class="input width" type="number" min={56} max={900} step={8} aria-label={t('tasks.width', { name })} value={columns.widths[c.id] ?? c.width} onChange={e => { const w = e.currentTarget.valueAsNumber; if (w >= 56 && w <= 900) onColumns({ ...columns, widths: { ...columns.widths, [c.id]: w } }); }} />}</div>;
    })}
    <Button kind="quiet" onClick={() => onColumns({ hidden: HIDDEN_AT_FIRST, open: [], widths: {} })}>{t('tasks.columns.reset')}</Button></div>}</Popover>;
}

