import { test } from 'node:test';
import assert from 'node:assert/strict';
import { chosenKeys, oneHand } from './actions';
import { Keys, ariaCombo, bindable, comboText, parseCombo, shownCombo, type KeyLike } from './hotkeys';

function press(key: string, code: string, more: Partial<KeyLike> = {}): KeyLike & { stopped: boolean } {
  const e = { key, code, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, isComposing: false, repeat: false, target: null, stopped: false,
    preventDefault() { e.stopped = true; }, ...more };
  return e;
}
const field = { tagName: 'TEXTAREA' } as unknown as EventTarget;
const box = { tagName: 'INPUT', type: 'checkbox' } as unknown as EventTarget;

test('the innermost scope that knows a key has it', () => {
  const keys = new Keys(), heard: string[] = [];
  keys.bind('page', [{ combo: '1', act: () => { heard.push('page'); } }]);
  keys.bind('stage', [{ combo: '1', act: () => { heard.push('stage'); } }]);
  const off = keys.bind('region', [{ combo: '1', act: () => { heard.push('region'); } }]);
  keys.handle(press('1', 'Digit1'));
  off();
  keys.handle(press('1', 'Digit1'));
  assert.deepEqual(heard, ['region', 'stage']);
});

test('an act that answers false lets the next scope have the key', () => {
  const keys = new Keys(), heard: string[] = [];
  keys.bind('page', [{ combo: 'u', act: () => { heard.push('page'); } }]);
  keys.bind('stage', [{ combo: 'u', act: () => false }]);
  assert.equal(keys.handle(press('u', 'KeyU')), true);
  assert.deepEqual(heard, ['page']);
});

test('printable and editing keys never leave a text field, combinations do', () => {
  const keys = new Keys(), heard: string[] = [];
  keys.bind('page', ['a', 'backspace', 'enter', 'ctrl+enter', 'ctrl+z', 'shift+r', 'space'].map(combo => ({ combo, act: () => { heard.push(combo); } })));
  keys.handle(press('a', 'KeyA', { target: field }));
  keys.handle(press('Backspace', 'Backspace', { target: field }));
  keys.handle(press('Enter', 'Enter', { target: field }));
  keys.handle(press('R', 'KeyR', { target: field, shiftKey: true }));
  keys.handle(press(' ', 'Space', { target: field }));
  keys.handle(press('z', 'KeyZ', { target: field, ctrlKey: true }));
  keys.handle(press('Enter', 'Enter', { target: field, ctrlKey: true }));
  assert.deepEqual(heard, ['ctrl+enter']);
});

test('a check box is not a text field, but space still presses it', () => {
  const keys = new Keys(), heard: string[] = [];
  keys.bind('page', [{ combo: '2', act: () => { heard.push('2'); } }, { combo: 'space', act: () => { heard.push('space'); } }]);
  keys.handle(press('2', 'Digit2', { target: box }));
  keys.handle(press(' ', 'Space', { target: box }));
  assert.deepEqual(heard, ['2']);
});

test('nothing is heard while text is being composed', () => {
  const keys = new Keys();
  keys.bind('page', [{ combo: 'a', act: () => {} }]);
  assert.equal(keys.handle(press('a', 'KeyA', { isComposing: true })), false);
  assert.equal(keys.handle(press('Process', 'KeyA')), false);
});

test('a held modifier that the binding lacks makes it another key', () => {
  const keys = new Keys();
  keys.bind('page', [{ combo: 'r', act: () => {} }, { combo: 'ctrl+s', act: () => {} }]);
  assert.equal(keys.handle(press('r', 'KeyR', { ctrlKey: true })), false);
  assert.equal(keys.handle(press('R', 'KeyR', { shiftKey: true })), false);
  assert.equal(keys.handle(press('s', 'KeyS', { ctrlKey: true, altKey: true })), false);
  assert.equal(keys.handle(press('s', 'KeyS', { ctrlKey: true, metaKey: true })), false);
  assert.equal(keys.handle(press('s', 'KeyS', { ctrlKey: true })), true);
});

test('digits count by place, letters by what they print', () => {
  const keys = new Keys(), heard: string[] = [];
  keys.bind('page', ['1', 'q', 'z', '[', 'shift+1'].map(combo => ({ combo, act: () => { heard.push(combo); } })));
  keys.handle(press('&', 'Digit1'));                        // French: & without shift
  keys.handle(press('!', 'Digit1', { shiftKey: true }));
  keys.handle(press('q', 'KeyA'));                          // French: q where A is
  keys.handle(press('ü', 'BracketLeft'));                   // German: ü in the place of [
  assert.deepEqual(heard, ['1', 'shift+1', 'q', '[']);
});

