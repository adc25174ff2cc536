/* Conditions in capsules: field, comparison, value, remove. One that is open shows its comparison and value to choose, how
   the tasks are spread over it where that is cheap to know, and how many tasks it would leave. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get, post } from '../core/api';
import { uid } from '../core/a11y';
import { num, share, t, type Key } from '../core/i18n';
import { clockTime } from '../core/time';
import { Button, Segmented } from '../ui/button';
import { Float } from '../ui/float';
import { Icon } from '../ui/icon';
import { columnName } from './tasks-columns';
import { columnsOf, complete, fresh, nameOf, OPERATORS, toServer, wants, withOperator, type Column, type Condition, type Field, type Query, type Value } from './tasks-query';
import { Spread } from './tasks-spread';

export interface Person { person: number; name: string; email: string }

const states = ['waiting', 'started', 'settled'] as const;
const stateWord = (s: string) => t(s === 'settled' ? 'state.settled' : s === 'started' ? 'state.going' : 'state.waiting');
const operatorsOf = (name: string, c: Condition) => name === 'state' ? ['equal', 'not_equal'] : c.operator === 'unsorted' ? ['unsorted', ...OPERATORS[c.type]] : OPERATORS[c.type];
/** Agreement is per cent on the wire and a share to people. */
const scaled = (name: string, v: number) => name === 'agreement' ? v / 100 : v;

function said(name: string, v: string | number | boolean, people: readonly Person[]): string {
  if (name === 'state') return stateWord(String(v));
  if (name === 'annotators') return people.find(p => p.person === Number(v))?.name || t('person.n', { n: String(v) });
  if (typeof v === 'boolean') return t(v ? 'cond.yes' : 'cond.no');
  if (typeof v === 'number') return name === 'agreement' ? share(scaled(name, v)) : num(v, { maximumFractionDigits: 6 });
  return v;
}

export function valueText(c: Condition, people: readonly Person[]): string {
  const name = nameOf(c.filter), v = c.value;
  if (!complete(c)) return '…';
  if (wants(c.operator) === 'yes') return t(v === false ? 'cond.no' : 'cond.yes');
  if (Array.isArray(v)) return v.map(x => said(name, x, people)).join(', ');
  if (typeof v === 'object' && v !== null) return t('cond.range', { a: said(name, v.min, people), b: said(name, v.max, people) });
  if (c.type === 'Datetime' && typeof v === 'string') return v.length > 10 ? clockTime(v) : v;
  return v === null ? '…' : said(name, v, people);
}

interface Place { project: number | string; fields: readonly Field[]; people: readonly Person[] }
interface BarProps extends Place { query: Query; onQuery: (q: Query) => void; adding: boolean; onAdding: (on: boolean) => void; wrong: Record<string, string> }

export function FilterBar({ query, onQuery, adding, onAdding, wrong, ...place }: BarProps) {
  const [open, setOpen] = useState(-1);
  const put = (i: number, c: Condition) => onQuery({ ...query, items: query.items.map((x, k) => k === i ? c : x) });
  const drop = (i: number) => { setOpen(-1); onQuery({ ...query, items: query.items.filter((_, k) => k !== i) }); };
  // What is being said may be ahead of the question by a moment: closing takes it as it stands, or drops it unfinished.
  const latest = useRef<Condition | null>(null);
  const close = (i: number) => {
    const c = latest.current ?? query.items[i];
    latest.current = null;
    setOpen(-1);
    if (c && !complete(c)) drop(i); else if (c && c !== query.items[i]) put(i, c);
  };
  return <div class="row wrap conds" role="group" aria-label={t('cond.all')}>
    <Icon i="filter" cls="mute" />
    {query.items.length > 1 && <select class="input conj" aria-label={t('cond.join')} value={query.conjunction} onChange={e => onQuery({ ...query, conjunction: e.currentTarget.value as 'and' | 'or' })}>
      <option value="and">{t('cond.and')}</option><option value="or">{t('cond.or')}</option></select>}
    {query.items.map((c, i) => {
      const name = columnName(nameOf(c.filter)), op = t(`op.${c.operator}` as Key), value = valueText(c, place.people), bad = wrong[`filters.items[${i}]`];
      return <div class="condwrap" key={i}>
        <span class={`cond ${open === i ? 'is-open' : ''} ${bad ? 'is-bad' : ''}`}>
          <button type="button" class="condbody" aria-expanded={open === i} onClick={() => { if (open === i) close(i); else setOpen(i); }}><span class="mid" dir="auto">{name}</span><span class="op">{op}</span><span class="cut" dir="auto">{value}</span></button>
          <button type="button" aria-label={t('cond.remove', { name })} onClick={() => drop(i)}><Icon i="x" /></button>
        </span>
        {bad && <span class="small bad" role="alert">{bad}</span>}
        {open === i && <Float name={t('cond.one', { name })} cls="condpop" onClose={() => close(i)}><Editor c={c} query={query} i={i} latest={latest} onPut={x => put(i, x)} onDone={() => close(i)} {...place} /></Float>}
      </div>;
    })}
    <div class="condwrap">
      <Button kind="quiet" icon="plus" combo="f" onClick={() => onAdding(!adding)} cls="h28">{t('cond.add')}</Button>
      {adding && <Float name={t('cond.add')} cls="condpop pick" onClose={() => onAdding(false)}>
        <Pick columns={columnsOf(place.fields)} onPick={c => { onAdding(false); onQuery({ ...query, items: [...query.items, fresh(c)] }); setOpen(query.items.length); }} /></Float>}
    </div>
  </div>;
}

