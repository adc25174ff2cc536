import { test } from 'node:test';
import assert from 'node:assert/strict';
import { colour, offsetOf } from './editor';
import { guessName } from './import';
import { safeNext } from './gate';
import { pieces, spansOf } from './overlay';
import { plain } from './summary';
import { bins, overallOf } from './shapes';
import { answerText, author, describe, imageField, oneLine, textField } from './summary';
import { safeImage } from './tasks-state';
import { sampleFor, templates } from './templates';
import { artOf } from './art';
import { addMessages } from '../core/i18n';
import words from '../i18n/en/pages.json';
import { matrixOf, heat } from '../charts/matrix';
import { niceTop } from '../charts/bars';
import { windowOf } from '../ui/virtual';

await addMessages('pages', words);

test('coloured XML is the same text, and quotes may hold anything', () => {
  const all = (s: string) => colour(s).map(b => b.text).join('');
  for (const s of ['<View>\n  <Text name="a/b" value=\'$t > x\'/>\n</View>', '<!-- open', 'a < b', '<', '<a b=', '<a b="no end', '</', '<a/><b ', '<?xml version="1.0"?>', '<![CDATA[x]]>', '', '<a b="<c>">']) assert.equal(all(s), s);
  const bits = colour('<Text name="a/b"/>');
  assert.deepEqual(bits.map(b => b.cls), ['tg', '', 'at', '', 'st-r', 'tg']);
});

test('the caret goes to line and column, and never beyond the line', () => {
  assert.equal(offsetOf('ab\ncd\nef', 2, 2), 4);
  assert.equal(offsetOf('ab\ncd\nef', 2, 99), 5);
  assert.equal(offsetOf('ab', 9, 1), 0);
});

test('pasted text is recognised by its look', () => {
  assert.equal(guessName('[{"a":1}]'), 'pasted.json');
  assert.equal(guessName('{"a":1}'), 'pasted.json');
  assert.equal(guessName('{"a":1}\n{"a":2}'), 'pasted.jsonl');
  assert.equal(guessName('a\tb\n1\t2'), 'pasted.tsv');
  assert.equal(guessName('a,b\n1,2'), 'pasted.csv');
  assert.equal(guessName('just words'), 'pasted.txt');
});

test('after the login one goes to a path of ours and nowhere else', () => {
  assert.equal(safeNext('/projects/3?x=1'), '/projects/3?x=1');
  for (const bad of [null, '', 'https://b.example/', '//b.example', '/\\b.example', 'javascript:alert(1)', '/user/login']) assert.equal(safeNext(bad), '/');
});

test('spans cut a text at each start and end, overlaps keep both labels', () => {
  const list = pieces('abcdef', [{ start: 1, end: 4, label: 'A' }, { start: 2, end: 6, label: 'B' }]);
  assert.deepEqual(list.map(p => [p.text, p.labels.join()]), [['a', ''], ['b', 'A'], ['cd', 'A,B'], ['ef', 'B']]);
  assert.equal(pieces('😀x', [{ start: 0, end: 2, label: 'A' }])[0]!.text, '😀');
  assert.equal(pieces('ab', [{ start: 5, end: 9, label: 'A' }]).map(p => p.text).join(''), 'ab');
});

test('answers are said in words', () => {
  assert.equal(describe({ type: 'choices', from_name: 'c', value: { choices: ['A', 'B'] } }).text, 'A, B');
  assert.equal(describe({ type: 'rating', from_name: 'r', value: { rating: 1 } }).text, '1 star');
  assert.equal(describe({ type: 'pairwise', from_name: 'p', value: { selected: 'left' } }).text, 'the first');
  assert.equal(describe({ type: 'taxonomy', from_name: 't', value: { taxonomy: [['A', 'B'], ['C']] } }).text, 'A / B, C');
  const box = describe({ type: 'rectanglelabels', from_name: 'b', value: { x: 1.25, y: 2, width: 3, height: 4, rectanglelabels: ['Car'] } });
  assert.equal(box.what, 'Car');
  assert.equal(box.text, 'at 1.3, 2; 3 × 4 %');
  assert.equal(describe({ type: 'odd', value: { a: { b: 1 } } }).text, '{"a":{"b":1}}');
  assert.equal(describe({ type: 'odd' }).text, '{}');
});

test('equal answers give equal text whatever their order', () => {
  const a = [{ type: 'labels', from_name: 'l', value: { start: 0, end: 1, text: 'a', labels: ['X'] } }, { type: 'labels', from_name: 'l', value: { start: 2, end: 3, text: 'b', labels: ['Y'] } }];
  assert.equal(answerText(a, 'l'), answerText([...a].reverse(), 'l'));
  assert.equal(answerText(a, 'other'), '');
  assert.equal(spansOf(a).length, 2);
});

