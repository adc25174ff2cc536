/* What a key can do on the pages where people label, and which key does it: id -> default key, and the key of the
   preset "one hand" where it has another. A person's own keys stand before both. The words are in the pack `keys`. */

import { signal } from '@preact/signals';

export const ACTIONS = {
  submit: ['ctrl+enter', 'a'], reject: ['ctrl+shift+enter', 'x'], skip: ['ctrl+space', 'space'], flag: ['f'],
  accept: ['alt+enter'], reopen: ['alt+backspace', 'backspace'],
  undo: ['ctrl+z'], redo: ['ctrl+shift+z'], save: ['ctrl+s'],
  guide: ['h'], notes: ['alt+m'], history: ['alt+p'], ways: ['alt+o'], help: ['?'],
  copy: ['alt+c'], repeat: ['alt+a'],
  move: ['v'], hand: ['shift+h'], box: ['r'], box3: ['shift+r'], polygon: ['p'], vector: ['shift+p'], ellipse: ['o'], point: ['k'],
  brush: ['b'], eraser: ['e'], wand: ['w'], bucket: ['shift+b'],
  drop: ['u'], remove: ['delete'], next: ['alt+.'], previous: ['alt+,'], duplicate: ['ctrl+d'], hide: ['alt+h'], hideall: ['ctrl+h'], lock: ['alt+l'], relate: ['alt+r'],
} as const satisfies Record<string, readonly [string, string?]>;

export type Action = keyof typeof ACTIONS;

/** The person's own keys; '' is none. */
export const chosenKeys = signal<Readonly<Partial<Record<Action, string>>>>({});
export const oneHand = signal(false);

export const presetKey = (id: Action, hand: boolean): string => (hand ? (ACTIONS[id] as readonly [string, string?])[1] : undefined) ?? ACTIONS[id][0];
export const keyOf = (id: Action): string => chosenKeys.value[id] ?? presetKey(id, oneHand.value);
