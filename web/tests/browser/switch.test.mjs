// From task to task the page stays. Nothing of the task before is seen on the next, nothing reaches it, and what comes
// late for the one before is for nobody.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { desk, until } from './desk.mjs';
import { assertAccessible, assertClean, openPage } from './harness.mjs';

const BOXES = `<View><Image name="img" value="$image"/>
  <RectangleLabels name="box" toName="img"><Label value="Car"/><Label value="Bus"/></RectangleLabels>
  <PolygonLabels name="poly" toName="img"><Label value="Field"/></PolygonLabels><Relations><Relation value="tows"/></Relations>
  <Choices name="light" toName="img"><Choice value="Day"/><Choice value="Night"/></Choices></View>`;
const FORM = `<View><Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Berths"/><Choice value="Fees"/></Choices>
  <Choices name="port" toName="text" layout="select"><Choice value="Lomond"/><Choice value="Qingyu"/></Choices>
  <Rating name="urgent" toName="text"/><Number name="n" toName="text" min="0" max="10"/>
  <TextArea name="note" toName="text"/><TextArea name="one" toName="text" maxSubmissions="1"/></View>`;
const SPANS = `<View><Labels name="label" toName="text"><Label value="Ship"/><Label value="Port"/></Labels>
  <Relations><Relation value="calls at"/></Relations><Text name="text" value="$text"/></View>`;
const SVG = (i) => `<svg xmlns="http://www.w3.org/2000/svg" width="${1200 + i}" height="960"><rect width="1300" height="960" fill="#c9d8df"/><rect x="200" y="300" width="240" height="180" fill="#a43"/></svg>`;
const pictures = (names) => [...names].map((name) => ({ name, image: `data:image/svg+xml;name=${name};base64,${Buffer.from(SVG(0)).toString('base64')}` }));
const letters = (n) => Array.from({ length: n }, (_, i) => ({ text: `Letter ${i + 1}: the ferry Aster left Port Lomond.\n${'A long line about nothing.\n'.repeat(60)}` }));

let d, context;
before(async () => { d = await desk(); context = await d.enter(); });
after(async () => { await d?.stop(); });

/* Everything of a task that shows: on a fresh one it is empty. */
function traces() {
  const all = (s) => document.querySelectorAll(s).length;
  return {
    rows: all('.rlist li'), shapes: all('.over [data-region], .over [data-flag], .over .grip, .over .cross, .over .handle, .over .shape'), spans: all('.txt .rel-line'),
    painted: [...document.querySelectorAll('.paint')].some((c) => {
      if (!c.width) return false;
      const copy = new OffscreenCanvas(c.width, c.height).getContext('2d', { willReadFrequently: true });
      copy.drawImage(c, 0, 0);
      return copy.getImageData(0, 0, c.width, c.height).data.some((x) => x !== 0);
    }),
    beside: all('.detail, .rels li, .rel-ask, .listp, .viewp, .skip-panel, .err'), checked: all('.task [role="radio"][aria-checked="true"]:not(.chip)'),
    undo: document.querySelector('.botbar .btn').getAttribute('aria-disabled') === null,
    light: document.querySelector('.under')?.style.getPropertyValue('--light') ?? '',
  };
}

async function work(id, ready) {
  const page = await openPage(context, d.server.base);
  await page.addInitScript(`globalThis.traces = ${traces}`);
  await page.goto(`${d.server.base}/projects/${id}/annotate`);
  await page.waitForSelector(ready);
  return page;
}
const press = async (page, ...list) => { for (const k of list) await page.keyboard.press(k); };
const task = (page) => page.locator('.topbar').getByText(/^Task \d+$/).innerText();
/** Submits (or what else is done) and waits for the next task; what its first frame showed. */
async function next(page, act = () => page.keyboard.press('Control+Enter')) {
  const old = await task(page);
  await page.evaluate(() => {
    const on = (e) => { if (e.key === 'Control') return; document.removeEventListener('keydown', on, true); requestAnimationFrame(() => { globalThis.first = traces(); }); };
    document.addEventListener('keydown', on, true);
  });
  await act();
  await until('the next task', async () => await task(page) !== old);
  return page.evaluate(() => globalThis.first);
}
const answers = (id) => Object.fromEntries(d.exported(id).filter((x) => x.annotations.length).map((x) => [x.data.name ?? x.data.text.slice(0, 8), x.annotations[0].result]));
const whole = (page) => page.waitForFunction(() => document.querySelector('.over > g[transform]') && !document.querySelector('.over[aria-busy]'));
const here = (page) => page.evaluate(() => document.querySelector('.pic-img').src.match(/name=(\w)/)[1]);

