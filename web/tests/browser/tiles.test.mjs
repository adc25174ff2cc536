// A picture of 1.2 gigapixels, in tiles on the server: only what is in sight is fetched and held, at the level that fits the
// zoom, and what is drawn has the numbers of the whole picture.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { assertAccessible, assertClean, openPage } from './harness.mjs';
import { desk, until } from './desk.mjs';

const W = 40_000, H = 30_000, TILE = 1000, TOP = 16;                          // levels 0 to 16
const CONFIG = `<View><Image name="img" value="$image"/><RectangleLabels name="box" toName="img"><Label value="Nest"/></RectangleLabels>
  <BrushLabels name="m" toName="img"><Label value="Reed"/></BrushLabels></View>`;

/* A grey square. Level 16 is a chess board of 210 and 150; every other level has a grey of its own. */
function png(grey) {
  const chunk = (type, data) => { const b = Buffer.alloc(12 + data.length); b.writeUInt32BE(data.length); b.write(type, 4); data.copy(b, 8); b.writeUInt32BE(crc(b.subarray(4, 8 + data.length)), 8 + data.length); return b; };
  const head = Buffer.alloc(13), raw = Buffer.alloc((TILE + 1) * TILE, grey);
  head.writeUInt32BE(TILE); head.writeUInt32BE(TILE, 4); head[8] = 8;
  for (let y = 0; y < TILE; y++) raw[y * (TILE + 1)] = 0;
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))]);
}
const table = Int32Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? n >>> 1 ^ 0xedb88320 : n >>> 1; return n; });
const crc = (b) => { let c = -1; for (const x of b) c = table[(c ^ x) & 255] ^ c >>> 8; return ~c >>> 0; };
const greyOf = (level) => 20 + 5 * level;

function pyramid(folder) {
  const even = png(210), odd = png(150);
  mkdirSync(join(folder, 'marsh_files'), { recursive: true });
  writeFileSync(join(folder, 'marsh.dzi'), `<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="png" Overlap="0" TileSize="${TILE}"><Size Width="${W}" Height="${H}"/></Image>`);
  for (let l = 0; l <= TOP; l++) {
    const by = 2 ** (TOP - l), w = Math.ceil(W / by), h = Math.ceil(H / by), one = l === TOP ? null : png(greyOf(l)), to = join(folder, 'marsh_files', String(l));
    mkdirSync(to);
    for (let y = 0; y * TILE < h; y++) for (let x = 0; x * TILE < w; x++) writeFileSync(join(to, `${x}_${y}.png`), one ?? ((x + y) % 2 ? odd : even));
  }
  return folder;
}

let d, id, context;
before(async () => {
  d = await desk();
  id = d.project('Marsh', CONFIG, pyramid(join(d.folder, 'marsh')));
  context = await d.enter();
});
after(async () => { await d?.stop(); });

async function open(allow = []) {
  const page = await openPage(context, d.server.base, { allow: [/willReadFrequently/, ...allow] });
  await page.goto(`${d.server.base}/projects/${id}/annotate`);
  const drawn = () => page.evaluate(() => { const t = document.querySelector('.tiles'); return t && { ...t.dataset }; });
  /* Until everything that is wanted at a level is on the screen. */
  const settled = (level) => until(`level ${level}`, async () => { const s = await drawn(); return s && Number(s.level) === level && s.here === s.wanted && s; });
  const at = async (x, y) => {
    const box = await page.locator('.img-stage').boundingBox();
    return page.evaluate(([l, t, px, py]) => { const m = document.querySelector('.over > g').transform.baseVal.consolidate().matrix; return [l + m.a * px + m.c * py + m.e, t + m.b * px + m.d * py + m.f]; }, [box.x, box.y, x, y]);
  };
  const grey = async (x, y) => {
    const [px, py] = await at(x, y), box = await page.locator('.img-stage').boundingBox();
    return page.evaluate(([l, t]) => document.querySelector('.tiles').getContext('2d').getImageData(l, t, 1, 1).data[0], [px - box.x, py - box.y]);
  };
  return { page, drawn, settled, at, grey };
}

