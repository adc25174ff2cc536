import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layArcs } from './arcs';
import { blocksOf, lastOf, lineAt, linesOf, pieces } from './offsets';
import { granularityOf, lanes, snap, stepEdge, stepGrapheme, unitFrom, wordsOf } from './segment';

const at = (text: string, a: number, b: number, g: 'symbol' | 'word' | 'sentence' | 'paragraph' = 'symbol') => {
  const s = snap(linesOf(text), a, b, g);
  return s && [s.start, s.end, text.slice(s.start, s.end)];
};

test('lines know where they start, empty ones and the last break too', () => {
  assert.deepEqual(linesOf('ab\n\nc\n').map((l) => l.start), [0, 3, 4, 6]);
  const lines = linesOf('ab\n\nc');
  assert.deepEqual([0, 2, 3, 4, 5, 99].map((o) => lineAt(lines, o)), [0, 0, 1, 2, 2, 2]);
});

test('a span over lines is cut at the breaks', () => {
  assert.deepEqual(pieces(linesOf('one\n\ntwo'), 1, 7), [{ line: 0, from: 1, to: 3 }, { line: 2, from: 0, to: 2 }]);
  assert.deepEqual(pieces(linesOf('one\ntwo'), 3, 4), []);
});

test('offsets are UTF-16 code units: an emoji counts two and is never halved', () => {
  const text = 'a😀b';
  assert.deepEqual(at(text, 2, 3), [1, 3, '😀']);
  assert.deepEqual(at(text, 0, 2), [0, 3, 'a😀']);
});

test('a family of joined emoji is one character', () => {
  const text = 'x 👩‍👩‍👧 y';
  assert.deepEqual(at(text, 4, 5), [2, 10, '👩‍👩‍👧']);
});

test('a letter keeps its combining marks', () => {
  const text = 'ne\u0301e q\u0323\u0307';
  assert.deepEqual(at(text, 1, 2), [1, 3, 'e\u0301']);
  assert.deepEqual(at(text, 6, 7), [5, 8, 'q\u0323\u0307']);
});

test('flags and skin tones stay whole', () => {
  assert.equal(at('🇩🇪🇫🇷', 5, 6)?.[2], '🇫🇷');
  assert.equal(at('👍🏽!', 0, 1)?.[2], '👍🏽');
});

test('blanks at the ends fall off; nothing but blanks is no selection', () => {
  assert.deepEqual(at('  Aster Bay  left', 0, 13), [2, 11, 'Aster Bay']);
  assert.equal(at('a   b', 1, 4), null);
  assert.equal(at('', 0, 0), null);
  assert.equal(at('\n\n', 0, 2), null);
});

test('by words: half a word becomes the whole', () => {
  assert.deepEqual(at('left Port Lomond on', 7, 12, 'word'), [5, 16, 'Port Lomond']);
});

test('by words in Chinese', () => {
  const text = '货轮于三月五日抵达青屿港。';
  const s = at(text, 7, 8, 'word');
  assert.ok(s && (s[2] as string).length >= 1 && text.slice(s[0] as number, s[1] as number) === s[2]);
});

test('Arabic is counted as it is stored, whatever way it is shown', () => {
  const text = 'غادرت السفينة الميناء';
  assert.deepEqual(at(text, 7, 9, 'word'), [6, 13, 'السفينة']);
});

test('by sentence and by paragraph', () => {
  const text = 'One is short. Two is longer.\nThree.';
  assert.deepEqual(at(text, 16, 17, 'sentence'), [14, 28, 'Two is longer.']);
  assert.deepEqual(at(text, 3, 30, 'paragraph'), [0, 35, text]);
});

test('a selection drawn backwards is the same', () => {
  assert.deepEqual(at('abc def', 6, 1), at('abc def', 1, 6));
});

test('words for the keyboard leave out punctuation', () => {
  const line = 'Hello, wide world!';
  assert.deepEqual(wordsOf(line).map((w) => line.slice(w.from, w.to)), ['Hello', 'wide', 'world']);
});

test('steps by character go over whole clusters and over line ends', () => {
  const lines = linesOf('a😀\nb');
  assert.equal(stepGrapheme(lines, 1, 1), 3);
  assert.equal(stepGrapheme(lines, 3, -1), 1);
  assert.equal(stepGrapheme(lines, 3, 1), 4);
  assert.equal(stepGrapheme(lines, 4, -1), 3);
  assert.equal(stepGrapheme(lines, 0, -1), 0);
});

test('overlapping spans get lanes of their own, others share the first', () => {
  const l = lanes([{ id: 'a', start: 0, end: 10 }, { id: 'b', start: 2, end: 5 }, { id: 'c', start: 5, end: 8 }, { id: 'd', start: 12, end: 14 }]);
  assert.deepEqual([...l.entries()].sort(), [['a', 0], ['b', 1], ['c', 1], ['d', 0]]);
});

