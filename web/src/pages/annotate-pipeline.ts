/*
 * annotate-pipeline.ts -- tasks in, answers out, nothing in between to wait for.
 *
 *   lease     up to three: the one on screen and two ready, their pictures decoded
 *   draft     a second after the last change: here first, then at the server
 *   submit    the next task shows at once; the answer is held five seconds, then sent (annotate-acts.ts)
 *   leave     untouched leases go back; a begun one stays ours until it expires
 *
 * The server decides everything that matters: leases carry an epoch, drafts a
 * counter, answers a key.  What comes too late is kept by it as surplus.
 */
import { batch, effect, signal, type Signal } from '@preact/signals';
import { ApiError, post } from '../core/api';
import { t } from '../core/i18n';
import { ActiveClock } from '../core/time';
import { toast } from '../ui/toast';
import { workOf, type TaskWork } from '../tags/body';
import { load } from '../tags/families';
import { TaskStore, type SavedHistory } from '../tags/store';
import { isObject, type Data, type Tag } from '../tags/tree';
import { keeper, type Keeper } from './annotate-keep';
import { Queue, type Job } from './annotate-queue';
import { deliver, prefetch } from './annotate-wire';
import { flow } from './flow';

export interface Lease {
  lease: number;
  epoch: number;
  expires_at?: string;
  task: { id: number; data: Data };
  active_ms?: number;
  draft?: { result?: unknown; counter?: number } | null;
  prediction?: { id: number; result: unknown; score?: number | null } | null;
  config_version?: number;
  instruction_version?: number;
}

export interface WorkInfo {
  project: { id: number; title: string; overlap?: number; skip?: unknown; [k: string]: unknown };
  tree: Tag;
  config_version?: number;
  instruction?: { text?: string; version?: number } | null;
}

/* Result and history as JSON text: a text is kept in no time, a thousand regions are not. */
export interface KeptDraft {
  key: string;
  result: string;
  history: string;
  counter: number;          // what the server last took
  edit?: Edit;
  ms: number;               // active time so far
  at: number;
}

/* An answer given before, open again: which, and the revision that was seen. */
export interface Edit { annotation: number; revision: number }

export interface Open {
  lease: Lease;
  work: TaskWork;
  counter: number;
  ms: number;
  touched: boolean;         // something was changed, now or in a kept draft
  newer: Signal<{ result: unknown; counter: number } | null>;
  known: string;            // the last result the server has from us, as JSON
  gone: Signal<string>;     // the lease has ended: what the server said
  guess?: number | undefined;   // the prediction it began with
  edit?: Edit | undefined;
}

export type State = 'loading' | 'task' | 'empty' | 'error';
export type Saved = 'clean' | 'dirty' | 'here' | 'saved';

export const N = 3, DRAFT_MS = 1000;
const BEAT_MS = 30_000, HERE_MS = 250;

/* What is done with a task comes right after the first one is on screen. */
type Acts = typeof import('./annotate-acts');
let acts: Acts | null = null;
export function withActs(act: (a: Acts) => void): void {
  if (acts) act(acts);
  else void import('./annotate-acts').then((m) => act(acts = m), () => toast(t('an.panel.failed')));
}

export class Pipeline {
  readonly state: Signal<State> = signal('loading');
  readonly error: Signal<ApiError | null> = signal(null);
  readonly current: Signal<Open | null> = signal(null);
  readonly saved: Signal<Saved> = signal('clean');
  readonly done: Signal<number> = signal(0);
  readonly queue: Queue;
  readonly clock = new ActiveClock();
  readonly config: Signal<number | undefined>;

  ready: Open[] = [];
  readonly drafts: Keeper<KeptDraft> = keeper('drafts');
  last: { open: Open; key: string; annotation?: number } | null = null;
  /* The task before this one, for what is copied from it. */
  get previous(): TaskStore | null { return this.last?.open.work.store ?? null; }
  private filling: Promise<void> | null = null;
  private timers: (() => void)[] = [];
  draftTimer = 0;
  private hereTimer = 0;
  stopEffect: () => void = () => {};
  private ended = false;
  putting = false;
  private owed: (() => void)[] = [];
  private deal: (work: TaskWork) => void = () => {};

  constructor(readonly info: WorkInfo, private owner: string) {
    this.config = signal(info.config_version);
    this.queue = new Queue({
      keeper: keeper<Job>('queue'), owner, post: deliver, now: Date.now, random: Math.random,
      later: (ms, act) => { const id = setTimeout(act, ms); return () => clearTimeout(id); },
      sent: (job, value) => withActs((a) => a.arrived(this, job, value)),
    });
  }

  private get base(): string { return `/api/projects/${this.info.project.id}`; }
  draftKey(task: number): string { return `${this.owner}/${this.info.project.id}/${task}`; }

