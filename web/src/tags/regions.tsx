/*
 * regions.tsx -- the region list: the same regions as on the stage, as rows.
 * Whoever does not use a pointer, or does not see the stage, works here.
 */
import { useComputed } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { addMessages, t } from '../core/i18n';
import words from '../i18n/en/regions.json';
import { Button } from '../ui/button';
import { Icon, Mark } from '../ui/icon';
import { windowOf } from '../ui/virtual';
import { RegionContext, useWork } from './context';
import { useItems } from './calm';
import { labelsOf, spatialOf, type Result } from './result';
import { Node } from './registry';
import type { TaskStore } from './store';
import { controls, flag, type Tag } from './tree';
import { sceneOf, shown } from './visible';
import './regions.css';

await addMessages('regions', words);

export interface Describe { (id: string, items?: readonly Result[]): { brief: string; title?: string; spoken?: string } }

/* A list longer than this has only the rows in sight in the page; all of them have one height then. */
const MANY = 150;

/* Without a pointer that hovers the acts of a row are always there. */
const touch = typeof matchMedia === 'function' && matchMedia('(hover: none)').matches;

/* A heading among the rows. */
const HEAD = '\u0000';

/* The regions under a heading for each group, groups in the order of their first region. */
function arranged(ids: string[], group: ((id: string) => string) | undefined): string[] {
  if (!group) return ids;
  const by = new Map<string, string[]>();
  for (const id of ids) { const g = group(id); (by.get(g) ?? by.set(g, []).get(g)!).push(id); }
  return [...by].flatMap(([g, list]) => [`${HEAD}${g} (${list.length})`, ...list]);
}

/* `describe` must stay the same function while the task does. */
export function RegionList({ describe, onHover, group }: { describe: Describe; onHover?: (id: string | null) => void; group?: ((id: string) => string) | undefined }) {
  const { store } = useWork();
  const list = useRef<HTMLUListElement>(null), kept = useRef<{ of: Describe; rows: Map<string, VNode> }>({ of: describe, rows: new Map() });
  const [win, setWin] = useState({ from: 0, to: 40 });
  const all = store.regions.value, ids = useMemo(() => arranged(all, group), [all, group]), shown = useRef(ids), many = ids.length > MANY, height = useRef(32), focus = useRef(false);
  const sel = store.selection.value, place = useRef({ top: 0, size: 600 });      // read when it is known, never in between: that would lay out the page
  shown.current = ids;
  const look = (): void => {
    const w = windowOf(place.current.top, place.current.size, height.current, shown.current.length, 3);
    setWin((old) => (old.from === w.from && old.to === w.to ? old : w));
  };
  const reveal = (): void => {
    const el = list.current, now = store.selection.peek(), i = now === null ? -1 : shown.current.indexOf(now), { top, size } = place.current, y = i * height.current;
    if (!el || i < 0 || (y >= top && y + height.current <= top + size)) return;
    const to = place.current.top = y < top ? y : y + height.current - size;
    look();
    requestAnimationFrame(() => { el.scrollTop = to; });
  };
  useEffect(() => {
    const el = list.current;
    if (!many || !el) return undefined;
    const ro = new ResizeObserver(() => {
      place.current.size = el.clientHeight;
      height.current = el.querySelector<HTMLElement>('.rsel')?.offsetHeight || 32;
      look();
      reveal();
    });
    ro.observe(el);
    return () => ro.disconnect();
  }, [many]);
  useLayoutEffect(() => {
    if (many) reveal();
    else if (sel !== null) list.current?.querySelector(`[data-row="${CSS.escape(sel)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [sel]);
  useLayoutEffect(() => { if (many) look(); }, [many, ids.length]);
  useLayoutEffect(() => {                     // the row the arrow keys went to may have come into the page just now
    if (focus.current && sel !== null) list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(sel)}"] .rsel`)?.focus();
  }, [sel, win]);
  useEffect(() => { focus.current = false; }, [sel, win]);
  const onKey = (e: KeyboardEvent): void => {
    if (e.ctrlKey || e.altKey || e.shiftKey || e.metaKey) return;
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0, row = (e.target as Element).closest('.rsel')?.closest('[data-row]');
    if (!by || !row) return;
    let i = ids.indexOf(store.selection.peek() ?? row.getAttribute('data-row')!) + by;
    if (ids[i]?.startsWith(HEAD)) i += by;
    const next = ids[i];
    if (next !== undefined) { focus.current = true; store.selection.value = next; }
    e.preventDefault();
    e.stopPropagation();
  };
  if (!ids.length) return <p class="mute small none">{t('an.regions.none')}</p>;
  // The same node again means: nothing to compare. A row looks after itself; adding one of 1000 makes one.
  const next = new Map<string, VNode>(), from = many ? Math.min(win.from, ids.length) : 0, to = many ? Math.min(win.to, ids.length) : ids.length;
  const rows = ids.slice(from, to).map((id, j) => {
    if (id.startsWith(HEAD)) return <li key={id} class="ghead">{id.slice(1)}</li>;
    const n = group ? all.indexOf(id) + 1 : from + j + 1, key = `${id} ${n}`;
    const v = (kept.current.of === describe ? kept.current.rows.get(key) : undefined) ?? <Row key={id} id={id} n={n} many={many} describe={describe} />;
    next.set(key, v);
    return v;
  });
  kept.current = { of: describe, rows: next };
  // The rows that are not there are the margins of the first and the last: padding would keep the list from shrinking.
  const pad = many ? { '--above': `${from * height.current}px`, '--below': `${(ids.length - to) * height.current}px` } : undefined;
  return <ul class="rlist grow" ref={list} onKeyDown={onKey} onScroll={many ? (e) => { place.current.top = e.currentTarget.scrollTop; look(); } : undefined} style={pad}
    onMouseOver={onHover && ((e) => onHover((e.target as Element).closest('[data-row]')?.getAttribute('data-row') ?? null))} onMouseLeave={onHover && (() => onHover(null))}>{rows}</ul>;
}

