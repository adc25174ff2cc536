/*
 * regions.tsx -- the region list: the same regions as on the stage, as rows.
 * Whoever does not use a pointer, or does not see the stage, works here.
 */
import { useComputed } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Icon, Mark } from '../ui/icon';
import { RegionContext, useWork } from './context';
import { spatialOf } from './result';
import { Node } from './registry';
import type { TaskStore } from './store';
import { controls, flag, type Tag } from './tree';
import { sceneOf, shown } from './visible';

export interface Describe { (id: string): { brief: string; title?: string } }

/* `describe` must stay the same function while the task does. */
export function RegionList({ describe }: { describe: Describe }) {
  const { store } = useWork();
  const list = useRef<HTMLUListElement>(null), kept = useRef<{ of: Describe; rows: Map<string, VNode> }>({ of: describe, rows: new Map() });
  const ids = store.regions.value;
  const sel = store.selection.value;
  useEffect(() => {
    if (sel !== null) list.current?.querySelector(`[data-row="${CSS.escape(sel)}"]`)?.scrollIntoView({ block: 'nearest' });
  }, [sel]);
  const onKey = (e: KeyboardEvent): void => {
    if (e.ctrlKey || e.altKey || e.shiftKey || e.metaKey) return;
    const by = e.key === 'ArrowDown' ? 1 : e.key === 'ArrowUp' ? -1 : 0;
    if (!by || !(e.target as Element).matches('.rsel')) return;
    const rows = Array.from(list.current!.querySelectorAll<HTMLElement>('.rsel'));
    const next = rows[rows.indexOf(e.target as HTMLElement) + by];
    if (next) { next.focus(); next.click(); }
    e.preventDefault();
    e.stopPropagation();
  };
  if (!ids.length) return <p class="mute small none">{t('an.regions.none')}</p>;
  // The same node again means: nothing to compare. A row looks after itself; adding one of 1000 makes one.
  const next = new Map<string, VNode>();
  const rows = ids.map((id, i) => {
    const key = `${id} ${i}`;
    const row = kept.current.of === describe ? kept.current.rows.get(key) : undefined;
    const v = row ?? <Row key={id} id={id} n={i + 1} describe={describe} />;
    next.set(key, v);
    return v;
  });
  kept.current = { of: describe, rows: next };
  return <ul class="rlist grow" ref={list} onKeyDown={onKey}>{rows}</ul>;
}

function Row({ id, n, describe }: { id: string; n: number; describe: Describe }) {
  const { store } = useWork();
  // Computed here, a row is drawn again only when its own answer changes.
  const sel = useComputed(() => store.selection.value === id).value;
  const items = store.items(id);
  const labels = store.labelsOf(id), info = store.info(labels[0]);
  const off = useComputed(() => store.hidden.value.has(id)).value, lock = useComputed(() => store.locked.value.has(id)).value;
  const guess = spatialOf(items)?.origin === 'prediction';
  const score = items.find((r) => typeof r.score === 'number')?.score as number | undefined;
  const d = describe(id);
  const name = labels.map((l) => store.info(l)?.text ?? l).join(', ') || t('an.nolabel');
  const problem = useComputed(() => [...store.problems.value.keys()].some((k) => k.endsWith(`@${id}`))).value;
  return <li class={`${sel ? 'sel' : ''} ${off ? 'off' : ''} ${problem ? 'is-bad' : ''}`} data-row={id}>
    <button type="button" class="rsel" aria-pressed={sel} onClick={() => { store.selection.value = id; }}
      onFocus={(e) => { if (e.currentTarget.matches(':focus-visible')) store.selection.value = id; }}>
      <span class="n">{n}</span>{info ? <span style={info.background ? { '--c': info.background } : undefined} class={info.background ? 'own' : ''}><Mark n={info.n + 1} /></span> : <span class="mute">?</span>}
      <span class={`cut ${sel ? 'mid' : ''}`}><bdi>{d.title ?? name}</bdi>{d.title !== undefined && <span class="vh">, {name}</span>}</span>
      <span class="g">{guess ? (score === undefined ? t('an.guess') : t('an.guess.score', { p: Math.round(score * 100) })) : d.brief}</span>
    </button>
    {guess && !store.readOnly && <button type="button" class="pill acc" onClick={() => store.confirm(id)}>{t('an.confirm')}</button>}
    <span class="acts">
      <Button kind="quiet" icon={off ? 'eyeoff' : 'eye'} pressed={off} name={t('an.hide', { n })} onClick={() => store.toggle('hidden', id)} />
      {!store.readOnly && <><Button kind="quiet" icon="lock" pressed={lock} name={t('an.lock', { n })} onClick={() => store.toggle('locked', id)} />
        <Button kind="quiet" icon="trash" name={t('an.region.remove', { n })} onClick={() => store.remove(id)} /></>}
    </span>
  </li>;
}

/* Below the list: the selected region, its numbers and what is asked about it. */
export function RegionDetail({ fields, shift }: { fields?: (id: string) => ComponentChildren; shift?: (place: Record<string, unknown>) => Record<string, unknown> }) {
  const { store } = useWork();
  const id = store.selection.value;
  if (id === null || !store.has(id)) return null;
  const n = store.regions.value.indexOf(id) + 1, info = store.info(store.labelsOf(id)[0]);
  const problem = store.problems.value.get(`region@${id}`);
  const asked = questionsFor(store, id);
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
