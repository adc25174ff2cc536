// Every page behind the login, in every look: light, dark, more contrast, twice as large, narrow, in English and Chinese.
// Nothing in the console, no axe finding, no sideways scrolling, a heading and a title of its own, a name for everything that
// can be worked, no word left in English; and the doors for people without an account.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertAccessible, assertClean, assertFits, assertNamed, assertTranslated, claim, goWithin, openPage, startBrowser, startServer, still, web } from './harness.mjs';

let browser, server, state, api, kept;

const config = `<View>
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text"><Choice value="Good"/><Choice value="Bad"/></Choices>
  <Labels name="word" toName="text"><Label value="Thing"/></Labels>
</View>`;

before(async () => {
  browser = await startBrowser();
  server = await startServer();
  const context = kept = await browser.newContext();
  api = await claim(context, server);
  const p = await api('POST', '/api/projects/', { title: 'Small shop', label_config: config, maximum_annotations: 2 });
  assert.equal(p.id, 1);
  await api('POST', '/api/projects/', { title: 'متجر صغير', label_config: config });
  const tasks = Array.from({ length: 12 }, (_, n) => ({ data: { text: `Message ${n}: the lamp is good.` } }));
  const { task_ids: ids } = await api('POST', '/api/projects/1/import?return_task_ids=true', tasks);
  if (ids) {
    await api('POST', `/api/tasks/${ids[0]}/annotations/`, { lead_time: 12, result: [
      { id: 'aaaaaaaaaa', type: 'choices', from_name: 'topic', to_name: 'text', value: { choices: ['Good'] } },
      { id: 'bbbbbbbbbb', type: 'labels', from_name: 'word', to_name: 'text', value: { start: 15, end: 19, text: 'lamp', labels: ['Thing'] } }] });
  }
  state = await context.storageState();
});
after(async () => { await kept?.close(); await browser?.close(); await server?.stop(); });

const places = ['/', '/projects', '/projects/new', '/projects/1', '/projects/2', '/projects/1/import', '/projects/1/tasks', '/projects/1/tasks/1', '/projects/1/results', '/projects/1/compare', '/projects/1/members',
  '/projects/1/export', '/projects/1/settings', '/projects/1/jobs', '/notices', '/people', '/vendors', '/tokens', '/keys', '/account', '/no/such/page', '/projects/99'];

test('the list above has a place for every page there is', () => {
  const source = readFileSync(join(web, 'src/app.tsx'), 'utf8');
  const patterns = [...source.matchAll(/\{ path: '([^']+)', page: \{[^}]*frame: '(?:shell|full)'/g)].map(([, p]) => p).filter(p => !p.endsWith('/annotate'));
  assert.ok(patterns.length > 12);
  for (const p of patterns) {
    const like = new RegExp(`^${p.replace(/:\w+#/g, '\\d+').replace(/:\w+/g, '[^/]+')}$`);
    assert.ok(places.some(at => like.test(at.split('?')[0])), `no place for ${p}`);
  }
});

/* A look: what the browser is told, and what the person has chosen in the account. */
const looks = [
  { name: 'light', width: 1280, set: {} },
  { name: 'dark, Chinese', width: 1280, colorScheme: 'dark', set: { language: 'zh' } },
  { name: 'more contrast, twice as large', width: 640, scale: 2, set: { contrast: true } },
  { name: 'dark with more contrast, narrow, Chinese', width: 320, colorScheme: 'dark', set: { contrast: true, language: 'zh' } },
];

for (const look of looks) {
  test(`${look.name}: every page is clean, accessible, named and fits`, async () => {
    const context = await browser.newContext({ viewport: { width: look.width, height: 800 }, deviceScaleFactor: look.scale ?? 1, colorScheme: look.colorScheme ?? 'light', reducedMotion: 'reduce', storageState: state });
    await context.addInitScript(set => { for (const [k, v] of Object.entries(set)) localStorage.setItem(`annotary.${k}`, JSON.stringify(v)); }, look.set);
    try {
      const allow = [], page = await openPage(context, server.base, { allow });
      for (const [n, at] of places.entries()) {
        const where = `${at} (${look.name})`;
        allow.splice(0, 1, ...(at === '/projects/99' ? [/status of 404/] : []));
        // The first look loads every page from its address; the others go on as a person does who is inside.
        if (n === 0 || look === looks[0]) await page.goto(server.base + at);
        else await goWithin(page, at);
        await page.getByRole('heading', { level: 1 }).waitFor();
        await still(page);
        assert.match(await page.title(), / · Annotary$/, at);
        await assertAccessible(page, where);
        await assertNamed(page, where);
        await assertFits(page, where);
        if (look.set.language) await assertTranslated(page, look.set.language, where);
        assertClean(page, at);
      }
    } finally { await context.close(); }
  });
}

test('the doors: wrong password, used invitation, a page that needs the login', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await openPage(context, server.base, { allow: [/status of 40[14]/] });
    await page.goto(`${server.base}/projects/1/results`);
    await page.getByRole('heading', { name: 'Log in' }).waitFor();
    assert.match(page.url(), /\/user\/login\?next=/);
    await page.getByLabel('E-mail').fill('mira@saltmarsh.example');
    await page.getByLabel('Password').fill('not this one at all');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('E-mail and password do not fit together.').waitFor();
    await assertAccessible(page);
    await page.getByLabel('Password').fill('seven herons at low tide');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Results' }).waitFor();
    await page.goto(`${server.base}/invite/nothing`);
    await page.getByRole('heading', { name: 'This invitation does not work' }).waitFor();
    await assertAccessible(page);
    assertClean(page);
  } finally { await context.close(); }
});

