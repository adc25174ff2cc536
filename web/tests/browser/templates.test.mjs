// Every template of the gallery is accepted by the server and shows a preview without a complaint; and the pages read from
// right to left, with longer words, do not break.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertAccessible, assertClean, assertFits, claim, goWithin, openPage, startBrowser, startServer, still } from './harness.mjs';

let browser, server, state, kept;
before(async () => {
  browser = await startBrowser();
  server = await startServer();
  kept = await browser.newContext();
  const api = await claim(kept, server);
  await api('POST', '/api/projects/', { title: 'Small shop', label_config: '<View><Text name="t" value="$text"/><Rating name="r" toName="t"/></View>' });
  await api('POST', '/api/projects/1/import', [{ data: { text: 'Hello' } }]);
  state = await kept.storageState();
});
after(async () => { await kept?.close(); await browser?.close(); await server?.stop(); });

test('each template parses without error and its preview stands', async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, storageState: state, reducedMotion: 'reduce' });
  try {
    const page = await openPage(context, server.base);
    await page.goto(`${server.base}/projects/new`);
    await page.getByLabel('Name', { exact: true }).fill('x');
    await page.getByRole('button', { name: /^Next/ }).click();
    const list = page.getByRole('region', { name: 'Templates' }).locator('.tpl');
    const n = await list.count();
    assert.ok(n >= 40);
    for (let i = 0; i < n; i++) {
      const name = await list.nth(i).innerText();
      const parsed = i === 0 ? null : page.waitForResponse(r => r.url().includes('/api/config/parse'));
      await list.nth(i).click();
      if (parsed) {
        const reply = await parsed;
        assert.equal(reply.status(), 200, name);
        const v = await reply.json();
        assert.deepEqual(v.errors ?? [], [], name);
        if (i < n - 1) assert.deepEqual(v.warnings ?? [], [], name);      // the last one starts empty, and the server says so
      }
      if (i % 6 === 0) await assertAccessible(page, `template ${name}`);
      assertClean(page, `template ${name}`);
    }
  } finally { await context.close(); }
});

test('right to left, with longer words: nothing is cut off sideways, nothing complains', async () => {
  for (const width of [1280, 390]) {
    const context = await browser.newContext({ viewport: { width, height: 844 }, storageState: state, reducedMotion: 'reduce' });
    await context.addInitScript(() => localStorage.setItem('annotary.pseudo', '"rtl"'));
    try {
      const page = await openPage(context, server.base);
      await page.goto(`${server.base}/projects`);
      for (const at of ['/', '/projects/1', '/projects/1/import', '/projects/1/tasks', '/projects/1/export', '/projects/1/settings', '/tokens', '/account']) {
        await goWithin(page, at);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await still(page);
        assert.equal(await page.evaluate(() => document.documentElement.dir), 'rtl');
        await assertFits(page, `${at} at ${width}`);
        assertClean(page, at);
      }
    } finally { await context.close(); }
  }
});
