/*
 * annotate-pipeline.ts -- tasks in, answers out, nothing in between to wait for.
 *
 *   lease     up to three: the one on screen and two ready, their pictures decoded
 *   draft     a second after the last change: here first, then at the server
 *   submit    the next task shows at once; the answer is held five seconds, then sent
 *   leave     untouched leases go back; a begun one stays ours until it expires
 *
 * The server decides everything that matters: leases carry an epoch, drafts a
 * counter, answers a key.  What comes too late is kept by it as surplus.
 */
import { batch, effect, signal, type Signal } from '@preact/signals';
import { announce } from '../core/a11y';
import { ApiError, newKey, post, put } from '../core/api';
import { t } from '../core/i18n';
import { ActiveClock } from '../core/time';
import { toast } from '../ui/toast';
import { workOf, type TaskWork } from '../tags/body';
import { pictureOf } from '../tags/address';
import { load } from '../tags/families';
import { TaskStore, type SavedHistory } from '../tags/store';
import { objects, type Data, type Tag } from '../tags/tree';
import { finalResult, missing, type Problem } from '../tags/visible';
import { keeper, type Keeper } from './annotate-keep';
import { Queue, type Job, type Outcome } from './annotate-queue';

export interface Lease {
  lease: number;
  epoch: number;
  expires_at?: string;
  task: { id: number; data: Data };
  active_ms?: number;
  draft?: { result?: unknown; counter?: number } | null;
  config_version?: number;
  instruction_version?: number;
}

export interface WorkInfo {
  project: { id: number; title: string; overlap?: number; skip?: unknown; [k: string]: unknown };
  tree: Tag;
  config_version?: number;
  instruction?: { text?: string; version?: number } | null;
}

export interface KeptDraft {
  key: string;
  result: unknown;
  history: SavedHistory;
  counter: number;          // what the server last took
  ms: number;               // active time so far
  at: number;
}

export interface Open {
  lease: Lease;
  work: TaskWork;
  counter: number;
  ms: number;
  touched: boolean;         // something was changed, now or in a kept draft
  newer: Signal<{ result: unknown; counter: number } | null>;
  known: string;            // the last result the server has from us, as JSON
}

export type State = 'loading' | 'task' | 'empty' | 'error';
export type Saved = 'clean' | 'dirty' | 'here' | 'saved';

const N = 3, HOLD_MS = 5000, BEAT_MS = 30_000, DRAFT_MS = 1000, HERE_MS = 250;
/* A keepalive request may carry no more than this. */
const KEEPALIVE_BYTES = 60_000;

export class Pipeline {
  readonly state: Signal<State> = signal('loading');
  readonly error: Signal<ApiError | null> = signal(null);
  readonly current: Signal<Open | null> = signal(null);
  readonly saved: Signal<Saved> = signal('clean');
  readonly done: Signal<number> = signal(0);
  readonly queue: Queue;
  readonly clock = new ActiveClock();
  readonly config: Signal<number | undefined>;

  private ready: Open[] = [];
  private drafts: Keeper<KeptDraft> = keeper('drafts');
  private last: { open: Open; key: string; annotation?: number } | null = null;
  private filling: Promise<void> | null = null;
  private timers: (() => void)[] = [];
  private draftTimer = 0;
  private hereTimer = 0;
  private stopEffect: () => void = () => {};
  private ended = false;
  private putting = false;

  constructor(readonly info: WorkInfo, private owner: string) {
    this.config = signal(info.config_version);
    this.queue = new Queue({
      keeper: keeper<Job>('queue'), owner, post: send, now: Date.now, random: Math.random,
      later: (ms, act) => { const id = setTimeout(act, ms); return () => clearTimeout(id); },
      sent: (job, value) => this.arrived(job, value),
    });
  }

  private get base(): string { return `/api/projects/${this.info.project.id}`; }
  private draftKey(task: number): string { return `${this.owner}/${this.info.project.id}/${task}`; }

