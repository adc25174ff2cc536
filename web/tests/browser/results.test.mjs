// What answers come to: two people differ, the overview and the results say so in figures, chart and table, and one task
// shows both answers side by side.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertAccessible, assertClean, claim, openPage, startBrowser, startServer } from './harness.mjs';

let browser, server, kept, api, tasks;
const config = `<View><Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Good"/><Choice value="Bad"/></Choices></View>`;

before(async () => {
  browser = await startBrowser();
  server = await startServer();
  kept = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  api = await claim(kept, server);
  await api('POST', '/api/projects/', { title: 'Small shop', label_config: config, maximum_annotations: 2 });
  ({ task_ids: tasks } = await api('POST', '/api/projects/1/import?return_task_ids=true', Array.from({ length: 8 }, (_, n) => ({ data: { text: `Message ${n}` } }))));
  const made = await api('POST', '/api/projects/1/invitations', { role: 'annotator' });
  const joined = await kept.request.post(`${server.base}/api/invitations/${new URL(made.url).pathname.split('/').pop()}/accept`, { data: { name: 'Ana Reis', email: 'ana@saltmarsh.example', password: 'eight herons at high tide' }, headers: { Origin: server.base } });
  const { person } = await joined.json();
  for (const [n, task] of tasks.entries()) {
    for (const who of [1, person.id]) {
      const choice = who === 1 || n < 6 ? 'Good' : 'Bad';
      await api('POST', `/api/tasks/${task}/annotations/`, { completed_by: who, lead_time: 20 + n, result: [{ id: `r${n}`, type: 'choices', from_name: 'topic', to_name: 'text', value: { choices: [choice] } }] });
    }
  }
  for (let n = 0; n < 200; n++) {
    const a = await api('GET', '/api/projects/1/agreement');
    if (a.overall.n === tasks.length) return;
    await new Promise(r => setTimeout(r, 200));
  }
  throw new Error('the consensus was not computed');
});
after(async () => { await kept?.close(); await browser?.close(); await server?.stop(); });

test('agreement over all, by task and by pair, as chart and as table; the agreed answers; one task compared', async () => {
  const page = await openPage(kept, server.base);
  await page.goto(`${server.base}/projects/1`);
  await page.getByText('100.0 %').waitFor();
  await page.getByText('0.75').first().waitFor();
  await assertAccessible(page, 'overview');
  await page.getByRole('navigation', { name: 'Project' }).getByRole('link', { name: 'Results' }).click();
  await page.getByText('Only 8 tasks with two or more answers').first().waitFor();
  await page.getByRole('img', { name: /By pair of people/ }).waitFor();
  await assertAccessible(page, 'results, charts');
  for (const b of await page.getByRole('button', { name: 'Table', exact: true }).all()) await b.click();
  const row = page.getByRole('table', { name: 'By pair of people' }).getByRole('row').nth(1);
  assert.match(await row.innerText(), /Ana Reis[\s\S]*0\.75[\s\S]*8|Mira Sand[\s\S]*0\.75[\s\S]*8/);
  await assertAccessible(page, 'results, tables');
  const agreed = page.getByRole('table', { name: 'Consensus' });
  assert.equal(await agreed.getByRole('row').count(), tasks.length + 1);
  await agreed.getByRole('link', { name: '8', exact: true }).click();
  await page.getByRole('heading', { name: 'Task 8' }).waitFor();
  const compare = page.getByRole('table', { name: 'Answers by question and person' });
  assert.match(await compare.innerText(), /Good[\s\S]*Bad/);
  await compare.getByText('differ').waitFor();
  await page.getByText('Versions').first().click();
  await page.getByText('Version 1').waitFor();
  await assertAccessible(page, 'task');
  await page.goto(`${server.base}/projects/1/tasks?state=settled`);
  await page.getByText('8 tasks').waitFor();
  assertClean(page);
  await page.close();
});

test('a config that answers do not survive says so first, and is taken when that is meant', async () => {
  const page = await openPage(kept, server.base, { allow: [/status of 40[09]/] });
  page.onDialog = d => void d.accept();
  await page.goto(`${server.base}/projects/1/settings`);
  const area = page.getByRole('textbox', { name: 'Questions, as XML' });
  await area.fill(config.replace('<Choice value="Bad"/>', ''));
  await page.getByText('no errors', { exact: true }).waitFor();
  const meant = page.getByRole('button', { name: /^Save; \d+ answers? no longer fits?$/ });
  await meant.waitFor();
  await assertAccessible(page, 'what the change means');
  assert.match((await api('GET', '/api/projects/1/')).label_config, /Bad/);
  await meant.click();
  await page.getByText('Saved', { exact: true }).first().waitFor();
  assert.doesNotMatch((await api('GET', '/api/projects/1/')).label_config, /Bad/);
  assertClean(page);
  await page.close();
});