  async start(): Promise<void> {
    withActs(() => {});                               // on its way while the first task is: it must be here when the line goes down
    await this.queue.start();                         // so that what is on its way is not shown again
    if (this.ended) return;
    this.timers.push(this.clock.watch());
    const beat = setInterval(() => { if (document.visibilityState === 'visible') withActs((a) => void a.beat(this)); }, BEAT_MS);
    const on = (target: EventTarget, kind: string, act: (e: Event) => void): void => {
      target.addEventListener(kind, act);
      this.timers.push(() => target.removeEventListener(kind, act));
    };
    this.timers.push(() => clearInterval(beat));
    on(document, 'visibilitychange', () => {
      if (document.visibilityState === 'hidden') void this.saveNow();
      else withActs((a) => void a.beat(this));
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
    this.settle();
    const held = this.held;
    const going = this.queue.jobs.peek().filter((j) => j.project === String(this.info.project.id));
    if (held.length >= N) return;
    try {
      const [got] = await Promise.all([post<Lease[] | { leases?: Lease[] } | null>(`${this.base}/leases`, {
        n: N, have: [...held.map((o) => o.lease.lease), ...going.map((j) => Number(/leases\/(\d+)/.exec(j.path)?.[1])).filter(Number.isFinite)],
      }), load(this.info.tree), flow.peek().hand || flow.peek().auto ? import('./annotate-quick').then((m) => { this.deal = m.dealHand; }) : null]);
      const list = Array.isArray(got) ? got : got?.leases ?? [];
      const known = new Set([...held.map((o) => o.lease.task.id), ...going.map((j) => Number(j.task))]);
      for (const l of list) {
        if (this.ended) return;
        const mine = held.find((o) => o.lease.task.id === l.task.id && !o.edit);
        if (mine) { mine.lease = { ...mine.lease, lease: l.lease, epoch: l.epoch }; continue; }
        if (!known.has(l.task.id)) this.ready.push(await this.open(l));
      }
      this.error.value = null;
      if (!this.current.peek()) this.next();
      for (const o of this.ready) void prefetch(o.work.store.tree, o.lease.task.data);
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
    const here = await this.keptHere(l.task.id);
    const there = l.draft && l.draft.result !== undefined ? { result: l.draft.result, counter: l.draft.counter ?? 0 } : null;
    // The page's last words may have reached the server and not the counter here: the same words are the same draft.
    const same = here && there && here.result === JSON.stringify(there.result);
    const own = here && (!there || same || here.counter >= there.counter) ? here : null;
    const guess = own || there || !l.prediction ? null : guessed(l.prediction);
    const store = new TaskStore(this.info.tree, l.task, own ? JSON.parse(own.result) : there?.result ?? guess, { history: own ? JSON.parse(own.history) as SavedHistory : null });
    const work = workOf(store, true);
    this.deal(work);
    return {
      lease: l, work, counter: Math.max(there?.counter ?? 0, own?.counter ?? 0), ms: own?.ms ?? l.active_ms ?? 0,
      touched: own !== null || there !== null, newer: signal(null), known: JSON.stringify(there?.result ?? null), gone: signal(''), guess: guess ? l.prediction!.id : undefined,
    };
  }

  /* What a decision still owes to the queue: paid right after the frame that shows the next task, and before anything
     asks what is on its way. */
  owe(act: () => void): void { this.owed.push(act); }
  settle(): void { for (const act of this.owed.splice(0)) act(); }

  /* Show the next ready task; one signal, from memory. */
  next(): void {
    const o = this.ready.shift() ?? null;
    this.show(o);
    if (!o) {
      this.settle();
      const waiting = this.queue.waiting.peek() > 0 || this.filling !== null;
      this.state.value = waiting ? 'loading' : 'empty';
      this.queue.flush();
    }
  }

  show(o: Open | null): void {
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
    if (before && flow.peek().sticky) carry(before.work.store, o.work.store);
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

  get held(): Open[] { return [this.current.peek(), ...this.ready].filter((o): o is Open => o !== null); }

  /* ---- drafts ---- */

  /* What an earlier page of ours kept; in another form it is as good as nothing, the server has its own. */
  async keptHere(task: number): Promise<KeptDraft | undefined> {
    const k = await this.drafts.get(this.draftKey(task));
    return typeof k?.result === 'string' ? k : undefined;
  }

  msOf(o: Open): number { return o === this.current.peek() ? this.clock.ms : o.ms; }

  kept(o: Open): KeptDraft {
    return {
      key: this.draftKey(o.lease.task.id), result: o.work.store.text(), history: o.work.store.historyText(),
      counter: o.counter, ms: this.msOf(o), at: Date.now(),
      ...(o.edit ? { edit: o.edit } : {}),
    };
  }

  async keepHere(o: Open): Promise<void> {
    clearTimeout(this.hereTimer);
    const k = this.kept(o);
    await this.drafts.put(k.key, k);
    if (o === this.current.peek() && this.saved.peek() === 'dirty') this.saved.value = 'here';
  }

  putDraft(o: Open): Promise<void> { return new Promise((done) => withActs((a) => { void a.putDraft(this, o).then(done); })); }

  async saveNow(): Promise<void> {
    const o = this.current.peek();
    o?.work.store.flush();
    if (!o || !o.touched || this.saved.peek() === 'saved') return;
    await this.keepHere(o);
    await this.putDraft(o);
  }

  /* ---- leaving ---- */

  /* Before the acts are here nothing was done that could be lost. */
  private leave(): void { if (!this.ended) withActs((a) => a.leave(this)); }

  /* Is there something the person must be told? */
  troubled(o: Open | null): boolean {
    const q = this.queue;
    return q.loggedOut.value || q.stuck.value > 0 || q.refused.value.length > 0 || !!o && (!!o.edit || !!o.gone.value || !!o.newer.value);
  }

  /* Something is neither drafted nor on its way. */
  get unsaved(): boolean { return this.saved.peek() === 'dirty'; }
}

/* A model's guess: it says so until somebody confirms or changes it. */
function guessed(p: NonNullable<Lease['prediction']>): unknown[] | null {
  if (!Array.isArray(p.result) || !p.result.length) return null;
  return p.result.map((r: unknown) => (isObject(r) ? { ...(p.score == null ? {} : { score: p.score }), ...r, origin: 'prediction' } : r));
}

/* Label and tool stay in the hand. */
function carry(from: TaskStore, to: TaskStore): void {
  const a = from.active.peek();
  if (a && !to.active.peek() && to.control(a.control)) to.active.value = a;
  to.tool.value = from.tool.peek();
}