  async start(): Promise<void> {
    await this.queue.start();                         // so that what is on its way is not shown again
    if (this.ended) return;
    this.timers.push(this.clock.watch());
    const beat = setInterval(() => { if (document.visibilityState === 'visible') void this.heartbeat(); }, BEAT_MS);
    const on = (target: EventTarget, kind: string, act: (e: Event) => void): void => {
      target.addEventListener(kind, act);
      this.timers.push(() => target.removeEventListener(kind, act));
    };
    this.timers.push(() => clearInterval(beat));
    on(document, 'visibilitychange', () => {
      if (document.visibilityState === 'hidden') void this.saveNow();
      else void this.heartbeat();
    });
    on(window, 'pagehide', () => this.leave());
    on(window, 'pageshow', (e) => { if ((e as PageTransitionEvent).persisted) void this.refill(); });
    on(window, 'online', () => { this.queue.retry(); void this.refill(); });
    await this.refill();
  }

  stop(): void {
    if (this.ended) return;
    this.leave();
    this.ended = true;
    this.stopEffect();
    this.queue.stop();
    for (const off of this.timers) off();
  }

  /* ---- leases ---- */

  refill(): Promise<void> {
    return this.filling ??= this.fill().finally(() => { this.filling = null; });
  }

  private async fill(): Promise<void> {
    if (this.ended) return;
    const held = [this.current.peek(), ...this.ready].filter((o): o is Open => o !== null);
    const going = this.queue.jobs.peek().filter((j) => j.project === String(this.info.project.id));
    if (held.length >= N) return;
    try {
      const [got] = await Promise.all([post<Lease[] | { leases?: Lease[] } | null>(`${this.base}/leases`, {
        n: N, have: [...held.map((o) => o.lease.lease), ...going.map((j) => Number(/leases\/(\d+)/.exec(j.path)?.[1])).filter(Number.isFinite)],
      }), load(this.info.tree)]);
      const list = Array.isArray(got) ? got : got?.leases ?? [];
      const known = new Set([...held.map((o) => o.lease.task.id), ...going.map((j) => Number(j.task))]);
      for (const l of list) {
        if (this.ended) return;
        const mine = held.find((o) => o.lease.task.id === l.task.id);
        if (mine) { mine.lease = { ...mine.lease, lease: l.lease, epoch: l.epoch }; continue; }
        if (!known.has(l.task.id)) this.ready.push(await this.open(l));
      }
      this.error.value = null;
      if (!this.current.peek()) this.next();
      for (const o of this.ready) void prefetch(o);
    } catch (e) {
      const error = e instanceof ApiError ? e : new ApiError(0, {}, String(e));
      if (this.current.peek()) return;               // work goes on with what is here
      this.error.value = error;
      this.state.value = 'error';
      const again = setTimeout(() => void this.refill(), 5000);
      this.timers.push(() => clearTimeout(again));
    }
  }

  /* A lease with the newer of the two drafts: the one here, or the server's. */
  private async open(l: Lease): Promise<Open> {
    const here = await this.drafts.get(this.draftKey(l.task.id));
    const there = l.draft && l.draft.result !== undefined ? { result: l.draft.result, counter: l.draft.counter ?? 0 } : null;
    // The page's last words may have reached the server and not the counter here: the same words are the same draft.
    const same = here && there && JSON.stringify(here.result) === JSON.stringify(there.result);
    const own = here && (!there || same || here.counter >= there.counter) ? here : null;
    const store = new TaskStore(this.info.tree, l.task, own?.result ?? there?.result ?? null, { history: own?.history ?? null });
    return {
      lease: l, work: workOf(store, true), counter: Math.max(there?.counter ?? 0, own?.counter ?? 0), ms: own?.ms ?? l.active_ms ?? 0,
      touched: own !== null || there !== null, newer: signal(null), known: JSON.stringify(there?.result ?? null),
    };
  }

