import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ACTIONS } from '../core/actions';
import type { KeyLike } from '../core/hotkeys';
import { ALL, comboOfEvent, GROUPS, keyIn, mayBind, owner, readKeyFile, withKey } from './keytools';

const ev = (key: string, code: string, more: Partial<KeyLike> = {}): KeyLike =>
  ({ key, code, ctrlKey: false, shiftKey: false, altKey: false, metaKey: false, isComposing: false, repeat: false, target: null, preventDefault() {}, ...more });

test('no preset gives one key to two actions, and every action stands in a group', () => {
  for (const hand of [false, true]) {
    for (const id of ALL) assert.equal(owner({}, hand, keyIn({}, hand, id), id), null, `${id} ${hand}`);
  }
  assert.deepEqual(GROUPS.flatMap(([, ids]) => ids).sort(), [...ALL].sort());
  assert.ok(ALL.every((id) => mayBind(ACTIONS[id][0])));
});

test('an event becomes the combination that later matches it', () => {
  assert.equal(comboOfEvent(ev('Control', 'ControlLeft', { ctrlKey: true }), false), null);
  assert.equal(comboOfEvent(ev('R', 'KeyR', { shiftKey: true }), false), 'shift+r');
  assert.equal(comboOfEvent(ev('?', 'Slash', { shiftKey: true }), false), '?');
  assert.equal(comboOfEvent(ev('&', 'Digit1'), false), '1');
  assert.equal(comboOfEvent(ev('ç', 'KeyC', { altKey: true }), true), 'alt+c');
  assert.equal(comboOfEvent(ev('Enter', 'Enter', { metaKey: true }), true), 'ctrl+enter');
});

test('a key taken from another action leaves that one without', () => {
  const keys = withKey({}, false, 'flag', 'h');
  assert.deepEqual(keys, { flag: 'h', guide: '' });
  assert.deepEqual(withKey(keys, false, 'flag', 'f'), { guide: '' });
  assert.equal(owner(keys, false, 'h', 'guide'), 'flag');
});

test('what the browser keeps is refused', () => {
  for (const k of ['ctrl+w', 'ctrl+t', 'ctrl+n', 'ctrl+tab', 'tab', 'enter', 'esc']) assert.equal(mayBind(k), false, k);
});

test('a file of keys is read whole or not at all', () => {
  const file = (keys: Partial<Record<string, string>>, more = {}): string => JSON.stringify({ annotary: 'keys', hand: false, keys, ...more });
  assert.deepEqual(readKeyFile(file({ submit: 'Shift+CTRL+Enter', reject: 'alt+x' })), { annotary: 'keys', hand: false, keys: { submit: 'ctrl+shift+enter', reject: 'alt+x' } });
  assert.deepEqual(readKeyFile('{'), { why: 'json' });
  assert.deepEqual(readKeyFile('{"keys":{}}'), { why: 'shape' });
  assert.deepEqual(readKeyFile(file({ fly: 'x' })), { why: 'id', id: 'fly' });
  assert.deepEqual(readKeyFile(file({ submit: 'ctrl+w' })), { why: 'key', key: 'ctrl+w' });
  assert.deepEqual(readKeyFile(file({ submit: 'h' })), { why: 'twice', key: 'h' });
  assert.deepEqual(readKeyFile(file({ constructor: 'x' })), { why: 'id', id: 'constructor' });
});