test('pictures and texts are found among the fields', () => {
  assert.equal(imageField({ a: 'x', photo: '/data/a.JPG?x=1' }), 'photo');
  assert.equal(imageField({ image: 'https://a.example/1' }), 'image');
  assert.equal(imageField({ text: 'a picture.png of' }), null);
  assert.equal(textField({ id: 'x', body: 'longer words', url: 'https://a.example/very/long/path/to/it' }), 'body');
  assert.equal(oneLine({ a: 'x\n y', b: 3 }), 'x y · 3');
  assert.equal(oneLine(null), '');
});

test('only pictures of this server load by themselves', () => {
  assert.equal(safeImage('/data/a.png'), true);
  assert.equal(safeImage('data:image/png;base64,x'), true);
  for (const bad of ['//b.example/a.png', 'https://b.example/a.png', 'javascript:alert(1)', 'data:text/html,x']) assert.equal(safeImage(bad), false);
});

test('an author has a name whatever the shape', () => {
  const base = { id: 1, result: [], created_at: '', updated_at: '', lead_time: null };
  assert.equal(author({ ...base, completed_by: 3 }).name, 'Person 3');
  assert.equal(author({ ...base, completed_by: { id: 3, email: 'a@b' } }).name, 'a@b');
  assert.equal(author({ ...base, completed_by: 3, created_username: ' Ana, 3' }).name, 'Ana');
  assert.equal(author({ ...base, completed_by: null }).name, 'Nobody named');
});

test('similarities are counted from either shape', () => {
  assert.deepEqual(bins([0, 0.05, 0.99, 1, null, 'x', 2]), [2, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
  assert.deepEqual(bins([{ agreement: 0.5 }]), [0, 0, 0, 0, 0, 1, 0, 0, 0, 0]);
  assert.deepEqual(bins({ bins: [1, 2] }), [1, 2]);
  assert.equal(bins(null).length, 10);
});

test('a matrix of pairs is symmetric, its diagonal blank', () => {
  const m = matrixOf([{ a: 'B', b: 'A', value: 0.5, n: 3 }]);
  assert.deepEqual(m.names, ['A', 'B']);
  assert.equal(m.cells[0]![1]!.value, 0.5);
  assert.equal(m.cells[1]![0]!.value, 0.5);
  assert.equal(m.cells[0]![0], null);
  assert.deepEqual([0, 0.2, 0.5, 0.99, 1].map(heat), [0, 1, 3, 5, 5]);
});

test('axes end at a round number', () => {
  assert.deepEqual([0, 1, 3, 7, 12, 95, 180].map(niceTop), [2, 2, 4, 10, 20, 100, 200]);
});

test('a long list draws what is seen and a little more', () => {
  assert.deepEqual(windowOf(0, 530, 53, 100_000), { from: 0, to: 18 });
  assert.deepEqual(windowOf(53_000, 530, 53, 100_000), { from: 992, to: 1018 });
  assert.deepEqual(windowOf(53_000, 530, 53, 10), { from: 992, to: 10 });
});

test('instructions are read as text', () => {
  assert.equal(plain('<p>One</p><script>alert(1)</script>Two&lt;3'), 'One\nalert(1)Two<3');
});

test('there are templates of every kind, and their samples have what they ask for', () => {
  assert.ok(templates.length >= 16);
  assert.equal(new Set(templates.map(x => x.id)).size, templates.length);
  for (const x of templates) {
    const asked = [...x.xml.matchAll(/"\$(\w+)/g)].map(m => m[1]!);
    for (const field of asked) assert.ok(field in x.sample, `${x.id}: ${field}`);
    for (const field of asked) assert.ok(field in sampleFor(x.xml), `${x.id}: made sample lacks ${field}`);
    const names = [...x.xml.matchAll(/\bname="(\w+)"/g)].map(m => m[1]!);
    for (const [, to] of x.xml.matchAll(/toName="([^"]+)"/g)) for (const one of to!.split(',')) assert.ok(names.includes(one), `${x.id}: toName ${one}`);
    assert.ok(artOf(x.xml));
  }
});

test('a mean gets its interval from the spread of the tasks, and none when they are few', () => {
  const few = overallOf({ overall: { value: 0.5, n: 3 }, tasks: { histogram: [0, 0, 0, 0, 0, 3, 0, 0, 0, 0] }, pairs: [] });
  assert.equal(few.low, undefined);
  const many = overallOf({ overall: { value: 0.5, n: 100 }, tasks: { histogram: [50, 0, 0, 0, 0, 0, 0, 0, 0, 50] }, pairs: [] });
  assert.ok(Math.abs(many.low! - 0.411) < 0.002 && Math.abs(many.high! - 0.589) < 0.002);
  const same = overallOf({ overall: { value: 1, n: 100 }, tasks: { histogram: [0, 0, 0, 0, 0, 0, 0, 0, 0, 100] }, pairs: [] });
  assert.equal(same.high, 1);
  assert.deepEqual(overallOf({ overall: { value: 0.7, low: 0.6, high: 0.8, n: 9 }, tasks: null, pairs: [] }), { value: 0.7, low: 0.6, high: 0.8, n: 9 });
});
