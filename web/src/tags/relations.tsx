/*
 * relations.tsx -- relations as a list (the accessible twin of arcs and lines),
 * the chosen one below it, and straight lines between regions of a picture.
 */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { keyOf } from '../core/actions';
import { addMessages, t } from '../core/i18n';
import { keys } from '../core/hotkeys';
import { Button, Kbd, Segmented } from '../ui/button';
import { Mark } from '../ui/icon';
import words from '../i18n/en/span.json';
import { choose, linksOf, relationLabels, relationTags } from './links';
import type { Describe } from './regions';
import type { Result } from './result';
import type { TaskStore } from './store';
import { isTag, stored, walk } from './tree';
import './relations.css';

await addMessages('span', words);

export type Way = 'right' | 'left' | 'bi';
export const wayOf = (r: Result): Way => (r.direction === 'left' || r.direction === 'bi' ? r.direction : 'right');
export const namesOf = (r: Result): string[] => (Array.isArray(r.labels) ? r.labels.filter((x): x is string => typeof x === 'string') : []);
const ARROW: Record<Way, string> = { right: '→', left: '←', bi: '↔' };

function set(store: TaskStore, id: string, patch: Record<string, unknown>): void {
  store.change('relation', [[id, store.peek(id).map((r) => ({ ...r, ...patch }))]]);
  store.history.seal();
}

export function removeRelation(store: TaskStore, id: string): void {
  choose(store, null);
  store.change('relation', [[id, null]]);
  store.history.seal();
}

const turn = (store: TaskStore, id: string, r: Result): void => set(store, id, { from_id: r.to_id, to_id: r.from_id });

/* A name on or off; one only, unless the config lets several. */
function name(store: TaskStore, id: string, r: Result, label: string): void {
  const now = namesOf(r), many = [...walk(store.tree)].some((x) => isTag(x, 'Relations') && x.attrs.choice === 'multiple');
  const next = now.includes(label) ? now.filter((x) => x !== label) : many ? [...now, label] : [label];
  set(store, id, { labels: next });
}

/* While a relation is chosen digits name it, and delete takes it away. */
function bindChosen(store: TaskStore): () => void {
  const l = linksOf(store), labels = relationLabels(store).slice(0, 9);
  const on = (act: (id: string, r: Result) => void) => (): boolean => {
    const id = l.chosen.peek(), r = id === null ? undefined : store.peek(id)[0];
    if (id === null || !r || store.readOnly) return false;
    act(id, r);
    return true;
  };
  const remove = on((id) => removeRelation(store, id));
  return keys.bind('region', [
    ...labels.map((x, i) => ({ combo: String(i + 1), act: on((id, r) => name(store, id, r, x)) })),
    { combo: 'alt+t', act: on((id, r) => turn(store, id, r)), what: t('an.relation.turn') },
    { combo: 'delete', act: remove }, { combo: 'backspace', act: remove },
  ]);
}

