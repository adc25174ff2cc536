// Questions that must be answered say so; a refused answer says what is missing at each, and takes one to the first.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertAccessible, assertClean, assertFits, assertFocusSeen, claim, openPage, startBrowser, startServer } from './harness.mjs';

let browser, server, kept, api, state;
before(async () => {
  browser = await startBrowser();
  server = await startServer();
  kept = await browser.newContext();
  api = await claim(kept, server);
  state = await kept.storageState();
});
after(async () => { await kept?.close(); await browser?.close(); await server?.stop(); });

async function open(config, data, o = {}) {
  const { id } = await api('POST', '/api/projects/', { title: 'Harbour desk', label_config: config });
  await api('POST', `/api/projects/${id}/import`, [{ data }]);
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, storageState: state, reducedMotion: 'reduce', ...o });
  const page = await openPage(context, server.base);
  await page.goto(`${server.base}/projects/${id}/annotate`);
  await page.waitForSelector('.work[class*="lay-"]');
  page.close = () => context.close();
  return page;
}

const FORM = `<View><Text name="t" value="$t"/>
  <Header value="Kind"/><Choices name="kind" toName="t" required="true" requiredMessage="Which kind is it?"><Choice value="Tug"/><Choice value="Ferry"/></Choices>
  <Choices name="seen" toName="t" choice="multiple" required="true"><Choice value="By day"/><Choice value="At night"/></Choices>
  <Choices name="drop" toName="t" layout="select" required="true"><Choice value="North"/><Choice value="South"/></Choices>
  <TextArea name="why" toName="t" required="true" maxSubmissions="1"/><Rating name="stars" toName="t" required="true"/>
  <Number name="n" toName="t" required="true"/><DateTime name="day" toName="t" only="date" required="true"/>
  <Taxonomy name="tax" toName="t" required="true"><Choice value="A"/><Choice value="B"/></Taxonomy>
  <Choices name="free" toName="t"><Choice value="Yes"/><Choice value="No"/></Choices></View>`;

test('each kind of question says that it must be answered, in words and to those who hear the page', async () => {
  const page = await open(FORM, { t: 'Aster left Lomond.' });
  assert.equal(await page.getByText('Required', { exact: true }).count(), 8);
  assert.equal(await page.locator('[data-q="free"] .need').count(), 0);
  for (const at of ['[data-q="kind"] [role="radiogroup"]', '[data-q="drop"] select', '[data-q="why"] input', '[data-q="stars"] [role="radiogroup"]', '[data-q="n"] input', '[data-q="day"] input', '[data-q="tax"] [role="tree"]']) {
    assert.equal(await page.locator(at).getAttribute('aria-required'), 'true', at);
  }
  // A group of checkboxes may not be "required"; its description says it.
  const group = page.locator('[data-q="seen"] [role="group"]');
  assert.equal(await page.locator(`[id="${await group.getAttribute('aria-describedby')}"]`).innerText(), 'Required');
  await assertAccessible(page, 'before');

  await page.keyboard.press('Control+Enter');
  await page.getByText('Which kind is it?').first().waitFor();
  assert.equal(await page.locator('.q .err').count(), 8);
  await page.waitForFunction(() => document.activeElement?.closest('[data-q]')?.dataset.q === 'kind');
  await assertFocusSeen(page);
  assert.equal(await page.locator('[data-q="n"] input').getAttribute('aria-invalid'), 'true');
  await assertAccessible(page, 'refused');
  await page.keyboard.press('Space');                                            // answered: its message goes, the others stay
  assert.equal(await page.locator('[data-q="kind"] .err').count(), 0);
  assert.equal(await page.locator('.q .err').count(), 7);
  await page.keyboard.press('Control+Enter');
  await page.waitForFunction(() => document.activeElement?.closest('[data-q]')?.dataset.q === 'seen');
  await page.keyboard.press('Control+z');                                        // taken back: asked again with the next try only
  assert.equal(await page.locator('[data-q="kind"] .err').count(), 0);
  assertClean(page);
  await page.close();
});

