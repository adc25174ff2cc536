// The task list: narrowed, ordered, saved and acted on, by keyboard alone; and what it says when there is nothing, too much,
// something wrong, or somebody else was quicker.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertAccessible, assertClean, assertFits, claim, openPage, startBrowser, startServer, tabTo } from './harness.mjs';

let browser, server, kept, api, ids;
const topics = ['harbour', 'market', 'ferry', 'tide'], COUNT = 2400;
const config = `<View><Text name="text" value="$text"/><Choices name="topic" toName="text"><Choice value="Good"/><Choice value="Bad"/></Choices></View>`;

const long = Array.from({ length: COUNT }, (_, n) => n).filter(n => n * 37 % 500 >= 490), ferries = long.filter(n => topics[n % 4] === 'ferry').length;

before(async () => {
  browser = await startBrowser();
  server = await startServer();
  kept = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  api = await claim(kept, server);
  await api('POST', '/api/projects/', { title: 'Port notices', label_config: config, maximum_annotations: 2 });
  ({ task_ids: ids } = await api('POST', '/api/projects/1/import?return_task_ids=true', Array.from({ length: COUNT }, (_, n) => ({
    data: { text: n === 7 ? 'مرحبا بالميناء' : `Notice ${n} of the port`, topic: topics[n % 4], length: n * 37 % 500 } }))));
  for (const n of [0, 1]) await api('POST', `/api/tasks/${ids[n]}/annotations/`, { result: [{ id: 'a', type: 'choices', from_name: 'topic', to_name: 'text', value: { choices: ['Good'] } }] });
  await api('POST', '/api/projects/', { title: 'Nothing yet', label_config: config });
});
after(async () => { await kept?.close(); await browser?.close(); await server?.stop(); });

const list = page => page.getByRole('grid', { name: 'Tasks' });
const total = (page, n) => page.locator(`[data-total="${n}"]`).waitFor();
const rows = page => page.locator('[role=row][data-task]');
const open = async (path = '/projects/1/tasks', o = {}) => {
  const page = await openPage(kept, server.base, o);
  await page.goto(server.base + path);
  return page;
};

/* A column for a new condition, by its first letters. */
async function pick(page, typed, name) {
  await page.keyboard.press('f');
  await page.waitForFunction(() => document.activeElement?.getAttribute('role') === 'combobox');
  await page.keyboard.type(typed);
  await page.getByRole('option', { name, selected: true }).waitFor();
  await page.keyboard.press('Enter');
}

test('by keyboard alone: a condition, an order, a selection, an act with undo, a saved view', async () => {
  const page = await open();
  await rows(page).first().waitFor();
  await total(page, COUNT);
  await assertAccessible(page, 'list');
  await pick(page, 'leng', /length/);
  const dialog = page.getByRole('dialog', { name: 'Condition on length' });
  await dialog.getByRole('img', { name: /spread from 0 to 499/ }).waitFor();
  await page.keyboard.press('Shift+Tab');                       // from the value to the comparison
  for (let n = 0; n < 5; n++) await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Tab');
  await page.keyboard.type('490');
  await dialog.getByText(`leaves ${long.length} tasks`).waitFor();
  await assertAccessible(page, 'condition');
  await page.keyboard.press('Enter');
  await total(page, long.length);
  assert.equal(await page.getByRole('dialog').count(), 0);
  await pick(page, 'topic', /topic/);
  await page.getByRole('dialog').getByLabel('Value', { exact: true }).waitFor();
  await page.getByRole('dialog').getByRole('button', { name: /ferry/ }).waitFor();
  await page.keyboard.type('err');
  await page.keyboard.press('Enter');
  await total(page, ferries);
  assert.match(page.url(), /q=/);

  await list(page).focus();
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  await page.keyboard.press('Shift+ArrowDown');
  await page.getByText(`2 of ${ferries} selected`).first().waitFor();
  assert.equal(await list(page).getAttribute('aria-activedescendant'), 'task-row-1');
  await page.keyboard.press('a');
  await page.getByText(`${ferries} of ${ferries} selected`).first().waitFor();
  await assertAccessible(page, 'selection');
  await page.keyboard.press('b');
  await tabTo(page, 'button', 'Priority');
  await page.keyboard.press('Enter');
  const ask = page.getByRole('dialog', { name: `Priority of ${ferries} tasks` });
  await ask.getByLabel('Priority').fill('3');
  await assertAccessible(page, 'act');
  await page.keyboard.press('Enter');
  await page.getByText(`${ferries} tasks have the new priority.`).first().waitFor();
  const three = () => api('POST', '/api/projects/1/tasks/map', { query: { filters: { items: [{ filter: 'filter:tasks:priority', operator: 'equal', type: 'Number', value: 3 }] } }, step: 1000 }).then(v => v.total);
  assert.equal(await three(), ferries);
  await page.getByRole('button', { name: /Undo/ }).click();
  await page.getByText(`Undone for ${ferries} tasks.`).first().waitFor();
  assert.equal(await three(), 0);

  await tabTo(page, 'button', 'Save this view');
  await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Name' }).fill('Long ferries');
  await assertAccessible(page, 'naming');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: /^Long ferries/ }).waitFor();
  await page.waitForURL(/view=1/);
  await page.reload();
  await total(page, ferries);
  assert.deepEqual((await api('GET', '/api/dm/views/?project=1'))[0].data.filters.items.map(c => [c.filter, c.operator, c.value]),
    [['filter:tasks:data.length', 'greater_or_equal', 490], ['filter:tasks:data.topic', 'contains', 'err']]);
  assertClean(page);
  await page.close();
});

