/*
 * missing.ts -- what is required, and what is sent.
 *
 * The server checks the same again; here it is to say it at the right place
 * before anything is sent.  Comes right after the first task is on screen.
 */
import { isLabelType, labelsKey, labelsOf, spatialOf, type Result } from './result';
import type { TaskStore } from './store';
import { controls, flag, isLabels, lookup, num, objects, type Tag } from './tree';
import { isTool, pathTo, problemKey, sceneOf, shown } from './visible';

export interface Problem { key: string; control: string; region: string | null; item: number | null; why: 'label' | 'answer'; message: string }

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
