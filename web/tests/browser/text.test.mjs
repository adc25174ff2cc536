// Text, HTML and dialogues marked in the browser, against the real program: mouse, keyboard, touch; Latin, Chinese, Arabic,
// emoji; relations; what comes back after a reload; what is saved.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { desk, until } from './desk.mjs';
import { assertAccessible, assertClean, assertFits, openPage } from './harness.mjs';

const TEXT = 'The ferry Aster 👩‍👩‍👧 left Port Lomond.\nIt carried barley, cafe\u0301 beans and rope.\n货轮“远岚号”抵达青屿港。\nغادرت السفينة ميناء الرمال.';
const SPANS = (more = '') => `<View><Labels name="label" toName="text" ${more}><Label value="Ship"/><Label value="Port"/><Label value="Cargo"/></Labels>
  <Relations><Relation value="leaves"/><Relation value="carries"/></Relations><Text name="text" value="$text"/></View>`;

let s;
before(async () => { s = await desk(); });
after(() => s?.stop());

/** Whole tasks, guesses of a model with them. */
function project(title, config, rows) {
  const file = join(s.folder, 'rows.jsonl');
  writeFileSync(file, rows.map((r) => JSON.stringify(r)).join('\n'));
  return s.project(title, config, file);
}
const results = (id) => s.exported(id).flatMap((x) => x.annotations.map((a) => a.result));

async function open(id, ready = '.txt', o = {}) {
  const context = await s.enter({ viewport: { width: 1280, height: 800 }, ...o });
  const page = await openPage(context, s.server.base, { allow: o.allow ?? [] });
  await page.goto(`${s.server.base}/projects/${id}/annotate`);
  await page.waitForSelector(ready);
  await page.waitForSelector('.grain, .msgs, .txt.still', { state: 'attached' });
  return { context, page };
}
const saved = (page) => page.locator('.saved', { hasText: /^Saved$/ }).waitFor();
async function answer(page, id) {
  await page.keyboard.press('Control+Enter');
  return until('the answer', () => results(id).at(-1));
}
const rows = (page, n) => page.waitForFunction((k) => document.querySelectorAll('.rlist > li').length === k, n);
const press = async (page, ...keys) => { for (const k of keys) await page.keyboard.press(k); };

/** Where some words stand: their first box on screen, and whether they run from the right. */
const place = (page, words, nth = 0) => page.evaluate(([w, k]) => {
  const els = [...document.querySelectorAll('[data-line]')].filter((x) => x.textContent.includes(w)), el = els[k], n = el.firstChild, i = n.data.indexOf(w), r = document.createRange();
  r.setStart(n, i); r.setEnd(n, i + w.length);
  const b = r.getClientRects()[0];
  return { l: b.left, r: b.right, y: b.top + b.height / 2, rtl: getComputedStyle(el.parentElement).direction === 'rtl' };
}, [words, nth]);
async function drag(page, a, b) { await page.mouse.move(...a); await page.mouse.down(); await page.mouse.move((a[0] + b[0]) / 2, (a[1] + b[1]) / 2); await page.mouse.move(...b); await page.mouse.up(); }
async function select(page, words) {
  const p = await place(page, words);
  await drag(page, [p.rtl ? p.r - 1 : p.l + 1, p.y], [p.rtl ? p.l + 1 : p.r - 1, p.y]);
}
async function clickOn(page, words, clickCount = 1) { const p = await place(page, words); await page.mouse.click((p.l + p.r) / 2, p.y, { clickCount }); }
const spans = (result) => result.filter((r) => r.type === 'labels').map((r) => [r.value.text, r.value.labels.join('+')]);
const exact = (result, text = TEXT) => { for (const r of result.filter((x) => x.type === 'labels')) assert.equal(text.slice(r.value.start, r.value.end), r.value.text); };

