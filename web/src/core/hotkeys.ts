/* Keys. Scopes from inside out: text field > dialog > region > stage > page; the innermost that knows a key wins.
   Digits and punctuation match by place on the keyboard (event.code), letters by what they print (event.key). Keys are
   ignored while text is being composed and while a modifier is held that the binding does not name. Printable keys never
   leave a text field. */

import { effect, signal } from '@preact/signals';
import { chosenKeys, keyOf, oneHand, type Action } from './actions';

export type Scope = 'field' | 'dialog' | 'region' | 'stage' | 'page';
const order: readonly Scope[] = ['field', 'dialog', 'region', 'stage', 'page'];

/** Return false to let the next binding or scope have the key. */
export type KeyAct = (e: KeyLike) => boolean | void;
/** `id`: the key is the person's for this action (core/actions); else `combo`. */
export type Binding = { act: KeyAct; what?: string; single?: boolean } & ({ id: Action; combo?: never } | { combo: string; id?: never });

/** The part of a KeyboardEvent that matters; tests make their own. */
export interface KeyLike {
  key: string; code: string;
  ctrlKey: boolean; shiftKey: boolean; altKey: boolean; metaKey: boolean;
  isComposing: boolean; repeat: boolean;
  target: EventTarget | null;
  preventDefault(): void;
}

export interface Combo { ctrl: boolean; shift: boolean; alt: boolean; key: string }

const codes: Record<string, string> = {
  Minus: '-', Equal: '=', BracketLeft: '[', BracketRight: ']', Semicolon: ';', Quote: "'", Backquote: '`',
  Backslash: '\\', Comma: ',', Period: '.', Slash: '/', Space: 'space', NumpadAdd: 'plus', NumpadSubtract: '-',
};
const names: Record<string, string> = {
  ' ': 'space', escape: 'esc', arrowleft: 'left', arrowright: 'right', arrowup: 'up', arrowdown: 'down',
  return: 'enter', del: 'delete', '+': 'plus', command: 'ctrl', cmd: 'ctrl', control: 'ctrl', option: 'alt',
};
/** The browser keeps these for itself. */
const reserved = new Set(['ctrl+w', 'ctrl+t', 'ctrl+n', 'ctrl+shift+n', 'ctrl+shift+t', 'ctrl+shift+w']);

export function parseCombo(text: string): Combo {
  const out: Combo = { ctrl: false, shift: false, alt: false, key: '' };
  const parts = text.trim().toLowerCase().replace(/\+\+$/, '+plus').replace(/^\+$/, 'plus').split('+');
  for (const part of parts) {
    const p = names[part] ?? part;
    if (p === 'ctrl' || p === 'shift' || p === 'alt') out[p] = true;
    else out.key = p;
  }
  return out;
}

export function comboText(c: Combo): string {
  return `${c.ctrl ? 'ctrl+' : ''}${c.alt ? 'alt+' : ''}${c.shift ? 'shift+' : ''}${c.key}`;
}

/** Whether a person may bind this combination. */
export function bindable(text: string): boolean {
  const c = parseCombo(text);
  return c.key !== '' && !reserved.has(comboText(c));
}

/** One printing character without ctrl or alt: the keys that WCAG 2.1.4 lets people switch off. */
export function isSingle(c: Combo): boolean {
  return !c.ctrl && !c.alt && (c.key.length === 1 || c.key === 'space');
}

export function keysOf(e: KeyLike): string[] {
  const out: string[] = [];
  const digit = /^(?:Digit|Numpad)(\d)$/.exec(e.code);
  if (digit) out.push(digit[1]!);
  const placed = codes[e.code];
  if (placed) out.push(placed);
  const printed = names[e.key.toLowerCase()] ?? e.key.toLowerCase();
  // With alt a Mac prints another character than the letter on the key.
  const letter = e.altKey ? /^Key([A-Z])$/.exec(e.code)?.[1]?.toLowerCase() : undefined;
  if (letter && letter !== printed) out.push(letter);
  if (!digit || !/^[\p{P}\p{S}\d]$/u.test(printed)) { if (!out.includes(printed)) out.push(printed); }
  if (e.key === '?' || e.key === '+') { const n = e.key === '+' ? 'plus' : '?'; if (!out.includes(n)) out.push(n); }
  return out;
}

export function matches(c: Combo, e: KeyLike, mac: boolean): boolean {
  const ctrl = mac && c.key !== 'space' ? e.metaKey : e.ctrlKey;
  const other = mac && c.key !== 'space' ? e.ctrlKey : e.metaKey;
  if (c.ctrl !== ctrl || c.alt !== e.altKey || other) return false;
  // "?" and "plus" need shift on most layouts; the printed character is what counts there.
  const byPrint = c.key === '?' || c.key === 'plus';
  if (!byPrint && c.shift !== e.shiftKey) return false;
  return keysOf(e).includes(c.key);
}

const textTypes = new Set(['text', 'search', 'email', 'password', 'url', 'tel', 'number', 'date', 'datetime-local', 'time', 'month', 'week']);

export function inTextField(target: EventTarget | null): boolean {
  const el = target as { tagName?: string; type?: string; isContentEditable?: boolean } | null;
  if (!el?.tagName) return false;
  if (el.isContentEditable) return true;
  const tag = el.tagName.toUpperCase();
  return tag === 'TEXTAREA' || tag === 'SELECT' || (tag === 'INPUT' && textTypes.has(el.type ?? 'text'));
}