test('an invited annotator joins, sees only their work, and labels', async () => {
  const made = await api('POST', '/api/projects/1/invitations', { role: 'annotator' });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  try {
    const page = await openPage(context, server.base);
    await page.goto(new URL(made.url, server.base).href);
    await page.getByText(/invites you to “Small shop” as annotator/).waitFor();
    await assertAccessible(page);
    await page.getByLabel('Name', { exact: true }).fill('Ana Reis');
    await page.getByLabel('E-mail').fill('ana@saltmarsh.example');
    await page.getByLabel('Password').fill('eight herons at high tide');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('heading', { name: 'Hello, Ana' }).waitFor();
    assert.equal(await page.getByRole('link', { name: 'New project' }).count(), 0);
    assert.equal(await page.getByText('متجر صغير').count(), 0);
    await assertAccessible(page);
    await page.getByRole('link', { name: /Start.*Small shop/ }).click();
    await page.getByText(/Message \d+: the lamp/).first().waitFor();
    await page.goto(`${server.base}/people`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    page.complaints.length = 0;       // the list is refused with 403, which the browser notes
  } finally { await context.close(); }
});

test('an import with bad rows lists line, field and reason, and adds nothing', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, storageState: state });
  try {
    const page = await openPage(context, server.base, { allow: [/status of 400/] });
    await page.goto(`${server.base}/projects/2/import`);
    await page.getByLabel('Choose files').setInputFiles({ name: 'bad.jsonl', mimeType: 'application/x-ndjson', buffer: Buffer.from('{"text":"good"}\n{"text":\n') });
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('refused').first().waitFor();
    await assertAccessible(page);
    await page.getByRole('cell', { name: '2', exact: true }).waitFor();
    assert.equal((await api('GET', '/api/projects/2/')).task_number, 0);
    await page.getByLabel('Choose files').setInputFiles({ name: 'good.jsonl', mimeType: 'application/x-ndjson', buffer: Buffer.from('{"text":"good"}\n') });
    await page.getByRole('button', { name: 'Check every row first' }).click();
    await page.getByText('Nothing was kept.').waitFor();
    assert.equal((await api('GET', '/api/projects/2/')).task_number, 0);
    await page.getByRole('button', { name: 'Now add them' }).click();
    await page.getByText('1 task added.').waitFor();
    assert.equal((await api('GET', '/api/projects/2/')).task_number, 1);
    assertClean(page);
  } finally { await context.close(); }
});

test('a broken config shows its error in its line, and the repair takes it away', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, storageState: state });
  try {
    const page = await openPage(context, server.base, { allow: [/status of 400/] });
    await page.goto(`${server.base}/projects/new`);
    await page.getByLabel('Name', { exact: true }).fill('x');
    await page.getByRole('button', { name: /^Next/ }).click();
    await page.getByText('no errors', { exact: true }).waitFor();
    const area = page.getByRole('textbox', { name: 'Questions, as XML' });
    await area.fill('<View>\n  <Text name="t" value="$t">\n</View>');
    await page.getByText('1 error, line 3').waitFor();
    await page.getByText(/^Line 3, column \d+:/).waitFor();
    assert.equal(await page.getByRole('button', { name: /^Next/ }).getAttribute('aria-disabled'), 'true');
    await assertAccessible(page);
    await area.fill('<View>\n  <Text name="t" value="$t"/>\n  <Rating name="r" toName="t"/>\n</View>');
    await page.getByText('no errors', { exact: true }).waitFor();
    assertClean(page);
  } finally { await context.close(); }
});

test('a token is shown once and can be revoked', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, storageState: state });
  try {
    const page = await openPage(context, server.base);
    page.onDialog = d => void d.accept();
    await page.goto(`${server.base}/tokens`);
    await page.getByLabel('Name', { exact: true }).fill('nightly');
    await page.getByRole('button', { name: 'Make a token' }).click();
    const secret = await page.getByLabel('Token', { exact: true }).inputValue();
    assert.match(secret, /^anno_/);
    const who = await fetch(`${server.base}/api/current-user/whoami`, { headers: { Authorization: `Token ${secret}` } });
    assert.equal(who.status, 200);
    await page.reload();
    assert.equal(await page.getByLabel('Token', { exact: true }).count(), 0);
    await page.getByRole('button', { name: /Revoke.*nightly/ }).click();
    await page.getByText('No tokens yet').waitFor();
    assert.equal((await fetch(`${server.base}/api/current-user/whoami`, { headers: { Authorization: `Token ${secret}` } })).status, 401);
  } finally { await context.close(); }
});