  /* Show the next ready task; one signal, from memory. */
  next(): void {
    const o = this.ready.shift() ?? null;
    this.show(o);
    if (!o) {
      const waiting = this.queue.waiting.peek() > 0 || this.filling !== null;
      this.state.value = waiting ? 'loading' : 'empty';
      this.queue.flush();
    }
  }

  private show(o: Open | null): void {
    this.stopEffect();
    clearTimeout(this.draftTimer);
    clearTimeout(this.hereTimer);
    const before = this.current.peek();
    if (before) before.ms = this.clock.ms;
    batch(() => {
      this.current.value = o;
      if (o) this.state.value = 'task';
      this.saved.value = o?.touched ? 'saved' : 'clean';
    });
    this.clock.restart(o?.ms ?? 0);
    if (!o) return;
    let first = true;
    this.stopEffect = effect(() => {
      o.work.store.version.value;
      if (first) { first = false; return; }
      o.touched = true;
      this.saved.value = 'dirty';
      clearTimeout(this.hereTimer);
      this.hereTimer = window.setTimeout(() => void this.keepHere(o), HERE_MS);
      clearTimeout(this.draftTimer);
      this.draftTimer = window.setTimeout(() => void this.putDraft(o), DRAFT_MS);
    });
  }

  private async heartbeat(): Promise<void> {
    const held = [this.current.peek(), ...this.ready].filter((o): o is Open => o !== null);
    for (const o of held) {
      try {
        await post(`/api/leases/${o.lease.lease}/heartbeat`, { epoch: o.lease.epoch }, { retries: 0 });
      } catch (e) {
        if (!(e instanceof ApiError) || e.status === 0 || e.status >= 500 || e.status === 401) return;
        // The lease is gone. An untouched task is somebody else's now; a begun one is still answered.
        if (o !== this.current.peek() && !o.touched) this.ready = this.ready.filter((x) => x !== o);
      }
    }
    if (this.ready.length < N - 1) void this.refill();
  }

  /* ---- drafts ---- */

  private kept(o: Open): KeptDraft {
    return {
      key: this.draftKey(o.lease.task.id), result: o.work.store.result(), history: o.work.store.savedHistory(),
      counter: o.counter, ms: o === this.current.peek() ? this.clock.ms : o.ms, at: Date.now(),
    };
  }

  private async keepHere(o: Open): Promise<void> {
    clearTimeout(this.hereTimer);
    const k = this.kept(o);
    await this.drafts.put(k.key, k);
    if (o === this.current.peek() && this.saved.peek() === 'dirty') this.saved.value = 'here';
  }

  private async putDraft(o: Open): Promise<void> {
    clearTimeout(this.draftTimer);
    if (o.newer.peek()) return;                       // the person decides first
    if (this.putting) { this.draftTimer = window.setTimeout(() => void this.putDraft(o), DRAFT_MS); return; }
    const at = o.work.store.version.peek(), result = o.work.store.result();
    this.putting = true;
    try {
      await put(`/api/leases/${o.lease.lease}/draft`, { epoch: o.lease.epoch, result, counter: o.counter + 1, active_ms: this.kept(o).ms },
        { headers: { 'If-Match': String(o.counter) }, retries: 1 });
      o.counter++;
      o.known = JSON.stringify(result);
      await this.keepHere(o);
      if (o === this.current.peek()) this.saved.value = o.work.store.version.peek() === at ? 'saved' : 'dirty';
    } catch (e) {
      if (o === this.current.peek() && this.saved.peek() !== 'clean') this.saved.value = 'here';
      if (e instanceof ApiError && e.status === 409) this.offer(o, e);
    } finally { this.putting = false; }
  }

