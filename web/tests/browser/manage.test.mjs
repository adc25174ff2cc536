// Managing: how a project stands at a glance, and tasks on which people differ settled by keys alone.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertAccessible, assertClean, assertFits, claim, openPage, startBrowser, startServer } from './harness.mjs';
import { seed } from './manage-seed.mjs';

let browser, server, kept, api, s;
const onTask = (page, n) => page.getByRole('heading', { level: 1, name: new RegExp(`^Task ${n}, agreement .*names hidden`) }).waitFor();
before(async () => {
  browser = await startBrowser();
  server = await startServer();
  kept = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  api = await claim(kept, server);
  s = await seed(kept, server, api);
});
after(async () => { await kept?.close(); await browser?.close(); await server?.stop(); });

const consensus = async (project, task) => (await api('GET', `/api/projects/${project}/consensus?task=${task}`)).results;
async function ruled(project, task) {
  for (let k = 0; k < 100; k++) {
    const rows = await consensus(project, task);
    if (rows.every(r => r.method === 'ruling' || r.bad)) return rows;
    await new Promise(r => setTimeout(r, 50));
  }
  throw new Error('the ruling did not reach the consensus');
}

test('the overview says how it stands: worst first, with charts read by arrow keys, tables behind them, and files', async () => {
  const page = await openPage(kept, server.base);
  await page.goto(`${server.base}/projects/${s.choices.id}`);
  const needs = page.locator('.hot');
  await needs.getByText('5 tasks are in dispute').waitFor();
  await page.getByText('too early to tell').waitFor({ state: 'detached' });
  await page.getByText('nothing is left to answer').waitFor();
  const pace = page.getByRole('region', { name: 'Answers by hour, today' });
  const bars = page.getByRole('group', { name: /^Agreement by label: read/ });
  await bars.focus();
  await page.keyboard.press('ArrowRight');
  await page.getByText(/^Calm · Agreement 0\.91 · 95 % interval 0\.6.–0\.9. · Tasks 12$/).waitFor();
  await page.keyboard.press('End');
  await page.getByText(/^Urgent · Agreement 0\.00/).waitFor();
  await assertAccessible(page, 'overview, charts');
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save “Occurrence” as a CSV file' }).click()]);
  assert.match((await (await import('node:fs/promises')).readFile(await file.path(), 'utf8')), /Calm,33,12,0\.9166/);
  for (const b of await page.getByRole('button', { name: 'Table', exact: true }).all()) await b.click();
  assert.match(await page.getByRole('table', { name: 'Occurrence' }).innerText(), /Calm\s+33\s+12/);
  assert.match(await page.getByRole('table', { name: 'People' }).innerText(), /Ana Reis\s+12/);
  await pace.waitFor();
  await page.getByRole('combobox', { name: 'Question' }).selectOption('topic');
  assert.match(await page.getByRole('table', { name: 'Agreement by label' }).innerText(), /Harbour/);
  await assertAccessible(page, 'overview, tables');
  await page.getByRole('link', { name: 'What is taken for what' }).click();
  const square = page.getByRole('table', { name: /topic: said where another says/ });
  await square.waitFor();
  assert.deepEqual((await square.getByRole('columnheader').allInnerTexts()).sort(), ['Harbour', 'Other', 'Weather']);
  await assertAccessible(page, 'results, confusion');
  await page.getByRole('link', { name: 'Compare and settle' }).click();
  await onTask(page, 1);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.base}/projects/${s.boxes.id}`);
  await page.getByText('1 task is in dispute').waitFor();
  await assertFits(page, 'overview on a phone');
  await assertAccessible(page, 'overview on a phone, dark');
  await page.goto(`${server.base}/projects/1`);
  await page.getByRole('heading', { name: 'No data yet' }).waitFor();
  assertClean(page);
  await page.close();
});

test('choices: pick by number, question by question, settle, undo, and go on, by keys alone', async () => {
  const page = await openPage(kept, server.base);
  await page.goto(`${server.base}/projects/${s.choices.id}/compare`);
  await onTask(page, 1);
  await page.getByText('in dispute').waitFor();
  assert.doesNotMatch(await page.locator('body').innerText(), /Ana Reis|Ben Okafor|Chen Li/);
  await assertAccessible(page, 'compare, choices');
  await page.keyboard.press('2');
  const card = page.getByRole('figure', { name: 'Annotator 2' });
  await card.getByRole('button', { name: 'Chosen Annotator 2' }).waitFor();
  const said = (await card.innerText()).match(/Harbour|Weather|Other/)[0];
  await page.keyboard.press('ArrowDown');
  await page.getByRole('heading', { name: 'tone: they differ' }).waitFor();
  await page.keyboard.press('1');
  const tone = (await page.getByRole('figure', { name: 'Annotator 1' }).innerText()).match(/Calm|Urgent/)[0];
  await page.keyboard.press('r');
  await page.keyboard.type('By the guidelines, 2.');
  await page.keyboard.press('Control+Enter');
  await onTask(page, 2);
  const rows = await ruled(s.choices.id, s.choices.tasks[0]);
  assert.deepEqual(Object.fromEntries(rows.map(r => [r.control, r.result[0].value.choices[0]])), { topic: said, tone });
  await page.keyboard.press('Control+z');
  await onTask(page, 1);
  await page.getByText('The ruling was taken back').waitFor();
  await page.keyboard.press('Alt+3');
  await page.keyboard.press('Control+Enter');
  await onTask(page, 2);
  await page.keyboard.press('0');
  await onTask(page, 3);
  assert.ok((await ruled(s.choices.id, s.choices.tasks[1]))[0].bad);
  await page.keyboard.press('n');
  await page.keyboard.press('b');
  await onTask(page, 3);
  assertClean(page);
  await page.close();
});

test('boxes: everybody over one picture, the part in dispute side by side, and the answer edited in place', async () => {
  const page = await openPage(kept, server.base);
  await page.goto(`${server.base}/projects/${s.boxes.id}/compare`);
  await page.getByRole('heading', { name: /Pedestrian.*they differ|Cyclist.*they differ/ }).waitFor();
  assert.equal(await page.locator('.picover svg .l1, .picover svg .l2, .picover svg .l3').count(), 3);
  await page.getByRole('figure', { name: 'Annotator 3' }).getByRole('img').waitFor();
  await page.getByRole('checkbox', { name: 'Annotator 1' }).uncheck();
  assert.equal(await page.locator('.picover svg .l1').count(), 0);
  await page.keyboard.press('d');
  await page.getByText('1 of 1', { exact: true }).waitFor();
  await assertAccessible(page, 'compare, boxes');
  const one = page.getByRole('figure').filter({ hasText: 'Pedestrian' }).first();
  await one.getByRole('button').click();
  await page.keyboard.press('Alt+e');
  await page.locator('.img-stage').waitFor();
  await assertAccessible(page, 'compare, editing');
  await page.getByRole('button', { name: 'Settle' }).click();
  await page.getByText('Nothing is in dispute').waitFor();
  const rows = await ruled(s.boxes.id, s.boxes.tasks[0]);
  assert.deepEqual(rows[0].result.map(r => r.value.rectanglelabels[0]).sort(), ['Bus', 'Pedestrian']);
  await assertAccessible(page, 'compare, done');
  assertClean(page);
  await page.close();
});

test('masks are drawn for each person and for the consensus, their differences as a picture, one label at a time', async () => {
  const page = await openPage(kept, server.base);
  await page.goto(`${server.base}/projects/${s.yard.id}/compare`);
  await page.getByRole('heading', { name: 'Bus: they differ' }).waitFor();
  const drawn = n => page.locator(`.picover image[data-mask="${n}"]`);
  for (const n of [1, 2, 3]) await drawn(n).first().waitFor();
  assert.equal(await drawn(1).count(), 2);                                    // the bus, and pale the man
  assert.equal(await page.locator('.picover image.o-far').count(), 3);
  assert.equal(await page.locator('.cmp-card svg image').count(), 6);         // the picture and one mask in each card
  const pixels = await drawn(1).first().evaluate(async el => {
    const img = Object.assign(new Image(), { src: el.href.baseVal });
    await img.decode();
    const c = new OffscreenCanvas(img.width, img.height), x = c.getContext('2d', { willReadFrequently: true });
    x.drawImage(img, 0, 0);
    return [[100, 140], [300, 20], [168, 140]].map(([px, py]) => [...x.getImageData(px * img.width / 400, py * img.height / 300, 1, 1).data]);
  });
  assert.ok(pixels[0][3] > 0 && pixels[1][3] === 0, `inside ${pixels[0]}, outside ${pixels[1]}`);
  await page.getByRole('checkbox', { name: 'Annotator 3' }).uncheck();
  assert.equal(await drawn(3).count(), 0);
  await page.keyboard.press('c');
  await drawn(0).first().waitFor();
  await assertAccessible(page, 'compare, masks');
  await page.getByRole('checkbox', { name: 'Annotator 3' }).check();
  await page.keyboard.press('d');
  await drawn(-1).first().waitFor();
  assert.equal(await drawn(1).count(), 0);
  await page.getByText('Some cover it, others do not').waitFor();
  await assertAccessible(page, 'compare, differences of masks');
  assertClean(page);
  await page.close();
});

test('wordings stand side by side with the words that differ marked; a line one person drew is drawn; the ruling is what was chosen', async () => {
  const page = await openPage(kept, server.base);
  await page.goto(`${server.base}/projects/${s.yard.id}/compare`);
  await page.getByRole('heading', { name: 'Bus: they differ' }).waitFor();
  // Names are numbers in an order of the task's own: who wrote what is read from the cards, without the words that are struck out.
  const said = await page.locator('.cmp-card').evaluateAll(list => list.map(el => { const p = el.querySelector('.cmp-words').cloneNode(true); p.querySelectorAll('del, .vh, .mute').forEach(x => x.remove()); return p.textContent; }));
  const at = said.indexOf('Bus at the stop') + 1, near = said.indexOf('Bus near the stop') + 1, card = n => page.getByRole('figure', { name: `Annotator ${n}` });
  assert.ok(at > 0 && near > 0, said.join(' | '));
  await page.keyboard.press(String(at));
  await card(at).getByRole('button', { name: /^Chosen/ }).waitFor();
  assert.equal(await card(at).locator('ins, del').count(), 0);
  assert.deepEqual([await card(near).locator('ins').innerText(), await card(near).locator('del').innerText()].map(x => x.replace(/^.*:/s, '').trim()), ['near', 'at']);
  assert.equal(await page.locator('.picover svg path.o-l').count(), 1);       // the kerb
  await page.setViewportSize({ width: 390, height: 844 });
  await page.emulateMedia({ colorScheme: 'dark' });
  await assertFits(page, 'compare masks on a phone');
  await assertAccessible(page, 'compare masks on a phone');
  await page.getByRole('button', { name: 'Settle' }).click();
  await page.getByText('Nothing is in dispute').waitFor();
  const [row] = (await api('GET', `/api/projects/${s.yard.id}/consensus?task=${s.yard.tasks[0]}&limit=50`)).results.filter(r => r.control === 'note' || r.method === 'ruling');
  assert.ok(row, 'there is a ruling');
  assertClean(page);
  await page.close();
});

test('spans: lanes under one text, on a phone, in the dark, and from right to left', async () => {
  const phone = await openPage(kept, server.base);
  await phone.setViewportSize({ width: 390, height: 844 });
  await phone.emulateMedia({ colorScheme: 'dark' });
  await phone.goto(`${server.base}/projects/${s.spans.id}/compare`);
  await onTask(phone, 1);
  await phone.locator('.lane.w1').first().waitFor();
  await assertFits(phone, 'compare on a phone');
  await assertAccessible(phone, 'compare, spans, dark');
  await phone.getByRole('button', { name: 'Choose Annotator 3' }).click();
  await phone.getByRole('button', { name: 'Settle' }).click();
  await phone.getByText('Nothing is in dispute').waitFor();
  assert.ok((await ruled(s.spans.id, s.spans.tasks[0]))[0].result.length >= 2);
  assertClean(phone);
  await phone.close();
});

test('a reviewer settles what they could not see before; two judges do not overwrite each other', async () => {
  const { id: project, tasks } = s.judges;
  const link = new URL((await api('POST', `/api/projects/${project}/invitations`, { role: 'reviewer' })).url).pathname.split('/').pop();
  const theirs = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  const joined = await theirs.request.post(`${server.base}/api/invitations/${link}/accept`, { data: { name: 'Rosa Lund', email: 'rosa@saltmarsh.example', password: 'nine herons at slack water' }, headers: { Origin: server.base } });
  assert.equal(joined.status(), 201);
  await theirs.request.post(`${server.base}/api/session`, { data: { email: 'rosa@saltmarsh.example', password: 'nine herons at slack water' }, headers: { Origin: server.base } });
  const page = await openPage(theirs, server.base, { allow: [/status of 412/] });
  await page.goto(`${server.base}/projects/${project}/compare`);
  await page.getByText('مرحبا بكم في الميناء').waitFor();
  const v = await api('POST', `/api/tasks/${tasks[0]}/dispute`);
  await api('POST', `/api/tasks/${tasks[0]}/ruling`, { verdict: 'answer', pick: 1, seen: v.seen });
  await page.keyboard.press('Control+Enter');
  await page.locator('.toast').getByText('An answer changed, or somebody settled this task').waitFor();
  await page.getByText('Somebody settled this task by hand.').waitFor();
  await page.keyboard.press('n');
  await onTask(page, 2);
  assertClean(page);
  await theirs.close();
});

test('how sure consensus was beside how right, once somebody ruled: a chart read by arrow keys, a table, and what to do before', async () => {
  const page = await openPage(kept, server.base);
  await page.goto(`${server.base}/projects/${s.choices.id}/results`);
  const chart = page.getByRole('group', { name: 'Confidence of tone: read with the arrow keys' });
  await page.getByRole('heading', { name: 'How sure, and how right' }).waitFor();
  await page.getByRole('combobox', { name: 'Question' }).last().selectOption('tone');
  await page.getByText('the intervals are wide').waitFor();
  await chart.focus();
  await page.keyboard.press('ArrowRight');
  await page.getByText(/1 · Confidence 0\.\d+ · Right/).first().waitFor();
  await assertAccessible(page, 'reliability');
  await page.getByRole('button', { name: 'Table', exact: true }).last().click();
  await page.getByRole('table', { name: 'Confidence of tone' }).waitFor();
  await assertAccessible(page, 'reliability, table');
  await page.goto(`${server.base}/projects/${s.yard.id}/results`);
  await page.getByRole('heading', { name: 'How sure, and how right' }).waitFor();
  assertClean(page);
  await page.close();
});
