/*
 * visible.ts -- visibleWhen, and what is required.
 *
 * A control is hidden when its own rule, or the rule of a View around it, does
 * not hold.  A hidden control asks nothing, is never required and gives no
 * result.  A per-region control is asked for each region by itself.
 *
 * The server checks the same again; here it is to say it at the right place
 * before anything is sent.
 */
import { isLabelType, labelsKey, labelsOf, spatialOf, type Result } from './result';
import type { TaskStore } from './store';
import { commas, controls, flag, isLabels, isObject, lookup, num, objects, optionsOf, stored, type Tag } from './tree';

/* What a rule may ask about. */
export interface Scene {
  answer(control: string): Result | undefined;      // of the task, else of the region
  region: readonly Result[] | null;                 // items of the selected region
  choices(): string[];                              // names of all Choices, for a rule that names none
  spoken(control: string, stored: string): string[];   // values of the options that store this (alias)
}

export function holds(t: Tag, scene: Scene): boolean {
  const when = t.attrs.visiblewhen;
  if (!when) return true;
  const names = commas(t.attrs.whentagname);
  if (when === 'region-selected' || when === 'no-region-selected') {
    const r = scene.region;
    if (when === 'no-region-selected') return r === null;
    if (r === null) return false;
    const where = spatialOf(r);
    if (names.length && !r.some((x) => names.includes(x.from_name ?? '')) && !names.includes(where?.to_name ?? '')) return false;
    const labels = commas(t.attrs.whenlabelvalue), roles = commas(t.attrs.whenrole);
    if (roles.length && !r.some((x) => roles.includes(roleOf(x)))) return false;
    return !labels.length || labelsOf(r).some((l) => labels.includes(l));
  }
  if (when === 'choice-selected' || when === 'choice-unselected') {
    const wanted = commas(t.attrs.whenchoicevalue), whole = t.attrs.whenchoicevalue ?? '';
    const hit = (names.length ? names : scene.choices()).some((n) => chosenOf(scene.answer(n)).some((c) =>
      !wanted.length || [c, ...scene.spoken(n, c)].some((x) => wanted.includes(x) || x === whole)));
    return when === 'choice-selected' ? hit : !hit;
  }
  return true;
}

/* Who speaks, when the region is a message of a conversation. */
function roleOf(r: Result): string {
  const m = r.value?.chatmessage;
  return isObject(m) && typeof m.role === 'string' ? m.role : '';
}

/* What a choice item names; of a path its last step. */
export function chosenOf(r: Result | undefined): string[] {
  const v = r?.value?.choices ?? r?.value?.taxonomy;
  if (!Array.isArray(v)) return [];
  return v.map((x): unknown => (Array.isArray(x) ? x[x.length - 1] : x)).filter((x): x is string => typeof x === 'string');
}

export function sceneOf(store: TaskStore, region: string | null): Scene {
  return {
    answer: (name) => (region !== null && flag(store.control(name) ?? NOTHING, 'perRegion') ? store.answer(name, region) : store.answer(name, null)),
    region: region === null ? null : store.items(region),
    choices: () => [...store.controls.values()].filter((c) => c.tag === 'Choices').map((c) => c.name!),
    spoken: (name, v) => optionsOf(store.control(name) ?? NOTHING).filter((o) => stored(o) === v).map((o) => o.attrs.value ?? ''),
  };
}
const NOTHING: Tag = { tag: '', kind: 'unknown', name: null, toName: [], attrs: {}, children: [], text: '', line: 0 };

/* The tags from the root down to `t`. Every control is asked after every answer, so the ways are walked once a tree. */
const ways = new WeakMap<Tag, Map<Tag, Tag[]>>();
function pathTo(root: Tag, t: Tag): Tag[] {
  let known = ways.get(root);
  if (!known) {
    known = new Map();
    const down = (x: Tag, above: Tag[]): void => {
      if (x.kind === 'child') return;
      const way = [...above, x];
      known!.set(x, way);
      for (const c of x.children) down(c, way);
    };
    down(root, []);
    ways.set(root, known);
  }
  return known.get(t) ?? [];
}

export const shown = (root: Tag, t: Tag, scene: Scene): boolean => pathTo(root, t).every((x) => holds(x, scene));

export interface Problem { key: string; control: string; region: string | null; item: number | null; why: 'label' | 'answer'; message: string }

