/*
 * body.tsx -- a task from label bar to lists, in the layout its config asks for.
 * The annotate page puts its bars around it; previews use it as it is.
 *
 * From task to task the page stays and gets another work: what is in a store is
 * in the store of one task only, and what a component keeps beside it is made
 * anew by `key={work.n}`.  Without that key stands what shows nothing but its
 * store: bars, stage, and the tags that say so (`stays`, registry.tsx).
 */
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { ImageModel } from '../stage/image/model';
import { WorkContext, type Work } from './context';
import { family } from './families';
import { dealKeys, ratingKeys } from './keymap';
import { LabelBar } from './labelbar';
import { hoistedBy, layoutOf, type Layout } from './layout';
import { Node } from './registry';
import { shapeOf, spatialOf } from './result';
import { TaskStore, type Task } from './store';
import type { Tag } from './tree';
import './tags.css';

export interface TaskWork extends Work { layout: Layout; model: ImageModel | null; copy(id: string): void }

let works = 0;

/* The families of the tree are loaded by now (families.ts). */
export function workOf(store: TaskStore, live: boolean): TaskWork {
  const layout = layoutOf(store.tree), keys = dealKeys(store.tree), picture = family('picture');
  const model = layout.kind === 'picture' && picture
    ? picture.modelOf(store, layout.images, !store.readOnly) : null;
  return {
    n: ++works, store, keys, stars: ratingKeys(store.tree, keys), hoisted: hoistedBy(store.tree, layout), live, layout, model,
    copy: (id) => {
      const r = spatialOf(store.peek(id));
      if (r && shapeOf(r) === 'span') store.duplicate(id, () => ({}));
      else model?.ask((ed) => ed.copy(id));
    },
  };
}

export function useTask(tree: Tag, task: Task, result: unknown, readOnly: boolean, live: boolean, key = ''): TaskWork {
  return useMemo(() => workOf(new TaskStore(tree, task, result, { readOnly }), live), [tree, task.id, task.data, readOnly, key]);
}

export function TaskBody({ work, guide }: { work: TaskWork; guide?: ComponentChildren }) {
  const { layout, store } = work, Picture = family('picture')?.PictureTask, Words = family('marked')?.TextTask;
  return <WorkContext.Provider value={work}>
    <LabelBar onPick={(l) => work.model?.follow(l)} />
    {layout.kind === 'picture' && Picture ? <Picture work={work} guide={guide} />
      : layout.kind === 'text' && Words ? <Words work={work} guide={guide} />
        : <main class={`mid1 ${guide ? 'guided' : ''}`}>{guide}<div class="scroll task-root"><div class="sheet-in"><Node tag={store.tree} /></div></div></main>}
  </WorkContext.Provider>;
}