test('labels, an answer for a region, and a drawing tool that are missing are said where they are looked for', async () => {
  const page = await open(`<View><Labels name="l" toName="t" required="true" requiredMessage="Mark one ship at least."><Label value="Ship"/></Labels><Text name="t" value="$t"/>
    <TextArea name="why" toName="t" perRegion="true" required="true" maxSubmissions="1"/></View>`, { t: 'Aster left Lomond.' });
  await page.locator('.labelbar').getByText('Required').waitFor();
  await page.keyboard.press('Control+Enter');
  await page.locator('.labelbar').getByText('Mark one ship at least.').waitFor();
  await page.waitForFunction(() => document.activeElement?.closest('.labelbar'));
  await assertAccessible(page, 'labels are missing');
  await page.keyboard.press('1');
  const line = await page.locator('[data-line]').first().boundingBox();
  await page.mouse.dblclick(line.x + 20, line.y + 12);
  await page.locator('.rlist > li').waitFor();
  assert.equal(await page.locator('.labelbar .err').count(), 0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Enter');
  await page.locator('.detail').getByText('This needs an answer for this region.').waitFor();
  await page.waitForFunction(() => document.activeElement?.matches('.detail input'));
  await page.keyboard.type('red hull');
  assert.equal(await page.locator('.err').count(), 0);
  assertClean(page);
  await page.close();

  const picture = await open('<View><Image name="i" value="$i"/><Rectangle name="r" toName="i" required="true" requiredMessage="Draw the ship."/></View>', { i: 'data:image/gif;base64,R0lGODlhAQABAAAAACw=' });
  await picture.keyboard.press('Control+Enter');
  await picture.locator('.toast').getByText('Draw the ship.').waitFor();
  assertClean(picture);
  await picture.close();
});

test('on a phone and in Chinese the marks fit and speak the language', async () => {
  const page = await open(FORM, { t: 'Aster left Lomond.' }, { viewport: { width: 390, height: 844 }, hasTouch: true, locale: 'zh-CN' });
  assert.equal(await page.getByText('必答', { exact: true }).count(), 8);
  await page.getByRole('button', { name: '提交' }).click();
  await page.getByText('Which kind is it?').first().waitFor();
  await assertFits(page, 'refused on a phone');
  await assertAccessible(page, 'refused on a phone');
  assertClean(page);
  await page.close();
});

test('the questions tried on five rows of one’s own: the project’s tasks, or a file; refused where an annotator’s would be; nothing is saved', async () => {
  const config = '<View><Text name="t" value="$t"/><Choices name="c" toName="t" required="true"><Choice value="Tug"/><Choice value="Ferry"/></Choices></View>';
  const { id } = await api('POST', '/api/projects/', { title: 'To try', label_config: config });
  await api('POST', `/api/projects/${id}/import`, Array.from({ length: 7 }, (_, n) => ({ data: { t: `Entry ${n + 1}` } })));
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, storageState: state, reducedMotion: 'reduce' });
  const page = await openPage(context, server.base);
  await page.goto(`${server.base}/projects/${id}/settings`);
  await page.getByRole('button', { name: 'Try with 5 tasks' }).click();
  const dialog = page.getByRole('dialog', { name: 'Try with 5 tasks' });
  await dialog.getByText('Task 1 of 5').waitFor();
  await dialog.getByRole('radio', { name: 'Tug' }).waitFor();
  await page.keyboard.press('Control+Enter');
  await dialog.getByText('One answer is missing.').waitFor();
  await dialog.locator('.q .err').waitFor();
  await assertAccessible(page, 'trying');
  for (let n = 1; n <= 5; n++) {
    await dialog.getByText(`Task ${n} of 5`).waitFor();
    await page.waitForFunction(() => document.activeElement?.matches('dialog [role="radio"]'));
    await page.keyboard.press(n % 2 ? '1' : '2');
    await page.keyboard.press('Control+Enter');
  }
  await dialog.getByText('5 tasks answered. Nothing was saved.').waitFor();
  await assertAccessible(page, 'tried');
  await page.keyboard.press('Escape');
  assert.equal(await dialog.count(), 0);
  assert.equal((await api('GET', `/api/projects/${id}/`)).total_annotations_number, 0);

  await page.goto(`${server.base}/projects/new`);
  await page.getByRole('textbox', { name: 'Name' }).fill('From a file');
  await page.keyboard.press('Control+Enter');
  await page.getByRole('button', { name: 'Try with 5 tasks' }).waitFor();
  const file = page.locator('.wz-r input[type="file"]');
  await file.setInputFiles({ name: 'rows.json', mimeType: 'application/json', buffer: Buffer.from('[{') });
  await page.getByText('No rows could be read from this file.').waitFor();
  await file.setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from('text,image\nOne line,\nTwo lines,\n') });
  await dialog.getByText('Task 1 of 2').waitFor();
  await dialog.getByRole('button', { name: 'Back to the questions' }).first().click();
  assertClean(page);
  await context.close();
});