/** All columns by name, narrowed by typing; arrows and enter choose. */
export function Pick({ columns, onPick }: { columns: readonly Column[]; onPick: (c: Column) => void }) {
  const [text, set] = useState(''), [at, setAt] = useState(0), id = useMemo(() => uid('p'), []), list = useRef<HTMLUListElement>(null);
  const found = columns.filter(c => columnName(c.name).toLowerCase().includes(text.trim().toLowerCase()));
  const here = Math.min(at, found.length - 1);
  useEffect(() => { list.current?.children[here]?.scrollIntoView({ block: 'nearest' }); }, [here]);
  const key = (e: KeyboardEvent) => {
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    if (by) { e.preventDefault(); setAt((here + by + found.length) % Math.max(1, found.length)); }
    if (e.key === 'Enter' && !e.isComposing && found[here]) { e.preventDefault(); onPick(found[here]!); }
  };
  return <>
    <input class="input" data-first role="combobox" aria-expanded="true" aria-controls={id} aria-autocomplete="list" aria-activedescendant={found[here] ? `${id}-${here}` : undefined} aria-label={t('cond.which')} placeholder={t('cond.which')} value={text} onInput={e => { set(e.currentTarget.value); setAt(0); }} onKeyDown={key} />
    <ul role="listbox" id={id} class="picklist" aria-label={t('cond.columns')} ref={list}>{found.map((c, i) =>
      <li role="option" id={`${id}-${i}`} key={c.name} aria-selected={i === here} onPointerMove={() => setAt(i)} onClick={() => onPick(c)}><span dir="auto">{columnName(c.name)}</span><span class="small mute end">{t(`kind.${c.kind}`)}</span></li>)}</ul>
    {found.length === 0 && <p class="small mute">{t('cond.nocolumn')}</p>}
  </>;
}