  /* Another window of the same person saved a later draft: it is offered, never taken by itself. */
  private offer(o: Open, e: ApiError): void {
    const draft = (e.body as { draft?: { result?: unknown; counter?: number } } | null)?.draft;
    if (draft?.result === undefined || draft.counter === undefined) return;      // the lease has ended; submitting says what then
    if (JSON.stringify(draft.result) === o.known) {   // our own words, counted twice
      o.counter = draft.counter;
      this.draftTimer = window.setTimeout(() => void this.putDraft(o), DRAFT_MS);
    } else if (draft.counter > o.counter) o.newer.value = { result: draft.result, counter: draft.counter };
    else o.counter = draft.counter;
  }

  takeNewer(o: Open): void {
    const n = o.newer.peek();
    if (!n) return;
    o.counter = n.counter;
    o.newer.value = null;
    o.work.store.load(n.result);
    toast(t('an.draft.taken'));
  }

  keepMine(o: Open): void {
    const n = o.newer.peek();
    if (!n) return;
    o.counter = n.counter;
    o.newer.value = null;
    void this.putDraft(o);
  }

  async saveNow(): Promise<void> {
    const o = this.current.peek();
    o?.work.store.flush();
    if (!o || !o.touched || this.saved.peek() === 'saved') return;
    await this.keepHere(o);
    await this.putDraft(o);
  }

  /* ---- answers ---- */

  /* What is missing, or null: then the answer is on its way and the next task on screen. */
  submit(): Problem[] | null {
    const o = this.current.peek();
    if (!o) return [];
    o.work.store.flush();
    const problems = missing(o.work.store);
    if (problems.length) return problems;
    const key = newKey();
    const result = finalResult(o.work.store);
    o.ms = this.clock.ms;
    o.known = JSON.stringify(result);
    this.queue.flush();                               // only the latest can be taken back
    this.last = { open: o, key };
    void this.queue.add({
      key, path: `/api/leases/${o.lease.lease}/submit`, project: String(this.info.project.id), task: o.lease.task.id,
      body: { epoch: o.lease.epoch, result, active_ms: o.ms, unique_id: key }, kept: { draft: this.kept(o) },
    }, HOLD_MS);
    void this.drafts.remove(this.draftKey(o.lease.task.id));
    this.go(o, t('an.submitted', { id: o.lease.task.id }));
    return null;
  }

  skip(reason: string, note: string, flag: boolean): void {
    const o = this.current.peek();
    if (!o) return;
    const key = newKey();
    o.ms = this.clock.ms;
    this.queue.flush();
    this.last = { open: o, key };
    void this.queue.add({
      key, path: `/api/leases/${o.lease.lease}/skip`, project: String(this.info.project.id), task: o.lease.task.id,
      body: { epoch: o.lease.epoch, reason, note, ...(flag ? { flag: true } : {}) }, kept: { draft: this.kept(o) },
    }, HOLD_MS);
    this.go(o, t(flag ? 'an.flagged' : 'an.skipped', { id: o.lease.task.id }));
  }

  private go(o: Open, said: string): void {
    this.done.value++;
    this.stopEffect();
    o.work.store.selection.value = null;
    this.next();
    toast(said, { act: t('an.undo'), combo: 'alt+backspace', onAct: () => void this.reopen(), seconds: HOLD_MS / 1000 });
    void this.refill();
  }

  private arrived(job: Job, value: unknown): void {
    if (this.last?.key === job.key) {
      const a = (value as { annotation?: unknown } | null)?.annotation;
      const id = typeof a === 'number' ? a : (a as { id?: number } | null)?.id;
      if (id !== undefined) this.last.annotation = id;
    }
    if (this.queue.waiting.peek() === 0 && this.state.peek() !== 'task') this.state.value = 'loading';
    void this.refill().then(() => { if (!this.current.peek()) this.next(); });
  }

