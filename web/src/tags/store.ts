/*
 * store.ts -- everything about one open task.
 *
 * The result array is kept as groups: items with the same id belong together
 * (a box, its label, its per-region answers).  Each group is one signal, so
 * moving one of 500 boxes redraws one.  An item without an id is a group of its
 * own and leaves as it came.
 *
 * Invariant: every change to a group goes through change() or hold()/settle(),
 * which write the history.  So undoing everything gives back the first state.
 */
import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import { History, type Saved } from '../core/history';
import { shortId } from '../core/store';
import {
  asResults, groupKind, isBareSet, isLabelType, labelsKey, labelsOf, placeOf, spatialOf, typeOf, type GroupKind, type Result,
} from './result';
import { defaultAnswer, defaultLabels } from './defaults';
import { writtenGroups, writtenItems, writtenSteps } from './written';
import { bind, controls, flag, isLabels, labelList, type Data, type LabelInfo, type Tag } from './tree';

export interface Task { id: number | string; data: Data }

export interface Active { control: string; values: string[] }

/* `to`: of a region, the object it is on. Known here, so that nobody reads two thousand results to count one. */
type Group = { items: Signal<Result[]>; kind: GroupKind; to: string | undefined };

/* What a step of the history does: these groups get these items; null takes a group away. */
export type Patch = { id: string; items: Result[] | null; at: number; move?: boolean }[];      // move: to this place in the order
/* `loose`: the keys of items without an id, in order, so that a saved step still finds them. */
export type SavedHistory = Saved<Patch> & { loose?: string[] };

export class TaskStore {
  readonly tree: Tag;
  readonly task: Task;
  readonly labels: LabelInfo[];
  readonly controls: Map<string, Tag>;
  readonly readOnly: boolean;

  readonly order: Signal<string[]> = signal([]);
  readonly selection: Signal<string | null> = signal(null);
  readonly active: Signal<Active | null> = signal(null);
  readonly tool: Signal<string> = signal('');
  readonly hidden: Signal<ReadonlySet<string>> = signal(new Set<string>());
  readonly locked: Signal<ReadonlySet<string>> = signal(new Set<string>());
  readonly object: Signal<string | null> = signal(null); // the object on the stage, where only one is shown at a time
  readonly item: Signal<number> = signal(0);             // which of several pictures is shown; perItem answers are about it
  readonly filter: Signal<Readonly<Record<string, string>>> = signal({});   // what a Filter leaves of a control's labels
  readonly version: Signal<number> = signal(0);          // grows with every change
  readonly problems: Signal<ReadonlyMap<string, string>> = signal(new Map<string, string>());
  /* A selection of text that waits for a label; calling it makes the region of the label in hand. */
  readonly pending: Signal<(() => boolean) | null> = signal(null);
  /* Fields with words that are not in the result yet; flush() lets them put it there. */
  readonly flushers: Set<() => void> = new Set();
  /* More regions chosen beside the selection: moved and removed together with it. */
  readonly also: Signal<ReadonlySet<string>> = signal(new Set<string>());
  /* Told the id of every region that changed: for stages that draw without one component a region. */
  readonly watchers: Set<(id: string) => void> = new Set();
  readonly regions: ReadonlySignal<string[]>;
  readonly guesses: ReadonlySignal<string[]>;            // groups a model said and nobody has confirmed
  readonly canUndo: ReadonlySignal<boolean>;
  readonly canRedo: ReadonlySignal<boolean>;
  readonly history: History<Patch> = new History<Patch>((p) => this.put(p));

  private groups = new Map<string, Group>();
  private given: ReadonlySet<Result> = new Set();        // the items as they came, in their order
  private loose = 0;                                     // for keys of items without an id