function Row({ id, n, many, describe }: { id: string; n: number; many: boolean; describe: Describe }) {
  const { store } = useWork(), [near, setNear] = useState(false);
  // Computed here, a row is drawn again only when its own answer changes.
  const sel = useComputed(() => store.selection.value === id || store.also.value.has(id)).value;
  const items = useItems(store, id);
  const labels = labelsOf(items), info = store.info(labels[0]);
  const off = useComputed(() => store.hidden.value.has(id)).value, lock = useComputed(() => store.locked.value.has(id)).value;
  const guess = spatialOf(items)?.origin === 'prediction';
  const score = items.find((r) => typeof r.score === 'number')?.score as number | undefined;
  const d = describe(id, items);
  const name = labels.map((l) => store.info(l)?.text ?? l).join(', ') || t('an.nolabel');
  const problem = useComputed(() => [...store.problems.value.keys()].some((k) => k.endsWith(`@${id}`))).value;
  return <li class={`${sel ? 'sel' : ''} ${off ? 'off' : ''} ${problem ? 'is-bad' : ''}`} data-row={id} aria-posinset={many ? n : undefined} aria-setsize={many ? -1 : undefined} onMouseEnter={many ? () => setNear(true) : undefined}>
    <button type="button" class="rsel" aria-pressed={sel} onClick={() => { store.selection.value = id; }}
      onFocus={(e) => { if (e.currentTarget.matches(':focus-visible')) store.selection.value = id; }}>
      <span class="n">{n}</span>{info ? <span style={info.background ? { '--c': info.background } : undefined} class={info.background ? 'own' : ''}><Mark n={info.n + 1} /></span> : <span class="mute">?</span>}
      <span class={`cut ${sel ? 'mid' : ''}`}><bdi>{d.title ?? name}</bdi>{d.title !== undefined && <span class="vh">, {name}</span>}</span>
      <span class="g">{guess ? (score === undefined ? t('an.guess') : t('an.guess.score', { p: Math.round(score * 100) })) : <span aria-hidden={d.spoken ? 'true' : undefined}>{d.brief}</span>}{d.spoken && <span class="vh">, {d.spoken}</span>}</span>
    </button>
    {guess && !store.readOnly && <button type="button" class="pill acc" onClick={() => store.confirm(id)}>{t('an.confirm')}</button>}
    {(!many || near || sel || touch) && <span class="acts">
      <Button kind="quiet" icon={off ? 'eyeoff' : 'eye'} pressed={off} name={t('an.hide', { n })} onClick={() => store.toggle('hidden', id)} />
      {!store.readOnly && <><Button kind="quiet" icon="lock" pressed={lock} name={t('an.lock', { n })} onClick={() => store.toggle('locked', id)} />
        <Button kind="quiet" icon="trash" name={t('an.region.remove', { n })} onClick={() => store.remove(id)} /></>}
    </span>}
    {!many && <Fields id={id} />}
  </li>;
}

/* What a config wants written in the list itself (displayMode="region-list"): every region's text at a glance. */
function Fields({ id }: { id: string }) {
  const { store } = useWork(), asked = questionsFor(store, id).filter(inList);
  return asked.length ? <div class="rfields"><RegionContext.Provider value={id}>{asked.map((c) => <Node key={c.name} tag={c} />)}</RegionContext.Provider></div> : null;
}

const inList = (c: Tag): boolean => c.tag === 'TextArea' && c.attrs.displaymode === 'region-list';

/* Below the list: the selected region, its numbers and what is asked about it. */
export function RegionDetail({ fields, shift }: { fields?: (id: string) => ComponentChildren; shift?: (place: Record<string, unknown>) => Record<string, unknown> }) {
  const { store } = useWork();
  const id = store.selection.value;
  if (id === null || !store.has(id)) return null;
  const n = store.regions.value.indexOf(id) + 1, info = store.info(store.labelsOf(id)[0]);
  const problem = store.problems.value.get(`region@${id}`);
  const listed = store.regions.value.length <= MANY, asked = questionsFor(store, id).filter((c) => !listed || !inList(c));
  return <section class="detail" aria-label={t('an.region', { n })} key={id}>
    <div class="row"><span class="mid lab">{info && <Mark n={info.n + 1} />}{info?.text ?? t('an.nolabel')}</span><span class="mute">{t('an.region', { n })}</span>
      {!store.readOnly && <span class="end row">{shift && <Button kind="quiet" icon="copy" name={t('an.duplicate')} onClick={() => store.duplicate(id, shift)} />}
        <Button kind="quiet" icon="trash" name={t('an.region.remove', { n })} onClick={() => store.remove(id)} /></span>}</div>
    {problem && <p class="err"><Icon i="alert" /><span>{problem}</span></p>}
    {fields?.(id)}
    <RegionContext.Provider value={id}>{asked.map((c) => <div class="col" key={c.name}>
      <span class="small mute" dir="auto">{headOf(c)}</span><Node tag={c} /></div>)}</RegionContext.Provider>
  </section>;
}

export function questionsFor(store: TaskStore, id: string): Tag[] {
  const to = spatialOf(store.items(id))?.to_name;
  return controls(store.tree).filter((c) => flag(c, 'perRegion') && c.toName.includes(to ?? '') && shown(store.tree, c, sceneOf(store, id)));
}

const headOf = (c: Tag): string => c.attrs.label || c.attrs.placeholder || (c.name ?? '').replace(/[_-]+/g, ' ');
