/*
 * annotate-acts.ts -- what is done with a task: submitted, skipped, taken back, put away.
 *
 * Comes right after the first task is on screen (withActs).  Nothing here waits
 * for the network before the next task shows.
 */
import { effect } from '@preact/signals';
import { announce } from '../core/a11y';
import { keyOf } from '../core/actions';
import { ApiError, newKey, post } from '../core/api';
import { addMessages, t } from '../core/i18n';
import { soon } from '../core/soon';
import words from '../i18n/en/acts.json';
import { isMany } from '../tags/late';
import { finalResult, missing, reveal, type Problem } from '../tags/missing';
import { toast } from '../ui/toast';
import type { Open, Pipeline } from './annotate-pipeline';
import type { Job } from './annotate-queue';
import { afterPaint } from './annotate-wire';

export { beat, leave, putDraft } from './annotate-hold';

await addMessages('acts', words);

const HOLD_MS = 5000, BREATH_MS = 50;

/* What is missing, or null: then the answer is on its way and the next task on screen. */
export function submit(p: Pipeline): Problem[] | null {
  const o = p.current.peek();
  if (!o) return [];
  o.work.store.flush();
  const m = o.work.model, drawn = m?.draft.peek();
  if (drawn && 'points' in drawn) m!.editor?.finish(false);      // a polygon that is being drawn is closed, not lost
  const problems = missing(o.work.store);
  if (problems.length) return problems;
  const result = finalResult(o.work.store);
  p.owe(() => { o.known = JSON.stringify(result); });
  give(p, o, (key) => (o.edit
    ? { path: `/api/annotations/${o.edit.annotation}`, seen: o.edit.revision, body: { result, lead_time: p.clock.ms / 1000 } }
    : { path: `/api/leases/${o.lease.lease}/submit`, body: { epoch: o.lease.epoch, result, active_ms: p.clock.ms, unique_id: key, ...(o.guess ? { parent_prediction: o.guess } : {}) } }));
  go(p, o, t('an.submitted', { id: o.lease.task.id }));
  return null;
}

function give(p: Pipeline, o: Open, job: (key: string) => Pick<Job, 'path' | 'body' | 'seen'>): void {
  const key = newKey();
  o.ms = p.clock.ms;
  p.last = { open: o, key };
  const full = { key, project: String(p.info.project.id), task: o.lease.task.id, kept: { draft: p.kept(o) }, ...job(key) };
  p.owe(() => {
    void p.queue.add(full, HOLD_MS).then(() => p.drafts.remove(full.kept.draft.key));      // one of the two is always kept
  });
  afterPaint(() => {
    p.settle();
    // The line can wait until the eye has the next task, unless there is none.
    setTimeout(() => {
      p.queue.flush(p.last?.key);                // only the latest can be taken back: by now that may be another one
      void p.refill();
    }, p.ready.length ? BREATH_MS : 0);
  });
}

export function skip(p: Pipeline, reason: string, note: string, flag: boolean): void {
  const o = p.current.peek();
  if (!o) return;
  if (o.edit) { close(p); return; }             // an answer that is there is not skipped, it stays as it was
  give(p, o, () => ({ path: `/api/leases/${o.lease.lease}/skip`, body: { epoch: o.lease.epoch, reason, note, ...(flag ? { flag: true } : {}) } }));
  go(p, o, t(flag ? 'an.flagged' : 'an.skipped', { id: o.lease.task.id }));
}

function go(p: Pipeline, o: Open, said: string): void {
  if (!o.edit) p.done.value++;
  p.stopEffect();
  o.work.store.selection.value = null;
  p.next();
  toast(said, { act: t('an.undo'), combo: keyOf('reopen'), onAct: () => void reopen(p), seconds: HOLD_MS / 1000 });
}

export function arrived(p: Pipeline, job: Job, value: unknown): void {
  const said = value as { annotation?: unknown; counted?: boolean } | null;
  if (said?.counted === false) toast(t('an.surplus', { id: job.task }));
  if (p.last?.key === job.key) {
    const a = said?.annotation;
    const id = typeof a === 'number' ? a : (a as { id?: number } | null)?.id;
    if (id !== undefined) p.last.annotation = id;
  }
  if (p.queue.waiting.peek() === 0 && p.state.peek() !== 'task') p.state.value = 'loading';
  void p.refill().then(() => { if (!p.current.peek()) p.next(); });
}

