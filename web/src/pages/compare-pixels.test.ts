import { test } from 'node:test';
import assert from 'node:assert/strict';
import { cover, difference, hullOf, iou, isMask, maskGroups, painted, setMask } from './compare-pixels';
import { pointsOf } from './compare-model';
import { wordChanges } from './compare-words';
import { describe } from './summary';
import type { ResultItem } from './shapes';

let ids = 0;
const W = 10, H = 10;
/* A mask of a box on a picture of 10 by 10. */
function mask(label: string, x: number, y: number, width: number, height: number): ResultItem {
  const r: ResultItem = { id: `m${++ids}`, type: 'brushlabels', from_name: 'b', to_name: 'i', value: { rle: [ids], format: 'rle', brushlabels: [label] } };
  setMask(r, { w: W, h: H, piece: { x, y, width, height, alpha: new Uint8Array(width * height).fill(255) } });
  return r;
}

test('how alike two masks are, and where one is', () => {
  assert.equal(iou([mask('a', 0, 0, 4, 4)], [mask('a', 0, 0, 4, 4)]), 1);
  assert.equal(iou([mask('a', 0, 0, 4, 4)], [mask('a', 2, 0, 4, 4)]), 8 / 24);
  assert.equal(iou([mask('a', 0, 0, 2, 4), mask('a', 2, 0, 2, 4)], [mask('a', 0, 0, 4, 4)]), 1);
  assert.equal(iou([mask('a', 0, 0, 4, 4)], [{ type: 'brushlabels', value: { rle: [1] } }]), null);
  assert.deepEqual(hullOf(mask('a', 1, 2, 3, 4)), [10, 20, 40, 60]);
});

test('painted and compared, pixel by pixel, at the size it is shown', () => {
  const on = cover([mask('a', 2, 2, 6, 6)], 20, 20);
  assert.equal(on[4 * 20 + 4], 1);
  assert.equal(on[3 * 20 + 4], 0);
  const rgba = painted(on, 20, 20, [9, 8, 7], 2), at = (x: number, y: number): number[] => [...rgba.slice((y * 20 + x) * 4, (y * 20 + x) * 4 + 4)];
  assert.deepEqual(at(4, 4), [9, 8, 7, 255]);             // the line around it
  assert.equal(at(3, 4)[3], 170);                          // dark outside of the line
  assert.ok(at(10, 10)[3]! < 255 && at(10, 10)[3]! > 0);
  assert.equal(at(0, 0)[3], 0);
  const d = difference([cover([mask('a', 0, 0, 5, 5)], W, H), cover([mask('a', 0, 0, 5, 9)], W, H)], W, H);
  assert.deepEqual([...d.slice(0, 3)], [255, 255, 255]);
  assert.notEqual([...d.slice(70 * 4, 70 * 4 + 3)].join(), '255,255,255');
  assert.equal(d[9 * 4 + 3], 0);
});

test('masks of one label are one point; who covers mostly the same is one variant, and the consensus stands for it', () => {
  const a = [mask('bus', 0, 0, 8, 8), mask('man', 9, 9, 1, 1)], b = [mask('bus', 0, 0, 8, 7), mask('bus', 0, 7, 8, 1)], c = [mask('bus', 0, 0, 2, 2)];
  const agreed = [mask('bus', 0, 0, 8, 8)], points = pointsOf([a, b, c].map((result, i) => ({ n: i + 1, result })), agreed);
  assert.equal(points.length, 2);
  const bus = points.find(p => p.variants.some(v => v.items.includes(agreed[0]!)))!;
  assert.deepEqual(bus.variants.map(v => v.who), [[1, 2], [3]]);
  assert.equal(bus.variants[bus.chosen]!.items, agreed.length ? bus.variants[0]!.items : null);
  assert.deepEqual([...maskGroups(b)].map(([, list]) => list.length), [2]);
});

test('an answer about a mask is no mask, and says what was said', () => {
  const r: ResultItem = { type: 'textarea', from_name: 'note', value: { rle: [1], format: 'rle', text: ['by the quay'] } };
  assert.equal(isMask(r), false);
  assert.equal(describe(r).text, 'by the quay');
  assert.equal(describe({ type: 'choices', from_name: 'c', value: { x: 1, y: 2, width: 3, height: 4, choices: ['Tug'] } }).text, 'Tug');
});

test('words that differ, also where no space is between them', () => {
  assert.deepEqual(wordChanges('the red bus', 'the bus'), [{ kind: 'same', text: 'the ' }, { kind: 'gone', text: 'red ' }, { kind: 'same', text: 'bus' }]);
  assert.ok(wordChanges('我喜欢红色的船', '我喜欢蓝色的船').some(p => p.kind === 'new' && p.text.includes('蓝')));
});
