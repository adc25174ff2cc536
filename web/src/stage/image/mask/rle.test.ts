import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bucket, cut, smooth, spread, stroke, wand } from './fill';
import { saysClear } from './png';
import { MaskError, pack, unpack } from './rle';
import golden from './rle.golden.json';

const all = (m: Uint8Array): number => m.reduce((n, v) => n + (v ? 1 : 0), 0);

test('masks of Label Studio unpack to their pixels and pack to the same bytes', () => {
  for (const g of golden) {
    const m = unpack(g.rle, g.width * g.height);
    assert.equal(all(m), g.painted, g.name);
    assert.deepEqual(pack(m), g.rle, g.name);
  }
});

test('any mask comes back; what is cut off or not of this picture is refused', () => {
  let seed = 1;
  for (const [w, h] of [[1, 1], [3, 2], [64, 64], [300, 300]] as const) {
    const m = new Uint8Array(w * h).map(() => (seed = seed * 16807 % 2147483647) % 3 ? 0 : 255);
    assert.deepEqual(unpack(pack(m), w * h), m);
    assert.throws(() => unpack(pack(m), w * h + 1), MaskError);
    assert.throws(() => unpack(pack(m).slice(0, -2), w * h), MaskError);
  }
  assert.throws(() => unpack([]), MaskError);
});

test('a picture says by its format whether something in it may be clear', () => {
  const bytes = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  assert.equal(saysClear(bytes('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGD4DwABBAEAX+XDSwAAAABJRU5ErkJggg==')), true, 'RGBA');
  assert.equal(saysClear(bytes('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg==')), false, 'grey');
  assert.equal(saysClear(bytes('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAAAnRSTlMAAHaTzTgAAAAKSURBVHicY/gPAAEBAQCxOPYUAAAAAElFTkSuQmCC')), true, 'grey with tRNS');
  assert.equal(saysClear(new Uint8Array(3)), true);
});

test('the brush paints pixels whose middle is inside, and the eraser takes the same ones away', () => {
  const m = new Uint8Array(400);
  stroke(m, 20, 20, { x: 10, y: 10 }, { x: 10, y: 10 }, 3, 255);
  assert.equal(all(m), 32);
  stroke(m, 20, 20, { x: -5, y: 10 }, { x: 40, y: 10 }, 2, 255);
  const p = cut(m, 20, 20)!;
  assert.deepEqual([p.x, p.y, p.width, p.height], [0, 7, 20, 6]);
  assert.deepEqual(spread(p, 20, 20), m);
  stroke(m, 20, 20, { x: -5, y: 10 }, { x: 40, y: 10 }, 9, 0);
  assert.equal(cut(m, 20, 20), null);
});

test('the wand takes what is joined and alike; the bucket what is enclosed', () => {
  const w = 30, h = 20, rgba = new Uint8ClampedArray(w * h * 4).fill(20);
  for (let y = 5; y < 15; y++) for (let x = 5; x < 15; x++) rgba.set([200, 200, 200, 255], (y * w + x) * 4);
  for (let y = 5; y < 15; y++) for (let x = 20; x < 25; x++) rgba.set([200, 200, 200, 255], (y * w + x) * 4);
  assert.equal(all(wand(rgba, w, h, 7, 7, 10)), 100, 'the second square is not joined');
  assert.equal(all(wand(rgba, w, h, 0, 0, 10)), w * h - 150);
  assert.equal(all(wand(rgba, w, h, 0, 0, 255)), w * h);
  const m = new Uint8Array(w * h);
  for (let i = 5; i < 15; i++) for (const [x, y] of [[i, 5], [i, 14], [5, i], [14, i]] as const) m[y * w + x] = 255;
  assert.equal(all(bucket(m, w, h, 8, 8)!), 64);
  assert.equal(bucket(m, w, h, 0, 0), null, 'runs to the edge');
  assert.equal(bucket(m, w, h, 5, 5), null, 'is painted');
});

test('smoothing takes single pixels away and leaves a block as it is', () => {
  const m = new Uint8Array(400);
  for (let y = 4; y < 16; y++) m.fill(255, y * 20 + 4, y * 20 + 16);
  m[8 * 20 + 17] = 255;
  const p = cut(m, 20, 20)!;
  smooth(p, 2);
  const s = spread(p, 20, 20);
  assert.equal(s[8 * 20 + 17], 0);
  assert.equal(s[10 * 20 + 10], 255);
  assert.equal(s[4 * 20 + 10], 255);
});
