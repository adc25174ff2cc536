// Annotating, against the real program: drawing, labelling by key, undo, the keyboard alone, drafts, the queue.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assertAccessible, assertClean, assertFits, axe, binary, goWithin, openPage, startBrowser, startServer } from './harness.mjs';

const ann = { email: 'ann@quay.example', password: 'five grey gulls on the mole' };
const PICTURE = (i) => `<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="960" viewBox="0 0 1200 960"><rect width="1200" height="960" fill="#c9d8df"/><rect x="${200 + i}" y="300" width="240" height="180" fill="#a43"/></svg>`;
const BOXES = `<View><Image name="img" value="$image"/>
  <RectangleLabels name="box" toName="img"><Label value="Car"/><Label value="Bus"/></RectangleLabels>
  <PolygonLabels name="poly" toName="img"><Label value="Crossing"/></PolygonLabels>
  <EllipseLabels name="ell" toName="img"><Label value="Wheel"/></EllipseLabels>
  <KeyPointLabels name="kp" toName="img"><Label value="Lamp"/></KeyPointLabels>
  <Choices name="hid" toName="img" perRegion="true"><Choice value="Whole"/><Choice value="Cut"/></Choices></View>`;
const SPANS = `<View><Labels name="label" toName="text"><Label value="Ship"/><Label value="Port"/></Labels><Text name="text" value="$text"/></View>`;
const PAIRS = `<View><Text name="q" value="$q"/><Pairwise name="better" toName="a,b" required="true"/><Text name="a" value="$a"/><Text name="b" value="$b"/></View>`;
const FORMS = `<View><Text name="text" value="$text"/>
  <Choices name="topic" toName="text" required="true" requiredMessage="Choose a topic."><Choice value="Berths"/><Choice value="Fees"/><Choice value="Other"/></Choices>
  <View visibleWhen="choice-selected" whenTagName="topic" whenChoiceValue="Other"><TextArea name="else" toName="text" required="true"/></View>
  <Rating name="urgent" toName="text"/><Number name="n" toName="text" min="0" max="10"/><DateTime name="d" toName="text" only="date"/>
  <Taxonomy name="tax" toName="text"><Choice value="Ship"><Choice value="Ferry"/></Choice></Taxonomy></View>`;
const TEXT = 'The ferry Aster 👩‍👩‍👧 left Port Lomond.\n货轮抵达青屿港。\nغادرت السفينة ميناء الرمال.';

let server, browser, folder;
const cli = (args, input) => execFileSync(binary, [...args, '--data', server.data], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });

/** Projects are made by the command line, so that these tests do not hang on the pages that make them. */
function project(title, config, rows, overlap = 1) {
  const xml = join(folder, 'config.xml'), data = join(folder, 'tasks.jsonl');
  writeFileSync(xml, config);
  writeFileSync(data, rows.map((r) => JSON.stringify(r)).join('\n'));
  const id = JSON.parse(cli(['project', 'add', title, '--config', xml, '--overlap', String(overlap), '--json'])).id;
  cli(['import', '--project', String(id), data]);
  cli(['member', 'add', String(id), ann.email]);
  return id;
}
const exported = (id) => { const out = join(folder, `out-${id}.json`); cli(['export', '--project', String(id), '--to', 'JSON', '--out', out, '--force']); return JSON.parse(execFileSync('cat', [out], { encoding: 'utf8' })); };
const results = (id) => exported(id).map((x) => x.annotations.map((a) => a.result));

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'annotary-annotate-'));
  browser = await startBrowser();
  server = await startServer();
  await server.kill();
  cli(['init', '--email', 'own@quay.example', '--name', 'Own', '--org', 'Quay', '--password-stdin'], 'nine black cormorants dry\n');
  cli(['user', 'add', ann.email, '--name', 'Ann', '--password-stdin'], `${ann.password}\n`);
  await server.begin();
});
after(async () => { await browser?.close(); await server?.stop(); if (folder) rmSync(folder, { recursive: true, force: true }); });