  constructor(tree: Tag, task: Task, result: unknown, opts: { history?: SavedHistory | null; readOnly?: boolean } = {}) {
    this.task = task;
    this.tree = bind(tree, task.data);
    this.labels = labelList(this.tree);
    this.controls = new Map(controls(this.tree).map((c) => [c.name!, c]));
    this.readOnly = opts.readOnly ?? false;
    this.regions = computed(() => this.order.value.filter((id) => this.groups.get(id)?.kind === 'region'));
    // By version, not by item: a drag of one of thousands must not ask all the others.
    this.guesses = computed(() => { this.version.value; const list = this.order.value.filter((id) => this.peek(id).some((r) => r.origin === 'prediction')); return list.length ? list : NONE; });
    this.canUndo = computed(() => this.history.canUndo);
    this.canRedo = computed(() => this.history.canRedo);
    this.load(result, opts.history);
    if (!this.readOnly && (result === null || result === undefined)) this.begin();
    if (!this.readOnly) this.active.value = defaultLabels(this.tree);
  }

  /* No result, not even an empty one: what the config answers by itself. No step of the history. */
  private begin(): void {
    const said = [...this.controls.values()].flatMap((c): Result[] => {
      const d = flag(c, 'perRegion') ? null : defaultAnswer(c, this.task.data);
      return d ? [this.fresh(c, d.type, d.value)] : [];
    });
    for (const r of said) this.groups.set(r.id!, { ...grouped([r]), kind: 'answer' });
    this.order.value = said.map((r) => r.id!);
  }

  private fresh(control: Tag, type: string, value: Record<string, unknown>): Result {
    return {
      id: shortId(), from_name: control.name!, to_name: control.toName[0] ?? control.name!, type, value, origin: 'manual',
      ...(flag(control, 'perItem') ? { item_index: this.item.peek() } : {}),
    };
  }

  /* Replace everything, for a draft taken from elsewhere. */
  load(result: unknown, history?: SavedHistory | null): void {
    batch(() => {
      this.groups.clear();
      const order: string[] = [];
      const byId = new Map<string, Result[]>(), kept = [...history?.loose ?? []];
      for (const k of kept) this.loose = Math.max(this.loose, Number(k.slice(1)) || 0);
      this.given = new Set(asResults(result));
      for (const r of this.given) {
        const id = typeof r.id === 'string' && r.id ? r.id : kept.shift() ?? `~${++this.loose}`;
        const list = byId.get(id);
        if (list) list.push(r);
        else { byId.set(id, [r]); order.push(id); }
      }
      for (const [id, items] of byId) this.groups.set(id, grouped(items));
      this.history.load(history ?? { done: [], undone: [] });
      this.order.value = order;
      this.selection.value = null;
      this.version.value++;
    });
  }

  savedHistory(): SavedHistory { return { ...this.history.save(), loose: this.order.peek().filter((k) => k.startsWith('~')) }; }

  /* What result() and savedHistory() say, as JSON text; a drag that is not done yet is not in it. */
  text(): string {
    const at = this.version.peek();
    if (this.wrote?.at !== at) {
      const groups = this.order.peek().map((id) => this.held?.get(id) ?? this.peek(id)), flat = groups.flat();
      this.wrote = { at, text: this.asGiven(flat) ? writtenItems([...this.given]) : writtenGroups(groups) };
    }
    return this.wrote.text;
  }
  historyText(): string {
    const { done, undone, loose } = this.savedHistory();
    return `{"done":${writtenSteps(done)},"undone":${writtenSteps(undone)},"loose":${JSON.stringify(loose)}}`;
  }
  private wrote: { at: number; text: string } | null = null;
  private asGiven(now: readonly Result[]): boolean { return now.length === this.given.size && now.every((r) => this.given.has(r)); }

  flush(): void { for (const f of this.flushers) f(); }

  /* ---- reading ---- */

  /* Subscribes the reader to this group alone. */
  items(id: string): Result[] { return this.groups.get(id)?.items.value ?? []; }
  peek(id: string): Result[] { return this.groups.get(id)?.items.peek() ?? []; }
  has(id: string): boolean { return this.groups.has(id); }

