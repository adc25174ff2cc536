// Pictures, against the real program: every tool by mouse, keyboard and touch; what is saved is what was drawn.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { apiFor, assertAccessible, assertClean, binary, openPage, startBrowser, startServer } from './harness.mjs';

const ann = { email: 'ann@quay.example', password: 'five grey gulls on the mole' };
const W = 400, H = 300;
const SVG = (w = W, h = H) => `data:image/svg+xml;base64,${Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${w}" height="${h}" viewBox="0 0 ${w} ${h}"><rect width="${w}" height="${h}" fill="#c9d8df"/><rect x="100" y="100" width="100" height="80" fill="#a43"/></svg>`).toString('base64')}`;
/** A black and white PNG of w x h with a white block, a few KB however large. */
function png(w, h, block) {
  const row = Math.ceil(w / 8) + 1, raw = Buffer.alloc(row * h), table = Int32Array.from({ length: 256 }, (_, n) => { for (let k = 0; k < 8; k++) n = n & 1 ? n >>> 1 ^ 0xedb88320 : n >>> 1; return n; });
  for (let y = block[1]; y < block[3]; y++) raw.fill(255, y * row + 1 + block[0] / 8, y * row + 1 + block[2] / 8);
  const crc = (b) => { let c = -1; for (const x of b) c = table[(c ^ x) & 255] ^ c >>> 8; return ~c >>> 0; };
  const chunk = (type, data) => { const b = Buffer.alloc(12 + data.length); b.writeUInt32BE(data.length); b.write(type, 4); data.copy(b, 8); b.writeUInt32BE(crc(b.subarray(4, 8 + data.length)), 8 + data.length); return b; };
  const head = Buffer.alloc(13); head.writeUInt32BE(w); head.writeUInt32BE(h, 4); head[8] = 1;
  return `data:image/png;base64,${Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))]).toString('base64')}`;
}
const SHAPES = `<View><Image name="img" value="$image"/>
  <RectangleLabels name="box" toName="img" snap="pixel"><Label value="Car"/><Label value="Bus"/></RectangleLabels>
  <PolygonLabels name="poly" toName="img" snap="pixel"><Label value="Field"/></PolygonLabels>
  <VectorLabels name="line" toName="img" snap="pixel" closable="true"><Label value="Road"/></VectorLabels></View>`;
const MASKS = (bit = 'Brush') => `<View><Image name="img" value="$image"/><${bit}Labels name="m" toName="img"><Label value="Roof"/><Label value="Wall"/></${bit}Labels></View>`;
const LIST = `<View><Image name="img" valueList="$images"/><RectangleLabels name="box" toName="img" snap="pixel"><Label value="Car"/></RectangleLabels>
  <Choices name="kind" toName="img" perItem="true"><Choice value="day"/><Choice value="night"/></Choices></View>`;
const TWO = `<View><Image name="a" value="$a"/><Image name="b" value="$b"/>
  <RectangleLabels name="box" toName="a,b" snap="pixel"><Label value="Car"/></RectangleLabels></View>`;
const OCR = `<View><Image name="img" value="$image"/><Labels name="label" toName="img"><Label value="Text"/></Labels>
  <Rectangle name="bbox" toName="img" snap="pixel"/><TextArea name="words" toName="img" perRegion="true" required="true" maxSubmissions="1"/></View>`;

let server, browser, folder, context;
const cli = (args, input) => execFileSync(binary, [...args, '--data', server.data], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
const made = {};
function project(title, config, rows) {
  const xml = join(folder, 'config.xml'), data = join(folder, 'tasks.jsonl');
  writeFileSync(xml, config);
  writeFileSync(data, rows.map((r) => JSON.stringify({ data: r })).join('\n'));
  const id = JSON.parse(cli(['project', 'add', title, '--config', xml, '--json'])).id;
  cli(['import', '--project', String(id), data]);
  cli(['member', 'add', String(id), ann.email]);
  made[title] = id;
}
const exported = (id) => { const out = join(folder, `out-${id}.json`); cli(['export', '--project', String(id), '--to', 'JSON', '--out', out, '--force']); return JSON.parse(readFileSync(out, 'utf8')).flatMap((x) => x.annotations.map((a) => a.result)); };

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'annotary-image-'));
  browser = await startBrowser();
  server = await startServer();
  await server.kill();
  cli(['init', '--email', 'own@quay.example', '--name', 'Own', '--org', 'Quay', '--password-stdin'], 'nine black cormorants dry\n');
  cli(['user', 'add', ann.email, '--name', 'Ann', '--password-stdin'], `${ann.password}\n`);
  for (const t of ['Shapes', 'Keys', 'Touch', 'Many', 'View', 'Late']) project(t, SHAPES, [{ image: SVG() }]);
  project('Masks', MASKS(), [{ image: SVG() }]);
  project('Bitmasks', MASKS('Bitmask'), [{ image: SVG() }]);
  project('List', LIST, [{ images: [SVG(), SVG(200, 100)] }]);
  project('Two', TWO, [{ a: SVG(), b: SVG(200, 100) }]);
  project('Huge', SHAPES, [{ image: png(8000, 6000, [4000, 3000, 4800, 3600]) }]);
  project('OCR', OCR, [{ image: SVG() }]);
  await server.begin();
  context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const reply = await context.request.post(`${server.base}/api/session`, { data: ann, headers: { Origin: server.base } });
  assert.ok(reply.ok());
});
after(async () => { await browser?.close(); await server?.stop(); if (folder) rmSync(folder, { recursive: true, force: true }); });

async function open(title, from = context, o = {}) {
  const page = await openPage(from, server.base, o);
  await page.goto(`${server.base}/projects/${made[title]}/annotate`);
  return { page, pic: await onPicture(page) };
}
async function onPicture(page, whole = true) {
  await page.waitForFunction(() => document.querySelector('.pic-img')?.complete && document.querySelector('.img-stage .over > g[transform]'));
  if (whole) await page.waitForFunction(() => !document.querySelector('.over[aria-busy]') && document.querySelector('.aside :is(.rlist, .none)'));
  const at = async (x, y) => {
    const box = await page.locator('.img-stage').boundingBox();
    return page.evaluate(([l, t, px, py]) => { const m = document.querySelector('.over > g').transform.baseVal.consolidate().matrix; return [l + m.a * px + m.c * py + m.e, t + m.b * px + m.d * py + m.f]; }, [box.x, box.y, x, y]);
  };
  return {
    at,
    click: async (x, y, o) => page.mouse.click(...await at(x, y), o),
    drag: async (...points) => { await page.mouse.move(...await at(...points[0])); await page.mouse.down(); for (const p of points.slice(1)) await page.mouse.move(...await at(...p), { steps: 4 }); await page.mouse.up(); },
  };
}
const rows = (page) => page.locator('.rlist > li');
const esc = (page) => page.keyboard.press('Escape');
async function submitted(page, title) {
  await page.keyboard.press('Control+Enter');
  for (let n = 0; n < 250; n++) { const r = exported(made[title]); if (r.length) { assertClean(page); return r[0]; } await new Promise((done) => setTimeout(done, 100)); }
  throw new Error(`no answer to ${title}`);
}
function same(actual, expected, path = 'result') {
  if (typeof expected === 'number') { assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${path}: ${actual} is not ${expected}`); return; }
  if (Array.isArray(expected)) { assert.equal(actual?.length, expected.length, `${path}: ${JSON.stringify(actual)}`); expected.forEach((x, i) => same(actual[i], x, `${path}[${i}]`)); return; }
  if (expected && typeof expected === 'object') { for (const k of Object.keys(expected)) same(actual?.[k], expected[k], `${path}.${k}`); return; }
  assert.equal(actual, expected, path);
}
const pct = (points, w = W, h = H) => points.map(([x, y]) => [x / w * 100, y / h * 100]);