test('the question mark is found by what it prints', () => {
  const keys = new Keys();
  keys.bind('page', [{ combo: '?', act: () => {} }]);
  assert.equal(keys.handle(press('?', 'Slash', { shiftKey: true })), true);
  assert.equal(keys.handle(press('?', 'Minus', { shiftKey: true })), true);   // German
});

test('on a Mac ctrl means command, except with space', () => {
  const keys = new Keys(true);
  keys.bind('page', [{ combo: 'ctrl+enter', act: () => {} }, { combo: 'ctrl+space', act: () => {} }]);
  assert.equal(keys.handle(press('Enter', 'Enter', { metaKey: true })), true);
  assert.equal(keys.handle(press('Enter', 'Enter', { ctrlKey: true })), false);
  assert.equal(keys.handle(press(' ', 'Space', { ctrlKey: true })), true);
});

test('single-character keys can be switched off; combinations stay', () => {
  const keys = new Keys();
  keys.bind('page', [{ combo: 'f', act: () => {} }, { combo: 'alt+r', act: () => {} }]);
  keys.single.value = false;
  assert.equal(keys.handle(press('f', 'KeyF')), false);
  assert.equal(keys.handle(press('r', 'KeyR', { altKey: true })), true);
});

test('what lies under an open dialog hears no keys', () => {
  const keys = new Keys();
  keys.bind('page', [{ combo: 'f', act: () => {} }]);
  const off = keys.bind('dialog', [{ combo: 'esc', act: () => {} }]);
  assert.equal(keys.handle(press('f', 'KeyF')), false);
  off();
  assert.equal(keys.handle(press('f', 'KeyF')), true);
});

test('what the browser keeps for itself cannot be bound', () => {
  assert.equal(bindable('ctrl+w'), false);
  assert.equal(bindable('shift+ctrl+n'), false);
  assert.equal(bindable('ctrl+'), false);
  assert.equal(bindable('ctrl+enter'), true);
});

test('combinations are read in any order and written in one', () => {
  assert.equal(comboText(parseCombo('Shift+CTRL+Left')), 'ctrl+shift+left');
  assert.equal(comboText(parseCombo('ctrl++')), 'ctrl+plus');
  assert.equal(shownCombo('ctrl+enter', false), 'ctrl ↵');
  assert.equal(shownCombo('ctrl+enter', true), '⌘ ↵');
  assert.equal(ariaCombo('ctrl+shift+left', false), 'Control+Shift+ArrowLeft');
});

test('a key of the person stands before the preset, and moves what is bound already', () => {
  const keys = new Keys(), heard: string[] = [];
  keys.bind('page', [{ id: 'submit', act: () => { heard.push('submit'); } }, { id: 'reopen', act: () => { heard.push('reopen'); } }]);
  oneHand.value = true;
  keys.handle(press('a', 'KeyA'));
  keys.handle(press('Backspace', 'Backspace'));
  chosenKeys.value = { submit: 'ctrl+j', reopen: '' };
  assert.equal(keys.handle(press('a', 'KeyA')), false);
  assert.equal(keys.handle(press('Backspace', 'Backspace')), false);
  keys.handle(press('j', 'KeyJ', { ctrlKey: true }));
  assert.deepEqual(keys.list().map(r => r.combo), ['ctrl+j']);
  chosenKeys.value = {};
  oneHand.value = false;
  assert.deepEqual(heard, ['submit', 'reopen', 'submit']);
});

test('the list of keys says which binding has a key first', () => {
  const keys = new Keys();
  keys.bind('page', [{ id: 'flag', act: () => {} }, { id: 'guide', act: () => {} }]);
  keys.bind('page', [{ combo: 'f', act: () => {}, what: 'Ferry' }]);
  assert.deepEqual(keys.list().map(r => [r.combo, r.what ?? r.id, r.masked?.what]), [['f', 'flag', 'Ferry'], ['h', 'guide', undefined], ['f', 'Ferry', undefined]]);
});

test('on a Mac a letter is found under alt, where it prints another character', () => {
  const keys = new Keys(true);
  keys.bind('page', [{ combo: 'alt+c', act: () => {} }]);
  assert.equal(keys.handle(press('ç', 'KeyC', { altKey: true })), true);
});