  spatial(id: string): Result | undefined { return spatialOf(this.items(id)); }
  labelsOf(id: string): string[] { return labelsOf(this.items(id)); }
  info(value: string | undefined): LabelInfo | undefined { return this.labels.find((l) => l.value === value); }
  control(name: string | undefined): Tag | undefined { return name === undefined ? undefined : this.controls.get(name); }

  /* The regions of one object (to_name). */
  regionsOn(name: string | null): string[] {
    return name === null ? this.regions.value : this.regions.value.filter((id) => this.groups.get(id)?.to === name);
  }

  /* The answer item of a control: of the region, of an item (the shown one, when none is named), or of the whole task. */
  answer(control: string, region: string | null, item?: number): Result | undefined {
    if (region !== null) return this.items(region).find((r) => r.from_name === control && r !== spatialOf(this.peek(region)));
    const id = this.answerId(control, item);
    return id === null ? undefined : this.items(id)[0];
  }

  private answerId(control: string, item?: number): string | null {
    const c = this.controls.get(control), at = c && flag(c, 'perItem') ? item ?? this.item.value : null;
    for (const id of this.order.value) {
      const g = this.groups.get(id)!, r = g.items.peek()[0];
      if (g.kind === 'answer' && r?.from_name === control && (at === null || Number(r.item_index ?? 0) === at)) return id;
    }
    return null;
  }

  get relations(): [string, Result][] { return this.related.value; }
  private related = computed(() => this.order.value.flatMap((id): [string, Result][] => {
    const g = this.groups.get(id)!;
    return g.kind === 'relation' ? [[id, g.items.value[0]!]] : [];
  }));

  /* The whole result, as it goes to the server; as it came, when nothing is changed. */
  result(): Result[] {
    const now = this.order.peek().flatMap((id) => this.peek(id));
    return this.asGiven(now) ? [...this.given] : now;
  }

  /* ---- changing ---- */

  change(label: string, patches: readonly (readonly [string, Result[] | null])[], merge?: string): void {
    if (this.readOnly) return;
    const step = this.step(patches);
    if (step) this.history.run({ label, ...step, ...(merge === undefined ? {} : { merge }) });
  }

  private step(patches: readonly (readonly [string, Result[] | null])[], from?: Map<string, Result[]>): { redo: Patch; undo: Patch } | null {
    const order = this.order.peek();
    const redo: Patch = [], undo: Patch = [];
    let fresh = 0;
    for (const [id, items] of patches) {
      const before = from?.get(id) ?? (this.groups.has(id) ? this.peek(id) : null);
      if (before === items || (before === null && items === null)) continue;
      const at = before === null ? order.length + fresh++ : order.indexOf(id);
      redo.push({ id, items, at });
      undo.unshift({ id, items: before, at });
    }
    return redo.length ? { redo, undo } : null;
  }

  /* A drag: hold() remembers, live() shows each move, settle() writes one step. */
  private held: Map<string, Result[]> | null = null;

  hold(...ids: string[]): void { this.held = new Map(ids.map((id) => [id, this.peek(id)])); }

  live(id: string, patch: Record<string, unknown>): void {
    if (this.readOnly || this.locked.peek().has(id)) return;
    const g = this.groups.get(id);
    if (!g) return;
    g.items.value = placed(g.items.peek(), patch);
    for (const f of this.watchers) f(id);
  }

  settle(label: string): void {
    const held = this.held;
    this.held = null;
    if (!held) return;
    const moved = [...held].filter(([id, before]) => this.has(id) && this.peek(id) !== before);
    const step = this.step(moved.map(([id]) => [id, this.peek(id)]), new Map(moved));
    if (!step) return;
    this.history.note({ label, ...step });
    this.history.seal();
    this.touch();
  }