test('by mouse: square, turned box, polygon and its points, line; several at once; order', async () => {
  const { page, pic } = await open('Shapes');
  await page.keyboard.press('1');
  await page.keyboard.down('Shift'); await pic.drag([20, 20], [60, 40]); await page.keyboard.up('Shift');         // a square
  await esc(page);
  await page.keyboard.press('Shift+R');
  await pic.click(100, 20); await pic.click(160, 20); await pic.click(130, 60);                                    // three points
  await esc(page);
  await page.keyboard.press('3');
  for (const p of [[200, 20], [280, 20], [280, 80], [200, 80]]) await pic.click(...p);
  await page.keyboard.press('Enter');
  await pic.drag([240, 20], [240, 10]);                                                                             // the middle of an edge becomes a point
  await pic.click(280, 80, { clickCount: 2 });                                                                      // and a double click takes one away
  await esc(page);
  await page.keyboard.press('4');
  for (const p of [[20, 200], [60, 240], [100, 200]]) await pic.click(...p);
  await pic.click(140, 240, { clickCount: 2 });
  assert.equal(await rows(page).count(), 4);
  await esc(page);
  await page.keyboard.press('v');
  await pic.click(40, 40); await page.keyboard.down('Shift'); await pic.click(130, 40); await page.keyboard.up('Shift');
  await pic.drag([40, 40], [50, 150]);                                                                              // both move, in one step
  await page.keyboard.press('Control+z'); await page.keyboard.press('Control+Shift+Z');
  await esc(page);
  await rows(page).nth(0).locator('.rsel').click();
  await page.getByRole('button', { name: 'Above all' }).click();
  await page.getByRole('button', { name: 'The list as a whole' }).click();
  await page.getByLabel('Group the list').selectOption('label');
  assert.deepEqual(await page.locator('.ghead').allInnerTexts(), ['Car (2)', 'Field (1)', 'Road (1)']);
  await page.getByRole('button', { name: 'Lock all regions' }).click();
  await page.locator('.img-stage .over').focus();
  await page.keyboard.press('ArrowRight');                                                                          // a locked one stays
  await assertAccessible(page, 'grouped list');
  const r = await submitted(page, 'Shapes');
  same(r.map((x) => x.type), ['rectanglelabels', 'polygonlabels', 'vectorlabels', 'rectanglelabels']);
  same(r[3].value, { x: 7.5, y: 130 / 3, width: 10, height: 40 / 3, rotation: 0, rectanglelabels: ['Car'] });
  same(r[0].value, { x: 27.5, y: 130 / 3, width: 15, height: 40 / 3, rotation: 0 });
  same(r[1].value, { points: pct([[200, 20], [240, 10], [280, 20], [200, 80]]), closed: true, polygonlabels: ['Field'] });
  const v = r[2].value;
  same(v.vertices.map((q) => [q.x, q.y]), pct([[20, 200], [60, 240], [100, 200], [140, 240]]));
  same(v.vertices.map((q) => q.prevPointId), [null, ...v.vertices.slice(0, -1).map((q) => q.id)]);
  same([v.closed, v.vectorlabels, v.vertices[0].isBezier], [false, ['Road'], false]);
  for (const x of r) same(x, { original_width: W, original_height: H, image_rotation: 0, to_name: 'img', origin: 'manual' });
  await page.close();
});