export function RelationList({ store, describe }: { store: TaskStore; describe: Describe }) {
  const l = linksOf(store), list = store.relations, chosen = l.chosen.value, box = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => bindChosen(store), [store]);
  useLayoutEffect(() => {
    if (chosen !== null) box.current?.querySelector('[aria-pressed="true"]')?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const onKey = (e: KeyboardEvent): void => {
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0, el = e.target as HTMLElement;
    if (!by || e.ctrlKey || e.altKey || e.shiftKey || e.metaKey || !el.matches('.relb')) return;
    const rows = Array.from(box.current!.querySelectorAll<HTMLElement>('.relb')), next = rows[rows.indexOf(el) + by];
    next?.focus();
    next?.click();
    e.preventDefault();
    e.stopPropagation();
  };
  const first = l.from.value, open = chosen === null ? undefined : list.find(([id]) => id === chosen);
  return <>
    <div class="rel-scroll grow">
      {first !== null && <p class="note small rel-ask" role="status"><span>{t('rel.second', { name: describe(first).title ?? '' })}</span>
        <Button kind="quiet" onClick={() => { l.from.value = null; }}>{t('an.cancel')}</Button></p>}
      {list.length ? <ul class="list rels" ref={box} onKeyDown={onKey}>{list.map(([id, r]) => <li key={id} class={`${id === chosen ? 'sel' : ''} ${l.near.value === id ? 'is-hover' : ''}`}
        onMouseEnter={() => { l.near.value = id; }} onMouseLeave={() => { if (l.near.peek() === id) l.near.value = null; }}>
        <button type="button" class="relb rel" aria-pressed={id === chosen} onClick={() => choose(store, id)}
          onFocus={(e) => { if (e.currentTarget.matches(':focus-visible')) choose(store, id); }}>
          <End store={store} id={r.from_id} describe={describe} />
          <span class="rel-name way"><span class="cut" dir="auto">{namesOf(r).join(', ')}</span><Arrow way={wayOf(r)} /></span>
          <End store={store} id={r.to_id} describe={describe} />
        </button></li>)}</ul>
        : first === null && <p class="mute small none">{t('an.relations.none')}</p>}
    </div>
    {open && <Detail store={store} id={open[0]} r={open[1]} />}
  </>;
}

const Arrow = ({ way }: { way: Way }) => <><span class="arrow" aria-hidden="true">{ARROW[way]}</span><span class="vh">{t(`rel.way.${way}` as 'rel.way.right')}</span></>;

function End({ store, id, describe }: { store: TaskStore; id: unknown; describe: Describe }) {
  const key = String(id), info = store.info(store.labelsOf(key)[0]);
  const text = describe(key).title ?? info?.text ?? (store.has(key) ? t('an.region', { n: store.regions.value.indexOf(key) + 1 }) : t('rel.gone'));
  return <span class="lab">{info && <Mark n={info.n + 1} />}<bdi class="cut">{text}</bdi></span>;
}

function Detail({ store, id, r }: { store: TaskStore; id: string; r: Result }) {
  const tags = relationTags(store), now = namesOf(r);
  const strange = now.filter((x) => !tags.some((g) => stored(g) === x));
  return <section class="detail" aria-label={t('rel.one')}>
    <div class="row"><span class="mid cut" dir="auto">{now.join(', ') || t('rel.one')}</span>
      {!store.readOnly && <span class="end row">
        <Button kind="quiet" icon="redo" name={t('an.relation.turn')} combo="alt+t" onClick={() => turn(store, id, r)} />
        <Button kind="quiet" icon="trash" name={t('an.relation.remove')} onClick={() => removeRelation(store, id)} /></span>}</div>
    {!store.readOnly && <>
      {tags.length + strange.length > 0 && <div class="row wrap" role="group" aria-label={t('rel.names')}>
        {[...tags.map((g) => ({ v: stored(g), text: g.attrs.value ?? stored(g) })), ...strange.map((v) => ({ v, text: v }))].map(({ v, text }, i) =>
          <button type="button" class="btn" key={v} aria-pressed={now.includes(v)} onClick={() => name(store, id, r, v)}>
            <span dir="auto">{text}</span>{i < Math.min(9, tags.length) && <Kbd combo={String(i + 1)} />}</button>)}</div>}
      <Segmented name={t('rel.way')} value={wayOf(r)} onChange={(v) => set(store, id, { direction: v })}
        options={(['right', 'left', 'bi'] as const).map((w) => [w, `${ARROW[w]} ${t(`rel.way.${w}` as 'rel.way.right')}`] as const)} />
      <p class="small mute">{t('rel.hint')} <Kbd combo={keyOf('relate')} /></p>
    </>}
  </section>;
}

/* ---- lines between regions of a picture ---- */

export interface Spot { x: number; y: number }

/* Lines from middle to middle. `at` says where the middle of a region is, null where it is not to be seen. */
export function RelationLines({ store, at }: { store: TaskStore; at: (region: string) => Spot | null }) {
  const l = linksOf(store), out: JSX.Element[] = [];
  for (const [id, r] of store.relations) {
    const a = at(String(r.from_id)), b = at(String(r.to_id));
    if (!a || !b || store.hidden.value.has(String(r.from_id)) || store.hidden.value.has(String(r.to_id))) continue;
    const way = wayOf(r), d = Math.hypot(b.x - a.x, b.y - a.y) || 1, ux = (b.x - a.x) / d, uy = (b.y - a.y) / d, s = 8;
    const tip = (p: Spot, u: number): string => `M${p.x} ${p.y}L${p.x - u * ux * s - uy * s / 2} ${p.y - u * uy * s + ux * s / 2}L${p.x - u * ux * s + uy * s / 2} ${p.y - u * uy * s - ux * s / 2}Z`;
    const text = namesOf(r).join(', '), mid = { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
    out.push(<g key={id} class={`rel-line ${l.chosen.value === id ? 'sel' : ''} ${l.near.value === id ? 'near' : ''}`}
      onPointerDown={(e) => { e.stopPropagation(); choose(store, id); }}
      onPointerEnter={() => { l.near.value = id; }} onPointerLeave={() => { if (l.near.peek() === id) l.near.value = null; }}>
      <path class="hit" d={`M${a.x} ${a.y}L${b.x} ${b.y}`} /><path class="halo" d={`M${a.x} ${a.y}L${b.x} ${b.y}`} /><path class="ln" d={`M${a.x} ${a.y}L${b.x} ${b.y}`} />
      {way !== 'left' && <path class="tip" d={tip(b, 1)} />}{way !== 'right' && <path class="tip" d={tip(a, -1)} />}
      {text && <text x={mid.x} y={mid.y} font-size={12} dy={-5} stroke-width={4}>{text}</text>}
    </g>);
  }
  return <g class="rel-lines" aria-hidden="true">{out}</g>;
}


export { ArcLayer } from '../stage/text/arclayer';