async function enter(o = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...o });
  const reply = await context.request.post(`${server.base}/api/session`, { data: ann, headers: { Origin: server.base } })
    .catch((e) => { throw new Error(`${e.message}\nthe server said:\n${server.output.slice(-2000)}`); });
  assert.ok(reply.ok(), `login: ${reply.status()} ${await reply.text()}`);
  return context;
}
async function annotate(context, id, ready, o = {}) {
  const page = await openPage(context, server.base, o);
  await page.goto(`${server.base}/projects/${id}/annotate`);
  await page.waitForSelector(ready);
  return page;
}
async function until(what, f, ms = 30_000) {
  for (const end = Date.now() + ms; ;) {
    const v = await f();
    if (v) return v;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((r) => setTimeout(r, 100));
  }
}
const submit = (page) => page.keyboard.press('Control+Enter');
const saved = (page) => page.locator('.saved', { hasText: /^Saved$/ }).waitFor();

/** Equal in shape; numbers to a millionth; ids and times only have to be there. */
function same(actual, expected, path = 'result') {
  if (typeof expected === 'number') { assert.ok(Math.abs(actual - expected) <= 1e-6 * Math.max(1, Math.abs(expected)), `${path}: ${actual} is not ${expected}`); return; }
  if (Array.isArray(expected)) { assert.equal(actual?.length, expected.length, `${path}: ${JSON.stringify(actual)}`); expected.forEach((x, i) => same(actual[i], x, `${path}[${i}]`)); return; }
  if (expected && typeof expected === 'object') { for (const k of Object.keys(expected)) same(actual?.[k], expected[k], `${path}.${k}`); return; }
  assert.equal(actual, expected, path);
}