test('by keyboard alone: a polygon and a line, sized, nudged, given up', async () => {
  const { page } = await open('Keys');
  const press = async (...list) => { for (const k of list) await page.keyboard.press(k); };
  await press('3', 'Enter', 'Enter', ...Array(4).fill('Shift+ArrowRight'), 'Enter', ...Array(4).fill('Shift+ArrowDown'), 'Enter', 'Enter');
  assert.equal(await rows(page).count(), 1);
  await press('Control+Shift+ArrowRight', 'ArrowLeft', 'Escape', '4', 'Enter', 'Enter', 'Shift+ArrowUp', 'Enter', 'Backspace', 'Escape');   // the label stays in hand
  assert.equal(await rows(page).count(), 1, 'what is given up leaves nothing');
  await press('Enter', 'Enter', 'Shift+ArrowUp', 'Enter', 'Enter');
  const r = await submitted(page, 'Keys');
  same(r.map((x) => x.type), ['polygonlabels', 'vectorlabels']);
  same(r[0].value.points, pct([[199, 150], [249, 150], [249, 190]]));
  same(r[1].value.vertices.map((q) => [q.x, q.y]), pct([[200, 150], [200, 140]]));
  await page.close();
});

test('brush, eraser, wand and bucket: the mask that is saved is the one that was painted', async () => {
  const { page, pic } = await open('Masks');
  await page.keyboard.press('1');
  await pic.drag([40, 40], [90, 40]);
  await rows(page).first().waitFor();
  await pic.drag([40, 60], [90, 60]);                                         // the chosen mask grows
  await page.keyboard.press('e');
  await pic.drag([65, 30], [65, 70]);
  await esc(page);
  await page.keyboard.press('w');
  await page.keyboard.press('2');
  await pic.click(150, 140);                                                  // the red block
  await rows(page).nth(1).waitFor();
  await page.keyboard.press('Control+z'); await page.keyboard.press('Control+Shift+Z');
  await esc(page);
  await page.keyboard.press('b');
  await page.keyboard.press('1');
  await pic.drag([260, 60], [340, 60], [340, 140], [260, 140], [260, 60]);    // a ring …
  await rows(page).nth(2).waitFor();
  await page.keyboard.press('Shift+B');
  await pic.click(300, 100);                                                  // … and what it encloses
  await page.waitForFunction(() => document.querySelector('.masklay')?.width === 0);
  await assertAccessible(page, 'masks');
  const r = await submitted(page, 'Masks');
  same(r.map((x) => [x.type, x.value.format, x.value.brushlabels]), [['brushlabels', 'rle', ['Roof']], ['brushlabels', 'rle', ['Wall']], ['brushlabels', 'rle', ['Roof']]]);
  const masks = r.map((x) => unpack(x.value.rle));
  for (const m of masks) assert.equal(m.length, W * H);
  const on = (m, x, y) => m[y * W + x] > 0;
  assert.deepEqual([[45, 40], [45, 60], [65, 40], [85, 60], [20, 20]].map(([x, y]) => on(masks[0], x, y)), [true, true, false, true, false]);
  const count = masks[1].reduce((n, v) => n + (v ? 1 : 0), 0);
  assert.ok(Math.abs(count - 8000) < 120, `the block has ${count} pixels`);
  assert.ok(on(masks[2], 300, 100) && on(masks[2], 260, 60) && !on(masks[2], 230, 60));
  await page.close();
});

