/*
 * links.tsx -- relations between regions: what the list, the arcs and the keys share.
 *
 * A relation has two ends (from_id, to_id), a direction (right, left, bi) and
 * labels.  One relation or one region is chosen, never both.  What shows
 * relations comes in a chunk of its own, once a task can have any.
 */
import { signal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { announce } from '../core/a11y';
import { keys } from '../core/hotkeys';
import { t } from '../core/i18n';
import type { Describe } from './regions';
import type { TaskStore } from './store';
import { stored, parts, type Tag } from './tree';

type View = typeof import('./relations');

export interface Links {
  chosen: Signal<string | null>;       // a relation
  near: Signal<string | null>;         // a relation under the pointer, in the list or on the page
  from: Signal<string | null>;         // the first end, while the second is asked for
}

const all = new WeakMap<TaskStore, Links>();
export function linksOf(store: TaskStore): Links {
  let l = all.get(store);
  if (!l) all.set(store, l = { chosen: signal(null), near: signal(null), from: signal(null) });
  return l;
}

export const relationsView: Signal<View | null> = signal(null);
let asked: Promise<View> | null = null;
export function needRelations(): Promise<View> {
  return asked ??= import('./relations').then((m) => { relationsView.value = m; return m; });
}

export const relationTags = (store: TaskStore): Tag[] =>
  [...parts(store.tree)].filter((x) => x.tag === 'Relations').flatMap((r) => r.children.filter((c) => c.tag === 'Relation'));
export const relationLabels = (store: TaskStore): string[] => relationTags(store).map(stored);

export function choose(store: TaskStore, id: string | null): void {
  const l = linksOf(store);
  if (id !== null) store.selection.value = null;
  l.chosen.value = id;
}

/* The relation of two regions: the one that is there, else a new one. It is chosen then. */
export function relate(store: TaskStore, from: string, to: string): void {
  const l = linksOf(store);
  l.from.value = null;
  if (store.readOnly || from === to) return;
  void needRelations();
  const had = store.relations.find(([, r]) => r.from_id === from && r.to_id === to);
  if (had) { choose(store, had[0]); return; }
  const id = store.addLoose({ type: 'relation', from_id: from, to_id: to, direction: 'right', ...(relationLabels(store).length ? { labels: relationLabels(store).slice(0, 1) } : {}) });
  choose(store, id);
  announce(t('an.relation.made'));
}

/* Ask for the second end. */
export function begin(store: TaskStore): boolean {
  const id = store.selection.peek();
  if (id === null || store.readOnly) return false;
  linksOf(store).from.value = id;
  void needRelations();
  announce(t('an.relation.second'));
  return true;
}

/* alt+r on a region, then the next region chosen is the other end. */
export function bindRelating(store: TaskStore): () => void {
  const l = linksOf(store);
  const offs = [
    keys.bind('page', [{ id: 'relate', act: () => begin(store) }]),
    keys.bind('region', [{ combo: 'esc', act: () => {
      if (l.from.peek() !== null) { l.from.value = null; return true; }
      if (l.chosen.peek() !== null) { l.chosen.value = null; return true; }
      return false;
    } }]),
    store.selection.subscribe((id) => {
      if (id === null) return;
      const from = l.from.peek();
      if (from !== null && from !== id) relate(store, from, id);
      else l.chosen.value = null;
    }),
  ];
  return () => { offs.forEach((off) => off()); l.from.value = null; };
}

export const hasRelations = (store: TaskStore): boolean => relationTags(store).length > 0 || store.relations.length > 0;

/* The relations of a task where there can be some: a list, and what is chosen below it. */
export function RelationPart({ store, describe, bare }: { store: TaskStore; describe: Describe; bare?: boolean }) {
  const has = hasRelations(store) || linksOf(store).from.value !== null;
  useEffect(() => { if (has) void needRelations(); }, [has]);
  const View = relationsView.value?.RelationList;
  return has && View ? <>
    {!bare && <header class="rel-head"><h2>{t('an.relations')}</h2><span class="count">{store.relations.length}</span></header>}
    <View store={store} describe={describe} />
  </> : null;
}