test('any place is one move of the scroll bar away; a task opens and the way back leads to the same place', async () => {
  const page = await open();
  await rows(page).first().waitFor();
  await total(page, COUNT);
  await page.evaluate(() => { const g = document.querySelector('.scroller'); g.scrollTop = g.scrollHeight * 0.75; });
  await page.getByRole('row', { name: /1\s?805/ }).first().waitFor();
  assert.ok(await rows(page).count() < 60, 'only what is on the screen is in the page');
  await list(page).focus();
  await page.keyboard.press('End');
  await page.getByRole('row', { name: /Notice 2399 of the port/ }).waitFor();
  await page.keyboard.press('k');
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /^Task 2.?399$/ }).waitFor();
  await page.goBack();
  await page.getByRole('row', { name: /Notice 2398 of the port/ }).waitFor();
  assert.match(await list(page).getAttribute('aria-activedescendant'), /2398/);
  await page.keyboard.press('Home');
  await page.getByRole('row', { name: /Notice 0 of the port/ }).waitFor();
  assertClean(page);
  await page.close();
});

test('heads sort; columns are chosen and kept; a number is found', async () => {
  const page = await open();
  await rows(page).first().waitFor();
  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'length' }).check();
  await page.getByRole('spinbutton', { name: 'Width of length in pixels' }).fill('200');
  await page.keyboard.press('Escape');
  await page.getByRole('columnheader', { name: 'length' }).getByRole('button').click();
  await page.getByText('length, lowest first').waitFor();
  await page.getByRole('columnheader', { name: 'length' }).getByRole('button').click();
  await page.getByText('length, highest first').waitFor();
  await page.locator('[data-at="0"]').getByRole('gridcell', { name: '499', exact: true }).waitFor();
  assert.equal(await page.getByRole('columnheader', { name: 'length' }).getAttribute('aria-sort'), 'descending');
  await page.reload();
  await page.getByRole('columnheader', { name: 'length' }).waitFor();
  assert.equal(Math.round(await page.getByRole('columnheader', { name: 'length' }).evaluate(e => e.getBoundingClientRect().width)), 200);
  await page.keyboard.press('/');
  await page.keyboard.type('мар');
  await page.keyboard.press('Enter');
  await page.getByText('No task fulfils these conditions').waitFor();
  await assertAccessible(page, 'no match');
  await page.getByRole('button', { name: 'Show all tasks' }).click();
  await total(page, COUNT);
  await page.keyboard.press('/');
  await page.keyboard.type('مرحبا');
  await page.keyboard.press('Enter');
  await total(page, 1);
  assertClean(page);
  await page.close();
});