test('a bitmask is a picture of the same size, and comes back after a reload', async () => {
  const { page, pic } = await open('Bitmasks', context, { allow: [/willReadFrequently/] });
  await page.keyboard.press('1');
  await pic.drag([40, 40], [90, 40]);
  await rows(page).first().waitFor();
  await page.locator('.saved', { hasText: /^Saved$/ }).waitFor();
  await page.reload();
  await onPicture(page);
  await page.waitForFunction(() => { const c = [...document.querySelectorAll('.paint')].find((x) => !x.hidden), g = document.querySelector('.over > g').transform.baseVal.consolidate().matrix; return c?.getContext('2d').getImageData(g.a * 60 + g.e, g.d * 40 + g.f, 1, 1).data[3] > 50; });
  const r = await submitted(page, 'Bitmasks');
  same([r.length, r[0].type, r[0].value.bitmasklabels], [1, 'bitmasklabels', ['Roof']]);
  const png = Buffer.from(/^data:image\/png;base64,(.+)$/.exec(r[0].value.imageDataURL)[1], 'base64');
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [W, H]);
  await page.close();
});

test('several pictures: a list, and two tags; each shape knows its picture', async () => {
  const { page, pic } = await open('List');
  await page.keyboard.press('1');
  await pic.drag([20, 20], [60, 50]);
  await esc(page);
  await page.keyboard.press('PageDown');
  await page.waitForFunction(() => document.querySelector('.pic-img')?.naturalWidth === 200);
  await pic.drag([20, 20], [60, 50]);
  await page.getByRole('radio', { name: 'night' }).click();
  await rows(page).nth(0).locator('.rsel').click();                           // its picture comes along
  await page.waitForFunction(() => document.querySelector('.pic-img')?.naturalWidth === 400);
  await assertAccessible(page, 'list of pictures');
  const r = await submitted(page, 'List');
  same(r.filter((x) => x.type === 'rectanglelabels').map((x) => [x.item_index, x.original_width, x.value.x, x.value.width]), [[0, W, 5, 10], [1, 200, 10, 20]]);
  same(r.filter((x) => x.type === 'choices').map((x) => [x.item_index, x.value.choices]), [[1, ['night']]]);
  await page.close();
  const two = await open('Two');
  await two.page.keyboard.press('1');
  await two.pic.drag([20, 20], [60, 50]);
  await two.page.getByRole('button', { name: 'Picture 2' }).click();
  await two.page.waitForFunction(() => document.querySelector('.pic-img')?.naturalWidth === 200);
  await two.pic.drag([20, 20], [60, 50]);
  const s = await submitted(two.page, 'Two');
  same(s.map((x) => [x.to_name, x.original_width, 'item_index' in x]), [['a', W, false], ['b', 200, false]]);
  await two.page.close();
});