test('a double click takes the word, a triple one the line, in every script', async () => {
  const id = project('Clicks', SPANS(), [{ data: { text: TEXT } }]), { context, page } = await open(id);
  await page.keyboard.press('1');
  for (const [n, w] of ['Aster', '青屿', 'السفينة'].entries()) { await clickOn(page, w, 2); await rows(page, n + 1); }
  await clickOn(page, 'barley', 3);
  await rows(page, 4);
  await saved(page);
  const result = await answer(page, id);
  exact(result);
  const words = spans(result).map((x) => x[0]);
  assert.equal(words[0], 'Aster');
  assert.ok('青屿港'.includes(words[1]) || words[1].includes('青屿'), words[1]);
  assert.deepEqual(words.slice(2), ['السفينة', 'It carried barley, cafe\u0301 beans and rope.']);
  assertClean(page);
  await context.close();
});

test('handles and keys move the ends of a span; whole characters, words, sentences', async () => {
  const id = project('Ends', SPANS(), [{ data: { text: TEXT } }]), { context, page } = await open(id);
  await page.keyboard.press('1');
  await select(page, 'Aster');
  await rows(page, 1);
  const title = () => page.locator('.rsel bdi').first().innerText();
  await press(page, 'Control+ArrowRight', 'Control+ArrowRight');          // a blank is passed over, a family is one
  assert.equal(await title(), 'Aster 👩‍👩‍👧 l');
  await press(page, 'Control+ArrowLeft');
  assert.equal(await title(), 'Aster 👩‍👩‍👧');
  await press(page, 'Alt+g');
  assert.equal(await page.locator('.grain [aria-pressed="true"]').innerText(), 'words');
  await press(page, 'Control+Shift+ArrowLeft', 'Control+ArrowRight');
  assert.equal(await title(), 'ferry Aster 👩‍👩‍👧 left');
  const grip = await page.locator('.edge').nth(1).boundingBox(), port = await place(page, 'Lomond');
  await drag(page, [grip.x + 12, grip.y + 12], [port.l + 20, port.y + 16]);
  assert.equal(await title(), 'ferry Aster 👩‍👩‍👧 left Port Lomond');
  await press(page, 'Control+z');
  assert.equal(await title(), 'ferry Aster 👩‍👩‍👧 left');
  await press(page, 'Alt+g');                                             // sentences
  await press(page, 'Escape');
  await select(page, 'barley');
  await rows(page, 2);
  await press(page, 'Alt+g');                                             // characters again
  await press(page, 'Escape');
  const e = await place(page, 'cafe');
  await drag(page, [e.l + 2, e.y], [e.r - 2, e.y]);                       // the accent of the last letter goes along
  await rows(page, 3);
  const result = await answer(page, id);
  exact(result);
  assert.deepEqual(spans(result).map((x) => x[0]), ['ferry Aster 👩‍👩‍👧 left', 'It carried barley, cafe\u0301 beans and rope.', 'cafe\u0301']);
  assertClean(page);
  await context.close();
});

test('overlaps, several labels on one, changing, copying, removing; a click goes from the inner to the outer', async () => {
  const id = project('Overlap', SPANS('choice="multiple"'), [{ data: { text: TEXT } }]), { context, page } = await open(id);
  await page.keyboard.press('1');
  await select(page, 'The ferry Aster');
  await rows(page, 1);
  await page.keyboard.press('2');                                         // both labels
  await page.keyboard.press('Escape');
  await press(page, '2');                                                 // only the first stays in hand
  await clickOn(page, 'Aster', 2);
  await rows(page, 2);
  await press(page, 'Escape');
  await clickOn(page, 'Aster');
  assert.equal(await page.locator('.rlist > li.sel bdi').innerText(), 'Aster');
  await clickOn(page, 'Aster');
  assert.equal(await page.locator('.rlist > li.sel bdi').innerText(), 'The ferry Aster');
  await press(page, 'Control+d');
  await rows(page, 3);
  await press(page, 'Delete');
  await rows(page, 2);
  await saved(page);
  await page.reload();
  await rows(page, 2);
  const result = await answer(page, id);
  exact(result);
  assert.deepEqual(spans(result)[0], ['The ferry Aster', 'Ship+Port']);
  assert.equal(spans(result)[1][0], 'Aster');
  assertClean(page);
  await context.close();
});