test('what is wrong is said at its condition; what somebody else deleted is said to be gone', async () => {
  const page = await open('/projects/1/tasks', { allow: [/status of 40[04]/] });
  await rows(page).first().waitFor();
  await pick(page, 'topic', /topic/);
  await page.getByRole('dialog').getByRole('combobox', { name: 'Comparison' }).selectOption('regex');
  await page.getByRole('dialog').getByLabel('Value', { exact: true }).fill('(a');
  await page.keyboard.press('Enter');
  await page.locator('.condwrap').getByText('A ( is not closed.').waitFor();
  await assertAccessible(page, 'wrong condition');
  await page.getByRole('button', { name: 'Remove the condition on topic' }).click();
  await total(page, COUNT);
  const { id } = await api('POST', '/api/dm/views/', { project: 1, data: { title: 'Doomed' } });
  await api('DELETE', `/api/dm/views/${id}/`);
  await page.goto(`${server.base}/projects/1/tasks?view=${id}`);
  await page.getByText('Somebody has deleted this view.').waitFor();
  await rows(page).first().waitFor();
  assertClean(page);
  await page.close();
});

test('tasks deleted under the scroll leave gaps and move no row; deleting is undone, or for good when the number is typed', async () => {
  const page = await open();
  await rows(page).first().waitFor();
  await total(page, COUNT);
  for (const n of [1200, 1201]) await api('DELETE', `/api/tasks/${ids[n]}/`);
  await page.evaluate(() => { const g = document.querySelector('.scroller'); g.scrollTop = 1290 * 41; });
  await page.locator('[data-at="1299"]').getByText('This task was deleted meanwhile').waitFor();
  await page.locator('[data-at="1300"]').getByText('Notice 1300 of the port').waitFor();
  await page.getByRole('button', { name: 'Load again' }).click();
  await total(page, COUNT - 2);
  await page.goto(`${server.base}/projects/1/tasks?find=2`);
  await rows(page).first().waitFor();
  await list(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('x');
  await page.getByRole('button', { name: 'More acts' }).click();
  await page.getByRole('button', { name: 'Delete tasks' }).click();
  const ask = page.getByRole('dialog', { name: 'Delete 1 task?' }), count = async () => (await api('GET', '/api/projects/1/')).task_number;
  await assertAccessible(page, 'delete');
  await ask.getByRole('button', { name: 'Delete tasks' }).click();
  await page.getByText('1 task deleted.').first().waitFor();
  assert.equal(await count(), COUNT - 3);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Undone for 1 task.').first().waitFor();
  assert.equal(await count(), COUNT - 2);
  await list(page).focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('x');
  await page.getByRole('button', { name: 'More acts' }).click();
  await page.getByRole('button', { name: 'Delete tasks' }).click();
  await ask.getByLabel('Delete for good, now').check();
  assert.equal(await ask.getByRole('button', { name: 'Delete tasks' }).getAttribute('aria-disabled'), 'true');
  await ask.getByLabel('Type 1 to go on').fill('1');
  await ask.getByRole('button', { name: 'Delete tasks' }).click();
  await page.getByText('1 task deleted.').first().waitFor();
  assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 0);
  assert.equal(await count(), COUNT - 3);
  assertClean(page);
  await page.close();
});

test('deleted tasks stand on the page of jobs: back, or for good', async () => {
  const p = await api('POST', '/api/projects/', { title: 'Second thoughts', label_config: config });
  const { task_ids } = await api('POST', `/api/projects/${p.id}/import?return_task_ids=true`, Array.from({ length: 5 }, (_, n) => ({ data: { text: `t${n}` } })));
  await api('DELETE', `/api/tasks/${task_ids[0]}/`);
  await api('DELETE', `/api/projects/${p.id}/tasks`);
  const page = await open(`/projects/${p.id}/jobs`), gone = page.getByRole('table', { name: 'Deleted tasks' });
  await gone.getByRole('row', { name: /4 tasks/ }).waitFor();
  await assertAccessible(page, 'deleted');
  await page.emulateMedia({ colorScheme: 'dark' });
  await assertAccessible(page, 'deleted, dark');
  await gone.getByRole('button', { name: 'Put 4 tasks back' }).focus();
  await page.keyboard.press('Enter');
  await gone.getByRole('row', { name: /4 tasks/ }).waitFor({ state: 'detached' });
  await page.getByRole('row', { name: /Putting deleted tasks back.*done/ }).waitFor();
  assert.equal((await api('GET', `/api/projects/${p.id}/`)).task_number, 4);
  await gone.getByRole('button', { name: 'Delete for good now' }).click();
  const sure = page.getByRole('dialog', { name: 'Delete 1 task for good?' });
  await sure.getByLabel('Type 1 to go on').fill('1');
  await page.keyboard.press('Enter');
  await gone.waitFor({ state: 'detached' });
  assert.deepEqual((await api('GET', `/api/projects/${p.id}/deletions`)).results, []);
  assertClean(page);
  await page.close();
});

