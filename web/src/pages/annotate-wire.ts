/* What the annotate page sends and fetches ahead: one answer on its way, and the pictures of the next tasks. */
import { ApiError, send as call } from '../core/api';
import { fetchAhead } from '../core/pictures';
import { pictureOf, smallOf } from '../tags/address';
import { objects, type Data, type Tag } from '../tags/tree';
import type { Job, Outcome } from './annotate-queue';

/* A keepalive request may carry no more than this. */
export const KEEPALIVE_BYTES = 60_000;

function request(job: Job, more: { keepalive?: boolean; onResponse?: (r: Response) => void }): Promise<unknown> {
  return call(job.seen === undefined ? 'POST' : 'PATCH', job.path, {
    body: job.body, idempotency: job.key, retries: 0, ...(job.seen === undefined ? {} : { headers: { 'If-Match': String(job.seen) } }), ...more,
  });
}

export async function deliver(job: Job): Promise<Outcome> {
  let wait = 0;
  try {
    return { ok: true, value: await request(job, { onResponse: (r) => { wait = 1000 * (Number(r.headers.get('retry-after')) || 0); } }) };
  } catch (e) {
    if (!(e instanceof ApiError)) throw e;
    // A skip of a lease that has ended anyway has nothing left to say.
    if (job.path.endsWith('/skip') && (e.status === 404 || e.status === 409)) return { ok: true, value: null };
    return { ok: false, status: e.status, why: e.message, wait };
  }
}

/* The page is going: nobody waits for the reply; what does not arrive lies in the keeper. */
export function deliverLeaving(job: Job): void {
  if (JSON.stringify(job.body).length < KEEPALIVE_BYTES) request(job, { keepalive: true }).catch(() => {});
}

/* The pictures of a task, decoded before they are asked for. */
export async function prefetch(tree: Tag, data: Data): Promise<void> {
  for (const tag of objects(tree)) {
    if (tag.tag !== 'Image') continue;
    const src = pictureOf(tag, data);
    if (src) await fetchAhead(smallOf(src));
  }
}

/* What may wait until the next task has been painted; in a hidden window nothing is painted. */
export function afterPaint(act: () => void): void {
  let done = false;
  const go = (): void => { if (!done) { done = true; act(); } };
  requestAnimationFrame(() => setTimeout(go));
  setTimeout(go, 120);
}
