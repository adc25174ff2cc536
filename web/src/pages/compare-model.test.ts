import { test } from 'node:test';
import assert from 'node:assert/strict';
import { compose, overlap, pickAt, placeOf, pointsOf, takeAll, wholly, type Said } from './compare-model';
import type { ResultItem } from './shapes';

const choice = (word: string, id = word): ResultItem => ({ id, type: 'choices', from_name: 'mood', to_name: 't', value: { choices: [word] } });
const box = (id: string, x: number, label: string, width = 20): ResultItem =>
  ({ id, type: 'rectanglelabels', from_name: 'box', to_name: 'i', value: { x, y: 10, width, height: 20, rotation: 0, rectanglelabels: [label] } });
const span = (id: string, start: number, end: number, label: string): ResultItem =>
  ({ id, type: 'labels', from_name: 'ner', to_name: 't', value: { start, end, text: 'x', labels: [label] } });
const said = (...lists: ResultItem[][]): Said[] => lists.map((result, i) => ({ n: i + 1, result }));

test('equal answers are one variant, the largest first, and the consensus is what is chosen', () => {
  const a = said([choice('good', 'a')], [choice('bad', 'b')], [choice('good', 'c')]);
  const [p] = pointsOf(a, [choice('bad', 'z')]);
  assert.deepEqual(p!.variants.map(v => v.who), [[1, 3], [2]]);
  assert.equal(p!.chosen, 1);
  assert.equal(p!.same, false);
  assert.deepEqual(compose([{ ...p!, chosen: 0 }], a), [choice('good', 'a')]);
});

test('who answered nothing is a variant of nothing', () => {
  const a = said([choice('good')], []);
  const [p] = pointsOf(a, []);
  assert.deepEqual(p!.variants.map(v => [v.who, v.items.length]), [[[1], 1], [[2], 0]]);
  assert.equal(p!.chosen, 1);
  assert.deepEqual(compose([p!], a), []);
});

test('the order of several choices is no difference', () => {
  const two = (words: string[]): ResultItem => ({ id: words.join(), type: 'choices', from_name: 'mood', to_name: 't', value: { choices: words } });
  assert.equal(pointsOf(said([two(['a', 'b'])], [two(['b', 'a'])]), [])[0]!.same, true);
});

test('regions are compared by place; another label is a difference, a small shift is none', () => {
  const a = said([box('a1', 10, 'cat'), box('a2', 60, 'dog')], [box('b1', 11, 'cat'), box('b2', 61, 'fox')], [box('c1', 9, 'cat')]);
  const points = pointsOf(a, [box('m', 10.5, 'cat'), box('a2', 60, 'dog')]);
  assert.deepEqual(points.map(p => [p.same, p.variants.map(v => [v.who, v.items.length])]),
    [[false, [[[1], 1], [[2], 1], [[3], 0]]], [true, [[[1, 2, 3], 1]]]]);
  assert.deepEqual(compose(points, a).map(r => r.id), ['a2', 'm']);
});

test('one person is never twice in one place', () => {
  const a = said([box('a1', 10, 'cat'), box('a2', 12, 'dog')], [box('b1', 11, 'cat')]);
  assert.deepEqual(pointsOf(a, []).map(p => p.variants.map(v => v.who)).flat(2).sort(), [1, 1, 2, 2]);
});

test('spans overlap by their characters, other places not at all', () => {
  assert.equal(overlap(placeOf(span('a', 0, 10, 'P')), placeOf(span('b', 5, 15, 'P'))), 1 / 3);
  assert.equal(overlap(placeOf(span('a', 0, 10, 'P')), placeOf(box('b', 0, 'cat'))), 0);
  assert.equal(overlap(placeOf(choice('x')), placeOf(choice('x'))), 0);
});

test('an answer about a region travels with it, and a relation with its two ends', () => {
  const colour: ResultItem = { id: 'a1', type: 'choices', from_name: 'colour', to_name: 'i', value: { x: 10, y: 10, width: 20, height: 20, choices: ['red'] } };
  const tie: ResultItem = { type: 'relation', from_id: 'a1', to_id: 'a2', direction: 'right' };
  const a = said([box('a1', 10, 'cat'), colour, box('a2', 60, 'dog'), tie], [box('b1', 10, 'cat')]);
  const all = takeAll(pointsOf(a, []), 1);
  assert.deepEqual(compose(all, a), [box('a1', 10, 'cat'), colour, box('a2', 60, 'dog'), tie]);
  assert.equal(wholly(all, a), 1);
  assert.deepEqual(compose(takeAll(all, 2), a), [box('b1', 10, 'cat')]);
});

test('who is picked at a place is taken with their own lines', () => {
  const a = said([box('a', 10, 'cat')], [box('b', 12, 'cat')]), [p] = pointsOf(a, [box('m', 11, 'cat')]);
  assert.deepEqual(compose([pickAt(p!, 2)!], a).map(r => r.id), ['b']);
  assert.equal(pickAt(p!, 9), null);
});

test('what lies between the answers is nobody’s whole answer', () => {
  const a = said([box('a', 10, 'cat')], [box('b', 12, 'cat')]), points = pointsOf(a, [box('m', 11, 'cat')]);
  assert.equal(wholly(points, a), null);
});

test('empty answers make no points', () => {
  assert.deepEqual(pointsOf(said([], []), []), []);
  assert.deepEqual(compose([], said([])), []);
});