function Editor({ c, query, i, latest, onPut, onDone, project, fields, people }: Place & { c: Condition; query: Query; i: number; latest: { current: Condition | null }; onPut: (c: Condition) => void; onDone: () => void }) {
  const name = nameOf(c.filter), want = wants(c.operator), [left, setLeft] = useState<number | null>(null), [draft, setDraft] = useState(c);
  const wait = useRef(0);
  const put = (x: Condition, now = false) => { setDraft(x); latest.current = x; clearTimeout(wait.current); if (now) onPut(x); else wait.current = window.setTimeout(() => onPut(x), 350); };
  useEffect(() => () => clearTimeout(wait.current), []);
  const number = c.type === 'Number', field = name.startsWith('data.') ? fields.find(f => `data.${f.name}` === name) : undefined;

  // How many tasks it would leave: asked a moment after the last change.
  useEffect(() => {
    if (!complete(draft)) { setLeft(null); return; }
    const stop = new AbortController();
    const at = setTimeout(() => {
      const q = toServer({ ...query, items: query.items.map((x, k) => k === i ? draft : x), ordering: [] });
      post<{ total: number }>(`/api/projects/${project}/tasks/map`, { query: q, step: 1_000_000 }, { signal: stop.signal, idempotency: '' }).then(v => setLeft(v.total), () => setLeft(null));
    }, 400);
    return () => { clearTimeout(at); stop.abort(); };
  }, [JSON.stringify(draft)]);

  const pair = (v: Value) => typeof v === 'object' && v !== null && !Array.isArray(v) ? v : { min: '', max: '' };
  const read = (s: string): string | number => number ? (s === '' ? '' : name === 'agreement' ? Math.round(Number(s) * 1e6) / 1e4 : Number(s)) : s;
  const show = (v: unknown) => typeof v === 'number' ? String(scaled(name, v)) : typeof v === 'string' ? v : '';
  const one = (label: string, value: unknown, on: (v: string | number) => void, first = false) =>
    <input class="input" {...(first ? { 'data-first': true } : {})} type={(number ? 'number' : c.type === 'Datetime' ? 'date' : 'text') as 'text'} {...(number ? { step: name === 'agreement' ? '0.01' : 'any', inputMode: 'decimal' as const } : {})} dir="auto" aria-label={label} value={show(value)}
      onInput={e => on(read(e.currentTarget.value))} onKeyDown={e => { if (e.key === 'Enter' && !e.isComposing) onDone(); }} />;
  return <>
    <div class="row"><span class="mid" dir="auto">{columnName(name)}</span><span class="small mute">{t(`kind.${c.type}`)}</span></div>
    <select class="input" aria-label={t('cond.operator')} value={c.operator} onChange={e => put(withOperator(draft, e.currentTarget.value), true)}>{operatorsOf(name, c).map(o => <option key={o} value={o}>{t(`op.${o}` as Key)}</option>)}</select>
    {(number || c.type === 'String') && name !== 'state' && <Spread project={project} name={name} field={field} value={draft.value} operator={c.operator} onPick={v => put({ ...draft, value: want === 'list' ? [v] : v }, true)} />}
    {want === 'yes' ? <Segmented name={t('cond.value')} value={draft.value === false ? 'no' : 'yes'} onChange={v => put({ ...draft, value: v === 'yes' }, true)} options={[['yes', t('cond.yes')], ['no', t('cond.no')]]} />
      : c.type === 'Boolean' ? <Segmented name={t('cond.value')} value={draft.value === false ? 'no' : 'yes'} onChange={v => put({ ...draft, value: v === 'yes' }, true)} options={[['yes', t('cond.yes')], ['no', t('cond.no')]]} />
      : name === 'state' ? <Segmented name={t('cond.value')} value={String(draft.value) as typeof states[number]} onChange={v => put({ ...draft, value: v }, true)} options={states.map(s => [s, stateWord(s)] as const)} />
      : name === 'annotators' ? <select class="input" data-first aria-label={t('cond.value')} value={String(Array.isArray(draft.value) ? draft.value[0] : draft.value ?? '')} onChange={e => put({ ...draft, value: e.currentTarget.value ? Number(e.currentTarget.value) : null }, true)}>
        <option value="">{t('cond.choose')}</option>{people.map(p => <option key={p.person} value={p.person}>{p.name || p.email}</option>)}</select>
      : want === 'range' ? <div class="row">{one(t('cond.from'), pair(draft.value).min, v => put({ ...draft, value: { ...pair(draft.value), min: v } }), true)}<span class="mute">–</span>{one(t('cond.to'), pair(draft.value).max, v => put({ ...draft, value: { ...pair(draft.value), max: v } }))}</div>
      : want === 'list' ? <input class="input" data-first dir="auto" aria-label={t('cond.list')} placeholder={t('cond.list')} value={Array.isArray(draft.value) ? draft.value.map(show).join(', ') : ''}
        onInput={e => { const list = e.currentTarget.value.split(',').map(s => s.trim()).filter(Boolean).map(read).filter(x => typeof x === 'string' || Number.isFinite(x)); put({ ...draft, value: list.length ? list : null }); }} />
      : one(t('cond.value'), draft.value, v => put({ ...draft, value: v === '' ? null : v }), true)}
    {c.operator === 'regex' && <p class="small mute">{t('cond.regex')}</p>}
    {field && !field.number && !field.word && <p class="small mute">{t('cond.head')}</p>}
    <div class="row"><span class="small mute grow" role="status">{left === null ? '' : t('cond.left', { n: left })}</span><Button kind="primary" onClick={onDone}>{t('cond.done')}</Button></div>
  </>;
}

export function useMembers(project: number | string): Person[] {
  const [list, set] = useState<Person[]>([]);
  useEffect(() => { get<{ results: Person[] } | Person[]>(`/api/projects/${project}/members`, { query: { limit: 500 } }).then(v => set(Array.isArray(v) ? v : v.results), () => {}); }, [project]);
  return list;
}
