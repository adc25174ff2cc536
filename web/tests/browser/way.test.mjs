// A person's whole way, from an empty installation to a downloaded export: once by mouse, once by keyboard alone.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { assertAccessible, assertClean, assertFocusSeen, openPage, owner, startBrowser, startServer, tabTo } from './harness.mjs';

let browser;
before(async () => { browser = await startBrowser(); });
after(async () => { await browser?.close(); });

const rows = ['The lamp is broken.', 'It came on time, thank you.', 'Nobody answered the phone.'];
const jsonl = rows.map(text => JSON.stringify({ text })).join('\n');

async function exported(download) {
  const list = JSON.parse(readFileSync(await download.path(), 'utf8'));
  assert.equal(list.length, rows.length);
  assert.deepEqual(list.map(x => x.data.text).sort(), [...rows].sort());
  for (const task of list) {
    assert.equal(task.annotations.length, 1);
    const [r] = task.annotations[0].result;
    assert.equal(r.from_name, 'topic');
    assert.equal(r.type, 'choices');
    assert.equal(r.value.choices.length, 1);
  }
}

test('by mouse: claim, create, import, label, look, export', async () => {
  const server = await startServer(), context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', acceptDownloads: true });
  try {
    const page = await openPage(context, server.base);
    await page.goto(server.base + server.setupPath());
    await assertAccessible(page, 'setup');
    await page.getByLabel('Organisation').fill(owner.org);
    await page.getByLabel('Name', { exact: true }).fill(owner.name);
    await page.getByLabel('E-mail').fill(owner.email);
    await page.getByLabel('Password').fill('too short');
    await page.getByText(/Use at least 12/).waitFor();
    await page.getByLabel('Password').fill(owner.password);
    await page.getByRole('button', { name: 'Create the owner account' }).click();

    await page.getByRole('heading', { name: 'No projects yet' }).waitFor();
    await assertAccessible(page, 'empty home');
    await page.getByRole('main').getByRole('link', { name: 'New project' }).first().click();
    await page.getByLabel('Name', { exact: true }).fill('Parcels');
    await page.getByLabel('Instructions').fill('Choose what the message is mainly about.');
    await page.getByRole('button', { name: /^Next: questions/ }).click();
    await page.getByRole('button', { name: 'Choose a class' }).click();
    await page.getByText('no errors', { exact: true }).waitFor();
    await assertAccessible(page, 'questions');
    await page.getByRole('button', { name: /^Next: quality/ }).click();
    await page.getByLabel('Answers for each task').fill('1');
    await page.getByRole('button', { name: /^Create the project/ }).click();

    await page.getByRole('heading', { name: 'Add data' }).waitFor();
    await page.getByLabel('Choose files').setInputFiles({ name: 'parcels.jsonl', mimeType: 'application/x-ndjson', buffer: Buffer.from(jsonl) });
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('3 tasks added.').waitFor();
    await assertAccessible(page, 'import');
    await page.getByRole('main').getByRole('link', { name: 'Start' }).click();

    for (let n = 0; n < rows.length; n++) {
      await page.getByText(rows[n]).first().waitFor();
      if (n === 0) await assertAccessible(page, 'annotate');
      await page.getByRole('radio', { name: /Delivery/ }).click();
      await page.getByRole('button', { name: /^Submit/ }).click();
    }
    await page.getByText(rows[2]).first().waitFor({ state: 'hidden' });

    await page.goto(server.base + '/');
    await page.getByRole('main').getByRole('link', { name: 'Parcels', exact: true }).click();
    await page.getByRole('heading', { name: 'Parcels' }).waitFor();
    await page.getByText('100.0 %').waitFor();
    await assertAccessible(page, 'overview');
    await page.getByRole('navigation', { name: 'Project' }).getByRole('link', { name: 'Results' }).click();
    await page.getByRole('heading', { name: 'Consensus' }).waitFor();
    await page.getByRole('navigation', { name: 'Project' }).getByRole('link', { name: /Data/ }).click();
    await page.getByRole('gridcell', { name: rows[0] }).waitFor();
    await assertAccessible(page, 'tasks');
    await page.getByRole('gridcell', { name: rows[0] }).click();
    await page.getByRole('heading', { name: 'Task 1' }).waitFor();
    await page.getByText('Delivery').first().waitFor();
    await assertAccessible(page, 'task');
    await page.getByRole('navigation', { name: 'Project' }).getByRole('link', { name: 'Export' }).click();
    const wait = page.waitForEvent('download');
    await page.getByRole('link', { name: /^Download JSON/ }).click();
    await exported(await wait);
    assertClean(page);
  } finally { await context.close(); await server.stop(); }
});

test('by keyboard alone: the same way, with the focus always seen', async () => {
  const server = await startServer(), context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', acceptDownloads: true });
  try {
    const page = await openPage(context, server.base), key = k => page.keyboard.press(k), type = s => page.keyboard.type(s);
    const field = async (name, text) => { await tabTo(page, 'textbox', name); await assertFocusSeen(page); await type(text); };
    await page.goto(server.base + server.setupPath());
    await page.getByRole('heading', { name: 'Claim this server' }).waitFor();
    await field('Organisation', owner.org);
    await key('Tab'); await type(owner.name);
    await key('Tab'); await type(owner.email);
    await key('Tab'); await type(owner.password);
    await key('Enter');

    await page.getByRole('heading', { name: 'No projects yet' }).waitFor();
    await tabTo(page, 'link', 'New project'); await assertFocusSeen(page); await key('Enter');
    await page.getByLabel('Name', { exact: true }).waitFor();
    await tabTo(page, 'textbox', 'Name', { exact: true }); await type('Parcels');
    await key('Control+Enter');
    await page.getByText('no errors', { exact: true }).waitFor();
    await key('Control+Enter');
    await page.getByLabel('Answers for each task').waitFor();
    await tabTo(page, 'spinbutton', 'Answers for each task'); await key('Control+a'); await type('1');
    await key('Control+Enter');

    await page.getByRole('heading', { name: 'Add data' }).waitFor();
    await tabTo(page, 'button', 'Paste'); await key('Enter');
    await page.getByLabel('Rows').waitFor();
    await tabTo(page, 'textbox', 'Rows');
    await page.keyboard.insertText(jsonl);
    await tabTo(page, 'button', 'Add pasted.jsonl'); await key('Enter');
    await page.getByRole('cell', { name: rows[0] }).waitFor();
    await tabTo(page, 'button', 'Import', { exact: true }); await key('Enter');
    await page.getByText('3 tasks added.').waitFor();
    await tabTo(page, 'link', 'Start', { back: true }); await key('Enter');

    for (let n = 0; n < rows.length; n++) {
      await page.getByText(rows[n]).first().waitFor();
      await key(String(n + 1));
      await key('Control+Enter');
    }
    await page.getByText(rows[2]).first().waitFor({ state: 'hidden' });

    await page.goto(server.base + '/projects/1/export');
    await page.getByRole('radio', { name: 'JSON', exact: true }).waitFor();
    await tabTo(page, 'link', 'Download JSON'); await assertFocusSeen(page);
    const wait = page.waitForEvent('download');
    await key('Enter');
    await exported(await wait);
    assertClean(page);
  } finally { await context.close(); await server.stop(); }
});