test('a picture: shapes, what is chosen, drawn, hidden, locked, related, nearer or lighter, and the history stay with their task', async () => {
  const id = d.project('Pictures', BOXES, pictures('abcd')), page = await work(id, '.img-stage .over');
  await whole(page);
  const fresh = await page.evaluate(() => traces()), view = () => page.locator('.over > g').first().getAttribute('transform'), fit = await view(), one = await here(page);
  await page.evaluate(() => { globalThis.kept = ['.over', '.labelbar', '.questions [role="radio"]', '.rail'].map((s) => document.querySelector(s)); });
  await press(page, '1', 'Enter', 'Enter', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Enter', 'Escape');
  await press(page, '2', 'Enter', 'Enter', 'Shift+ArrowLeft', 'Shift+ArrowUp', 'Enter');
  await page.locator('.rlist li').nth(1).waitFor();
  await page.getByRole('radio', { name: 'Night' }).click();
  await page.getByRole('button', { name: 'The list as a whole' }).click();
  await page.getByRole('button', { name: 'View of the picture' }).click();
  await page.getByLabel('Brightness').fill('150');
  await page.locator('.img-stage .over').focus();
  await press(page, 'Control+=', 'Alt+l', 'Alt+h', 'Alt+r');         // nearer; locked, hidden, one end of a relation
  await page.locator('.rel-ask').waitFor();
  assert.notEqual(await view(), fit);

  assert.deepEqual(await next(page), fresh);                         // in the first frame …
  assert.deepEqual(await page.evaluate(() => traces()), fresh);      // … and after it
  assert.equal(await view(), fit);
  assert.deepEqual(await page.evaluate(() => globalThis.kept.map((el) => el.isConnected)), [true, true, true, true]);
  assert.equal(await page.evaluate(() => document.activeElement.classList.contains('over')), true);
  await press(page, 'Control+z', 'Delete', 'Alt+ArrowRight');         // nothing to take back, nothing chosen
  assert.deepEqual(await page.evaluate(() => traces()), fresh);

  const two = await here(page);
  await press(page, '1', 'Enter', 'Enter', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Enter');      // chosen: not the other end of that relation
  await page.locator('.rlist li').waitFor();
  assert.equal(await page.locator('.rel-lines .rel-line, .rels li').count(), 0);
  await page.locator('.img-stage .over').focus();
  await press(page, 'Escape', 'p');
  const at = await page.locator('.img-stage .over').boundingBox();
  for (const [x, y] of [[200, 200], [300, 200]]) await page.mouse.click(at.x + x, at.y + y);
  await page.locator('.over .handle').first().waitFor();              // a polygon is begun
  await page.keyboard.press('Control+Space');
  assert.deepEqual(await next(page, () => page.keyboard.press('1')), fresh);
  await page.mouse.move(at.x + 400, at.y + 300);                       // the pointer draws nothing on
  assert.deepEqual(await page.evaluate(() => traces()), fresh);
  await page.keyboard.press('Alt+Backspace');                          // skipped: back with all of it
  await page.locator('.rlist li').waitFor();
  assert.equal(await here(page), two);
  await next(page);

  await press(page, 'Alt+Backspace');
  await page.locator('.rlist li').waitFor();
  await press(page, 'Control+z');
  await page.locator('.rlist li').waitFor({ state: 'detached' });
  await next(page);
  await until('all answers', () => Object.keys(answers(id)).length === 2);
  const got = answers(id);
  assert.deepEqual(got[one].map((r) => r.value.rectanglelabels?.[0] ?? r.value.choices?.[0]).sort(), ['Bus', 'Car', 'Night']);
  assert.deepEqual(got[two], []);
  await assertAccessible(page, 'after some tasks');
  assertClean(page);
  await page.close();
});

test('a page of questions: choices, stars, fields with words of all kinds, where it was scrolled to', async () => {
  const id = d.project('Questions', FORM, letters(3)), page = await work(id, '.choices');
  const fresh = await page.evaluate(() => traces()), one = (await page.locator('.read').innerText()).slice(0, 8);
  await page.getByRole('radio', { name: 'Berths' }).click();
  await page.getByRole('radio', { name: '4 of 5' }).click();
  await page.locator('[data-q="port"] select').selectOption({ label: 'Qingyu' });
  await page.locator('[data-q="n"] input').pressSequentially('1e');    // not a number (yet): in the field, not in the answer
  await page.locator('[data-q="note"] input').fill('half a word');     // not added by a click
  await page.locator('[data-q="one"] input').fill('whole words');
  assert.notEqual(await page.evaluate(() => document.querySelector('.task-root').scrollTop), 0);
  await page.evaluate(() => { globalThis.kept = document.querySelector('[data-q="topic"] [role="radio"]'); });
  assert.deepEqual(await next(page), fresh);
  assert.deepEqual(await page.evaluate(() => traces()), fresh);
  const field = (q) => page.locator(`[data-q="${q}"]`).locator('input, select');
  assert.deepEqual(await Promise.all(['n', 'note', 'one', 'port'].map((q) => field(q).inputValue())), ['', '', '', '-1']);
  assert.equal(await field('n').evaluate((el) => el.validity.badInput), false);
  assert.deepEqual(await page.evaluate(() => [document.querySelector('.task-root').scrollTop, document.activeElement.textContent, globalThis.kept.isConnected]), [0, 'Berths1', true]);
  const two = (await page.locator('.read').innerText()).slice(0, 8);
  await press(page, '2');
  await next(page);
  await press(page, '1');
  await page.keyboard.press('Control+Enter');
  await until('all answers', () => Object.keys(answers(id)).length === 3);
  const got = answers(id), said = (list) => Object.fromEntries(list.map((r) => [r.from_name, Object.values(r.value)[0]]));
  assert.deepEqual(said(got[one]), { topic: ['Berths'], urgent: 4, port: ['Qingyu'], note: ['half a word'], one: ['whole words'] });
  assert.deepEqual(said(got[two]), { topic: ['Fees'] });
  assertClean(page);
  await page.close();
});

test('a text: spans, a relation half drawn and the tab beside it', async () => {
  const id = d.project('Spans', SPANS, letters(2)), page = await work(id, '.txt');
  const fresh = await page.evaluate(() => traces()), one = (await page.locator('.txt').innerText()).slice(0, 8);
  const word = async (x) => { await page.locator('.txt').dblclick({ position: { x, y: 12 } }); };
  await press(page, '1');
  await word(20);
  await page.locator('.rlist li').waitFor();
  await press(page, 'Alt+r');
  await page.locator('.rel-ask').waitFor();
  assert.deepEqual(await next(page), fresh);
  await press(page, '2');
  await word(20);
  await page.locator('.rlist li').waitFor();
  await press(page, 'Escape');
  await page.keyboard.press('Control+Enter');
  await until('all answers', () => Object.keys(answers(id)).length === 2);
  for (const [name, list] of Object.entries(answers(id))) assert.deepEqual(list.map((r) => [r.type, r.value?.labels?.[0]]), [['labels', name === one ? 'Ship' : 'Port']]);
  assertClean(page);
  await page.close();
});

test('what comes late, a picture or the answer to a draft, is for the task it was asked for', async () => {
  const id = d.project('Late', BOXES, [...'abcd'].map((name) => ({ name, image: `${d.server.base}/late/?name=${name}` })));
  const page = await openPage(context, d.server.base), late = {};
  await page.addInitScript(`globalThis.traces = ${traces}`);
  const give = (route, name) => route.fulfill({ contentType: 'image/svg+xml', body: SVG(name.charCodeAt(0)) });
  await page.route('**/late/**', (route) => { const name = /name=(\w)/.exec(route.request().url())[1]; if (name === 'b') late.picture = route; else void give(route, name); });
  await page.route('**/draft', (route) => { if (late.draft) void route.continue(); else late.draft = route; });
  await page.goto(`${d.server.base}/projects/${id}/annotate`);
  await whole(page);
  assert.equal(await here(page), 'a');
  const fresh = await page.evaluate(() => traces()), kept = () => page.evaluate(() => new Promise((done) => {
    const ask = indexedDB.open('annotary-work');
    ask.onsuccess = () => { const all = ask.result.transaction('drafts').objectStore('drafts').getAllKeys(); all.onsuccess = () => { ask.result.close(); done(all.result.map((k) => k.split('/').pop())); }; };
  }));
  const box = ['1', 'Enter', 'Enter', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Enter'], one = (await task(page)).slice(5);
  await press(page, ...box);
  await until('the draft is on its way', () => late.draft);
  await next(page);

  // The picture is not here yet: nothing of the one before stands in for it, and nothing can be drawn.
  assert.equal(await here(page), 'b');
  assert.deepEqual(await page.evaluate(() => [document.querySelectorAll('.pic-img').length, document.querySelector('.pic-img').complete]), [1, false]);
  await press(page, ...box);
  assert.deepEqual(await page.evaluate(() => traces()), fresh);
  await page.getByRole('radio', { name: 'Day' }).click();
  const two = (await task(page)).slice(5);
  await until('its own draft is kept', async () => (await kept()).includes(two));
  await late.draft.continue();
  await page.locator('.saved', { hasText: /^Saved$/ }).waitFor();       // once its own draft is there
  assert.deepEqual(await kept(), [two]);                                // the answered one's has not come back
  assert.equal(await page.locator('.banners').count(), 0);

  await next(page);
  await whole(page);
  assert.equal(await here(page), 'c');
  const view = await page.locator('.over > g').first().getAttribute('transform');
  await give(late.picture, 'b');
  await page.evaluate(() => new Promise((done) => { const i = new Image(); i.onload = i.onerror = () => requestAnimationFrame(() => requestAnimationFrame(done)); i.src = document.querySelector('.pic-img').src.replace('name=c', 'name=b'); }));
  assert.deepEqual([await here(page), await page.locator('.over > g').first().getAttribute('transform'), await page.evaluate(() => traces())], ['c', view, fresh]);
  await page.goto(d.server.base);
  await until('both answers', () => Object.keys(answers(id)).length === 2);
  assert.deepEqual([answers(id).a.map((r) => r.type), answers(id).b.map((r) => r.value.choices)], [['rectanglelabels'], [['Day']]]);
  assert.equal(one === two, false);
  assertClean(page);
  await page.close();
});
