import { test } from 'node:test';
import assert from 'node:assert/strict';
import { dotsOf, errorOf, lean, wilson, type Bin } from './reliability-model';

const bin = (tenth: number, tasks: number, confidence: number, right: number, control = 'kind'): Bin => ({ control, tenth, tasks, confidence, right });

test('the interval of a share holds it, and is wide for few', () => {
  const [a, b] = wilson(1, 3), [c, d] = wilson(0.9, 1000);
  assert.ok(a < 0.5 && Math.abs(b - 1) < 1e-12);
  assert.ok(c > 0.87 && d < 0.92);
});

test('how far off, and which way', () => {
  const bins = [bin(9, 80, 0.95, 0.75), bin(5, 20, 0.55, 0.5), bin(9, 5, 1, 1, 'other')], dots = dotsOf(bins, 'kind');
  assert.equal(dots.length, 2);
  assert.ok(Math.abs(errorOf(dots)! - (80 * 0.2 + 20 * 0.05) / 100) < 1e-12);
  assert.equal(lean(dots), 'over');
  assert.equal(lean(dotsOf([bin(7, 10, 0.75, 0.8)], 'kind')), 'even');
  assert.equal(lean(dotsOf([bin(5, 400, 0.55, 0.9)], 'kind')), 'under');
  assert.equal(errorOf([]), null);
});