test('an order says which tasks it leaves out, and leads to them', async () => {
  const p = await api('POST', '/api/projects/', { title: 'Half known', label_config: config });
  await api('POST', `/api/projects/${p.id}/import`, [{ text: 'a', size: 3 }, { text: 'b' }, { text: 'c', size: 1 }, { text: 'd', size: 'unknown' }, { text: 'e', size: 2 }].map(data => ({ data })));
  const ask = o => `/projects/${p.id}/tasks?q=${encodeURIComponent(JSON.stringify({ w: [], ...o }))}`;
  const page = await open(ask({ o: ['-tasks:data.size'] }));
  await total(page, 3);
  await page.getByText('2 tasks have no “size” to sort by and are not in this list.').waitFor();
  await assertAccessible(page, 'left out');
  await page.getByRole('button', { name: 'Show only these' }).click();
  await total(page, 2);
  assert.deepEqual(await rows(page).allTextContents().then(all => all.map(x => /[bd]/.exec(x.replace(/\d/g, ''))?.[0])), ['b', 'd']);
  assert.equal(await page.getByText('not in this list').count(), 0);
  await page.goto(server.base + ask({ w: [['data.size', 'greater', 'Number', 1]], o: ['tasks:data.size'] }));
  await total(page, 2);
  assert.equal(await page.getByText('not in this list').count(), 0, 'the conditions leave nobody out');
  await page.goto(server.base + ask({ o: ['tasks:agreement'] }));
  await page.getByText('5 tasks have no “Agreement” to sort by').waitFor();
  assertClean(page);
  await page.close();
});

test('an act on many is stopped while it runs, and what it did is undone', async () => {
  const p = await api('POST', '/api/projects/', { title: 'Many', label_config: config }), n = 60_000;       // a fast machine must still be at it when it is told to stop
  await api('POST', `/api/projects/${p.id}/import`, Array.from({ length: n }, (_, k) => ({ data: { text: `t${k}` } })));
  const page = await open(`/projects/${p.id}/tasks`);
  await total(page, n);
  await list(page).focus();
  await page.keyboard.press('a');
  await page.getByRole('button', { name: 'More acts' }).click();
  await page.getByRole('button', { name: 'Delete tasks' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete tasks' }).click();
  await page.getByText(/^[1-9].* of .* done$/).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.getByText(/^Stopped after .* tasks?\.$/).first().waitFor({ timeout: 20_000 });
  const left = (await api('GET', `/api/projects/${p.id}/`)).task_number;
  assert.ok(left > 0 && left < n, `${left} left`);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText(/^Undone for .* tasks?\.$/).first().waitFor({ timeout: 30_000 });
  assert.equal((await api('GET', `/api/projects/${p.id}/`)).task_number, n);
  await page.goto(`${server.base}/projects/${p.id}/jobs`);
  await page.getByRole('row', { name: /An act on many tasks.*stopped/ }).waitFor();
  await assertAccessible(page, 'stopped');
  assertClean(page);
  await page.close();
});

test('nothing yet, a phone, dark, high contrast and right to left', async () => {
  const page = await open('/projects/2/tasks');
  await page.getByText('No data yet').waitFor();
  await assertAccessible(page, 'empty');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${server.base}/projects/1/tasks`);
  await rows(page).first().waitFor();
  await assertAccessible(page, 'dark');
  await page.emulateMedia({ colorScheme: 'light', contrast: 'more' });
  await page.reload();
  await rows(page).first().waitFor();
  await page.evaluate(() => { document.documentElement.dataset.contrast = 'more'; document.documentElement.dir = 'rtl'; });
  await assertAccessible(page, 'high contrast');
  await assertFits(page, 'right to left');
  await page.evaluate(() => { document.documentElement.dir = 'ltr'; });
  await page.setViewportSize({ width: 390, height: 844 });
  await assertFits(page, 'phone');
  await rows(page).first().getByRole('checkbox').click();
  await page.getByText(/^1 of/).waitFor();
  await assertFits(page, 'phone with a selection');
  await assertAccessible(page, 'phone');
  assertClean(page);
  await page.close();
});