test('text of a region: asked where it was drawn, saved with its place', async () => {
  const { page, pic } = await open('OCR');
  await page.keyboard.press('1');
  await pic.drag([20, 20], [120, 50]);
  const words = page.locator('.detail textarea, .detail input:not([type=number])').first();
  await words.fill('Pier 4');
  await words.press('Enter');
  const r = await submitted(page, 'OCR');
  same(r.map((x) => x.type), ['rectangle', 'labels', 'textarea']);
  for (const x of r) same([x.id, x.value.x, x.value.width], [r[0].id, 5, 25]);
  same(r[2].value.text, ['Pier 4']);
  await page.close();
});

test('the view: turned, lighter, nearer; what is stored stays the same', async () => {
  const { page, pic } = await open('View');
  await page.getByRole('button', { name: 'View of the picture' }).click();
  await page.getByRole('button', { name: 'Turn the view right' }).click();
  await page.getByLabel('Brightness').fill('150');
  await page.getByLabel('Snap to corners and edges').check();
  await page.getByLabel('Grid').check();
  await assertAccessible(page, 'view panel');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('1');
  await pic.drag([50, 50], [150, 100]);
  assert.match(await page.locator('.over > g').first().getAttribute('transform'), /rotate\(90\)/);
  await esc(page);
  const before = await pic.at(120, 90);
  await page.mouse.move(...before); await page.keyboard.down('Control'); await page.mouse.wheel(0, -200); await page.keyboard.up('Control');
  await page.waitForFunction(() => !/ scale\(0/.test(document.querySelector('.over > g').getAttribute('transform')));
  const now = await pic.at(120, 90);
  assert.ok(Math.hypot(now[0] - before[0], now[1] - before[1]) < 1.5, 'zoom keeps what is under the pointer');
  const r = await submitted(page, 'View');
  same(r[0], { image_rotation: 0, value: { x: 12.5, y: 50 / 3, width: 25, height: 50 / 3, rotation: 0 } });
  await page.close();
});

test('by touch: one finger draws, two zoom and draw nothing; a pen draws and then the hand only moves', async () => {
  const phone = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await phone.request.post(`${server.base}/api/session`, { data: ann, headers: { Origin: server.base } });
  const { page, pic } = await open('Touch', phone), cdp = await phone.newCDPSession(page);
  const touch = (type, points) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], n) => ({ x, y, id: n })) });
  await page.getByRole('radio', { name: 'Field' }).tap();
  for (const p of [[40, 40], [120, 40], [120, 100], [40, 40]]) { const q = await pic.at(...p); await touch('touchStart', [q]); await touch('touchEnd', []); }
  await rows(page).first().waitFor();
  const pen = async (type, x, y) => { const [px, py] = await pic.at(x, y); await cdp.send('Input.dispatchMouseEvent', { type, x: px, y: py, button: 'left', buttons: type === 'mouseReleased' ? 0 : 1, clickCount: 1, pointerType: 'pen' }); };
  await page.getByRole('radio', { name: 'Bus' }).tap();
  await pen('mousePressed', 200, 40); await pen('mouseMoved', 230, 60); await pen('mouseMoved', 260, 80); await pen('mouseReleased', 260, 80);
  await rows(page).nth(1).waitFor();
  const f = await pic.at(300, 200), g = await pic.at(340, 240);               // a finger after the pen moves the picture
  await touch('touchStart', [f]); await touch('touchMove', [g]); await touch('touchEnd', []);
  const a = await pic.at(200, 100), b = await pic.at(260, 160);
  await touch('touchStart', [a, b]); await touch('touchMove', [[a[0] - 20, a[1] - 20], [b[0] + 20, b[1] + 20]]); await touch('touchEnd', []);
  assert.equal(await rows(page).count(), 2);
  await page.getByRole('button', { name: 'Submit' }).tap();
  let r;
  for (let n = 0; n < 250 && !(r = exported(made.Touch)[0]); n++) await new Promise((done) => setTimeout(done, 100));
  same(r[0].value.points, pct([[40, 40], [120, 40], [120, 100]]), 'touch');
  same(r[1].value, { x: 50, y: 40 / 3, width: 15, height: 40 / 3, rectanglelabels: ['Bus'] }, 'pen');
  assertClean(page);
  await phone.close();
});