test('a guess is dashed until Enter confirms it; the next one is chosen then', async () => {
  const guess = (id, a, b, l) => ({ id, from_name: 'label', to_name: 'text', type: 'labels', score: 0.8, value: { start: a, end: b, text: TEXT.slice(a, b), labels: [l] }, extra: { kept: id } });
  const one = TEXT.indexOf('Aster'), two = TEXT.indexOf('Port Lomond');
  const id = project('Guesses', SPANS(), [{ data: { text: TEXT }, predictions: [{ model_version: 'm', result: [guess('g1', one, one + 5, 'Ship'), guess('g2', two, two + 11, 'Port'), guess('g3', 0, 3, 'Port')] }] }]);
  const { context, page } = await open(id);
  await rows(page, 3);
  await clickOn(page, 'Aster');
  await page.locator('.txt').focus();
  await press(page, 'Enter', 'Enter');
  await page.waitForFunction(() => document.querySelectorAll('.rlist .pill').length === 1);
  await press(page, 'Delete');
  await rows(page, 2);
  const result = await answer(page, id);
  assert.deepEqual(result.map((r) => [r.id, r.origin, r.value.text, r.extra]), [['g1', 'manual', 'Aster', { kept: 'g1' }], ['g2', 'manual', 'Port Lomond', { kept: 'g2' }]]);
  assertClean(page);
  await context.close();
});

test('relations: by key and by drawing, named, turned, both ways, taken back; drawn as arcs and listed; saved as they are', async () => {
  const id = project('Relations', SPANS(), [{ data: { text: TEXT } }]), { context, page } = await open(id);
  for (const [n, [k, w]] of [['1', 'Aster'], ['2', 'Lomond'], ['3', 'barley']].entries()) { await press(page, k); await clickOn(page, w, 2); await rows(page, n + 1); await press(page, 'Escape'); }
  await clickOn(page, 'Aster');
  await press(page, 'Alt+r');
  await page.locator('.rel-ask').waitFor();
  await clickOn(page, 'Lomond');
  await page.locator('.rels > li').first().waitFor();
  await page.waitForFunction(() => document.querySelectorAll('.arcs > g').length === 1);
  await press(page, 'Escape');
  await clickOn(page, 'Aster');
  const join = await page.locator('.join').boundingBox(), to = await place(page, 'barley');
  await drag(page, [join.x + 12, join.y + 12], [(to.l + to.r) / 2, to.y]);
  await page.waitForFunction(() => document.querySelectorAll('.arcs > g').length === 2);
  await press(page, '2');                                                 // the second name
  assert.equal(await page.locator('.arcs .sel text').innerHTML(), 'carries');
  await page.getByRole('button', { name: /both ways/ }).click();
  await press(page, 'Alt+t');
  await press(page, 'Control+z');
  await assertAccessible(page, 'relations');
  await page.locator('.relb').first().click();
  await press(page, 'Delete');
  assert.equal(await page.locator('.rels > li').count(), 1);
  await press(page, 'Control+z');
  assert.equal(await page.locator('.rels > li').count(), 2);
  await saved(page);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.arcs > g').length === 2);
  const result = await answer(page, id), ids = Object.fromEntries(result.filter((r) => r.id).map((r) => [r.value.text, r.id]));
  assert.deepEqual(result.filter((r) => r.type === 'relation'), [
    { type: 'relation', from_id: ids.Aster, to_id: ids.Lomond, direction: 'right', labels: ['leaves'] },
    { type: 'relation', from_id: ids.Aster, to_id: ids.barley, direction: 'bi', labels: ['carries'] },
  ]);
  assertClean(page);
  await context.close();
});

test('by keyboard alone: two spans, their ends, a relation and its name', async () => {
  const id = project('Keyboard', SPANS(), [{ data: { text: TEXT } }]), { context, page } = await open(id);
  await page.locator('.txt').focus();
  await press(page, 'ArrowRight', 'ArrowRight', '1', 'Control+Shift+ArrowLeft', 'Escape', 'ArrowDown', '3', 'Escape');
  await rows(page, 2);
  await press(page, 'Alt+.', 'Alt+r', 'Alt+.');
  await page.locator('.rels > li').waitFor();
  await press(page, '2', 'Escape');
  const result = await answer(page, id);
  exact(result);
  assert.equal(result.length, 3);
  assert.deepEqual(result[2].labels, ['carries']);
  assert.deepEqual([result[2].from_id, result[2].to_id], [result[0].id, result[1].id]);
  assertClean(page);
  await context.close();
});

