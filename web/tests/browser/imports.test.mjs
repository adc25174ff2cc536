// Data in and out: the first rows before anything is stored, columns that feed fields, bad rows, a trial of all rows; what an
// export keeps and loses; jobs and notices.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertAccessible, assertClean, assertFits, claim, openPage, startBrowser, startServer, tabTo, still } from './harness.mjs';

let browser, server, state, api, kept;
const config = '<View><Text name="text" value="$text"/><Choices name="topic" toName="text"><Choice value="Good"/><Choice value="Bad"/></Choices></View>';

before(async () => {
  browser = await startBrowser();
  server = await startServer();
  kept = await browser.newContext();
  api = await claim(kept, server);
  await api('POST', '/api/projects/', { title: 'Small shop', label_config: config });
  state = await kept.storageState();
});
after(async () => { await kept?.close(); await browser?.close(); await server?.stop(); });

async function opened(fn, o = {}) {
  const context = await browser.newContext({ viewport: { width: o.width ?? 1280, height: 800 }, storageState: state, reducedMotion: 'reduce', colorScheme: o.scheme ?? 'light' });
  try {
    const page = await openPage(context, server.base, { allow: [/status of 400/] });
    await fn(page);
    assertClean(page);
  } finally { await context.close(); }
}
const file = (name, text) => ({ name, mimeType: 'application/octet-stream', buffer: Buffer.from(text) });
const count = async () => (await api('GET', '/api/projects/1/')).task_number;

test('a table: its first rows, a guessed column that a person changes by keyboard, a trial, the import', async () => {
  await opened(async page => {
    await page.goto(`${server.base}/projects/1/import`);
    await page.getByLabel('Choose files').setInputFiles(file('letters.csv', 'id,body,remark\n1,"The parcel came late, and it was wet.",ok\n2,The lamp works.,a longer remark that nobody needs here at all\n'));
    const column = page.getByLabel('$text, for Text');
    await page.getByRole('cell', { name: 'The lamp works.' }).waitFor();
    assert.equal(await column.inputValue(), 'body', 'the text that is left is guessed');
    await page.waitForFunction(() => [...document.querySelectorAll('th')].some(x => x.textContent.trim().startsWith('text')));
    await assertAccessible(page, 'import with a preview');
    await column.focus();
    await page.keyboard.press('End');                         // the last column
    await page.getByRole('cell', { name: 'ok', exact: true }).waitFor();
    await column.selectOption('');
    await page.getByText('Nothing feeds $text. Tasks would show nothing there.').waitFor();
    await column.selectOption('body');
    await page.getByText('2 more columns come along: id, remark').click();
    await page.getByRole('checkbox', { name: 'remark' }).uncheck();
    await page.getByRole('columnheader', { name: 'remark' }).waitFor({ state: 'detached' });
    assert.equal(await count(), 0, 'nothing is stored by looking');
    await tabTo(page, 'button', 'Check every row first');
    await page.keyboard.press('Enter');
    await page.getByText('2 tasks would be added').waitFor();
    assert.equal(await count(), 0);
    await page.getByRole('button', { name: 'Now add them' }).click();
    await page.getByText('2 tasks added.').waitFor();
    const { results } = await api('GET', '/api/projects/1/tasks');
    const tasks = await Promise.all(results.map(r => api('GET', `/api/tasks/${r.id}/`)));
    assert.deepEqual(tasks.map(x => x.data), [{ text: 'The parcel came late, and it was wet.', id: '1' }, { text: 'The lamp works.', id: '2' }]);
  });
});

test('bad rows stand in the preview with line and reason; two files at once; right-to-left text; a phone', async () => {
  const had = await count();
  await opened(async page => {
    await page.goto(`${server.base}/projects/1/import`);
    await page.getByLabel('Choose files').setInputFiles([file('bad.jsonl', '{"text":"good"}\n{"text":\n{"text":"مرحبا بالعالم"}\n'), file('words.txt', 'one\ntwo\n')]);
    await page.getByText('1 bad row').first().waitFor();
    await page.locator('.badrow').getByText('2', { exact: true }).waitFor();
    await page.getByText('An import with bad rows is refused as a whole.').waitFor();
    await page.getByRole('cell', { name: 'two', exact: true }).waitFor();
    await assertAccessible(page, 'two files on a phone');
    await assertFits(page, 'two files on a phone');
    await page.getByRole('button', { name: 'Do not import bad.jsonl' }).click();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('2 tasks added.').waitFor();
    assert.equal(await count(), had + 2);
    // an empty file, and one that is no data at all
    await page.getByLabel('Choose files').setInputFiles(file('empty.csv', ''));
    await page.getByText('There is no data in this request.').first().waitFor();
  }, { width: 390, scheme: 'dark' });
});