  /* A drag that is called off leaves nothing behind. */
  drop(): void {
    const held = this.held;
    this.held = null;
    for (const [id, before] of held ?? []) {
      const g = this.groups.get(id);
      if (g) g.items.value = before;
      for (const f of this.watchers) f(id);
    }
  }

  undo(): string | null { return this.readOnly ? null : this.history.undo()?.label ?? null; }
  redo(): string | null { return this.readOnly ? null : this.history.redo()?.label ?? null; }

  private touch(): void {
    this.version.value++;
  }

  private put(list: Patch): void {
    batch(() => {
      let order: string[] | null = null;
      for (const { id, items, at, move } of list) {
        const g = this.groups.get(id);
        if (items === null) {
          this.groups.delete(id);
          order = (order ?? this.order.peek()).filter((x) => x !== id);
          if (this.selection.peek() === id) this.selection.value = null;
        } else if (g) {
          if (move) { order = (order ?? this.order.peek()).filter((x) => x !== id); order.splice(at, 0, id); continue; }
          g.items.value = items;
          Object.assign(g, kindOf(items));
        } else {
          this.groups.set(id, grouped(items));
          order = [...(order ?? this.order.peek())];
          order.splice(Math.min(at, order.length), 0, id);
        }
      }
      if (order) this.order.value = order;
      this.touch();
    });
    for (const { id } of list) for (const f of this.watchers) f(id);
  }

  /* ---- answers ---- */

  setAnswer(control: Tag, type: string, value: Record<string, unknown> | null, region: string | null, merge?: string): void {
    const name = control.name!;
    const label = `answer ${name}`;
    if (region !== null) {
      const items = this.peek(region);
      const where = spatialOf(items);
      const rest = items.filter((r) => r === where || r.from_name !== name);
      if (value === null) { this.change(label, [[region, rest]], merge); return; }
      const old = items.find((r) => r !== where && r.from_name === name);
      const item: Result = {
        ...old, ...(old ? taken(old) : {}), ...(where ? sizes(where) : {}), id: region, from_name: name, to_name: where?.to_name ?? control.toName[0] ?? '',
        type, value: { ...(where ? placeOf(where) : {}), ...value },
      };
      const at = old ? items.indexOf(old) : items.length;
      this.change(label, [[region, [...items.slice(0, at), item, ...items.slice(old ? at + 1 : at)]]], merge);
      return;
    }
    const id = this.answerId(name);
    if (value === null) { if (id !== null) this.change(label, [[id, null]], merge); return; }
    if (id !== null) {
      const [first, ...rest] = this.peek(id);
      this.change(label, [[id, [{ ...first!, ...taken(first!), type, value }, ...rest]]], merge);
      return;
    }
    const r = this.fresh(control, type, value);
    this.change(label, [[r.id!, [r]]], merge);
  }

  /* An item without an id, as relations are. Returns its key. */
  addLoose(item: Result): string {
    const key = `~${++this.loose}`;
    this.change('add', [[key, [item]]]);
    return key;
  }

  /* ---- regions ---- */

  /*
   * A new region by `control` (a label set, or a bare geometry tool with a
   * Labels set beside it).  The active label goes on it.  Returns its id.
   */
  addRegion(control: Tag, place: Record<string, unknown>, extra: Record<string, unknown> = {}, to = control.toName[0] ?? ''): string {
    const id = shortId();
    const type = typeOf(control);
    const active = this.active.peek();
    const head = { id, to_name: to, origin: 'manual', ...extra };
    const items: Result[] = [];
    if (isLabels(control)) {
      // Another set's label of the same name is the same label: parts that repeat a set share what is in hand.
      const own = new Set(this.labels.filter((l) => l.control.name === control.name).map((l) => l.value));
      const values = active ? active.values.filter((v) => own.has(v)) : [];
      items.push({ ...head, from_name: control.name!, type, value: { ...place, [labelsKey(type)]: values } });
    } else {
      items.push({ ...head, from_name: control.name!, type, value: { ...place } });
      const set = this.controls.get(active?.control ?? '');
      if (active && isBareSet(set) && set.toName.includes(to)) {
        items.push({ ...head, from_name: set.name!, type: typeOf(set), value: { ...place, [labelsKey(typeOf(set))]: active.values } });
      }
    }
    for (const c of this.controls.values()) {
      const d = flag(c, 'perRegion') && c.toName.includes(to) ? defaultAnswer(c, this.task.data) : null;
      if (d) items.push({ ...head, from_name: c.name!, type: d.type, value: { ...place, ...d.value } });
    }
    batch(() => {
      this.change('add', [[id, items]]);
      this.selection.value = id;
    });
    return id;
  }

