import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  area2, boxFrom, boxPct, boxPx, clampShift, corners, ellipseHull, fit, handleAt, HANDLES, moveBox, nearestEdge, normal, pointsPct, pointsPx,
  resizeBox, toPicture, toScreen, turn, turnBox, zoomAt, keepInSight, type Box,
} from './geometry';

const S = { w: 800, h: 600 };
const near = (a: number, b: number, eps = 1e-6): void => assert.ok(Math.abs(a - b) <= eps, `${a} is not ${b}`);

test('percent and pixels turn into each other', () => {
  const v = { x: 12.5, y: 25, width: 50, height: 10, rotation: 30 };
  const b = boxPx(v, S);
  assert.deepEqual(b, { x: 100, y: 150, width: 400, height: 60, rotation: 30 });
  assert.deepEqual(boxPct(b, S), v);
});

test('a box turns clockwise about its top-left corner in pixel space', () => {
  const [tl, tr, br, bl] = corners({ x: 100, y: 100, width: 50, height: 20, rotation: 90 });
  near(tl.x, 100); near(tl.y, 100);
  near(tr.x, 100); near(tr.y, 150);
  near(br.x, 80); near(br.y, 150);
  near(bl.x, 80); near(bl.y, 100);
});

test('a drawn box is the same from any corner and stays on the picture', () => {
  const b = boxFrom({ x: 300, y: 500 }, { x: -40, y: 900 }, S);
  assert.deepEqual(b, { x: 0, y: 500, width: 300, height: 100, rotation: 0 });
});

test('moving stops at the edge, for turned boxes by their hull', () => {
  const b = moveBox({ x: 700, y: 10, width: 50, height: 50, rotation: 0 }, { x: 500, y: -500 }, S);
  assert.equal(b.x, 750); assert.equal(b.y, 0);
  const r = moveBox({ x: 100, y: 100, width: 60, height: 60, rotation: 45 }, { x: -500, y: 0 }, S);
  near(Math.min(...corners(r).map((p) => p.x)), 0);
});

test('a shape larger than the picture may still be moved back', () => {
  const k = clampShift([{ x: -50, y: 0 }, { x: 900, y: 100 }], { x: 10, y: 0 }, S);
  assert.equal(k.x, 10);
});

for (const rotation of [0, 33, 90, 200]) {
  for (const h of HANDLES) {
    test(`handle ${h} of a box turned by ${rotation} follows the pointer and the other side stays`, () => {
      const b: Box = { x: 300, y: 250, width: 120, height: 80, rotation };
      const opposite = ({ nw: 'se', n: 's', ne: 'sw', e: 'w', se: 'nw', s: 'n', sw: 'ne', w: 'e' } as const)[h];
      const from = handleAt(b, h), fixed = handleAt(b, opposite);
      const d = turn({ x: h.includes('e') ? 10 : h.includes('w') ? -10 : 0, y: h.startsWith('s') ? 7 : h.startsWith('n') ? -7 : 0 }, rotation);
      const after = resizeBox(b, h, { x: from.x + d.x, y: from.y + d.y }, S);
      const still = handleAt(after, opposite);
      near(still.x, fixed.x); near(still.y, fixed.y);
      near(after.width, b.width + (h.includes('e') || h.includes('w') ? 10 : 0));
      near(after.height, b.height + (h.startsWith('n') || h.startsWith('s') ? 7 : 0));
    });
  }
}

test('a side dragged across the other turns the box over, never negative', () => {
  const b = resizeBox({ x: 100, y: 100, width: 50, height: 50, rotation: 0 }, 'e', { x: 40, y: 0 }, S);
  assert.deepEqual(b, { x: 40, y: 100, width: 60, height: 50, rotation: 0 });
});

test('the turning handle is where it is drawn: no jump at the first move', () => {
  const b: Box = { x: 300, y: 250, width: 120, height: 80, rotation: 20 };
  const p = turn({ x: 60, y: -24 }, 20);
  near(turnBox(b, { x: 300 + p.x, y: 250 + p.y }, 24, false).rotation, 20, 1e-4);
  assert.equal(turnBox(b, { x: 300 + p.x, y: 250 + p.y }, 24, true).rotation, 15);
});

test('degrees are kept from 0 to below 360', () => {
  assert.equal(normal(-30), 330);
  assert.equal(normal(720), 0);
});

test('the nearest edge of a polygon takes a new point', () => {
  const p = pointsPx([[0, 0], [100, 0], [100, 100], [0, 100]], S);
  const e = nearestEdge(p, { x: 790, y: 300 });
  assert.equal(e.edge, 1); near(e.at.x, 800);
  assert.deepEqual(pointsPct([e.at], S), [[100, 50]]);
  assert.ok(Math.abs(area2(p)) === 2 * 800 * 600);
});

test('strange numbers and points do no harm', () => {
  assert.deepEqual(boxPx({ x: 'a', y: NaN, width: null }, S), { x: 0, y: 0, width: 0, height: 0, rotation: 0 });
  assert.deepEqual(pointsPx([[1], 'x', null, [50, 50]], S), [{ x: 400, y: 300 }]);
  assert.deepEqual(pointsPx(undefined, S), []);
});

test('the hull of a turned ellipse', () => {
  const [a, b] = ellipseHull({ x: 100, y: 100, radiusX: 40, radiusY: 10, rotation: 90 });
  near(a!.x, 90); near(b!.x, 110); near(a!.y, 60); near(b!.y, 140);
});

test('zooming keeps the point under the pointer', () => {
  const v = fit(S, { w: 1000, h: 1000 });
  const p = { x: 333, y: 444 }, before = toPicture(v, p), z = zoomAt(v, p, 3);
  const after = toScreen(z, before);
  near(after.x, p.x); near(after.y, p.y);
  assert.ok(zoomAt(v, p, 1e9).k <= 40);
});

test('the picture cannot be lost by panning', () => {
  const v = keepInSight({ k: 1, x: -5000, y: 5000 }, S, { w: 400, h: 300 });
  assert.ok(v.x + S.w >= 48 && v.y <= 300 - 48);
});