test('what is done before the editor of shapes is there is done when it is, in its order', async () => {
  const page = await openPage(context, server.base), held = {};
  const gate = new Promise((done) => { held.go = done; });
  await page.route(/\/assets\/shapes-[^/]*\.js$/, async (r) => { await gate; await r.continue(); });
  await page.goto(`${server.base}/projects/${made.Late}/annotate`);
  const pic = await onPicture(page, false), stage = page.getByRole('group', { name: 'Picture to annotate' });
  assert.equal(await stage.getAttribute('aria-busy'), 'true');
  await assertAccessible(page, 'picture alone');
  await page.keyboard.press('2');                                             // labels and tools answer at once
  assert.equal(await page.getByRole('radio', { name: 'Bus' }).getAttribute('aria-checked'), 'true');
  assert.equal(await page.getByRole('button', { name: 'Box', exact: true }).getAttribute('aria-pressed'), 'true');
  await pic.drag([40, 40], [120, 100]);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Control+Enter');                                 // nor does the answer leave without the box
  assert.equal(await page.locator('.aside .count').innerText(), '0');
  held.go();
  let r;
  for (let n = 0; n < 250 && !(r = exported(made.Late)[0]); n++) await new Promise((done) => setTimeout(done, 100));
  same(r.map((x) => x.value), [{ x: 41 / 4, y: 40 / 3, width: 20, height: 20, rotation: 0, rectanglelabels: ['Bus'] }]);
  assertClean(page);
  await page.close();
});

