/*
 * preview.tsx -- a task on other pages: tried out while a project is made
 * (TaskPreview), or an answer looked at, read only (ResultView).
 */
import { useMemo } from 'preact/hooks';
import { TaskBody, useTask } from './body';
import type { Tag } from './tree';

interface Common { tree: Tag; data: Record<string, unknown> }

/* Interactive, saves nothing. A change of tree or data starts afresh. */
export function TaskPreview({ tree, data }: Common) {
  const work = useTask(tree, { id: 0, data }, [], false, false);
  return <div class="preview" data-density="compact"><TaskBody work={work} /></div>;
}

/* One answer as its author saw it; nothing can be changed. */
export function ResultView({ tree, data, result }: Common & { result: unknown }) {
  const key = useMemo(() => JSON.stringify(result), [result]);
  const work = useTask(tree, { id: 0, data }, result, true, false, key);
  return <div class="preview still" data-density="compact"><TaskBody work={work} /></div>;
}

export default TaskPreview;
