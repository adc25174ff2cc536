/*
 * visible.ts -- visibleWhen.
 *
 * A control is hidden when its own rule, or the rule of a View around it, does
 * not hold.  A hidden control asks nothing, is never required and gives no
 * result (missing.ts).  A per-region control is asked for each region by itself.
 */
import { labelsOf, spatialOf, type Result } from './result';
import type { TaskStore } from './store';
import { commas, flag, isObject, optionsOf, stored, type Tag } from './tree';

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
export function pathTo(root: Tag, t: Tag): Tag[] {
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

export const problemKey = (control: string, region: string | null, item: number | null = null): string =>
  region !== null ? `${control}@${region}` : item !== null ? `${control}#${item}` : control;

const TOOLS = new Set(['Rectangle', 'Ellipse', 'Polygon', 'KeyPoint', 'Brush', 'Vector', 'Bitmask', 'MagicWand']);
export const isTool = (t: Tag): boolean => TOOLS.has(t.tag);