test('two thousand shapes: all in the list, few in the page; found by pointer and by key', async () => {
  const api = await apiFor(context, server.base), got = await api('POST', `/api/projects/${made.Many}/leases`, { n: 1, have: [] }), lease = (got.leases ?? got)[0];
  const result = Array.from({ length: 2000 }, (_, i) => ({ id: `s${i}`, from_name: 'box', to_name: 'img', type: 'rectanglelabels', original_width: W, original_height: H, image_rotation: 0, value: { x: i % 50 * 2, y: Math.floor(i / 50) * 2.5, width: 1.5, height: 2, rotation: 0, rectanglelabels: ['Car'] } }));
  await api('PUT', `/api/leases/${lease.lease}/draft`, { epoch: lease.epoch, result, counter: 1, active_ms: 0 });
  const { page, pic } = await open('Many');
  await page.locator('.aside .count', { hasText: '2000' }).waitFor();
  assert.ok(await rows(page).count() < 120);
  await page.keyboard.press('v');
  await pic.click(50 * 4 - 6 + 0.5, 20 * 7.5 + 3);                             // region 20 * 50 + 24 = 1024, from 0
  await page.locator('[data-row="s1024"].sel').waitFor();
  assert.equal(await page.locator('[data-row="s1024"]').getAttribute('aria-posinset'), '1025');
  await page.locator('[data-row="s1024"] .rsel').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
  await page.locator('[data-row="s1027"].sel').waitFor();
  await page.keyboard.press('Delete');
  await page.locator('.aside .count', { hasText: '1999' }).waitFor();
  await page.locator('.saved', { hasText: /^Saved$/ }).waitFor();              // half a megabyte, by way of the worker
  await page.reload();
  await page.locator('.aside .count', { hasText: '1999' }).waitFor();
  await onPicture(page);
  await page.keyboard.press('Control+z');                                     // the history came along
  await page.locator('.aside .count', { hasText: '2000' }).waitFor();
  assertClean(page);
  await page.close();
});

test('a huge picture comes in pieces, and shapes stand where they stood', async () => {
  const { page, pic } = await open('Huge', context, { allow: [/willReadFrequently/] });
  const light = async (x, y) => { const [px, py] = await pic.at(x, y), box = await page.locator('.img-stage').boundingBox(); return page.evaluate(([l, t]) => document.querySelector('.tiles')?.width ? document.querySelector('.tiles').getContext('2d').getImageData(l, t, 1, 1).data.join() : '', [px - box.x, py - box.y]); };
  const until = async (f, want) => { for (let n = 0; n < 250; n++) { if (await f() === want) return; await new Promise((done) => setTimeout(done, 100)); } assert.equal(await f(), want); };
  await until(() => light(4400, 3300), '255,255,255,255');
  await until(() => light(1000, 1000), '0,0,0,255');
  await page.keyboard.press('1');
  await pic.drag([4000, 3000], [4800, 3600]);
  await page.keyboard.press('Shift+2');                                       // full size, about the middle
  await page.getByRole('button', { name: 'Bring this region near' }).click();
  await until(() => light(4010, 3010), '255,255,255,255');
  await until(() => light(3990, 2990), '0,0,0,255');
  const r = await submitted(page, 'Huge');
  assert.ok(Math.abs(r[0].value.x - 50) < 0.2 && Math.abs(r[0].value.width - 10) < 0.4 && r[0].original_width === 8000);
  await page.close();
});

/* Brush masks, read as the description says. */
function unpack(bytes) {
  let at = 0;
  const take = (k) => { let v = 0; for (let i = 0; i < k; i++, at++) v = v * 2 + (bytes[at >> 3] >> 7 - (at & 7) & 1); return v; };
  const words = take(32), bits = take(5) + 1, sizes = [0, 0, 0, 0].map(() => take(4) + 1), out = new Uint8Array(words / 4);
  for (let i = 0; i < words;) {
    const run = take(1), count = take(sizes[take(2)]) + 1;
    let v = run ? take(bits) : 0;
    for (let k = i; k < i + count; k++) { if (!run) v = take(bits); if (k % 4 === 3) out[k >> 2] = v; }
    i += count;
  }
  return out;
}