export const problemKey = (control: string, region: string | null, item: number | null = null): string =>
  region !== null ? `${control}@${region}` : item !== null ? `${control}#${item}` : control;

/* Bring what a problem is about on screen: its region, its item. */
export function reveal(store: TaskStore, p: Problem): void {
  if (p.region !== null) store.selection.value = p.region;
  if (p.item !== null) store.item.value = p.item;
}

/* How many items a perItem control is asked for: the pictures of its object. */
export function itemCount(store: TaskStore, c: Tag): number {
  const o = objects(store.tree).find((x) => x.name !== null && c.toName.includes(x.name));
  const list = lookup(store.task.data, o?.attrs.valuelist);
  return Array.isArray(list) ? list.length : 1;
}

const empty = (r: Result | undefined): boolean => {
  if (!r?.value) return true;
  const v = r.value[r.type === 'textarea' ? 'text' : r.type === 'pairwise' ? 'selected' : r.type];
  return v === undefined || v === null || v === '' || (Array.isArray(v) && (v.length === 0 || v.every((x) => x === '')));
};

/* What still has to be answered, in the order of the config. */
export function missing(store: TaskStore): Problem[] {
  const out: Problem[] = [];
  for (const id of store.regions.peek()) {
    const items = store.peek(id);
    const where = spatialOf(items);
    const set = store.control(where?.from_name);
    const bare = set ? isLabels(set) : isLabelType(where?.type ?? '');
    if (where && bare && labelsOf(items).length === 0 && Array.isArray(where.value?.[labelsKey(where.type)])) {
      out.push({ key: `region@${id}`, control: where.from_name ?? '', region: id, item: null, why: 'label', message: '' });
    }
  }
  for (const c of objects(store.tree)) {
    // A conversation that is too short.
    const least = c.tag === 'Chat' ? num(c, 'minMessages', 0) : 0, given = least ? lookup(store.task.data, c.attrs.value) : null;
    const said = store.regions.peek().filter((id) => store.peek(id)[0]?.to_name === c.name).length || (Array.isArray(given) ? given.length : 0);
    if (said < least) {
      out.push({ key: c.name!, control: c.name!, region: null, item: null, why: 'answer', message: '' });
    }
  }
  for (const c of controls(store.tree)) {
    if (!flag(c, 'required')) continue;
    const message = c.attrs.requiredmessage ?? '';
    if (flag(c, 'perRegion')) {
      for (const id of store.regions.peek()) {
        if (!c.toName.includes(spatialOf(store.peek(id))?.to_name ?? '')) continue;
        if (!shown(store.tree, c, sceneOf(store, id)) || !empty(store.answer(c.name!, id))) continue;
        out.push({ key: problemKey(c.name!, id), control: c.name!, region: id, item: null, why: 'answer', message });
      }
    } else if (isLabels(c) || isTool(c)) {
      const done = store.regions.peek().some((id) => store.peek(id).some((r) => r.from_name === c.name));
      if (!done) out.push({ key: c.name!, control: c.name!, region: null, item: null, why: 'answer', message });
    } else if (shown(store.tree, c, sceneOf(store, null))) {
      const one = !flag(c, 'perItem');
      for (let i = 0; i < (one ? 1 : itemCount(store, c)); i++) {
        const item = one ? null : i;
        if (empty(store.answer(c.name!, null, i))) out.push({ key: problemKey(c.name!, null, item), control: c.name!, region: null, item, why: 'answer', message });
      }
    }
  }
  return out;
}

const TOOLS = new Set(['Rectangle', 'Ellipse', 'Polygon', 'KeyPoint', 'Brush', 'Vector', 'Bitmask', 'MagicWand']);
export const isTool = (t: Tag): boolean => TOOLS.has(t.tag);

/* The result as it is submitted: what hidden controls once said is left out. */
export function finalResult(store: TaskStore): Result[] {
  return store.result().filter((r) => {
    const c = store.control(r.from_name);
    if (!c || isLabels(c) || isTool(c)) return true;
    const region = flag(c, 'perRegion') && typeof r.id === 'string' ? r.id : null;
    return shown(store.tree, c, sceneOf(store, region)) || byRegion(store, c, region);
  });
}

/* "region-selected" hides a task-wide question while nothing is selected, which must not lose its answer. */
const byRegion = (store: TaskStore, c: Tag, region: string | null): boolean =>
  region === null && pathTo(store.tree, c).some((x) => x.attrs.visiblewhen?.endsWith('region-selected'));
