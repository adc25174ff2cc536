/* The rows behind a long list. Promise: any place of the result is one request away, whatever its length, and at most
   KEPT pages are held. The server names a map of the result, the key of every step-th row; a page begins after a key and
   ends at the next one, so what others add or delete meanwhile moves no page: a row that is gone leaves a gap. Until the
   map is there, pages come one after the other from the top. */
import { ApiError, post } from '../core/api';
import type { TaskRow } from './shapes';

export type RowKey = number | [number | string, number];
export interface Reply { results: TaskRow[]; people: Record<string, string>; next: RowKey | null }
export interface Map_ { total: number; step: number; marks: RowKey[] }

export const PAGE = 100;
const KEPT = 60, AT_ONCE = 2;

interface Page { rows: TaskRow[] | null; used: number; stop?: AbortController }

export interface Wire {
  page(body: Record<string, unknown>, signal: AbortSignal): Promise<Reply>;
  map(body: Record<string, unknown>, signal: AbortSignal): Promise<Map_>;
}

export function wireOf(project: number | string): Wire {
  const at = `/api/projects/${project}/tasks`;
  return {
    page: (body, signal) => post<Reply>(`${at}/page`, body, { signal, idempotency: '' }),
    map: (body, signal) => post<Map_>(`${at}/map`, body, { signal, idempotency: '' }),
  };
}

export class Rows {
  total: number | null = null;
  error: ApiError | null = null;
  /** The first page is here. */
  ready = false;
  readonly people: Record<string, string> = {};
  #pages = new Map<number, Page>();
  #map: Map_ | null = null;
  #chain: (RowKey | null)[] = [];            // key after which page i begins, as far as pages came one after the other
  #turn = 0;
  #loading = 0;
  #wanted: number[] = [];
  #stop = new AbortController();

  readonly #wire: Wire;
  readonly #query: Record<string, unknown> | undefined;
  readonly #changed: () => void;
  #seen = '';
  /** Who draws the rows: told of pages that came; the page as a whole hears only of what it shows of the list. */
  watch: (() => void) | null = null;

  /** `guess` is the length where somebody knows it already. */
  constructor(wire: Wire, query: Record<string, unknown> | undefined, changed: () => void, guess: number | null = null) {
    this.#wire = wire;
    this.#query = query;
    this.#changed = changed;
    this.total = guess;
    this.#chain[0] = null;
    void this.#load(0).then(() => this.#pump());
    void this.#loadMap();
  }

  #tell(): void {
    const now = `${this.ready} ${this.total} ${this.mapped} ${this.error?.message ?? ''}`;
    if (now === this.#seen) { this.watch?.(); return; }
    this.#seen = now;
    this.#changed();
  }

  get mapped(): boolean { return this.#map !== null; }

  /** The row at a place: undefined while it is on its way, null where it is gone. */
  at(i: number): TaskRow | null | undefined {
    const page = this.#pages.get(Math.floor(i / PAGE));
    if (!page?.rows) return undefined;
    return page.rows[i % PAGE] ?? null;
  }

  /** What the window shows now; the nearest pages are loaded first, the rest of the wishes is forgotten. */
  want(from: number, to: number): void {
    const first = Math.floor(from / PAGE), last = Math.floor(Math.max(from, to - 1) / PAGE);
    const list: number[] = [];
    for (let p = first; p <= last; p++) list.push(p);
    this.#turn++;
    for (const p of list) { const page = this.#pages.get(p); if (page) page.used = this.#turn; }
    for (const [p, page] of this.#pages) if (page.stop && (p < first - 2 || p > last + 2)) { page.stop.abort(); }
    this.#wanted = [...list, last + 1, first - 1].filter(p => p >= 0 && (this.total === null || p * PAGE < this.total) && !this.#pages.has(p));
    this.#pump();
  }

  dispose(): void { this.#stop.abort(); for (const p of this.#pages.values()) p.stop?.abort(); }

  #pump(): void {
    while (this.#loading < AT_ONCE) {
      const p = this.#wanted.find(x => !this.#pages.has(x) && this.#start(x) !== undefined);
      if (p === undefined) return;
      this.#wanted = this.#wanted.filter(x => x !== p);
      void this.#load(p).then(() => this.#pump());
    }
  }

  /** How page p is asked for, or undefined while nobody knows where it begins. */
  #start(p: number): Record<string, unknown> | undefined {
    if (this.#map) {
      const { step, marks } = this.#map, from = p * PAGE, mark = Math.floor(from / step), end = (p + 1) * PAGE;
      const body: Record<string, unknown> = { limit: PAGE };
      if (mark > 0) { if (marks[mark - 1] === undefined) return undefined; body.after = marks[mark - 1]; }
      if (from % step) body.skip = from % step;
      if (end % step === 0 && marks[end / step - 1] !== undefined) body.upto = marks[end / step - 1];
      return body;
    }
    const after = this.#chain[p];
    return after === undefined ? undefined : { limit: PAGE, ...(after === null ? {} : { after }) };
  }

  async #load(p: number): Promise<void> {
    const body = this.#start(p), stop = new AbortController();
    if (!body) return;
    const page: Page = { rows: null, used: this.#turn, stop };
    this.#pages.set(p, page);
    this.#loading++;
    try {
      const v = await this.#wire.page({ ...body, query: this.#query }, AbortSignal.any([stop.signal, this.#stop.signal]));
      page.rows = v.results;
      delete page.stop;
      Object.assign(this.people, v.people);
      if (v.next !== null) this.#chain[p + 1] ??= v.next;
      else if (!this.#map) this.total = p * PAGE + v.results.length;
      if (this.total === null || this.total < p * PAGE + v.results.length) this.total = p * PAGE + v.results.length;
      this.error = null;
      this.ready = true;
      this.#forget();
    } catch (e) {
      this.#pages.delete(p);
      if (!stop.signal.aborted && !this.#stop.signal.aborted) { this.error = e instanceof ApiError ? e : new ApiError(0, {}, String(e)); }
    } finally {
      this.#loading--;
      if (!this.#stop.signal.aborted) this.#tell();
    }
  }

  async #loadMap(): Promise<void> {
    try {
      this.#map = await this.#wire.map({ query: this.#query, step: PAGE }, this.#stop.signal);
      this.total = this.#map.total;
      this.#tell();
      this.#pump();
    } catch (e) {
      if (!this.#stop.signal.aborted) { this.error ??= e instanceof ApiError ? e : new ApiError(0, {}, String(e)); this.#tell(); }
    }
  }

  #forget(): void {
    if (this.#pages.size <= KEPT) return;
    const old = [...this.#pages].filter(([, x]) => x.rows).sort((a, b) => a[1].used - b[1].used);
    for (const [p] of old.slice(0, this.#pages.size - KEPT)) this.#pages.delete(p);
  }
}
