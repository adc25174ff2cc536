/*
 * preview.tsx -- a task on other pages: tried out while a project is made
 * (TaskPreview), or an answer looked at, read only (ResultView).
 */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { TaskBody, useTask } from './body';
import { isLoaded, load } from './families';
import type { Tag } from './tree';
import './preview.css';

interface Common { tree: Tag; data: Record<string, unknown> }

/* True once everything the tree needs is here. */
function useLoaded(tree: Tag): boolean {
  const [, again] = useState(0);
  useEffect(() => {
    let live = true;
    if (!isLoaded(tree)) void load(tree).then(() => { if (live) again((n) => n + 1); });
    return () => { live = false; };
  }, [tree]);
  return isLoaded(tree);
}

/* Interactive, saves nothing. A change of tree or data starts afresh. */
export function TaskPreview(p: Common) {
  return useLoaded(p.tree) ? <Preview {...p} /> : <div class="preview" aria-busy="true" />;
}

function Preview({ tree, data }: Common) {
  const work = useTask(tree, { id: 0, data }, null, false, false);
  return <div class="preview" data-density="compact"><TaskBody work={work} /></div>;
}

/* One answer as its author saw it; nothing can be changed. */
export function ResultView(p: Common & { result: unknown }) {
  return useLoaded(p.tree) ? <Still {...p} /> : <div class="preview still" aria-busy="true" />;
}

function Still({ tree, data, result }: Common & { result: unknown }) {
  const key = useMemo(() => JSON.stringify(result), [result]);
  const work = useTask(tree, { id: 0, data }, result, true, false, key);
  return <div class="preview still" data-density="compact"><TaskBody work={work} /></div>;
}

export default TaskPreview;