test('on a phone: a word by two taps, its end by a finger, relations as a list', async () => {
  const guess = { id: 'g', from_name: 'label', to_name: 'text', type: 'labels', value: { start: 0, end: 3, text: 'The', labels: ['Port'] } };
  const id = project('Phone', SPANS(), [{ data: { text: TEXT }, predictions: [{ model_version: 'm', result: [guess] }] }]), { context, page } = await open(id, '.txt', { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await assertFits(page);
  const p = await place(page, 'Aster'), cdp = await context.newCDPSession(page), x = (p.l + p.r) / 2;
  const touch = (type, ...points) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: points.map(([a, b]) => ({ x: a, y: b })) });
  await page.touchscreen.tap(x, p.y);
  await page.touchscreen.tap(x, p.y);
  await page.locator('.edge').nth(1).waitFor();
  const g = await page.locator('.edge').nth(1).boundingBox(), from = [g.x + g.width / 2, g.y + g.height / 2], to = await place(page, 'left'), by = to.r - 2 - p.r;
  await touch('touchStart', from); await touch('touchMove', [from[0] + by / 2, from[1]]); await touch('touchMove', [from[0] + by, from[1]]); await touch('touchEnd');
  await page.getByRole('radio', { name: 'Ship' }).tap();
  await rows(page, 2);
  assert.equal(await page.locator('.rsel bdi').nth(1).innerText(), 'Aster 👩‍👩‍👧 left');
  await assertAccessible(page, 'phone');
  await assertFits(page);
  await page.getByRole('button', { name: 'Submit' }).tap();
  exact(await until('the answer', () => results(id).at(-1)));
  assertClean(page);
  await context.close();
});

const DIALOGUE = [{ author: 'Mia', text: 'Is berth 3 free?' }, { author: 'Jon', text: 'At six.\nNot before.' }, { author: 'Mia', text: '好的，谢谢。' }];

test('a dialogue: places are phrases and units into them, over phrases too', async () => {
  const config = `<View><ParagraphLabels name="label" toName="talk"><Label value="Ask"/><Label value="Tell"/></ParagraphLabels><Paragraphs name="talk" value="$talk" layout="dialogue" contextScroll="true"/></View>`;
  const given = { id: 'old', from_name: 'label', to_name: 'talk', type: 'paragraphlabels', source: '$talk', value: { start: '1', end: '1', startOffset: 8, endOffset: 19, paragraphlabels: ['Tell'] } };
  const id = project('Dialogue', config, [{ data: { talk: DIALOGUE }, predictions: [{ model_version: 'm', result: [given] }] }]), { context, page } = await open(id);
  await rows(page, 1);
  assert.equal(await page.locator('.who-says').count(), 3);
  await page.keyboard.press('1');
  await select(page, 'berth 3');
  await rows(page, 2);
  const a = await place(page, 'six'), b = await place(page, '好的');
  await drag(page, [a.l + 1, a.y], [b.r - 1, b.y]);
  await rows(page, 3);
  await assertAccessible(page, 'dialogue');
  const result = await answer(page, id);
  assert.deepEqual(result.map((r) => r.value), [
    given.value,
    { start: '0', end: '0', startOffset: 3, endOffset: 10, text: 'berth 3', paragraphlabels: ['Ask'] },
    { start: '1', end: '2', startOffset: 3, endOffset: 2, text: 'six.\nNot before.\n好的', paragraphlabels: ['Ask'] },
  ]);
  assert.equal(result[0].source, '$talk');
  assertClean(page);
  await context.close();
});

