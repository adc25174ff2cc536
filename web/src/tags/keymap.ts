/*
 * keymap.ts -- which key stands on which label, choice and star.
 *
 * A key written in the config wins; the others are dealt in order of the config
 * and skip keys that are taken or that belong to a tool.  The first to claim a
 * written key keeps it; the second is dealt another one.
 */
import { ACTIONS, keyOf, type Action } from '../core/actions';
import { isLabels, num, optionsOf, parts, type Tag } from './tree';

const DEALT = '1234567890qwetasdfgzxcvbyiopjklnm';
const PAGE_KEYS = 'hu?';
const TOOL_KEYS: Record<string, string> = {
  Rectangle: 'r', RectangleLabels: 'r', Polygon: 'p', PolygonLabels: 'p', Vector: 'p', VectorLabels: 'p',
  Ellipse: 'o', EllipseLabels: 'o', KeyPoint: 'k', KeyPointLabels: 'k', Brush: 'bew', BrushLabels: 'bew',
  Bitmask: 'bew', BitmaskLabels: 'bew', MagicWand: 'we',
};

export type KeyMap = Map<Tag, string>;

export function toolKeys(root: Tag): Set<string> {
  const out = new Set<string>(PAGE_KEYS);
  // A key that the person gave to something else is dealt to no label.
  for (const id of Object.keys(ACTIONS) as Action[]) { const k = keyOf(id); if (k.length === 1 && k !== ACTIONS[id][0]) out.add(k); }
  for (const t of parts(root)) {
    const k = TOOL_KEYS[t.tag];
    if (k) for (const c of k + 'vm[]') out.add(c);
  }
  return out;
}

/* Written keys: "ctrl+q" or "1"; a comma list gives the first. */
export const writtenKey = (s: string | undefined): string | null => {
  const k = (s ?? '').split(/,(?=.)/)[0]!.trim().toLowerCase();
  return k === '' ? null : k;
};

export function dealKeys(root: Tag): KeyMap {
  const map: KeyMap = new Map();
  const used = toolKeys(root);
  const taken = new Set<string>();
  const asks: Tag[] = [];
  for (const t of parts(root)) {
    if (t.tag === 'Choices' || isLabels(t)) asks.push(...optionsOf(t));
  }
  const seen = new Map<string, Tag>();     // the same label in two sets shares its key
  for (const t of asks) {
    const k = writtenKey(t.attrs.hotkey);
    if (k && !taken.has(k)) { map.set(t, k); taken.add(k); }
  }
  const free = [...DEALT].filter((k) => !used.has(k));
  for (const t of asks) {
    const name = t.tag === 'Label' ? t.attrs.alias || t.attrs.value || '' : null;
    if (name !== null && seen.has(name)) {
      const k = map.get(seen.get(name)!);
      if (k && !map.has(t)) { map.set(t, k); continue; }
    }
    if (!map.has(t)) {
      const k = free.find((x) => !taken.has(x));
      if (k) { map.set(t, k); taken.add(k); }
    }
    if (name !== null) seen.set(name, t);
  }
  return map;
}

/* Stars get 1 … n only where no label or choice is dealt digits. */
export function ratingKeys(root: Tag, map: KeyMap): Tag | null {
  const digits = [...map.values()].some((k) => /^\d$/.test(k));
  const ratings = [...parts(root)].filter((t) => t.tag === 'Rating');
  return !digits && ratings.length === 1 && num(ratings[0]!, 'maxrating', 5) <= 9 ? ratings[0]! : null;
}
