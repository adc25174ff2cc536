import { test } from 'node:test';
import assert from 'node:assert/strict';
import { barOf, goTo, moved, placeOf, resized, shiftOf, strained, tall, TALLEST } from './tall';

const LONG = 53_000_000, VIEW = 800;
const million = () => tall(LONG, VIEW);

test('a short list scrolls as ever: the place is the bar', () => {
  const t = tall(10_000, VIEW);
  moved(t, 9_000);
  assert.equal(t.top, 9_000);
  assert.equal(shiftOf(t), 0);
  assert.equal(strained(t), false);
});

test('by hand a tall list moves by the pixel, and rows stand still in the page', () => {
  const t = million();
  goTo(t, 20_000_000);
  const shift = shiftOf(t), bar = t.scroll;
  for (let n = 1; n <= 50; n++) moved(t, bar + n * 120);
  assert.equal(t.top, 20_006_000);
  assert.equal(shiftOf(t), shift);
});

test('a pulled bar reaches every part, both ends exactly', () => {
  const t = million();
  moved(t, TALLEST - VIEW);
  assert.equal(t.top, LONG - VIEW);
  moved(t, (TALLEST - VIEW) / 2);
  assert.ok(Math.abs(t.top - (LONG - VIEW) / 2) < 1);
  moved(t, 0);
  assert.equal(t.top, 0);
});

test('bar and place name each other', () => {
  const t = million();
  for (const top of [0, 999_999, 1_000_001, 26_000_000, 51_999_000, 52_500_000, LONG - VIEW]) {
    assert.ok(Math.abs(placeOf(t, barOf(t, top)) - top) <= 10, String(top));
  }
});

for (const [name, from, by, end] of [['beginning', 3_000_000, -300, 0], ['end', LONG - 3_000_000, 300, LONG - VIEW]] as const) {
  test(`the ${name} is reached by hand, without a jump on the way`, () => {
    const t = million();
    goTo(t, from);
    let before = t.top;
    for (let n = 0; n < 11_000 && t.top !== end; n++) {
      moved(t, Math.min(TALLEST - VIEW, Math.max(0, t.scroll + by)));
      if (strained(t)) goTo(t, t.top);
      assert.ok(Math.abs(t.top - before) <= 301);
      before = t.top;
    }
    assert.equal(t.top, end);
  });
}

test('fewer rows keep the place as far as they can', () => {
  const t = million();
  goTo(t, 30_000_000);
  resized(t, 5_300_000, VIEW);
  assert.equal(t.top, 5_300_000 - VIEW);
  assert.equal(barOf(t, t.top), t.scroll);
});