  /* Move or reshape: every item of the group carries the same geometry. */
  setPlace(id: string, patch: Record<string, unknown>, merge?: string): void {
    if (this.locked.peek().has(id)) return;
    this.change('move', [[id, placed(this.peek(id), patch)]], merge);
  }

  /* With what is chosen beside it; relations to what is gone go along. */
  remove(id: string): void {
    const ids = new Set([id, ...(id === this.selection.peek() ? this.also.peek() : [])].filter((x) => !this.locked.peek().has(x)));
    if (!ids.size) return;
    const gone = [...ids].map((x) => [x, null] as const);
    for (const [rid, r] of this.relations) if (ids.has(String(r.from_id)) || ids.has(String(r.to_id))) gone.push([rid, null]);
    this.change('remove', gone);
  }

  /* Before another region in the order, or (`after`) behind it: later ones lie above. One step of the history. */
  reorder(id: string, beside: string | null, after: boolean): void {
    const items = this.peek(id), order = this.order.peek().filter((x) => x !== id), from = this.order.peek().indexOf(id);
    const at = beside === null ? -1 : order.indexOf(beside) + (after ? 1 : 0);
    if (this.readOnly || from < 0 || at < 0 || at === from) return;
    this.history.run({ label: 'order', redo: [{ id, items, at, move: true }], undo: [{ id, items, at: from, move: true }] });
  }

  duplicate(id: string, shift: (place: Record<string, unknown>) => Record<string, unknown>): string | null {
    const items = this.peek(id);
    if (!items.length) return null;
    const copy = shortId();
    this.change('duplicate', [[copy, items.map((r) => ({ ...r, id: copy, origin: 'manual', value: { ...r.value, ...shift(placeOf(r)) } }))]]);
    this.selection.value = copy;
    return copy;
  }

  /* Put a label on a region; the same label again takes it off in a multiple set. */
  relabel(id: string, info: LabelInfo): void {
    if (this.locked.peek().has(id)) return;
    const items = this.peek(id);
    const where = spatialOf(items);
    if (!where) return;
    const name = info.control.name!;
    const many = info.control.attrs.choice === 'multiple';
    const next = (old: string[]): string[] => !many ? [info.value]
      : old.includes(info.value) ? old.filter((v) => v !== info.value) : [...old, info.value];
    const own = items.find((r) => r.from_name === name && isLabelType(r.type));
    if (own) {
      const key = labelsKey(own.type);
      const now = Array.isArray(own.value?.[key]) ? own.value[key] as string[] : [];
      this.change('label', [[id, items.map((r) => r === own
        ? { ...r, ...taken(r), value: { ...r.value, [key]: next(now) } } : r)]]);
    } else if (isBareSet(info.control) && !isLabelType(where.type)) {
      const type = typeOf(info.control);
      const item: Result = { ...sizes(where), id, from_name: name, to_name: where.to_name ?? '', type,
        origin: 'manual', value: { ...placeOf(where), [labelsKey(type)]: [info.value] } };
      this.change('label', [[id, [...items, item]]]);
    } else if (info.control.toName.includes(where.to_name ?? '') && sameShape(info.control, where)) {
      const type = info.control.tag.toLowerCase();
      const v = placeOf(where);
      this.change('label', [[id, items.map((r) => r === where
        ? { ...r, ...taken(r), from_name: name, type, value: { ...v, [labelsKey(type)]: [info.value] } } : r)]]);
    }
  }

