import { test } from 'node:test';
import assert from 'node:assert/strict';
import { csvText } from '../charts/csv';
import { squareOf } from '../charts/confusion-model';
import { agreementDays, daysOf, forecastOf, HALF_MS, hoursOf, labelAgreement, meanOf, needsOf, wantedOf, wilson, type Overview } from './overview-model';

const now = new Date(2026, 10, 20, 15, 10), half = (d: number, h: number): number => new Date(2026, 10, d, h).getTime() / HALF_MS;
const count = { tasks: 100, finished: 40, touched: 60, annotations: 150, skipped: 0, overlap: 3 };
const empty: Overview = { now: now.toISOString(), count, agreement: { mean: null, n: 0, goal: 0.8, disputed: 0, ruled: 0, histogram: Array(10).fill(0) }, pace: [], agreement_times: [], labels: [], skips: [] };

test('days begin where the reader is, and a day without work is a day', () => {
  const days = daysOf([[half(17, 23), 5, 1, 1000], [half(19, 0), 7, 0, 0]], now);
  assert.deepEqual(days.map(d => [d.at.getDate(), d.answers, d.skips]), [[17, 5, 1], [18, 0, 0], [19, 7, 0], [20, 0, 0]]);
  assert.deepEqual(daysOf([], now), []);
  assert.equal(daysOf([[half(1, 0), 1, 0, 0]], now, 7).length, 7);
});

test('the hours of today end with the one that runs', () => {
  const h = hoursOf([[half(20, 9), 4, 0, 0], [half(20, 9) + 1, 2, 0, 0], [half(19, 9), 99, 0, 0]], now);
  assert.equal(h.length, 16);
  assert.equal(h[9], 6);
});

test('a share has an interval that holds it, and a wide one when there is little', () => {
  const w = wilson(0.5, 10);
  assert.ok(w.lo < 0.3 && w.hi > 0.7);
  assert.equal(wilson(1, 10).hi, 1);
  assert.deepEqual([wilson(0.5, 0).lo, wilson(0.5, 0).hi], [0, 1]);
  assert.ok(Number.isNaN(meanOf(3, 3, 3)!.lo));
  assert.equal(meanOf(0, 0, 0), null);
});

test('agreement of a day is that of the tasks completed on it', () => {
  const days = daysOf([[half(19, 9), 1, 0, 0]], now);
  assert.deepEqual(agreementDays([[half(19, 9), 4, 2, 1.5], [half(19, 20), 6, 4, 3]], days).map(r => r && [r.value, r.n]), [[0.6, 10], null]);
});

test('the forecast needs three whole days, gives a date with a range, and says when nobody works', () => {
  const even = daysOf([10, 11, 12, 13, 14, 15, 16, 17, 18, 19].map(d => [half(d, 10), 50, 0, 0] as Overview['pace'][number]), now);
  const f = forecastOf(even, wantedOf(count), now);
  assert.equal(wantedOf(count), 150);
  assert.ok(f.kind === 'at' && f.perDay === 50 && f.day.getDate() === 23 && f.early.getTime() === f.late!.getTime());
  const odd = forecastOf(daysOf([10, 12, 15, 18].map(d => [half(d, 10), 100, 0, 0] as Overview['pace'][number]), now), 3000, now);
  assert.ok(odd.kind === 'at' && odd.early < odd.day && (odd.late === null || odd.late > odd.day));
  assert.equal(forecastOf(even.slice(-3), 150, now).kind, 'none');
  assert.equal(forecastOf(even.map(d => ({ ...d, answers: 0 })), 150, now).kind, 'still');
  assert.equal(forecastOf(even, 0, now).kind, 'done');
});

test('what is wrong comes before what is doubtful, and nothing is said of nothing', () => {
  assert.deepEqual(needsOf(empty, [], [], { paused: false, failed: null }), []);
  const bad: Overview = { ...empty, agreement: { mean: 0.4, n: 200, goal: 0.8, disputed: 90, ruled: 0, histogram: [60, 0, 0, 0, 60, 0, 0, 0, 0, 80] }, count: { ...count, skipped: 40 }, skips: [{ reason: 'unclear', n: 40 }] };
  assert.deepEqual(needsOf(bad, [{ person: 1, name: 'A', answers: 50, skips: 0, active_ms: 0, last_at: null, agreement: { mean: 0.1, tasks: 100 } }], [], { paused: true, failed: null }).map(n => n.what),
    ['agreement', 'disputed', 'person', 'paused', 'skips']);
});

test('agreement about a label counts both sides of a pair', () => {
  assert.equal(labelAgreement({ control: 'c', label: 'l', tasks: 50, answers: 0, agreed: 0, both: 30, one: 20 })!.value, 0.75);
  assert.equal(labelAgreement({ control: 'c', label: 'l', tasks: 0, answers: 3, agreed: 0, both: 0, one: 0 }), null);
});

test('a square of labels is the same from both sides, and has nothing last', () => {
  const s = squareOf([{ a: 'a', b: 'a', n: 3 }, { a: 'a', b: 'b', n: 2 }, { a: '', b: 'b', n: 1 }]);
  assert.deepEqual(s, { labels: ['a', 'b', ''], cells: [[6, 2, 0], [2, 0, 1], [0, 1, 0]], sums: [8, 3, 1] });
});

test('a file for a spreadsheet runs nothing', () => {
  assert.equal(csvText([{ name: 'a' }, { name: 'b' }], [['=1+1', 'x,"y"'], [null, 3]]), '\ufeffa,b\r\n\'=1+1,"x,""y"""\r\n,3\r\n');
});