/** Enter and space press the control that has focus; keys bound to them bare must not steal that. */
function pressesControl(e: KeyLike, c: Combo): boolean {
  if (c.ctrl || c.alt || (c.key !== 'enter' && c.key !== 'space')) return false;
  const el = e.target as { tagName?: string; type?: string } | null;
  const tag = el?.tagName?.toUpperCase() ?? '';
  return tag === 'BUTTON' || tag === 'A' || tag === 'SUMMARY' || tag === 'INPUT';
}

/** A row of the key help; `masked`: the one that has the key first. */
export interface Bound { scope: Scope; combo: string; what: string | undefined; id: Action | undefined; masked?: Bound }

interface Entry { c: Combo; binding: Binding; scope: Scope; n: number }

export class Keys {
  #entries: Entry[] = [];
  #made = 0;
  /** Single-character keys on or off (a setting of the person). */
  readonly single = signal(true);
  readonly version = signal(0);
  readonly mac: boolean;

  constructor(mac = false) {
    this.mac = mac;
    effect(() => {
      chosenKeys.value; oneHand.value;
      for (const x of this.#entries) if (x.binding.id) x.c = parseCombo(keyOf(x.binding.id));
      this.version.value = this.version.peek() + 1;
    });
  }

  /** Binds; the newest binding of a scope is asked first. Returns the way to unbind. */
  bind(scope: Scope, list: Binding[]): () => void {
    const mine = list.filter(b => b.id || bindable(b.combo)).map(binding => ({ c: parseCombo(binding.id ? keyOf(binding.id) : binding.combo), binding, scope, n: ++this.#made }));
    this.#entries.unshift(...mine);
    this.version.value++;
    return () => {
      this.#entries = this.#entries.filter(x => !mine.includes(x));
      this.version.value++;
    };
  }

  /** What is bound now, for the key help, innermost scope first. */
  list(): Bound[] {
    this.version.value;
    const seen = new Map<string, Bound>();
    return order.flatMap(scope => this.#entries.filter(x => x.scope === scope && x.c.key && (x.binding.what || x.binding.id)).map((x): [number, Bound] => {
      const row: Bound = { scope: x.scope, combo: comboText(x.c), what: x.binding.what, id: x.binding.id }, first = seen.get(row.combo);
      if (first) row.masked = first; else seen.set(row.combo, row);
      return [x.n, row];
    }).sort((a, b) => a[0] - b[0]).map(([, row]) => row));
  }

  handle(e: KeyLike): boolean {
    if (e.isComposing || e.key === 'Process' || e.key === 'Dead') return false;
    const typing = inTextField(e.target);
    const dialog = this.#entries.some(x => x.scope === 'dialog');
    for (const scope of order) {
      for (const x of this.#entries) {
        if (x.scope !== scope || !x.c.key || !matches(x.c, e, this.mac)) continue;
        const single = isSingle(x.c);
        if (typing && scope !== 'field' && (single || editing.has(x.c.key) && !x.c.ctrl)) continue;
        if (typing && scope !== 'field' && x.c.ctrl && ['z', 'a', 'c', 'x', 'v', 'y', 'left', 'right', 'backspace', 'delete'].includes(x.c.key)) continue;
        if (single && !this.single.value && !x.binding.single) continue;
        if (pressesControl(e, x.c)) continue;
        if (x.binding.act(e) === false) continue;
        e.preventDefault();
        return true;
      }
      if (scope === 'dialog' && dialog) return false;   // what lies under an open dialog does not hear keys
    }
    return false;
  }
}

/** Keys a text field needs for itself. */
const editing = new Set(['enter', 'backspace', 'delete', 'left', 'right', 'up', 'down', 'home', 'end', 'pageup', 'pagedown', 'tab']);

const isMac = typeof navigator !== 'undefined' && /mac|iphone|ipad/i.test(navigator.platform || navigator.userAgent);
export const keys = new Keys(isMac);

if (typeof document !== 'undefined') {
  document.addEventListener('keydown', e => { keys.handle(e); });
}

const shownNames: Record<string, string> = {
  enter: '↵', left: '←', right: '→', up: '↑', down: '↓', backspace: '⌫', delete: 'del', plus: '+', space: 'space', esc: 'esc',
};

/** As shown in a kbd: "ctrl+enter" → "ctrl ↵", on a Mac "⌘ ↵". */
export function shownCombo(text: string, mac = isMac): string {
  const c = parseCombo(text);
  const ctrl = mac && c.key !== 'space' ? '⌘' : 'ctrl';
  return [c.ctrl && ctrl, c.alt && (mac ? '⌥' : 'alt'), c.shift && (mac ? '⇧' : 'shift'), shownNames[c.key] ?? c.key].filter(Boolean).join(' ');
}

/** As `aria-keyshortcuts` wants it: "Control+Enter". */
export function ariaCombo(text: string, mac = isMac): string {
  const c = parseCombo(text);
  const special: Record<string, string> = { esc: 'Escape', left: 'ArrowLeft', right: 'ArrowRight', up: 'ArrowUp', down: 'ArrowDown', space: 'Space', plus: 'Plus' };
  const key = special[c.key] ?? (c.key.length === 1 ? c.key : c.key[0]!.toUpperCase() + c.key.slice(1));
  return [c.ctrl && (mac && c.key !== 'space' ? 'Meta' : 'Control'), c.alt && 'Alt', c.shift && 'Shift', key].filter(Boolean).join('+');
}