test('export: a format says what it keeps and loses of these questions; the ones that do not fit say why', async () => {
  const p = await api('POST', '/api/projects/', { title: 'Pictures', label_config: '<View><Image name="img" value="$image"/><RectangleLabels name="box" toName="img"><Label value="Car"/></RectangleLabels><BrushLabels name="mask" toName="img"><Label value="Sky"/></BrushLabels></View>' });
  await api('POST', `/api/projects/${p.id}/import`, [{ data: { image: '/sample.svg' } }]);
  for (const [width, scheme] of [[1280, 'light'], [390, 'dark']]) {
    await opened(async page => {
      await page.goto(`${server.base}/projects/${p.id}/export`);
      await page.getByRole('heading', { name: 'What JSON keeps' }).waitFor();
      await page.getByText('Answers are written as they were given').waitFor();
      await page.getByRole('radio', { name: 'JSON', exact: true }).focus();
      await page.getByRole('radio', { name: 'COCO' }).check();
      const keeps = page.getByRole('region', { name: 'What COCO keeps' });
      await keeps.getByText('a rotated box becomes the upright box around it').waitFor();
      await keeps.getByText('not in the file').waitFor();
      await page.getByText(/does not fit these questions: CONLL2003/i).click();
      await page.getByText('needs Labels on a Text.').waitFor();
      await assertAccessible(page, `export ${scheme}`);
      await assertFits(page, `export at ${width}`);
      assert.match(await page.getByRole('link', { name: /COCO/ }).getAttribute('href'), /format=COCO&answer=annotations$/);
    }, { width, scheme });
  }
});

test('the bell says how an import ended and leads there; the jobs of a project stand in a list; home says what was heard', async () => {
  const p = await api('POST', '/api/projects/', { title: 'Told', label_config: config });
  await opened(async page => {
    await page.goto(`${server.base}/projects/${p.id}/import`);
    await page.getByLabel('Choose files').setInputFiles(file('good.jsonl', '{"text":"one"}\n'));
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('1 task added.').waitFor();
    await page.goto(`${server.base}/projects/${p.id}/import`);
    await page.getByLabel('Choose files').setInputFiles(file('bad.jsonl', '{"text":\n'));
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('refused').first().waitFor();
    await page.goto(`${server.base}/`);
    await page.getByRole('region', { name: 'Heard back' }).getByRole('link', { name: 'good.jsonl: 1 task added' }).waitFor();
    await assertAccessible(page, 'home with notices');
    const bell = page.getByRole('link', { name: /^Notices \d+ new/ });
    await bell.waitFor();
    await tabTo(page, 'link', /^Notices/);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Notices', level: 1 }).waitFor();
    await page.getByRole('link', { name: 'bad.jsonl was refused: 1 bad row' }).waitFor();
    await assertAccessible(page, 'notices');
    await page.getByRole('link', { name: 'Notices', exact: true }).first().waitFor();     // nothing is new any more
    await page.getByRole('link', { name: 'bad.jsonl was refused: 1 bad row' }).click();
    await page.getByRole('heading', { name: 'Add data' }).waitFor();
    await page.getByText('refused').first().waitFor();
    await page.getByRole('link', { name: 'Earlier imports and jobs' }).click();
    await page.getByRole('cell', { name: /Import bad.jsonl/ }).waitFor();
    await page.getByRole('row', { name: /good.jsonl/ }).getByText('done').waitFor();
    await assertAccessible(page, 'jobs');
  });
  await opened(async page => {
    for (const at of ['/notices', `/projects/${p.id}/jobs`]) {
      await page.goto(server.base + at);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await still(page);
      await assertFits(page, at);
      await assertAccessible(page, at);
    }
  }, { width: 390, scheme: 'dark' });
});