  /* Back to the task answered last, with its history. */
  async reopen(): Promise<boolean> {
    const l = this.last;
    if (!l) return false;
    this.last = null;
    const job = await this.queue.takeBack(l.key);
    if (!job) {
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
    this.done.value = Math.max(0, this.done.peek() - 1);
    const now = this.current.peek();
    if (now) this.ready.unshift(now);
    this.show(l.open);
    l.open.touched = true;
    this.saved.value = 'here';
    await this.keepHere(l.open);
    announce(t('an.reopened', { id: l.open.lease.task.id }));
    return true;
  }

  get canReopen(): boolean { return this.last !== null; }

  /* A refused answer is opened again, so that it can be mended. */
  async mend(job: Job): Promise<void> {
    await this.queue.takeBack(job.key);
    const kept = (job.kept as { draft?: KeptDraft } | undefined)?.draft;
    if (!kept) return;
    await this.drafts.put(kept.key, kept);
    const o = this.last?.key === job.key ? this.last.open : null;
    const now = this.current.peek();
    if (o) { if (now) this.ready.unshift(now); this.show(o); o.touched = true; } else void this.refill();
  }

  async discard(job: Job): Promise<void> { await this.queue.takeBack(job.key); }

  /* ---- leaving ---- */

  /* Nothing here may wait: the page is going. */
  private leave(): void {
    if (this.ended) return;
    const o = this.current.peek();
    o?.work.store.flush();
    if (o?.touched && this.saved.peek() !== 'saved') {
      void this.keepHere(o);
      const body = { epoch: o.lease.epoch, result: o.work.store.result(), counter: o.counter + 1 };
      if (JSON.stringify(body).length < KEEPALIVE_BYTES) {
        put(`/api/leases/${o.lease.lease}/draft`, body, { headers: { 'If-Match': String(o.counter) }, keepalive: true, retries: 0 })
          .then(() => { o.counter++; }).catch(() => {});
      }
    }
    for (const j of this.queue.jobs.peek()) {         // a held answer goes now; if this fails it lies in the keeper
      if (j.refused === undefined && JSON.stringify(j.body).length < KEEPALIVE_BYTES) {
        post(j.path, j.body, { idempotency: j.key, keepalive: true, retries: 0 }).catch(() => {});
      }
    }
    for (const x of [...this.ready, ...(o && !o.touched ? [o] : [])]) {
      if (!x.touched) post(`/api/leases/${x.lease.lease}/release`, { epoch: x.lease.epoch }, { keepalive: true, retries: 0 }).catch(() => {});
    }
    this.ready = this.ready.filter((x) => x.touched);
  }

  /* Something is neither drafted nor on its way. */
  get unsaved(): boolean { return this.saved.peek() === 'dirty'; }
}

async function send(job: Job): Promise<Outcome> {
  let wait = 0;
  try {
    const value = await post<unknown>(job.path, job.body, {
      idempotency: job.key, retries: 0,
      onResponse: (r) => { wait = 1000 * (Number(r.headers.get('retry-after')) || 0); },
    });
    return { ok: true, value };
  } catch (e) {
    // A skip of a lease that has ended anyway has nothing left to say.
    if (e instanceof ApiError && job.path.endsWith('/skip') && (e.status === 404 || e.status === 409)) return { ok: true, value: null };
    if (e instanceof ApiError) return { ok: false, status: e.status, why: e.message, wait };
    throw e;
  }
}

/* The pictures of a task, decoded before they are asked for. */
export async function prefetch(o: Open): Promise<void> {
  const { store } = o.work;
  for (const tag of objects(store.tree)) {
    if (tag.tag !== 'Image') continue;
    const src = pictureOf(tag, store.task.data);
    if (!src || kept.has(src)) continue;
    const img = new Image();
    kept.set(src, img);
    if (kept.size > 8) kept.delete(kept.keys().next().value!);
    img.src = src;
    try { await img.decode(); } catch { /* shown as missing when its turn comes */ }
  }
}
const kept = new Map<string, HTMLImageElement>();