/** A place on the picture, in its own pixels. */
async function onPicture(page) {
  await page.waitForFunction(() => document.querySelector('.pic-img')?.complete && document.querySelector('.img-stage .over:not([aria-busy]) g[transform]') && document.querySelector('.aside :is(.rlist, .none)'));
  const box = await page.locator('.img-stage').boundingBox();
  const [x, y, k] = await page.evaluate(() => { const m = /translate\(([-\d.]+) ([-\d.]+)\) scale\(([\d.]+)\)/.exec(document.querySelector('.over > g').getAttribute('transform')); return m.slice(1).map(Number); });
  const at = (px, py) => [box.x + x + px * k, box.y + y + py * k];
  return {
    k, at,
    drag: async (a, b) => { await page.mouse.move(...at(...a)); await page.mouse.down(); await page.mouse.move(...at((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)); await page.mouse.move(...at(...b)); await page.mouse.up(); },
    click: (p) => page.mouse.click(...at(...p)),
  };
}
const pictures = (n) => Array.from({ length: n }, (_, i) => ({ data: { image: `data:image/svg+xml;base64,${Buffer.from(PICTURE(i)).toString('base64')}` } }));
const place = (r) => [r.value.x, r.value.y, r.value.width, r.value.height];
const near = (list, want, eps = 0.2) => list.forEach((v, i) => assert.ok(Math.abs(v - want[i]) < eps, `${list} is not ${want}`));

test('picture: boxes, polygon, ellipse, point by mouse; label by key; undo, redo; the answer of each region', async () => {
  const id = project('Boxes', BOXES, pictures(2)), context = await enter(), page = await annotate(context, id, '.img-stage .over');
  const pic = await onPicture(page);
  await page.keyboard.press('1');
  await pic.drag([120, 96], [360, 288]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('2');
  await pic.drag([600, 480], [720, 672]);
  assert.equal(await page.locator('.rlist > li').count(), 2);
  await page.keyboard.press('Control+z');
  assert.equal(await page.locator('.rlist > li').count(), 1);
  await page.keyboard.press('Control+Shift+Z');
  assert.equal(await page.locator('.rlist > li').count(), 2);
  await page.locator('.rsel').nth(1).click();
  await page.keyboard.press('1');                       // a label key changes the chosen region
  assert.match(await page.locator('.rsel').nth(1).innerText(), /Car/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('3');
  for (const p of [[300, 700], [500, 700], [560, 900], [240, 900], [300, 700]]) await pic.click(p);
  await page.keyboard.press('Escape');
  await page.keyboard.press('4');
  await pic.drag([900, 600], [1000, 700]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('5');
  await pic.click([1080, 96]);
  await page.getByRole('radio', { name: 'Cut' }).click();
  await saved(page);
  await assertAccessible(page, 'picture');
  await submit(page);
  const [result] = await until('the answer', () => results(id).find((r) => r.length)?.slice(0, 1));
  const by = (type) => result.filter((r) => r.type === type);
  near(place(by('rectanglelabels')[0]), [10, 10, 20, 20]);
  near(place(by('rectanglelabels')[1]), [50, 50, 10, 20]);
  assert.deepEqual(by('rectanglelabels').map((r) => r.value.rectanglelabels), [['Car'], ['Car']]);
  near(by('polygonlabels')[0].value.points.flat(), [25, 72.917, 41.667, 72.917, 46.667, 93.75, 20, 93.75]);
  const e = by('ellipselabels')[0].value;
  near([e.x, e.y, e.radiusX, e.radiusY], [79.167, 67.708, 4.167, 5.208]);
  near([by('keypointlabels')[0].value.x, by('keypointlabels')[0].value.y], [90, 10]);
  const cut = by('choices')[0];
  assert.equal(cut.id, by('keypointlabels')[0].id, 'an answer about a region carries its id');
  same(cut, { from_name: 'hid', to_name: 'img', value: { choices: ['Cut'] }, original_width: 1200, original_height: 960 });
  for (const r of result) { assert.match(r.id, /^[\w-]{10}$/); same(r, { original_width: 1200, original_height: 960, image_rotation: 0 }); }
  assertClean(page);
  await context.close();
});

test('picture: the handles, the arrows and the number fields move the same shape; turning is about the top-left corner', async () => {
  const id = project('Handles', BOXES, pictures(1)), context = await enter(), page = await annotate(context, id, '.img-stage .over');
  const pic = await onPicture(page);
  await page.keyboard.press('1');
  await pic.drag([240, 192], [480, 384]);
  await pic.drag([480, 384], [600, 480]);               // the lower right handle
  await pic.drag([400, 300], [460, 348]);               // the body
  const field = (name) => page.locator('.detail').getByLabel(name, { exact: true });
  const read = async () => Promise.all(['x', 'y', 'width', 'height'].map(async (n) => Number(await field(n).inputValue())));
  const reads = (want, eps) => until(`the fields say ${want}`, async () => (await read()).every((v, i) => Math.abs(v - want[i]) <= eps));
  await reads([300, 240, 360, 288], 3);
  await field('x').fill('100'); await field('y').fill('50'); await field('width').fill('200'); await field('height').fill('100'); await field('height').press('Enter');
  await reads([100, 50, 200, 100], 0);
  await page.locator('.img-stage .over').focus();
  for (const k of ['ArrowRight', 'Shift+ArrowDown', 'Control+ArrowRight', 'Control+Shift+ArrowUp']) await page.keyboard.press(k);
  await reads([101, 60, 201, 90], 0);
  await field('turn °').fill('90'); await field('turn °').press('Enter');
  await saved(page);
  await submit(page);
  const r = (await until('the answer', () => results(id)[0]?.[0]))[0];
  same(r.value, { x: 101 / 12, y: 60 / 9.6, width: 201 / 12, height: 90 / 9.6, rotation: 90, rectanglelabels: ['Car'] });
  assertClean(page);
  await context.close();
});

test('picture: by keyboard alone, from an empty page to the answer', async () => {
  const id = project('Keys', BOXES, pictures(1)), context = await enter(), page = await annotate(context, id, '.img-stage .over');
  await onPicture(page);
  await page.keyboard.press('2');
  await page.keyboard.press('Enter');                   // the cross
  await page.keyboard.press('Enter');                   // first corner
  for (let i = 0; i < 8; i++) { await page.keyboard.press('Shift+ArrowRight'); await page.keyboard.press('Shift+ArrowDown'); }
  await page.keyboard.press('Enter');                   // second corner
  assert.equal(await page.locator('.rlist > li').count(), 1);
  await page.keyboard.press('7');                       // the region's question
  await submit(page);
  const result = await until('the answer', () => results(id)[0]?.[0]);
  assert.deepEqual(result.map((r) => r.type), ['rectanglelabels', 'choices']);
  assert.deepEqual(result[0].value.rectanglelabels, ['Bus']);
  assert.ok(result[0].value.width > 1 && result[0].value.height > 1);
  assertClean(page);
  await context.close();
});

test('picture: by touch on a phone; two fingers zoom', async () => {
  const id = project('Touch', BOXES, pictures(1)), context = await enter({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await annotate(context, id, '.img-stage .over'), pic = await onPicture(page), cdp = await context.newCDPSession(page);
  await assertFits(page);
  const touch = (type, points) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([x, y], n) => ({ x, y, id: n })) });
  await page.getByRole('radio', { name: 'Car' }).tap();
  const a = pic.at(300, 240), b = pic.at(600, 480);
  await touch('touchStart', [a]); await touch('touchMove', [[(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]]); await touch('touchMove', [b]); await touch('touchEnd', []);
  assert.equal(await page.locator('.rlist > li').count(), 1);
  const zoom = () => page.locator('.hud').innerText().then((s) => Number(/(\d+) %/.exec(s)[1]));
  const before = await zoom(), c = pic.at(800, 200), d = pic.at(900, 300);
  await touch('touchStart', [c, d]); await touch('touchMove', [[c[0] - 40, c[1] - 40], [d[0] + 40, d[1] + 40]]); await touch('touchEnd', []);
  assert.ok(await zoom() > before * 1.5, 'the picture grew');
  assert.equal(await page.locator('.rlist > li').count(), 1, 'zooming draws nothing');
  await assertAccessible(page, 'phone');
  await page.getByRole('button', { name: 'Submit' }).tap();
  const result = await until('the answer', () => results(id)[0]?.[0]);
  near(place(result[0]), [25, 25, 25, 25], 1);
  assertClean(page);
  await context.close();
});

/** Selects the first occurrence of some words with the mouse, as a person does. */
async function select(page, words) {
  const box = await page.evaluate((w) => {
    const el = [...document.querySelectorAll('[data-line]')].find((x) => x.textContent.includes(w)), n = el.firstChild, i = n.data.indexOf(w), r = document.createRange();
    r.setStart(n, i); r.setEnd(n, i + w.length);
    const b = r.getBoundingClientRect();
    return [b.left, b.top + b.height / 2, b.right, getComputedStyle(el.parentElement).direction];
  }, words);
  const [l, y, r, dir] = box, from = dir === 'rtl' ? r - 1 : l + 1, to = dir === 'rtl' ? l + 1 : r - 1;
  await page.mouse.move(from, y); await page.mouse.down(); await page.mouse.move((from + to) / 2, y); await page.mouse.move(to, y); await page.mouse.up();
}
const spans = (result) => result.map((r) => [r.value.start, r.value.end, r.value.text, r.value.labels[0]]);

test('text: Latin, emoji, Chinese and Arabic by mouse, offsets in code units', async () => {
  const id = project('Spans', SPANS, [{ data: { text: TEXT } }]), context = await enter(), page = await annotate(context, id, '.txt');
  await page.keyboard.press('1');
  await select(page, 'Aster 👩‍👩‍👧');
  await page.locator('.rlist > li').first().waitFor();
  await page.keyboard.press('2');                       // the chosen span becomes a port …
  await page.keyboard.press('1');                       // … and a ship again
  await page.keyboard.press('Escape');
  await page.keyboard.press('2');
  for (const [n, w] of ['Port Lomond', '青屿港', 'ميناء الرمال'].entries()) {
    await select(page, w);
    await page.locator('.rlist > li').nth(n + 1).waitFor();
    await page.keyboard.press('Escape');
  }
  assert.equal(await page.locator('.rlist > li').count(), 4);
  await page.keyboard.press('Control+z');
  assert.equal(await page.locator('.rlist > li').count(), 3);
  await page.keyboard.press('Control+Shift+Z');
  await page.keyboard.press('Escape');
  await page.evaluate(() => document.activeElement?.blur());
  await saved(page);
  await assertAccessible(page, 'text');
  await submit(page);
  const result = await until('the answer', () => results(id)[0]?.[0]);
  assert.deepEqual(spans(result).map((x) => x[2]), ['Aster 👩‍👩‍👧', 'Port Lomond', '青屿港', 'ميناء الرمال']);
  for (const [a, b, text] of spans(result)) assert.equal(TEXT.slice(a, b), text);
  assert.deepEqual(spans(result).map((x) => x[3]), ['Ship', 'Port', 'Port', 'Port']);
  assertClean(page);
  await context.close();
});

test('text: by keyboard alone, words, lines and right to left', async () => {
  const id = project('Span keys', SPANS, [{ data: { text: TEXT } }]), context = await enter(), page = await annotate(context, id, '.txt');
  await page.locator('.txt').focus();
  for (const k of ['ArrowRight', 'ArrowRight', 'Shift+ArrowRight', '1']) await page.keyboard.press(k);
  await page.locator('.rlist > li').first().waitFor();
  await page.keyboard.press('Escape');
  for (const k of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'Shift+ArrowRight']) await page.keyboard.press(k);
  await page.keyboard.press('2');
  assert.equal(await page.locator('.rlist > li').count(), 2);
  await submit(page);
  const result = await until('the answer', () => results(id)[0]?.[0]);
  for (const [a, b, text] of spans(result)) assert.equal(TEXT.slice(a, b), text);
  assert.equal(spans(result)[0][2], 'ferry Aster');
  assertClean(page);
  await context.close();
});

test('pair: side by side, by arrow and by click; what is required is said in place', async () => {
  const id = project('Pairs', PAIRS, [1, 2].map((n) => ({ data: { q: `Question ${n}`, a: 'Thirteen.', b: 'Twelve, like any dozen.' } })));
  const context = await enter(), page = await annotate(context, id, '.answers');
  await submit(page);
  await page.locator('.err', { hasText: 'needs an answer' }).waitFor();
  await page.keyboard.press('ArrowLeft');
  await assertAccessible(page, 'pair');
  await submit(page);
  await page.getByText('Question 2').waitFor();
  await page.getByRole('region', { name: 'Answer B' }).click({ position: { x: 80, y: 50 } });
  assert.equal(await page.getByRole('radio', { name: 'B is better' }).getAttribute('aria-checked'), 'true');
  await submit(page);
  const list = await until('both answers', () => { const r = results(id).flat(); return r.length === 2 && r; });
  assert.deepEqual(list.map((r) => [r[0].type, r[0].from_name, r[0].value.selected]).sort(), [['pairwise', 'better', 'left'], ['pairwise', 'better', 'right']]);
  assertClean(page);
  await context.close();
});

test('forms: hidden questions are not asked; every field reaches the answer', async () => {
  const id = project('Forms', FORMS, [{ data: { text: 'When will berth 3 be free?' } }]), context = await enter(), page = await annotate(context, id, '.choices');
  await submit(page);
  await page.locator('.err', { hasText: 'Choose a topic.' }).waitFor();
  await page.keyboard.press('3');
  await submit(page);
  await page.locator('.err', { hasText: 'needs an answer' }).waitFor();
  const words = page.getByLabel('else');
  await words.fill('tugs');
  await words.press('Enter');
  await words.fill('tugs and');
  await page.getByRole('radio', { name: '4 of 5' }).click();    // nothing moves away under the pointer
  await page.getByLabel('n', { exact: true }).fill('7');
  await page.getByLabel('d', { exact: true }).fill('2026-11-22');
  await page.getByRole('treeitem', { name: 'Ship' }).locator('.fold').click();
  await page.getByRole('treeitem', { name: 'Ferry' }).click();
  await words.fill('and ropes');
  await page.keyboard.press('Control+Enter');           // words still in the field go along
  const result = await until('the answer', () => results(id)[0]?.[0]);
  const value = Object.fromEntries(result.map((r) => [r.from_name, r.value]));
  assert.deepEqual(value, { topic: { choices: ['Other'] }, else: { text: ['tugs', 'and ropes'] }, urgent: { rating: 4 }, n: { number: 7 }, d: { datetime: '2026-11-22' }, tax: { taxonomy: [['Ship', 'Ferry']] } });
  assertClean(page);
  await context.close();
});

const letters = (n) => Array.from({ length: n }, (_, i) => ({ data: { text: `Letter ${i + 1}` } }));
const TOPIC = `<View><Text name="text" value="$text"/><Choices name="topic" toName="text" required="true"><Choice value="Berths"/><Choice value="Fees"/></Choices></View>`;

test('a reload brings the draft back, with its history', async () => {
  const id = project('Draft', BOXES, pictures(3)), context = await enter(), page = await annotate(context, id, '.img-stage .over');
  const pic = await onPicture(page), task = await page.locator('.topbar .mute').innerText();
  await page.keyboard.press('1');
  await pic.drag([100, 100], [300, 300]);
  await page.keyboard.press('Escape');
  await pic.drag([400, 100], [600, 300]);
  await saved(page);
  await page.reload();
  await page.waitForSelector('.rlist > li');
  assert.equal(await page.locator('.topbar .mute').innerText(), task);
  assert.equal(await page.locator('.rlist > li').count(), 2);
  await page.keyboard.press('Control+z');
  assert.equal(await page.locator('.rlist > li').count(), 1, 'undo reaches behind the reload');
  await page.keyboard.press('Control+Shift+Z');
  await page.keyboard.press('Control+s');
  await saved(page);
  const other = await enter(), there = await annotate(other, id, '.rlist > li');      // another machine: the server's draft
  assert.equal(await there.locator('.rlist > li').count(), 2);
  assertClean(page);
  assertClean(there);
  await other.close();
  await context.close();
});

test('two windows: the older one is told, and nothing is overwritten', async () => {
  const id = project('Windows', TOPIC, letters(1)), context = await enter(), conflict = { allow: [/status of 409/] };
  const a = await annotate(context, id, '.choices', conflict), other = await enter(), b = await annotate(other, id, '.choices', conflict);
  await a.keyboard.press('1');
  await saved(a);
  await a.keyboard.press('2');
  await saved(a);
  await b.keyboard.press('1');
  await b.getByText('A later draft of this task was saved in another window.').waitFor();
  await b.getByRole('button', { name: 'Open the later one' }).click();
  assert.equal(await b.getByRole('radio', { name: /Fees/ }).getAttribute('aria-checked'), 'true');
  assertClean(b);
  await other.close();
  await context.close();
});

test('within five seconds an answer can be taken back, and later too while the server allows it', async () => {
  const id = project('Undo', TOPIC, letters(3)), context = await enter(), page = await annotate(context, id, '.choices');
  const first = await page.locator('.read').innerText();
  await page.keyboard.press('1');
  await submit(page);
  await page.waitForFunction((t) => document.querySelector('.read')?.textContent !== t, first);
  assert.deepEqual(results(id).flat(), [], 'nothing is sent yet');
  await page.keyboard.press('Alt+Backspace');
  await page.getByText(first, { exact: true }).waitFor();
  assert.equal(await page.getByRole('radio', { name: /Berths/ }).getAttribute('aria-checked'), 'true');
  await page.keyboard.press('2');
  await submit(page);
  await until('the answer', () => results(id).flat().length === 1);
  await page.keyboard.press('Alt+Backspace');           // now it has to be withdrawn
  await page.getByText(first, { exact: true }).waitFor();
  await page.keyboard.press('1');
  await submit(page);
  await until('the answer again', () => { const r = results(id).flat(); return r.length === 1 && r[0][0].value.choices[0] === 'Berths'; });
  assertClean(page);
  await context.close();
});

test('the server stops in the middle of the work: nothing is lost, nothing doubled', async () => {
  const id = project('Stop', TOPIC, letters(6)), context = await enter();
  const page = await annotate(context, id, '.choices', { allow: [/ERR_CONNECTION|ERR_EMPTY|Failed to load/] });
  const answered = [];
  const answer = async (key) => {
    const text = await page.locator('.read').innerText();
    answered.push([text, key === '1' ? 'Berths' : 'Fees']);
    await page.keyboard.press(key);
    await submit(page);
    await page.waitForFunction((t) => document.querySelector('.read')?.textContent !== t, text);
  };
  await answer('1');
  await until('the first answer', () => results(id).flat().length === 1);
  await server.kill('SIGKILL');
  await answer('2');
  await answer('1');
  await page.getByText(/The server cannot be reached/).waitFor({ timeout: 30_000 });
  await server.begin();
  await page.getByRole('button', { name: 'Try again' }).click({ timeout: 3000 }).catch(() => {});
  await until('all three', () => results(id).flat().length === 3, 30_000);
  await page.getByText(/The server cannot be reached/).waitFor({ state: 'hidden' });
  await page.waitForSelector('.choices');
  await answer('2');
  await until('all four', () => results(id).flat().length === 4);
  const got = exported(id).filter((x) => x.annotations.length).map((x) => [x.data.text, x.annotations[0].result[0].value.choices[0]]);
  assert.deepEqual(got.sort(), answered.sort());
  assert.ok(exported(id).every((x) => x.annotations.length <= 1), 'no task was answered twice');
  assertClean(page);
  await context.close();
});

test('answers that wait survive the page being closed', async () => {
  const id = project('Closed', TOPIC, letters(3)), context = await enter();
  let page = await annotate(context, id, '.choices', { allow: [/ERR_CONNECTION|Failed to load/] });
  const text = await page.locator('.read').innerText();
  await server.kill('SIGKILL');
  await page.keyboard.press('2');
  await submit(page);
  await page.waitForFunction((t) => document.querySelector('.read')?.textContent !== t, text);
  await page.close();
  await server.begin();
  page = await annotate(context, id, '.choices');
  await until('the answer', () => results(id).flat().length === 1, 20_000);
  assert.notEqual(await page.locator('.read').innerText(), text, 'what was answered is not asked again');
  assertClean(page);
  await context.close();
});

test('skip and flag need a reason; the task goes away', async () => {
  const id = project('Skip', TOPIC, letters(3)), context = await enter(), page = await annotate(context, id, '.choices');
  const first = await page.locator('.read').innerText();
  await page.keyboard.press('Control+Space');
  await page.getByRole('heading', { name: 'Why skip this task?' }).waitFor();
  await assertAccessible(page, 'skip');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.read').innerText(), first);
  await page.keyboard.press('Control+Space');
  await page.keyboard.press('2');
  await page.waitForFunction((t) => document.querySelector('.read')?.textContent !== t, first);
  await page.keyboard.press('f');
  await page.getByRole('button', { name: /I am not sure/ }).click();
  await page.keyboard.press('1');
  await submit(page);
  await until('the one answer', () => results(id).flat().length === 1);
  assertClean(page);
  await context.close();
});

test('an empty project, and the last task: the page says so in words', async () => {
  const id = project('Last', TOPIC, letters(1)), context = await enter(), page = await annotate(context, id, '.choices');
  await page.keyboard.press('1');
  await submit(page);
  await page.getByRole('heading', { name: 'Nothing left for you here' }).waitFor({ timeout: 30_000 });
  await assertAccessible(page, 'empty');
  assert.equal(results(id).flat().length, 1);
  assertClean(page);
  await context.close();
});

test('both themes and right to left: no axe finding, nothing too wide', async () => {
  const ids = [project('T1', BOXES, pictures(1)), project('T2', SPANS, [{ data: { text: TEXT } }]), project('T3', PAIRS, [{ data: { q: 'Q', a: 'A', b: 'B' } }]), project('T4', FORMS, letters(1))];
  const ready = ['.img-stage .over', '.txt', '.answers', '.choices'];
  const context = await enter({ reducedMotion: 'reduce' }), page = await annotate(context, ids[0], ready[0]);
  for (const [i, id] of ids.entries()) {
    await goWithin(page, `/projects/${id}/annotate`);
    await page.waitForSelector(ready[i]);
    await page.keyboard.press('h');
    await page.locator('.guide-side').waitFor();
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      for (const dir of ['ltr', 'rtl']) {
        await page.evaluate((d) => { document.documentElement.dir = d; }, dir);
        assert.deepEqual(await axe(page), [], `${colorScheme} ${i} ${dir}`);
        await assertFits(page, `${colorScheme} ${i} ${dir}`);
      }
    }
    await page.evaluate(() => { document.documentElement.dir = 'ltr'; });
    await page.keyboard.press('h');
    assertClean(page);
  }
  await context.close();
});
