/*
 * regionrows.ts -- which regions stand in the list, and which of them in the page.
 *
 * A long list has only the rows in sight in the page, all of one height.  A row is a slot that is
 * told its place: scrolling, or choosing a region far away, writes other words
 * into the rows that are there; none is made or taken away.  A long list follows
 * the stage a moment later, so that what is drawn is seen first.
 */
import { batch, computed, effect, signal, untracked, type ReadonlySignal, type Signal } from '@preact/signals';
import { notSoon, soon } from '../core/soon';
import { isMany } from './late';
import type { TaskStore } from './store';

/* A heading among the rows. */
const HEAD = '\u0000';

export interface Slot {
  key: number;
  at: Signal<number>;                               // its place in the list
  id: ReadonlySignal<string | undefined>;
  n: ReadonlySignal<number>;                        // the number of the region
  sel: ReadonlySignal<boolean>;
  off: ReadonlySignal<boolean>;                     // hidden on the stage
  near: Signal<boolean>;                            // the pointer was here
  el: HTMLElement | null;
}

export const headOf = (id: string | undefined): string | null => (id?.startsWith(HEAD) ? id.slice(1) : null);

type Group = (id: string) => string;

/* The regions under a heading for each group, groups in the order of their first region. */
function arranged(ids: readonly string[], group: Group | undefined): readonly string[] {
  if (!group) return ids;
  const by = new Map<string, string[]>();
  for (const id of ids) { const g = group(id); (by.get(g) ?? by.set(g, []).get(g)!).push(id); }
  return [...by].flatMap(([g, list]) => [`${HEAD}${g} (${list.length})`, ...list]);
}

const EXTRA = 2;          // rows beyond either edge

export class Rows {
  readonly ids: Signal<readonly string[]> = signal([]);      // with headings
  readonly sel: Signal<string | null> = signal(null);
  readonly group: Signal<Group | undefined> = signal(undefined);
  readonly slots: Signal<readonly Slot[]> = signal([]);      // in the order of their places
  readonly many: Signal<boolean> = signal(false);
  readonly gaps: Signal<readonly [number, number]> = signal([0, 0]);       // above and below the rows, in pixels
  list: HTMLElement | null = null;
  private all: readonly string[] = [];
  private made = 0;
  private top = 0;                                  // read when it is known, never in between: that would lay out the page
  private size = 600;
  private height = 32;
  private focus = false;

  constructor(readonly store: TaskStore) {
    this.take();
  }

  /* While the list is on the page. */
  follow(): () => void {
    const { store } = this;
    const off = effect(() => {
      store.regions.value; store.selection.value; this.group.value;
      if (isMany(store) && !this.focus) soon(this, () => this.take()); else untracked(() => this.take());
    });
    return () => { off(); notSoon(this); };
  }

  private take(): void {
    notSoon(this);
    const { store } = this, sel = store.selection.peek(), moved = sel !== this.sel.peek(), all = store.regions.peek(), group = this.group.peek();
    batch(() => {
      const other = all !== this.all || group;
      this.all = all;
      this.many.value = isMany(store);
      if (other) this.ids.value = arranged(all, group);
      this.sel.value = sel;
      const to = moved ? this.into(sel) : null;
      this.place();
      if (to !== null || this.focus) this.settle(to);
    });
  }

  /* Where the list must stand for this region to be seen; null: it is. */
  private into(id: string | null): number | null {
    const i = id === null ? -1 : this.ids.peek().indexOf(id), y = i * this.height;
    if (i < 0 || !this.many.peek()) return i < 0 ? null : 0;
    if (y >= this.top && y + this.height <= this.top + this.size) return null;
    return this.top = y < this.top ? y : y + this.height - this.size;
  }

  /* The rows have their words; now the list is moved, and the row that the arrow keys went to gets the focus. */
  private settle(to: number | null): void {
    const focus = this.focus, id = this.sel.peek();
    this.focus = false;
    requestAnimationFrame(() => {
      const el = this.slots.peek().find((s) => s.id.peek() === id)?.el;
      if (to !== null && this.list) { if (this.many.peek()) this.list.scrollTop = to; else el?.scrollIntoView({ block: 'nearest' }); }
      if (focus) el?.querySelector<HTMLElement>('.rsel')?.focus({ preventScroll: true });
    });
  }

  /* Gives every place in sight a slot. Slots that stay in sight keep theirs. */
  private place(): void {
    const total = this.ids.peek().length, many = this.many.peek();
    const count = many ? Math.min(total, Math.ceil(this.size / this.height) + 2 * EXTRA) : total;
    const from = many ? Math.max(0, Math.min(Math.floor(this.top / this.height) - EXTRA, total - count)) : 0, to = from + count;
    const now = this.slots.peek(), by = new Map(now.map((s) => [s.at.peek(), s])), free = now.filter((s) => s.at.peek() < from || s.at.peek() >= to);
    const next = Array.from({ length: count }, (_, k) => {
      const at = from + k, kept = by.get(at);
      if (kept) return kept;
      const s = free.shift() ?? this.slot();
      s.at.value = at;
      s.near.value = false;
      return s;
    });
    if (next.length !== now.length || next.some((s, i) => s !== now[i])) this.slots.value = next;
    const above = many ? from * this.height : 0, below = many ? (total - to) * this.height : 0, [a, b] = this.gaps.peek();
    if (a !== above || b !== below) this.gaps.value = [above, below];
  }

  private slot(): Slot {
    const { store } = this, at = signal(-1), id = computed(() => this.ids.value[at.value]);
    return {
      key: ++this.made, at, id, near: signal(false), el: null,
      n: computed(() => { this.ids.value; return (this.group.value ? this.all.indexOf(id.value!) : at.value) + 1; }),
      sel: computed(() => this.sel.value === id.value || (store.also.value.size > 0 && store.also.value.has(id.value!))),
      off: computed(() => store.hidden.value.has(id.value!)),
    };
  }

  scrolled(top: number): void { this.top = top; batch(() => this.place()); }

  measured(): void {
    const el = this.list;
    if (!el || !this.many.peek()) return;
    this.size = el.clientHeight;
    this.height = el.querySelector<HTMLElement>('.rsel')?.offsetHeight || 32;
    batch(() => { const to = this.into(this.sel.peek()); this.place(); if (to !== null) this.settle(to); });
  }

  /* The arrow keys in the list: the next row, past a heading. */
  step(from: string, by: 1 | -1): void {
    const ids = this.ids.peek();
    let i = ids.indexOf(this.store.selection.peek() ?? from) + by;
    if (headOf(ids[i]) !== null) i += by;
    if (ids[i] === undefined) return;
    this.focus = true;
    if (ids[i] === this.store.selection.peek()) this.settle(null); else this.store.selection.value = ids[i]!;
  }
}
