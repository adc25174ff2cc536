// The flow of the annotate page: keys of one's own, one hand, going on by itself, guesses, notes, last tasks, guidelines
// that change, and what happens when the browser dies, the server dies, the line is down or the lease has ended.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { ann, desk, own, until } from './desk.mjs';
import { apiFor, assertAccessible, assertClean, assertFits, browserPath, openPage } from './harness.mjs';

const TWO = `<View><Text name="text" value="$text"/><Choices name="topic" toName="text" required="true"><Choice value="Berths"/><Choice value="Fees"/></Choices></View>`;
const BOXES = `<View><Image name="img" value="$image"/><RectangleLabels name="box" toName="img"><Label value="Car"/><Label value="Bus"/></RectangleLabels></View>`;
const letters = (n) => Array.from({ length: n }, (_, i) => ({ text: `Letter ${i + 1}` }));
const PICTURE = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="800" height="500"><rect width="800" height="500" fill="#c9d8df"/></svg>')}`;
const drawings = (n) => Array.from({ length: n }, (_, i) => ({ image: `${PICTURE}#${i}` }));
const ben = { email: 'ben@quay.example', password: 'two dry ropes on the bollard' };

let d;
before(async () => {
  d = await desk();
  d.cli(['user', 'add', ben.email, '--name', 'Ben', '--password-stdin'], `${ben.password}\n`);
});
after(async () => { await d?.stop(); });