/** Playwright asks the frame before each move of a pressed mouse and a frame without scripts never answers: by hand then. */
async function byHand(context, page) {
  const cdp = await context.newCDPSession(page), send = (type, [x, y], o) => cdp.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1, ...o });
  return {
    async drag(a, b) { await send('mouseMoved', a, { button: 'none' }); await send('mousePressed', a); for (const t of [0.5, 1]) await send('mouseMoved', [a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t], { buttons: 1 }); await send('mouseReleased', b); },
    async click(a, n = 1) { for (let i = 1; i <= n; i++) { await send('mousePressed', a, { clickCount: i }); await send('mouseReleased', a, { clickCount: i }); } },
  };
}
/** Some words in the frame, in places of the window; the frame is read from outside. */
const inFrame = (page, words) => page.evaluate((w) => {
  const f = document.querySelector('.hyper-frame'), o = f.getBoundingClientRect(), d = f.contentDocument, walk = d.createTreeWalker(d.body, NodeFilter.SHOW_TEXT);
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    const i = n.data.indexOf(w);
    if (i < 0) continue;
    const r = d.createRange();
    r.setStart(n, i); r.setEnd(n, i + w.length);
    const b = r.getClientRects()[0];
    return { l: o.left + b.left, r: o.left + b.right, y: o.top + b.top + b.height / 2 };
  }
  return null;
}, words);

const HTML = '<div><h2>Port notice</h2><p>The <b>Aster</b> left <i>Port Lomond</i>.</p><p>货轮抵达<b>青屿</b>港。 👩‍👩‍👧</p></div><p dir="rtl">غادرت السفينة الميناء.</p><p><a href="https://away.example/">Away</a></p>';

test('HTML: spans by ways through the tree and by global offsets; those that came are found by either', async () => {
  const config = `<View><HyperTextLabels name="label" toName="html"><Label value="Ship"/><Label value="Port"/></HyperTextLabels><HyperText name="html" value="$html"/></View>`;
  const way = { id: 'w', from_name: 'label', to_name: 'html', type: 'hypertextlabels', value: { start: '/div[1]/p[1]/i[1]/text()[1]', end: '/div[1]/p[1]/i[1]/text()[1]', startOffset: 0, endOffset: 11, text: 'Port Lomond', hypertextlabels: ['Port'] } };
  const global = { id: 'g', from_name: 'label', to_name: 'html', type: 'hypertextlabels', value: { start: '/section[4]', end: '/section[4]', startOffset: 0, endOffset: 1, globalOffsets: { start: 0, end: 4 }, text: 'Port', hypertextlabels: ['Port'] } };
  const id = project('HTML', config, [{ data: { html: HTML }, predictions: [{ model_version: 'm', result: [way, global] }] }]), { context, page } = await open(id, '.hyper-frame');
  const hand = await byHand(context, page);
  await rows(page, 2);
  await page.waitForFunction(() => document.querySelectorAll('.tags .tg').length === 2);
  await page.keyboard.press('1');
  const a = await inFrame(page, 'Aster'), b = await inFrame(page, 'left');
  await hand.drag([a.l + 1, a.y], [b.r - 1, b.y]);
  await rows(page, 3);
  await hand.click([(a.l + a.r) / 2, a.y]);
  await page.locator('.rlist > li.sel').waitFor();
  await page.keyboard.press('Escape');
  const c = await inFrame(page, 'السفينة');
  await hand.click([(c.l + c.r) / 2, c.y], 2);
  await rows(page, 4);
  const away = await inFrame(page, 'Away');
  await hand.click([(away.l + away.r) / 2, away.y]);                       // a link goes nowhere
  await press(page, 'Escape');                                            // heard in the frame, where the focus is
  await page.locator('.txt').focus();
  await press(page, 'ArrowRight', 'ArrowRight', 'Shift+ArrowRight', '2');  // and by keyboard alone
  await rows(page, 5);
  await press(page, 'Control+ArrowLeft', 'Control+z', 'Escape');
  await assertAccessible(page, 'html');
  await saved(page);
  await page.reload();
  await page.waitForFunction(() => document.querySelectorAll('.tags .tg').length === 5);
  const result = await answer(page, id);
  assert.deepEqual(result.slice(0, 2).map((r) => r.value), [way.value, global.value]);
  assert.deepEqual(result[2].value, { start: '/div[1]/p[1]/b[1]/text()[1]', end: '/div[1]/p[1]/text()[2]', startOffset: 0, endOffset: 5, globalOffsets: { start: 15, end: 25 }, text: 'Aster left', hypertextlabels: ['Ship'] });
  assert.equal(result[4].value.text, HTML.replace(/<[^>]*>/g, '').slice(result[4].value.globalOffsets.start, result[4].value.globalOffsets.end));
  assert.deepEqual([result[3].value.start, result[3].value.startOffset, result[3].value.text], ['/p[1]/text()[1]', 6, 'السفينة']);
  assertClean(page);
  await context.close();
});