test('the pieces in sight are fetched, at the level of the zoom, and few of them are held', async () => {
  const { page, settled, grey } = await open(), asked = [];
  page.on('request', (r) => { if (r.url().includes('_files/')) asked.push(r.url()); });
  const far = await settled(5);                                               // the whole, at a thirty-second
  assert.equal(await grey(20_000, 15_000), greyOf(TOP - 5));
  await page.getByText('Too large for brush and wand').waitFor();
  assert.equal(await page.getByRole('button', { name: /^Brush/ }).count(), 0);
  assert.ok(await page.locator('.overview').isHidden());
  await page.locator('.img-stage svg.over').focus();
  await page.keyboard.press('Shift+2');                                       // full size, about the middle
  const near = await settled(0);
  for (const [x, y] of [[19_990, 14_990], [20_010, 15_010]]) assert.equal(await grey(x, y), 150, `${x}, ${y}`);
  for (const [x, y] of [[20_010, 14_990], [19_990, 15_010]]) assert.equal(await grey(x, y), 210, `${x}, ${y}`);
  assert.equal(await grey(20_000, 15_000), 150);                              // no seam where four meet
  assert.ok(await page.locator('.overview').isVisible());
  assert.ok(Number(far.held) <= 8 && Number(near.held) <= 12, `${far.held}, ${near.held} held`);
  assert.ok(asked.length < 30, `${asked.length} pieces were fetched`);
  // A walk across the picture: what was passed is let go, and nothing piles up.
  const box = await page.locator('.overview').boundingBox();
  await page.mouse.move(box.x + 10, box.y + 20);
  await page.mouse.down();
  for (let i = 0; i <= 24; i++) await page.mouse.move(box.x + 10 + 6 * i, box.y + 20 + 3 * i);
  await page.mouse.up();
  const walked = await settled(0);
  assert.ok(Number(walked.held) <= 40 && Number(walked.waiting) <= 6, JSON.stringify(walked));
  // Turned, lighter, with a grid: as any picture.
  await page.getByRole('button', { name: 'View' }).click();
  await page.getByRole('button', { name: /right/ }).click();
  await page.getByLabel('Grid').check();
  await settled(0);
  assert.ok([150, 210].includes(await page.evaluate(() => { const t = document.querySelector('.tiles'); return t.getContext('2d').getImageData(t.width >> 1, t.height >> 1, 1, 1).data[0]; })));
  await assertAccessible(page);
  assertClean(page);
  await page.close();
});

test('what is drawn at full size has the numbers of the whole picture', async () => {
  const { page, settled, at, grey } = await open();
  await settled(5);
  await page.locator('.img-stage svg.over').focus();
  await page.keyboard.press('Shift+2');
  await settled(0);
  await page.locator('.img-stage svg.over:not([aria-busy])').waitFor();
  await page.keyboard.press('1');
  await page.mouse.move(...await at(19_900, 14_925));
  await page.mouse.down();
  for (const p of [[20_000, 15_000], [20_100, 15_075]]) await page.mouse.move(...await at(...p), { steps: 3 });
  await page.mouse.up();
  await page.locator('.rlist > li').first().waitFor();
  assert.equal(await grey(20_050, 15_050), 150);
  await page.keyboard.press('Control+Enter');
  const [task] = await until('the answer', () => { const out = d.exported(id); return out[0]?.annotations.length ? out : null; });
  const [r] = task.annotations[0].result, near = (a, b) => assert.ok(Math.abs(a - b) < 0.01, `${a} is not ${b}`);
  assert.match(task.data.image, /^\/media\/\d+\/[0-9a-f]{64}\.dzi$/);
  assert.deepEqual([r.original_width, r.original_height, r.image_rotation], [W, H, 0]);
  near(r.value.x, 19_900 / W * 100); near(r.value.y, 14_925 / H * 100);
  near(r.value.width, 200 / W * 100); near(r.value.height, 150 / H * 100);
  assertClean(page);
  await page.close();
});

test('a picture in tiles that is not there is said to be missing', async () => {
  const gone = d.project('Gone', CONFIG, [{ image: `/media/1/${'0'.repeat(64)}.dzi` }]);
  const page = await openPage(context, d.server.base, { allow: [/status of 404/] });
  await page.goto(`${d.server.base}/projects/${gone}/annotate`);
  await page.locator('.stage-note[role="alert"]').waitFor();
  assertClean(page);
  await page.close();
});
