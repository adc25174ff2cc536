/* Rules of binding: which combination an event is, who has it already, and keys from a file. */
import { ACTIONS, presetKey, type Action } from '../core/actions';
import { bindable, comboText, keysOf, parseCombo, type KeyLike } from '../core/hotkeys';

export const ALL = Object.keys(ACTIONS) as Action[];
export const GROUPS: readonly (readonly ['work' | 'regions' | 'tools', readonly Action[]])[] = [
  ['work', ['submit', 'reject', 'skip', 'flag', 'accept', 'reopen', 'undo', 'redo', 'save', 'guide', 'notes', 'history', 'ways', 'help']],
  ['regions', ['copy', 'repeat', 'duplicate', 'remove', 'drop', 'next', 'previous', 'hide', 'hideall', 'lock', 'relate']],
  ['tools', ['move', 'hand', 'box', 'box3', 'polygon', 'vector', 'ellipse', 'point', 'brush', 'eraser', 'wand', 'bucket']],
];

export type Keys = Partial<Record<Action, string>>;

/* null while only modifiers are down. */
export function comboOfEvent(e: KeyLike, mac: boolean): string | null {
  if (['Control', 'Shift', 'Alt', 'Meta', 'Dead', 'Process', 'AltGraph', 'CapsLock'].includes(e.key)) return null;
  const all = keysOf(e), byPrint = all.find((k) => k === '?' || k === 'plus');
  const key = byPrint ?? all[0]!;
  return comboText({ ctrl: mac && key !== 'space' ? e.metaKey : e.ctrlKey, alt: e.altKey, shift: e.shiftKey && !byPrint, key });
}

/* Keys the browser takes before a page hears of them. */
const BROWSER = new Set(['ctrl+tab', 'ctrl+shift+tab', 'alt+f4', 'ctrl+f4', 'ctrl+q', 'f11', 'f12', 'ctrl+shift+i', 'alt+tab', 'tab', 'shift+tab', 'esc', 'enter']);
export const mayBind = (combo: string): boolean => bindable(combo) && !BROWSER.has(combo);

export const keyIn = (keys: Keys, hand: boolean, id: Action): string => keys[id] ?? presetKey(id, hand);

export function owner(keys: Keys, hand: boolean, combo: string, not: Action): Action | null {
  const text = comboText(parseCombo(combo));
  return ALL.find((id) => id !== not && comboText(parseCombo(keyIn(keys, hand, id))) === text) ?? null;
}

/* With this key; another action that had it has none. A key that is the preset's anyway is not written down. */
export function withKey(keys: Keys, hand: boolean, id: Action, combo: string): Keys {
  const out: Keys = { ...keys }, had = owner(keys, hand, combo, id);
  if (had) out[had] = '';
  if (combo === presetKey(id, hand)) delete out[id]; else out[id] = combo;
  return out;
}

export interface KeyFile { annotary: 'keys'; hand: boolean; keys: Keys }
export type Bad = { why: 'json' | 'shape' } | { why: 'id'; id: string } | { why: 'key' | 'twice'; key: string };

export function readKeyFile(text: string): KeyFile | Bad {
  let v: unknown;
  try { v = JSON.parse(text); } catch { return { why: 'json' }; }
  const o = v as Partial<KeyFile> | null;
  if (typeof o !== 'object' || o === null || o.annotary !== 'keys' || typeof o.keys !== 'object' || o.keys === null || Array.isArray(o.keys)) return { why: 'shape' };
  const keys: Keys = {}, hand = o.hand === true;
  for (const [id, k] of Object.entries(o.keys)) {
    if (!Object.hasOwn(ACTIONS, id)) return { why: 'id', id };
    if (typeof k !== 'string' || (k !== '' && !mayBind(k))) return { why: 'key', key: String(k) };
    keys[id as Action] = k === '' ? '' : comboText(parseCombo(k));
  }
  const seen = new Set<string>();
  for (const id of ALL) {
    const k = keyIn(keys, hand, id);
    if (k && seen.has(k)) return { why: 'twice', key: k };
    seen.add(k);
  }
  return { annotary: 'keys', hand, keys };
}