test('a conversation: messages are written, chosen and asked about', async () => {
  const config = `<View><Chat name="chat" value="$chat" minMessages="3" editable="user"/><View visibleWhen="region-selected" whenRole="assistant"><Choices name="right" toName="chat" perRegion="true"><Choice value="Right"/><Choice value="Wrong"/></Choices></View></View>`;
  const id = project('Chat', config, [{ data: { chat: [{ role: 'user', content: 'When does berth 3 open?' }, { role: 'assistant', content: 'At six.' }] } }]), { context, page } = await open(id, '.msgs');
  await page.keyboard.press('Control+Enter');
  await page.locator('.err').waitFor();                                   // too short
  await page.getByLabel('Write as user').fill('And berth 4?');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator('.msg').count(), 3);
  await page.getByRole('button', { name: 'Choose message 2' }).click();
  await page.getByRole('radio', { name: 'Wrong' }).click();
  await assertAccessible(page, 'conversation');
  const result = await answer(page, id), said = result.filter((r) => r.type === 'chatmessage');
  assert.deepEqual(said.map((r) => [r.value.chatmessage.role, r.value.chatmessage.content]), [['user', 'When does berth 3 open?'], ['assistant', 'At six.'], ['user', 'And berth 4?']]);
  const wrong = result.find((r) => r.type === 'choices');
  assert.deepEqual([wrong.id, wrong.value.choices], [said[1].id, ['Wrong']]);
  assertClean(page);
  await context.close();
});

test('odd data: no text, a number, one line of 150 kB; nothing is lost', async () => {
  const words = 'grain barge left harbour with barley for Lomond'.split(' '), long = Array.from({ length: 30_000 }, (_, i) => words[i % 8]).join(' ');
  const at = long.length - 400, end = long.indexOf('barley', at);
  const r = (id, value, more = {}) => ({ id, from_name: 'label', to_name: 'text', type: 'labels', ...more, value: { labels: ['Ship'], ...value } });
  const given = [r('far', { start: end, end: end + 6, text: 'barley' }), r('near', { start: 0, end: 5, text: 'grain' }, { meta: { text: ['kept'] } }), { id: 'odd', from_name: 'label', to_name: 'text', type: 'unheard_of', x: 1, value: { y: [2] } }];
  const id = project('Odd', SPANS(), [{ data: { text: long }, predictions: [{ model_version: 'm', result: given }] }, { data: { text: '' } }, { data: { text: 12 } }, { data: { other: 'x' } }]);
  const { context, page } = await open(id);
  await rows(page, 2);
  await page.locator('.rsel').first().click();                            // far away: it is brought into sight
  await page.waitForFunction(() => { const b = document.querySelector('.tags .ring')?.getBoundingClientRect(); return b && b.top > 60 && b.bottom < innerHeight - 40; });
  const kept = await answer(page, id);
  assert.deepEqual(kept.map((x) => [x.value, x.x, x.meta]), given.map((x) => [x.value, x.x, x.meta]));
  for (let i = 0; i < 3; i++) {
    await page.waitForFunction(() => (document.querySelector('.txt')?.textContent.length ?? 999) < 20);
    await press(page, 'ArrowRight', 'ArrowDown', 'Control+ArrowRight', '1', 'Escape', 'Escape', '1');
    await press(page, 'Control+Enter');
  }
  await page.getByRole('heading', { name: 'Nothing left for you here' }).waitFor({ timeout: 30_000 });
  assertClean(page);
  await context.close();
});
