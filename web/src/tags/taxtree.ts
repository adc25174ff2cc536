/*
 * taxtree.ts -- a taxonomy as rows: which are on screen for what is unfolded and
 * what is searched.  Pure; ten thousand nodes are walked once for each answer.
 */
import { stored, type Tag } from './tree';

export interface Leaf { path: string[]; key: string; text: string; low: string; kids: Leaf[]; hint?: string }
export interface Row { leaf: Leaf; depth: number; open: boolean }

export const keyOf = (path: readonly unknown[]): string => path.join('\n');

/* The same nodes for the same options: parts that repeat a taxonomy share it. */
const known = new WeakMap<Tag, Leaf[]>();

export function treeOf(tag: Tag): Leaf[] {
  const first = tag.children[0];
  let tree = first && known.get(first);
  if (!tree || tree.length !== tag.children.length) { tree = leavesOf(tag); if (first) known.set(first, tree); }
  return tree;
}

export function leavesOf(tag: Tag, path: string[] = []): Leaf[] {
  return tag.children.flatMap((c): Leaf[] => {
    if (c.tag !== 'Choice') return leavesOf(c, path);
    const own = [...path, stored(c)], text = c.attrs.value || stored(c);
    return [{ path: own, key: keyOf(own), text, low: text.toLowerCase(), kids: leavesOf(c, own), ...(c.attrs.hint ? { hint: c.attrs.hint } : {}) }];
  });
}

export const countOf = (list: readonly Leaf[]): number => list.reduce((n, x) => n + 1 + countOf(x.kids), 0);

/* A search unfolds the way to every hit and shows nothing else; under a hit one may go on by hand. */
export function rowsOf(tree: readonly Leaf[], open: ReadonlySet<string>, wanted: string): Row[] {
  const out: Row[] = [];
  const add = (list: readonly Leaf[], depth: number, inHit: boolean): boolean => {
    let any = false;
    for (const leaf of list) {
      const at = out.length, hit = wanted === '' || inHit || leaf.low.includes(wanted);
      const row: Row = { leaf, depth, open: open.has(leaf.key) };
      out.push(row);
      const way = wanted !== '' && !inHit && !leaf.low.includes(wanted);
      let below = false;
      if (way) { row.open = true; below = add(leaf.kids, depth + 1, false); }
      else if (row.open) add(leaf.kids, depth + 1, hit);
      if (!hit && !below) out.length = at;
      else any = true;
    }
    return any;
  };
  add(tree, 0, false);
  return out;
}

/* What has to be unfolded so that these paths are seen. */
export const waysTo = (paths: readonly (readonly string[])[]): Set<string> =>
  new Set(paths.flatMap((p) => p.slice(0, -1).map((_, i) => keyOf(p.slice(0, i + 1)))));