  /* A model's guess taken as one's own; without an id all of them, in one step. */
  confirm(id?: string): void {
    const ids = id === undefined ? this.guesses.peek() : [id];
    this.change('confirm', ids.map((x) => [x, this.peek(x).map((r) => (r.origin === 'prediction' ? { ...r, origin: 'manual' } : r))] as const));
  }

  /* ---- labels in hand ---- */

  /*
   * A label key or chip: on the selected region when the label fits it, and in
   * hand for the next one.  In a single set the same label twice puts it down.
   */
  pick(info: LabelInfo): void {
    const id = this.selection.peek();
    const control = info.control.name!;
    const wait = this.pending.peek();
    if (wait) {
      this.active.value = { control, values: [info.value] };
      wait();
      return;
    }
    batch(() => {
      if (id !== null && this.has(id)) {
        this.relabel(id, info);
        this.active.value = { control, values: this.control(control)?.attrs.choice === 'multiple' ? this.labelsOf(id) : [info.value] };
        return;
      }
      const a = this.active.peek();
      const many = info.control.attrs.choice === 'multiple';
      const had = a?.control === control && a.values.includes(info.value);
      if (!many) this.active.value = had ? null : { control, values: [info.value] };
      else {
        const old = a?.control === control ? a.values : [];
        const values = had ? old.filter((v) => v !== info.value) : [...old, info.value];
        this.active.value = values.length ? { control, values } : null;
      }
    });
  }

  /* maxUsages of a label or of its set is reached. */
  usedUp(info: LabelInfo): boolean {
    const own = Number(info.tag.attrs.maxusages ?? NaN), all = Number(info.control.attrs.maxusages ?? NaN);
    const limit = Number.isFinite(own) ? own : all;
    if (!Number.isFinite(limit)) return false;
    let used = 0;
    for (const id of this.regions.value) if (this.labelsOf(id).includes(info.value)) used++;
    return used >= limit;
  }

  toggle(which: 'hidden' | 'locked', id: string): void {
    const s = new Set(this[which].peek());
    if (!s.delete(id)) s.add(id);
    this[which].value = s;
  }

  next(by: number): void {
    const list = this.regions.peek();
    if (!list.length) return;
    const at = this.selection.peek() === null ? (by > 0 ? -1 : 0) : list.indexOf(this.selection.peek()!);
    this.selection.value = list[(at + by + list.length) % list.length]!;
  }
}

const kindOf = (items: readonly Result[]): Pick<Group, 'kind' | 'to'> => ({ kind: groupKind(items), to: spatialOf(items)?.to_name });
const grouped = (items: Result[]): Group => ({ items: signal(items), ...kindOf(items) });

const NONE: string[] = [];

const placed = (items: readonly Result[], patch: Record<string, unknown>): Result[] =>
  items.map((r) => ({ ...r, value: { ...r.value, ...patch }, ...taken(r) }));

/* A guess that somebody changed says so. */
const taken = (r: Result): Partial<Result> => (r.origin === 'prediction' ? { origin: 'prediction-changed' } : {});

const SIZE_KEYS = ['original_width', 'original_height', 'image_rotation', 'original_length', 'item_index', 'parentID'];

const sizes = (r: Result): Record<string, unknown> =>
  Object.fromEntries(SIZE_KEYS.filter((k) => k in r).map((k) => [k, r[k]]));

const bare = (s: string): string => s.toLowerCase().replace(/labels$/, '');
const sameShape = (control: Tag, where: Result): boolean => {
  const a = bare(control.tag), b = bare(where.type);
  return a === b || (a === '' && b === '') || (a === 'hypertext' && b === 'html');
};
