/* How the task on screen is held while somebody works on it: leases that are renewed, drafts that the server keeps; and
   what is let go when the page goes. */
import { ApiError, post, put, send } from '../core/api';
import { aside } from './annotate-aside';
import { DRAFT_MS, N, type Open, type Pipeline } from './annotate-pipeline';
import { deliverLeaving, KEEPALIVE_BYTES } from './annotate-wire';

/* A draft of so many characters is handed to the network by a worker. */
const LARGE = 50_000;

export async function beat(p: Pipeline): Promise<void> {
  for (const o of p.held) {
    if (o.edit || o.gone.peek()) continue;
    try {
      await post(`/api/leases/${o.lease.lease}/heartbeat`, { epoch: o.lease.epoch }, { retries: 0 });
    } catch (e) {
      if (!(e instanceof ApiError) || e.status === 0 || e.status >= 500 || e.status === 401) return;
      // The lease is gone. An untouched task is somebody else's now; a begun one is still answered.
      if (o !== p.current.peek() && !o.touched) p.ready = p.ready.filter((x) => x !== o);
      else o.gone.value = e.message;
    }
  }
  if (p.ready.length < N - 1) void p.refill();
}

export async function putDraft(p: Pipeline, o: Open): Promise<void> {
  clearTimeout(p.draftTimer);
  if (o.newer.peek() || o.edit || o.gone.peek()) return;      // the person decides first; the server keeps drafts of leases
  if (p.putting) { p.draftTimer = window.setTimeout(() => void putDraft(p, o), DRAFT_MS); return; }
  const at = o.work.store.version.peek(), result = o.work.store.text();
  p.putting = true;
  try {
    await send('PUT', `/api/leases/${o.lease.lease}/draft`, {
      body: `{"epoch":${o.lease.epoch},"counter":${o.counter + 1},"active_ms":${Math.round(p.msOf(o))},"result":${result}}`, type: 'application/json',
      headers: { 'If-Match': String(o.counter) }, retries: 1,
    }, result.length > LARGE ? aside : undefined);
    o.counter++;
    o.known = result;
    if (o !== p.current.peek()) return;              // answered in the meantime: its draft must not come back
    await p.keepHere(o);
    if (o === p.current.peek()) p.saved.value = o.work.store.version.peek() === at ? 'saved' : 'dirty';
  } catch (e) {
    if (o !== p.current.peek()) return;
    if (p.saved.peek() !== 'clean') p.saved.value = 'here';
    if (e instanceof ApiError && e.status === 409) offer(p, o, e);
  } finally { p.putting = false; }
}

/* Another window of the same person saved a later draft: it is offered, never taken by itself. */
function offer(p: Pipeline, o: Open, e: ApiError): void {
  const draft = (e.body as { draft?: { result?: unknown; counter?: number } } | null)?.draft;
  if (draft?.result === undefined || draft.counter === undefined) { o.gone.value = e.message; return; }
  if (JSON.stringify(draft.result) === o.known) {   // our own words, counted twice
    o.counter = draft.counter;
    p.draftTimer = window.setTimeout(() => void putDraft(p, o), DRAFT_MS);
  } else if (draft.counter > o.counter) o.newer.value = { result: draft.result, counter: draft.counter };
  else o.counter = draft.counter;
}

/* Nothing here may wait: the page is going. */
export function leave(p: Pipeline): void {
  p.settle();
  const o = p.current.peek();
  o?.work.store.flush();
  if (o?.touched && p.saved.peek() !== 'saved') void p.keepHere(o);
  if (o?.touched && p.saved.peek() !== 'saved' && !o.edit) {
    const body = { epoch: o.lease.epoch, result: o.work.store.result(), counter: o.counter + 1 };
    if (JSON.stringify(body).length < KEEPALIVE_BYTES) {
      put(`/api/leases/${o.lease.lease}/draft`, body, { headers: { 'If-Match': String(o.counter) }, keepalive: true, retries: 0 })
        .then(() => { o.counter++; }).catch(() => {});
    }
  }
  for (const j of p.queue.jobs.peek()) if (j.refused === undefined) deliverLeaving(j);      // a held answer goes now
  for (const x of [...p.ready, ...(o && !o.touched ? [o] : [])]) {
    if (!x.touched && !x.edit) post(`/api/leases/${x.lease.lease}/release`, { epoch: x.lease.epoch }, { keepalive: true, retries: 0 }).catch(() => {});
  }
  p.ready = p.ready.filter((x) => x.touched);
}