test('unknown granularity means characters', () => {
  assert.equal(granularityOf('letters'), 'symbol');
  assert.equal(granularityOf('word'), 'word');
});

test('a text of 50 000 characters is snapped at once', () => {
  const text = 'lorem ipsum dolor '.repeat(2800);
  const lines = linesOf(text), t0 = performance.now();
  for (let i = 0; i < 100; i++) snap(lines, i * 480 + 3, i * 480 + 14, 'word');
  assert.ok(performance.now() - t0 < 2000);
});

test('a place in a line is found by halving, and blocks hold all lines once', () => {
  const lines = linesOf(Array.from({ length: 500 }, (_, i) => 'x'.repeat(i % 97)).join('\n'));
  const list = blocksOf(lines);
  assert.deepEqual(list.flatMap(([a, b]) => Array.from({ length: b - a }, (_, k) => a + k)), lines.map((_, i) => i));
  for (const [a, b] of list) assert.ok(b - a === 1 || lines.slice(a, b).reduce((s, l) => s + l.text.length, 0) <= 3000);
  assert.equal(lastOf(5, (i) => i < 3), 2);
  assert.equal(lastOf(5, () => false), -1);
});

const move = (text: string, start: number, end: number, edge: 'start' | 'end', by: 1 | -1, g: 'symbol' | 'word' | 'sentence' | 'paragraph') => {
  const s = stepEdge(linesOf(text), { start, end }, edge, by, g);
  return text.slice(s.start, s.end);
};

test('an end moves by what is asked for: outward to the next end, inward to the one before', () => {
  const text = 'The ferry Aster, of Port Lomond, left. It came back.\nLate.';
  assert.equal(move(text, 4, 9, 'end', 1, 'word'), 'ferry Aster');
  assert.equal(move(text, 4, 15, 'end', -1, 'word'), 'ferry');
  assert.equal(move(text, 4, 9, 'start', -1, 'word'), 'The ferry');
  assert.equal(move(text, 0, 9, 'start', 1, 'word'), 'ferry');
  assert.equal(move(text, 4, 7, 'end', 1, 'word'), 'ferry');
  assert.equal(move(text, 4, 9, 'end', 1, 'symbol'), 'ferry A');
  assert.equal(move(text, 4, 11, 'end', -1, 'symbol'), 'ferry');
  assert.equal(move(text, 0, 38, 'end', 1, 'sentence'), 'The ferry Aster, of Port Lomond, left. It came back.');
  assert.equal(move(text, 0, 52, 'end', -1, 'sentence'), 'The ferry Aster, of Port Lomond, left.');
  assert.equal(move(text, 0, 52, 'end', 1, 'paragraph'), text);
});

test('an end never passes the other, and never halves what is seen as one', () => {
  assert.equal(move('one two', 0, 3, 'end', -1, 'word'), 'one');
  assert.equal(move('one two', 4, 7, 'start', 1, 'word'), 'two');
  assert.equal(move('a👩‍👩‍👧b', 0, 1, 'end', 1, 'symbol'), 'a👩‍👩‍👧');
  assert.equal(move('a👩‍👩‍👧b', 0, 9, 'end', -1, 'symbol'), 'a');
  assert.equal(move('ab', 0, 2, 'end', 1, 'symbol'), 'ab');
});

test('the next word is found without looking at the whole line', () => {
  const line = 'lorem ipsum '.repeat(17_000), lines = linesOf(line), t0 = performance.now();
  for (let i = 0; i < 50; i++) assert.ok(unitFrom(lines, i * 4000, 1, 'word'));
  assert.ok(performance.now() - t0 < 3000);
});

/* ---- relations ---- */

const box = (left: number, top: number, w = 60) => ({ left, right: left + w, top, bottom: top + 24 });

test('arcs: in the same row from below to below, touching runs in lanes of their own', () => {
  const list = layArcs([
    { id: 'a', from: box(0, 40), to: box(200, 40), text: 'one' }, { id: 'b', from: box(100, 40), to: box(400, 40), text: '' }, { id: 'c', from: box(500, 40), to: box(600, 40), text: '' },
  ], 0);
  const y = Object.fromEntries(list.map((d) => [d.id, d.y]));
  assert.equal(y.c, 73);
  assert.deepEqual([y.a, y.b].sort(), [73, 83]);
  assert.match(list.find((d) => d.id === 'a')!.d, /^M30 64L30 68.5Q30 73 34.5 73L228 73Q230 73 230 71/);
});

test('arcs: to the next row downwards, to a far row by the margin', () => {
  const [next] = layArcs([{ id: 'a', from: box(100, 40), to: box(10, 112), text: '' }], 0);
  assert.ok(next!.d.endsWith('L40 91'), next!.d);
  const [far] = layArcs([{ id: 'a', from: box(100, 40), to: box(300, 400), text: '' }], 0);
  assert.match(far!.d, /L-6 /);
  assert.ok(far!.d.endsWith('L330 429'), far!.d);
});