/** Somebody comes in; ways of working follow a person, so each test begins with none. */
async function come(o = {}, who = ann) {
  const context = await d.enter(o, who);
  if (!o.keep) await (await apiFor(context, d.server.base))('PATCH', '/api/account', { prefs: {} });
  return context;
}
async function work(context, id, ready = '.choices', o = {}) {
  const page = await openPage(context, d.server.base, o);
  await page.goto(`${d.server.base}/projects/${id}/annotate`);
  await page.waitForSelector(ready);
  return page;
}
const answers = (id) => d.exported(id).flatMap((x) => x.annotations.map((a) => [x.data.text, a.result[0]?.value?.choices?.[0]])).sort();
const shown = (page) => page.locator('.read').innerText();
const next = (page, old) => page.waitForFunction((t) => { const now = document.querySelector('.read')?.textContent; return now && now !== t; }, old);
const ways = async (page, ...names) => {
  await page.keyboard.press('Alt+o');
  for (const n of names) await page.getByLabel(n, { exact: true }).check();
  await page.getByRole('button', { name: 'Close' }).click();
};
const submit = (page) => page.keyboard.press('Control+Enter');
const saved = (page) => page.locator('.saved', { hasText: /^Saved$/ }).waitFor();
async function box(page) {
  await page.waitForFunction(() => document.querySelector('.over:not([aria-busy]) > g[transform]') && document.querySelector('.aside :is(.rlist, .none)'));
  for (const k of ['1', 'Enter', 'Enter', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Enter']) await page.keyboard.press(k);
}
const regions = (page) => page.locator('.rlist > li').count();

test('one hand: a and x answer and submit, space skips, backspace goes back', async () => {
  const id = d.project('Hand', TWO, letters(6)), context = await come(), page = await work(context, id);
  await ways(page, 'One hand');
  const order = [await shown(page)];
  for (const k of ['a', 'x', ' ', 'x']) { await page.keyboard.press(k); await next(page, order.at(-1)); order.push(await shown(page)); }
  await page.keyboard.press('Backspace');               // the fourth again …
  await page.getByText(order[3], { exact: true }).waitFor();
  await page.keyboard.press('a');                       // … with the other answer
  await next(page, order[3]);
  assert.match(await page.locator('.choice').nth(1).innerText(), /Fees\s*x/, 'the choices show their keys');
  await page.keyboard.press('x');
  await until('four answers', () => answers(id).length === 4, 20_000);
  assert.deepEqual(answers(id), [[order[0], 'Berths'], [order[1], 'Fees'], [order[3], 'Berths'], [order[4], 'Fees']].sort());
  assertClean(page);
  await context.close();
});

test('going on by itself: the last answer submits, five seconds take it back, a correction goes on again', async () => {
  const id = d.project('Auto', TWO, letters(3)), context = await come(), page = await work(context, id);
  await ways(page, 'Go on by itself');
  const first = await shown(page);
  await page.keyboard.press('1');
  await next(page, first);
  await page.locator('.toast', { hasText: 'submitted' }).waitFor();
  await page.keyboard.press('Alt+Backspace');
  await page.getByText(first, { exact: true }).waitFor();
  await page.keyboard.press('Control+z');               // taking an answer back is no answer
  assert.equal(await shown(page), first);
  await page.keyboard.press('2');
  await next(page, first);
  await until('the answer', () => answers(id).length === 1);
  assert.deepEqual(answers(id), [[first, 'Fees']]);
  assertClean(page);
  await context.close();
});

test('label and tool stay; regions of the task before and the last region come again', async () => {
  const id = d.project('Again', BOXES, drawings(4)), context = await come(), page = await work(context, id, '.img-stage .over');
  await box(page);
  await page.keyboard.press('2');                       // the chosen region is a bus, and so is the next
  await submit(page);
  await page.waitForFunction(() => document.querySelector('.chip[aria-checked="true"]')?.textContent.includes('Bus') && !document.querySelector('.rlist > li'));
  await page.keyboard.press('Alt+c');
  await page.locator('.rlist > li').first().waitFor();
  await page.keyboard.press('Alt+a');
  await page.locator('.rlist > li').nth(1).waitFor();
  await page.keyboard.press('Control+z');
  assert.equal(await regions(page), 1);
  await submit(page);
  const list = await until('both answers', () => { const l = d.exported(id).filter((x) => x.annotations.length); return l.length === 2 && l; }, 20_000);
  const [a, b] = list.map((x) => x.annotations[0].result);
  assert.deepEqual(a[0].value, b[0].value);
  assert.notEqual(a[0].id, b[0].id);
  assertClean(page);
  await context.close();
});

test("a model's guesses are shown and accepted by one key", async () => {
  const id = d.project('Guess', BOXES, drawings(2)), boss = await come({}, own), api = await apiFor(boss, d.server.base);
  const task = (await api('GET', `/api/projects/${id}/tasks`)).results[0].id;
  const guess = (n) => ({ id: `guess0000${n}`, from_name: 'box', to_name: 'img', type: 'rectanglelabels', original_width: 800, original_height: 500, value: { x: 10 * n, y: 10, width: 8, height: 8, rotation: 0, rectanglelabels: ['Car'] } });
  const made = await api('POST', '/api/predictions', { task, result: [guess(1), guess(2)], score: 0.62, model_version: 'yard-2' });
  const context = await come(), page = await work(context, id, '.rlist > li');
  assert.equal(await regions(page), 2);
  assert.match(await page.locator('.rlist > li').first().innerText(), /model 62 %/);
  await page.getByRole('button', { name: 'Accept 2 guesses' }).waitFor();
  await page.keyboard.press('Alt+Enter');
  await page.getByRole('button', { name: /Accept/ }).waitFor({ state: 'detached' });
  await submit(page);
  const got = await until('the answer', () => d.exported(id).find((x) => x.id === task)?.annotations[0]);
  assert.deepEqual(got.result.map((r) => r.origin), ['manual', 'manual']);
  assert.equal(got.parent_prediction, made.id);
  assertClean(page);
  await context.close();
  await boss.close();
});

test('keys of one\'s own: conflicts named, what the browser keeps refused, kept with the account, to a file and back', async () => {
  const id = d.project('Keys', TWO, letters(3)), context = await come({}, ann), page = await openPage(context, d.server.base);
  await page.goto(`${d.server.base}/keys`);
  const change = (what) => page.getByRole('button', { name: `Change the key of: ${what}` });
  const key = (what) => page.getByRole('row', { name: what }).locator('kbd').innerText();
  await change('Flag for a reviewer').click();
  await page.keyboard.press('h');
  await page.getByText('h is: Guidelines.').waitFor();
  await assertAccessible(page, 'keys, a conflict');
  await page.getByRole('button', { name: 'Take it from there' }).click();
  assert.equal(await key('Flag for a reviewer'), 'h');
  await page.getByRole('row', { name: 'Guidelines' }).getByText('no key').waitFor();
  await change('Submit; accept').press('Enter');        // by keyboard alone
  await page.keyboard.press('Control+Shift+Tab');
  await page.getByText(/The browser keeps ctrl shift tab/).waitFor();
  await page.keyboard.press('Alt+s');
  assert.equal(await key('Submit; accept'), 'alt s');
  const api = await apiFor(context, d.server.base);
  await until('the server has them', async () => (await api('GET', '/api/account')).prefs.work?.keys?.submit === 'alt+s');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as a file' }).click()]);
  const path = await file.path();

  const other = await come({ keep: true }), there = await work(other, id);       // another machine
  await there.getByRole('button', { name: 'Submit' }).getByText('alt s').waitFor();
  const first = await shown(there);
  await there.keyboard.press('1');
  await there.keyboard.press('Alt+s');
  await next(there, first);
  await there.keyboard.press('h');
  await there.getByRole('heading', { name: 'What should a reviewer look at?' }).waitFor();
  assertClean(there);
  await other.close();

  await page.getByRole('button', { name: 'All keys as before' }).click();
  assert.equal(await key('Guidelines'), 'h');
  const bad = join(d.folder, 'bad.json');
  writeFileSync(bad, JSON.stringify({ annotary: 'keys', keys: { submit: 'h' } }));
  await page.locator('input[type=file]').setInputFiles(bad);
  await page.getByText('h stands for two actions.').waitFor();
  await page.locator('input[type=file]').setInputFiles(path);
  await page.getByRole('row', { name: 'Submit; accept' }).getByText('alt s').waitFor();
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.getByRole('button').filter({ visible: true }).count(), 0, 'paper shows keys, no buttons');
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('button', { name: 'All keys as before' }).click();
  await until('the server forgot them', async () => Object.keys((await api('GET', '/api/account')).prefs.work?.keys ?? {}).length === 0);
  assertClean(page);
  await context.close();
});

test('notes: a person sees their own threads and the answers to them, nobody else does but reviewers', async () => {
  const id = d.project('Notes', BOXES, drawings(1), 2), boss = await come({}, own), api = await apiFor(boss, d.server.base);
  d.cli(['member', 'add', String(id), ben.email]);
  const context = await come(), page = await work(context, id, '.img-stage .over');
  await box(page);
  await page.keyboard.press('Alt+m');
  await page.getByLabel('About region 1').waitFor();
  await page.getByLabel('What should be known about this task?').fill('Is a covered car a Car?');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.locator('.note-said').getByRole('button', { name: 'region 1' }).waitFor();
  const task = Number(/\d+/.exec(await page.locator('.topbar .mute').innerText())[0]);
  const [said] = await api('GET', `/api/tasks/${task}/comments`);
  await api('POST', `/api/tasks/${task}/comments`, { text: 'Yes, it is.', parent: said.id });
  await page.getByRole('button', { name: 'Close' }).click();
  await page.keyboard.press('Alt+m');
  await page.getByText('Yes, it is.').waitFor();
  await page.getByText('Reviewer', { exact: true }).waitFor();
  await assertAccessible(page, 'notes');
  const other = await come({}, ben), there = await work(other, id, '.img-stage .over');
  await there.keyboard.press('Alt+m');
  await there.getByText('Nobody has said anything about this task yet.').waitFor();
  assertClean(page);
  assertClean(there);
  await Promise.all([context.close(), other.close(), boss.close()]);
});

test('last tasks: one\'s own answers, open again, changed, a new revision', async () => {
  const id = d.project('History', TWO, letters(3)), context = await come(), page = await work(context, id), first = await shown(page);
  await page.keyboard.press('1');
  await submit(page);
  await next(page, first);
  await until('the answer', () => answers(id).length === 1);
  const second = await shown(page);
  await page.keyboard.press('Alt+p');
  await page.getByText('Berths').last().waitFor();
  await assertAccessible(page, 'history');
  await page.getByRole('button', { name: /^Open task \d+ again$/ }).click();
  await page.getByText(first, { exact: true }).waitFor();
  await page.getByText(/You are changing your answer/).waitFor();
  await page.getByRole('radio', { name: /Fees/ }).click();
  await submit(page);
  await page.getByText(second, { exact: true }).waitFor();
  await until('the change', () => answers(id)[0]?.[1] === 'Fees', 20_000);
  assert.equal(answers(id).length, 1);
  assertClean(page);
  await context.close();
});

test('what is chosen before the ways of elsewhere have come is kept, and so are they', async () => {
  const id = d.project('Early', TWO, letters(2)), context = await come(), api = await apiFor(context, d.server.base);
  const kept = async () => (await api('GET', '/api/account')).prefs;
  await api('PATCH', '/api/account', { prefs: { ...await kept(), work: { keys: { skip: 'k' }, hand: false, auto: false, sticky: false, read: {} } } });
  let come2;
  const asked = new Promise((done) => { come2 = done; });
  await context.route('**/api/account', async (route) => { if (route.request().method() === 'GET') await asked; await route.continue(); });
  const page = await work(context, id);
  await ways(page, 'Go on by itself');
  come2();
  await until('both are kept', async () => { const w = (await kept()).work; return w?.auto === true && w.sticky === false && w.keys?.skip === 'k'; });
  await context.close();
});

test('guidelines: a badge when they changed since they were read, and what changed', async () => {
  const id = d.project('Guide', TWO, letters(2)), file = join(d.folder, 'guide.md');
  const write = (text) => { writeFileSync(file, text); d.cli(['project', 'set', String(id), '--instruction', file]); };
  write('Be kind.\n\nBe brief.');
  const context = await come(), page = await work(context, id);
  await page.keyboard.press('h');
  await page.getByText('Be brief.').waitFor();
  await page.locator('.dotnew').waitFor({ state: 'detached' });
  await page.keyboard.press('h');
  const api = await apiFor(context, d.server.base);
  await until('read is kept', async () => (await api('GET', '/api/account')).prefs.work?.read?.[id] > 0);
  write('Be kind.\n\nBe very brief.');
  const other = await come({ keep: true }), there = await work(other, id);       // read on another machine is read
  await there.locator('.dotnew').waitFor();
  await there.waitForFunction((p) => JSON.parse(localStorage.getItem('annotary.flow')).read[p] > 0, id);
  await there.keyboard.press('h');
  await there.getByRole('button', { name: /Show what changed since version/ }).click();
  await there.locator('.diff ins', { hasText: 'Be very brief.' }).waitFor();
  assert.match(await there.locator('.diff del').innerText(), /^Removed:\s+Be brief\.$/);
  await assertAccessible(there, 'what changed');
  assertClean(there);
  await Promise.all([context.close(), other.close()]);
});

test('the browser is killed in the middle of a box: the draft is there when it comes back', async (t) => {
  const id = d.project('Crash', BOXES, drawings(2)), profile = mkdtempSync(join(tmpdir(), 'annotary-profile-'));
  const launch = () => chromium.launchPersistentContext(profile, { executablePath: browserPath, headless: true, viewport: { width: 1280, height: 800 },
    args: [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--disable-gpu', '--no-first-run'] });
  let context = await launch();
  t.after(async () => { await context.close().catch(() => {}); rmSync(profile, { recursive: true, force: true }); });
  await come({ context });
  let page = await work(context, id, '.img-stage .over');
  await page.route('**/draft', (r) => r.abort());       // the server hears nothing of it
  await box(page);
  await page.locator('.saved', { hasText: 'Saved in this browser' }).waitFor();
  const pids = execFileSync('pgrep', ['-f', `user-data-dir=${profile}`], { encoding: 'utf8' }).trim().split('\n').map(Number);
  for (const pid of pids) { try { process.kill(pid, 'SIGKILL'); } catch { /* gone with its parent */ } }
  await context.close().catch(() => {});
  rmSync(join(profile, 'SingletonLock'), { force: true });
  context = await launch();
  await come({ context, keep: true });
  page = await work(context, id, '.rlist > li');
  assert.equal(await regions(page), 1);
  await page.keyboard.press('Control+z');
  assert.equal(await regions(page), 0, 'with its history');
});

test('ten minutes without a server, which was killed: leases run out, nothing is lost, late answers count', async (t) => {
  const id = d.project('Ten', TWO, letters(3)), context = await come(), page = await work(context, id, '.choices', { allow: [/ERR_CONNECTION|ERR_EMPTY|Failed to load|status of/] });
  const given = [];
  t.after(async () => { await d.server.kill(); await d.server.begin(); });
  await page.waitForLoadState('networkidle');           // what must open without a line comes right behind the first task
  await d.server.kill('SIGKILL');
  for (const k of ['1', '2', '1']) {
    const text = await shown(page);
    given.push([text, k === '1' ? 'Berths' : 'Fees']);
    await page.keyboard.press(k);
    await submit(page);
    if (given.length < 3) await next(page, text);
  }
  await page.getByText(/The server cannot be reached/).waitFor({ timeout: 30_000 });
  await page.keyboard.press('Alt+o');                   // panels open without a line
  await page.getByRole('heading', { name: 'Ways of working' }).waitFor();
  // Ten minutes pass: in the database, where leases end.
  execFileSync('python3', ['-c', 'import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute("UPDATE lease SET ends_ms = ends_ms - 900000, beat_ms = beat_ms - 900000 WHERE state = \'active\'"); c.commit()', join(d.server.data, 'annotary.db')]);
  await d.server.begin();
  await page.getByRole('button', { name: 'Try again' }).click({ timeout: 3000 }).catch(() => {});
  await until('all three', () => answers(id).length === 3, 40_000);
  assert.deepEqual(answers(id), given.sort());
  await page.getByText(/The server cannot be reached/).waitFor({ state: 'hidden' });
  assertClean(page);
  await context.close();
});

test('submitted in another window: this one says so and goes on', async () => {
  const id = d.project('Both', TWO, letters(2)), context = await come(), a = await work(context, id, '.choices', { allow: [/status of 409/] });
  const other = await come(), b = await work(other, id);
  const text = await shown(a);
  assert.equal(await shown(b), text, 'one person, one task');
  await b.keyboard.press('1');
  await submit(b);
  await until('the answer', () => answers(id).length === 1);
  await a.keyboard.press('2');
  await a.getByText(/submitted already/).waitFor();
  await assertAccessible(a, 'gone');
  await a.getByRole('button', { name: 'Next task' }).click();
  await next(a, text);
  assert.deepEqual(answers(id), [[text, 'Berths']]);
  assertClean(a);
  await Promise.all([context.close(), other.close()]);
});

test('who may not annotate is told, and a phone has it all', async () => {
  const id = d.project('Roles', TWO, letters(2));
  d.cli(['member', 'add', String(id), ben.email, '--role', 'auditor']);
  const context = await come({}, ben), page = await openPage(context, d.server.base, { allow: [/status of 403/] });
  await page.goto(`${d.server.base}/projects/${id}/annotate`);
  await page.getByText('Your role (auditor) does not allow this.').waitFor();
  await assertAccessible(page, 'wrong role');
  assertClean(page);
  await context.close();
  const phone = await come({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }), small = await work(phone, id);
  await small.getByRole('button', { name: 'Ways of working' }).tap();
  await small.getByLabel('One hand').waitFor();
  await assertFits(small, 'ways on a phone');
  await assertAccessible(small, 'ways on a phone');
  await small.getByRole('button', { name: 'My last tasks' }).tap();
  await small.getByText('You have answered nothing in this project yet.').waitFor();
  assertClean(small);
  await phone.close();
});