/* Back to the task answered last, with its history. */
export async function reopen(p: Pipeline): Promise<boolean> {
  const l = p.last;
  if (!l) return false;
  p.last = null;
  p.settle();
  const job = await p.queue.takeBack(l.key);
  if (!job) {
    if (l.annotation === undefined) {               // on its way: its number comes with the news
      p.last = l;
      await p.queue.landed();
      if (p.last === l) p.last = null;
    }
    if (l.annotation === undefined) { toast(t('an.reopen.late')); return false; }
    try {
      const again = await post<{ lease: number; epoch: number }>(`/api/annotations/${l.annotation}/withdraw`, {});
      l.open.lease = { ...l.open.lease, lease: again.lease, epoch: again.epoch };
      l.open.counter = 0;                           // the answer is the draft now, counted afresh
    } catch (e) {
      toast(e instanceof ApiError ? e.message : t('an.reopen.late'));
      return false;
    }
  }
  if (!l.open.edit) p.done.value = Math.max(0, p.done.peek() - 1);
  await bring(p, l.open);
  return true;
}

/* Before the task on screen, which waits behind it. */
export async function bring(p: Pipeline, o: Open): Promise<void> {
  const now = p.current.peek();
  if (now) {
    if (now.touched && p.saved.peek() !== 'saved') void p.keepHere(now);      // its last change may be younger than its draft
    p.ready.unshift(now);
  }
  p.show(o);
  o.touched = true;
  p.saved.value = 'here';
  await p.keepHere(o);
  announce(t('an.reopened', { id: o.lease.task.id }));
}

/* Away with the task on screen, as it is: its lease has ended, or an answer open again stays as it was. */
export function close(p: Pipeline): void {
  const o = p.current.peek();
  if (!o) return;
  void p.drafts.remove(p.draftKey(o.lease.task.id));
  p.current.value = null;
  p.next();
  void p.refill().then(() => { if (!p.current.peek()) p.next(); });
}

export async function discard(p: Pipeline, job: Job): Promise<void> { await p.queue.takeBack(job.key); }

/* Put each problem at its question and go to the first. */
export function tell(o: Pick<Open, 'work'>, problems: Problem[], root: HTMLElement | null): void {
  const store = o.work.store;
  const text = (x: Problem): string => x.message || t(x.why === 'label' ? 'an.needs.label' : x.region ? 'an.needs.region' : 'an.needs.answer');
  const first = problems[0];
  if (!first) return;
  mark(o, problems, text);
  announce(text(first), true);
  reveal(store, first);
  const go = (): void => {
    const at = (s: string): HTMLElement | null => root?.querySelector<HTMLElement>(s) ?? null;
    const q = at(`[data-q="${CSS.escape(first.key)}"]`) ?? (first.why === 'label' || store.labels.some((l) => l.control.name === first.control) ? at('.labelbar') : null);
    q?.scrollIntoView({ block: 'center' });
    q?.querySelector<HTMLElement>('[tabindex="0"], input, textarea, select')?.focus({ preventScroll: true });
    if (!q) toast(text(first));                     // a drawing tool has no place of its own on the page
  };
  if (isMany(store)) soon(o, go); else requestAnimationFrame(go);      // behind the list and the panel
}

let unmark = (): void => {};

/* Each problem stays at its question until it is answered. */
function mark(o: Pick<Open, 'work'>, told: Problem[], text: (x: Problem) => string): void {
  const store = o.work.store;
  let left = told;
  unmark();
  unmark = effect(() => {
    store.version.value;
    const keys = new Set(missing(store).map((x) => x.key));
    left = left.filter((x) => keys.has(x.key));
    store.problems.value = new Map(left.map((x) => [x.key, text(x)]));
  });
}

/* ---- two windows ---- */

export function takeNewer(o: Open): void {
  const n = o.newer.peek();
  if (!n) return;
  o.counter = n.counter;
  o.newer.value = null;
  o.work.store.load(n.result);
  toast(t('an.draft.taken'));
}

export function keepMine(p: Pipeline, o: Open): void {
  const n = o.newer.peek();
  if (!n) return;
  o.counter = n.counter;
  o.newer.value = null;
  void p.putDraft(o);
}
