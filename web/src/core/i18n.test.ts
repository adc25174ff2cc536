import { test } from 'node:test';
import assert from 'node:assert/strict';
import { MessageError, formatMessage as f, parseMessage, pseudo } from './i18n';

test('names are filled in, missing ones are empty', () => {
  assert.equal(f('Hello {name}.', { name: 'Mira' }), 'Hello Mira.');
  assert.equal(f('Hello {name}.', {}), 'Hello .');
});

test('plural knows exact numbers, the rules of the language, and #', () => {
  const text = '{n, plural, =0 {no tasks} one {# task} other {# tasks}}';
  assert.equal(f(text, { n: 0 }), 'no tasks');
  assert.equal(f(text, { n: 1 }), '1 task');
  assert.equal(f(text, { n: 52000 }), '52\u202f000 tasks');
  const ru = '{n, plural, one {# задача} few {# задачи} other {# задач}}';
  assert.equal(f(ru, { n: 3 }, 'ru'), '3 задачи');
  assert.equal(f(ru, { n: 11 }, 'ru'), '11 задач');
});

test('select falls back to other, and cases hold arguments', () => {
  const text = '{kind, select, box {the box {id}} other {region {id}}}';
  assert.equal(f(text, { kind: 'box', id: 3 }), 'the box 3');
  assert.equal(f(text, { kind: 'moon', id: 3 }), 'region 3');
});

test('quoted braces are text', () => {
  assert.equal(f("write '{name}' here", {}), 'write {name} here');
  assert.equal(f("it's plain", {}), "it's plain");
});

test('numbers and dates follow the language', () => {
  assert.equal(f('{n, number}', { n: 1234.5 }, 'de'), '1.234,5');
  assert.equal(f('{n, number}', { n: 1234.5 }, 'en'), '1\u202f234.5');
  assert.match(f('{d, date}', { d: new Date('2026-03-04T12:00:00Z') }, 'en'), /Mar 4, 2026|4 Mar 2026/);
});

test('a message that is not whole is refused', () => {
  for (const bad of ['{', '{n', '{n, plural, one {x}}', 'x}', '{n, plural, other {x}', '{n, odd}', '{}']) {
    assert.throws(() => parseMessage(bad), MessageError, bad);
  }
});

test('the pseudo language grows letters and leaves arguments alone', () => {
  assert.equal(pseudo('One {name} on'), '[Óñé {name} óñ~~]');
});
