/*
 * annotate-queue.ts -- answers on their way to the server.
 *
 * Promise: a job that add() has resolved for is never lost and never counted
 * twice.  It lies in the keeper until the server has answered, and every
 * attempt carries the same key, which the server knows as the same act.
 *
 * A job may be held for some seconds, so that the person can take it back.
 * What the server refuses (a 4xx that repeating cannot mend) stays, with the
 * server's sentence, until the person decides.
 */
import { computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Keeper } from './annotate-keep';

export interface Job {
  key: string;
  owner: string;              // the person; another login never sends it
  path: string;
  seen?: number;              // an answer changed: the revision that was seen
  body: Record<string, unknown>;
  task: number | string;
  project: string;
  notBefore: number;          // ms; held until then
  tries: number;
  refused?: string;           // the server's sentence
  kept?: unknown;             // what is needed to open the task again
}

export type Outcome = { ok: true; value: unknown } | { ok: false; status: number; why: string; wait: number };

export interface QueueDeps {
  keeper: Keeper<Job>;
  owner: string;
  post: (job: Job) => Promise<Outcome>;
  now: () => number;
  random: () => number;
  later: (ms: number, act: () => void) => () => void;
  sent?: (job: Job, value: unknown) => void;
}

const FINAL = (status: number): boolean => status >= 400 && status < 500 && ![401, 408, 425, 429].includes(status);

/* 1, 2, 4 … 60 s with jitter; never sooner than the server asks. */
export const waitFor = (tries: number, random: number, asked: number): number =>
  Math.max(asked, Math.min(60_000, 1000 * 2 ** Math.max(0, tries - 1)) * (0.5 + random / 2));

const NONE: readonly Job[] = [];      // one and the same: nobody is told again that there are none

export class Queue {
  readonly jobs: Signal<readonly Job[]> = signal([]);
  readonly waiting: ReadonlySignal<number> = computed(() => this.jobs.value.filter((j) => j.refused === undefined).length);
  readonly refused: ReadonlySignal<readonly Job[]> = computed(() => { const list = this.jobs.value.filter((j) => j.refused !== undefined); return list.length ? list : NONE; });
  /* Something waits that has failed at least once: the line is down. */
  readonly stuck: ReadonlySignal<number> = computed(() => this.jobs.value.filter((j) => j.refused === undefined && j.tries > 0).length);
  readonly loggedOut: Signal<boolean> = signal(false);

  private d: QueueDeps;
  private flying: string | null = null;
  private landing: Promise<void> | null = null;      // of the one that flies, until its news is told
  private pauseUntil = 0;
  private stopTimer: (() => void) | null = null;
  private stopped = false;

  constructor(d: QueueDeps) { this.d = d; }

  /* What an earlier page left behind. */
  async start(): Promise<void> {
    const left = (await this.d.keeper.all()).filter((j) => j.owner === this.d.owner).sort((a, b) => a.notBefore - b.notBefore);
    const known = new Set(this.jobs.peek().map((j) => j.key));
    this.jobs.value = [...left.filter((j) => !known.has(j.key)), ...this.jobs.peek()];
    this.kick();
  }

  async add(job: Omit<Job, 'tries' | 'owner' | 'notBefore'>, holdMs: number): Promise<void> {
    const full: Job = { ...job, owner: this.d.owner, tries: 0, notBefore: this.d.now() + holdMs };
    this.jobs.value = [...this.jobs.peek(), full];
    await this.d.keeper.put(full.key, full);
    this.kick();
  }

  /* Take a job back. false: too late, it is on its way or has arrived. */
  async takeBack(key: string): Promise<Job | null> {
    const job = this.jobs.peek().find((j) => j.key === key);
    if (!job || this.flying === key || (job.tries > 0 && job.refused === undefined)) return null;
    this.jobs.value = this.jobs.peek().filter((j) => j.key !== key);
    await this.d.keeper.remove(key);
    return job;
  }

  /* What is on its way has arrived, or has not, and it has been told. */
  landed(): Promise<void> { return this.landing ?? Promise.resolve(); }

  /* Nothing is held any longer, but this one: send now. */
  flush(but = ''): void {
    const now = this.d.now();
    for (const j of this.jobs.peek()) if (j.key !== but && j.notBefore > now) j.notBefore = now;
    this.kick();
  }

  /* The line may be back (event "online", a login): do not wait for the timer. */
  retry(): void { this.pauseUntil = 0; this.loggedOut.value = false; this.kick(); }

  stop(): void { this.stopped = true; this.stopTimer?.(); }

  private kick(): void {
    this.stopTimer?.();
    this.stopTimer = null;
    if (this.flying !== null || this.stopped) return;
    const open = this.jobs.peek().filter((j) => j.refused === undefined);
    if (!open.length) return;
    const now = this.d.now();
    const ready = open.find((j) => j.notBefore <= now);
    const at = Math.max(this.pauseUntil, ready ? now : Math.min(...open.map((j) => j.notBefore)));
    if (ready && at <= now) {
      const flight = this.landing = this.send(ready);
      void flight.then(() => { if (this.landing === flight) this.landing = null; this.kick(); });
      return;
    }
    this.stopTimer = this.d.later(Math.max(1, at - now), () => this.kick());
  }

  private async send(job: Job): Promise<void> {
    this.flying = job.key;
    let out: Outcome;
    try { out = await this.d.post(job); } catch { out = { ok: false, status: 0, why: '', wait: 0 }; }
    this.flying = null;
    if (out.ok) {
      this.jobs.value = this.jobs.peek().filter((j) => j.key !== job.key);
      await this.d.keeper.remove(job.key);
      this.d.sent?.(job, out.value);
    } else if (FINAL(out.status)) {
      await this.update(job, { refused: out.why || String(out.status) });
    } else {
      if (out.status === 401) this.loggedOut.value = true;
      await this.update(job, { tries: job.tries + 1 });
      this.pauseUntil = this.d.now() + waitFor(job.tries + 1, this.d.random(), out.wait);
    }
  }

  private async update(job: Job, patch: Partial<Job>): Promise<void> {
    const next = { ...job, ...patch };
    this.jobs.value = this.jobs.peek().map((j) => (j.key === job.key ? next : j));
    await this.d.keeper.put(job.key, next);
  }
}
