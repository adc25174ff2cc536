/* One's own answers, open again: from the history, or because the server did not take them. */
import { signal } from '@preact/signals';
import { get } from '../core/api';
import { workOf } from '../tags/body';
import { TaskStore, type SavedHistory } from '../tags/store';
import type { Data } from '../tags/tree';
import { bring } from './annotate-acts';
import type { Edit, KeptDraft, Pipeline } from './annotate-pipeline';
import type { Job } from './annotate-queue';

/* A row of one's own history. */
export interface Own extends Edit { task: number; updated_at: string; active_ms: number; result: unknown }

/* What was begun on it earlier comes along. Fails with an ApiError. */
export async function reopenOwn(p: Pipeline, own: Pick<Own, 'annotation' | 'task' | 'active_ms'>): Promise<void> {
  if (p.held.some((o) => o.lease.task.id === own.task)) return;
  const task = await get<{ id: number; data: Data }>(`/api/tasks/${own.task}`);
  const now = await get<{ revision: number; result: unknown }>(`/api/annotations/${own.annotation}`);
  const here = await p.keptHere(own.task), mine = here?.edit?.revision === now.revision ? here : null;
  const bare = { id: task.id, data: task.data };
  const store = new TaskStore(p.info.tree, bare, mine ? JSON.parse(mine.result) : now.result, { history: mine ? JSON.parse(mine.history) as SavedHistory : null });
  await bring(p, {
    lease: { lease: 0, epoch: 0, task: bare }, work: workOf(store, true), counter: 0, ms: mine?.ms ?? own.active_ms,
    touched: mine !== null, newer: signal(null), known: '', gone: signal(''), edit: { annotation: own.annotation, revision: now.revision },
  });
}

/* A refused answer is opened again, so that it can be mended. */
export async function mend(p: Pipeline, job: Job): Promise<void> {
  await p.queue.takeBack(job.key);
  const kept = (job.kept as { draft?: KeptDraft } | undefined)?.draft;
  if (!kept) return;
  if (kept.edit) {                                  // by now there may be a newer revision: it is opened with our words
    const now = await get<{ revision: number }>(`/api/annotations/${kept.edit.annotation}`);
    await p.drafts.put(kept.key, { ...kept, edit: { ...kept.edit, revision: now.revision } });
    await reopenOwn(p, { annotation: kept.edit.annotation, task: Number(job.task), active_ms: kept.ms });
    return;
  }
  await p.drafts.put(kept.key, kept);
  if (p.last?.key === job.key) await bring(p, p.last.open); else void p.refill();
}
