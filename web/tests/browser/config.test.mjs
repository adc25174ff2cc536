// The config editor. Over many configs: the form's tree put together again is the text, byte by byte, and each change of one
// attribute changes the tree the server reads in that one place. In the browser: build, save, see what it means for answers.
// ANNOTARY_TEMPLATES names one more folder of NAME.xml to go through.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { assertAccessible, assertClean, assertFits, claim, openPage, startBrowser, startServer, web } from './harness.mjs';

const most = process.env.ANNOTARY_TEMPLATES ? 3 : 1;       // attributes of a tag that are tried
let browser, server, state, api, kept, model, gallery, out;

before(async () => {
  out = mkdtempSync(join(web, 'node_modules/.config-'));
  await build({ root: web, configFile: false, logLevel: 'error', build: { ssr: true, outDir: out, target: 'node20', rollupOptions: { input: { model: join(web, 'src/pages/builder/model.ts'), templates: join(web, 'src/pages/templates.ts') }, output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' } } } });
  model = await import(pathToFileURL(join(out, 'model.mjs')).href);
  gallery = (await import(pathToFileURL(join(out, 'templates.mjs')).href)).templates;
  browser = await startBrowser();
  server = await startServer();
  kept = await browser.newContext();
  api = await claim(kept, server);
  state = await kept.storageState();
});
after(async () => { await kept?.close(); await browser?.close(); await server?.stop(); if (out) rmSync(out, { recursive: true, force: true }); });

function configs() {
  const read = dir => readdirSync(dir).filter(f => f.endsWith('.xml')).map(f => [f, readFileSync(join(dir, f), 'utf8')]);
  const more = process.env.ANNOTARY_TEMPLATES;
  return [...gallery.map(x => [x.id, x.xml]), ...read(join(web, '../tests/golden/label/ok')), ...(more ? read(more) : [])];
}

let cookie = null;
async function parse(xml) {
  cookie ??= (await kept.cookies()).map(c => `${c.name}=${c.value}`).join('; ');
  const csrf = (await kept.cookies()).find(c => c.name === 'csrftoken')?.value ?? (parse.csrf ??= (await (await kept.request.get(`${server.base}/api/session`)).json()).csrf);
  const reply = await fetch(`${server.base}/api/config/parse?places=true`, { method: 'POST', body: xml, headers: { 'Content-Type': 'application/xml', Cookie: cookie, 'X-CSRF-Token': csrf, Origin: server.base } });
  const v = await reply.json();
  return reply.status === 200 ? v.tree : Promise.reject(new Error(`${reply.status} ${JSON.stringify(v).slice(0, 300)}`));
}

/** What a tree says, without where it stands. */
const plain = x => ({ tag: x.tag, text: x.text, written: x.written?.map(w => [w[0], w[1]]), children: x.children.map(plain) });

/** The tree as a config may be edited in: every tag stands where the places say, and every value is what is written there. */
function checkPlaces(xml, x, name) {
  for (const k of model.every(x)) {
    const start = xml.slice(k.at[0], k.at[1]);
    assert.match(start, /^<[^\s/>]+/, name);
    assert.ok(start.endsWith('>'), `${name}: ${start}`);
    assert.equal(k.at[2] === k.at[3], start.endsWith('/>'), `${name}: ${start}`);
    if (k.at[2] !== k.at[3]) assert.match(xml.slice(k.at[2], k.at[3]), /^<\/[^\s>]+\s*>$/, name);
    for (const [n, v, from, a, b] of k.written) {
      assert.equal(xml.slice(from, from + n.length), n, name);
      assert.equal(xml[a - 1], xml[b], `${name}: quotes of ${n}`);
      if (!/[&\s]/.test(v + xml.slice(a, b))) assert.equal(xml.slice(a, b), v, name);
    }
  }
}

/** All of it, eight at a time. */
async function each(list, fn) {
  const todo = [...list];
  await Promise.all(Array.from({ length: 8 }, async () => { for (let x = todo.pop(); x; x = todo.pop()) await fn(...x); }));
}

test('every config: tree and text are the same thing, and one changed attribute is one changed place', async () => {
  const odd = 'Ä & "b" <c> \'d\' 字';
  let n = 0, edits = 0;
  await each(configs(), async (name, xml) => {
    let root;
    try { root = await parse(xml); } catch { return; }           // a config with errors has no form
    n++;
    checkPlaces(xml, root, name);
    assert.equal(model.emit({ xml, root }), xml, name);
    const tags = [...model.every(root)];
    for (let i = 0; i < tags.length; i++) {
      const x = tags[i];
      const names = [...new Set(x.written.map(w => w[0]))].filter(w => !/^(name|xmlns.*)$/i.test(w));
      for (const attr of [...names.slice(0, most), 'data-new']) {
        const doc = model.withAttr({ xml, root }, x, attr, odd), again = await parse(doc.xml), expected = plain(doc.root);
        assert.deepEqual(plain(again), expected, `${name}: ${attr} of <${x.tag}>`);
        assert.deepEqual([...model.every(again)].map(k => [k.at, k.written]), [...model.every(doc.root)].map(k => [k.at, k.written]), `${name}: places after ${attr} of <${x.tag}>`);
        const back = model.withAttr(doc, [...model.every(doc.root)][i], attr, model.valueOf(x, attr) ?? null);
        if (!/[&\s<>'"]/.test(model.valueOf(x, attr) ?? '')) assert.equal(back.xml, xml, `${name}: ${attr} of <${x.tag}> and back`);
        edits++;
        if (tags.length > 120 && i > 30) break;
      }
      if (edits % 500 === 499) await new Promise(r => setImmediate(r));
    }
  });
  console.log(`${n} configs, ${edits} changes`);
  assert.ok(n >= 40, `only ${n} configs were read`);
});

test('every config: a tag removed, copied, moved or added is that and nothing else', async () => {
  await each(configs(), async (name, xml) => {
    let root;
    try { root = await parse(xml); } catch { return; }
    const doc = { xml, root }, pairs = [];
    for (const p of model.every(root)) for (const k of model.kids(p)) pairs.push([p, k]);
    const index = new Map([...model.every(root)].map((k, i) => [k, i]));
    const clone = () => { const copy = structuredClone(root), list = [...model.every(copy)]; return { copy, of: x => list[index.get(x)] }; };
    const html = x => x.kind === 'html';
    for (const [p, k] of pairs.slice(0, most * 4)) {
      if (html(p)) continue;                                       // words between the children would join
      const removed = model.apply(xml, [model.remove(xml, k)]), r = clone(), rp = r.of(p);
      rp.children = rp.children.filter(x => x !== r.of(k));
      if (p !== root || model.kids(p).length > 1) {
        const got = await parse(removed).catch(e => { if (/names no|no name|toName|taken|outermost/.test(e.message)) return null; throw new Error(`${name}: ${e.message}\n${removed}`); });
        if (got) assert.deepEqual(plain(got), plain(r.copy), `${name}: <${k.tag}> removed`);
      }
      const swap = model.swap(xml, p, k, 1);
      if (swap) {
        const m = clone(), mp = m.of(p), at = mp.children.indexOf(m.of(k)), to = mp.children.findIndex((x, i) => i > at && x.at);
        [mp.children[at], mp.children[to]] = [mp.children[to], mp.children[at]];
        assert.deepEqual(plain(await parse(model.apply(xml, [swap]))), plain(m.copy), `${name}: <${k.tag}> down`);
        assert.equal(model.apply(xml, [swap]).length, xml.length);
      }
      const copied = await parse(model.apply(xml, [model.duplicate(doc, p, k)]));
      const size = [...model.every(k)].length;
      assert.equal([...model.every(copied)].length, index.size + size, `${name}: <${k.tag}> copied`);
    }
    const added = await parse(model.apply(xml, [model.insert(xml, root, 0, model.fresh(doc, '<Choices name="choice" toName="@">\n  <Choice value="One"/>\n</Choices>', () => true))]));
    assert.equal(model.kids(added)[0].tag, 'Choices', name);
    assert.deepEqual(plain(added).children.filter(c => c.tag !== '#text').slice(1), plain(root).children.filter(c => c.tag !== '#text'), `${name}: one added`);
  });
});

const shop = `<View>
  <!-- one question -->
  <Text name="text" value="$text"/>
  <Choices name="topic" toName="text" choice="single">
    <Choice value="Good"/>
    <Choice value="Bad"/>
  </Choices>
</View>`;

async function projectWithAnswers(title) {
  const p = await api('POST', '/api/projects/', { title, label_config: shop, maximum_annotations: 2 });
  const { task_ids: ids } = await api('POST', `/api/projects/${p.id}/import?return_task_ids=true`, Array.from({ length: 5 }, (_, n) => ({ data: { text: `Message ${n}` } })));
  const { results } = ids ? { results: ids.map(id => ({ id })) } : await api('GET', `/api/projects/${p.id}/tasks`);
  for (const [n, task] of results.entries()) {
    await api('POST', `/api/tasks/${task.id}/annotations/`, { lead_time: 2, result: [{ id: `aaaaaaaaa${n}`, type: 'choices', from_name: 'topic', to_name: 'text', value: { choices: [n < 3 ? 'Good' : 'Bad'] } }] });
  }
  return p;
}

async function opened(fn, o = {}) {
  const context = await browser.newContext({ viewport: { width: o.width ?? 1440, height: 900 }, storageState: state, reducedMotion: 'reduce', colorScheme: o.scheme ?? 'light' });
  try {
    const page = await openPage(context, server.base, { allow: [/status of 400/] });
    await fn(page);
    assertClean(page);
  } finally { await context.close(); }
}

test('settings: labels added, coloured and renamed by keyboard; what that means for answers stands there before it is saved', async () => {
  const p = await projectWithAnswers('Small shop');
  await opened(async page => {
    await page.goto(`${server.base}/projects/${p.id}/settings`);
    const form = page.locator('.bform'), xml = page.getByLabel('Questions, as XML');
    await form.getByLabel('Words of this Choice').first().waitFor();
    // Enter behind the last choice makes another one; the text keeps its comment and its lines
    await form.getByLabel('Words of this Choice').last().focus();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.activeElement?.value === 'Choice 3');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('Neither');
    const added = shop.replace('<Choice value="Bad"/>\n', '<Choice value="Bad"/>\n    <Choice value="Neither"/>\n');
    await page.waitForFunction(v => document.querySelector('.ed-area').value === v, added);
    await page.getByText('every answer still fits').waitFor();
    await page.getByText('All 5 answers were looked at.').waitFor();
    await page.getByText('New: topic: Neither').waitFor();
    await assertAccessible(page, 'settings with the form');
    await page.getByRole('button', { name: 'Save the questions' }).click();
    await page.getByText('Saved').first().waitFor();
    assert.equal((await api('GET', `/api/projects/${p.id}/`)).label_config, added);
    // a label is taken away: three answers no longer fit, and it says so before anything is saved
    await form.getByRole('button', { name: 'Settings of Good' }).click();
    await form.getByRole('button', { name: 'Remove Good' }).click();
    await page.getByText('3 answers no longer fit', { exact: true }).waitFor();
    await page.getByText('Choose from a list “topic” loses labels:').waitFor();
    await assertAccessible(page, 'settings with the impact');
    assert.equal((await api('GET', `/api/projects/${p.id}/`)).label_config, added, 'nothing is saved yet');
    await page.getByRole('button', { name: 'Undo the last change' }).click();
    await page.getByText('every answer still fits').waitFor({ state: 'detached' });        // back to what is saved: nothing to ask
    assert.equal(await xml.inputValue(), added);
    await page.getByRole('button', { name: 'Redo' }).click();
    page.onDialog = d => void d.accept();
    await page.getByRole('button', { name: 'Save; 3 answers no longer fit' }).click();
    await page.getByText('Saved').first().waitFor();
    await page.waitForFunction(() => !document.querySelector('[aria-label="What this change means for the answers"]'));
    assert.ok(!(await api('GET', `/api/projects/${p.id}/`)).label_config.includes('Good'));
  });
});

test('XML: an error says its place and is mended by a key, tags and attributes complete, the form follows', async () => {
  const p = await api('POST', '/api/projects/', { title: 'Editor', label_config: shop });
  await opened(async page => {
    await page.goto(`${server.base}/projects/${p.id}/settings`);
    const xml = page.getByLabel('Questions, as XML');
    await page.locator('.bform').getByLabel('Words of this Choice').first().waitFor();      // the last good version
    await xml.fill('<View>\n  <Text name="text" value="$text"/>\n  <Header value="Salt & pepper"/>\n</View>');
    await page.getByText('Line 3, column 23:').waitFor();
    await page.getByText('The XML has an error in line 3.').waitFor();
    await xml.press('Alt+Enter');
    await page.waitForFunction(() => document.querySelector('.ed-area').value.includes('Salt &amp; pepper'));
    await page.locator('.bform').getByText('Salt & pepper').waitFor();
    await xml.fill('<View>\n  <Text name="text" value="$text"/>\n  <Rating name="stars" toName="txt"/>\n</View>');
    await page.getByRole('button', { name: 'Set toName to “text”' }).click();
    await page.waitForFunction(() => document.querySelector('.ed-area').value.includes('toName="text"/>'));
    // completion
    await xml.fill('<View>\n  <Text name="text" value="$text"/>\n\n</View>');
    await xml.evaluate(a => { const at = a.value.indexOf('\n\n') + 1; a.setSelectionRange(at, at); });
    await page.keyboard.type('<Rat');
    await page.getByRole('option', { name: 'Rating' }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type(' na');
    await page.getByRole('option', { name: 'name', exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.type('r');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.type(' toN');
    await page.keyboard.press('Tab');
    await page.keyboard.type('te');
    await page.getByRole('option', { name: 'text', exact: true }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.type('/>');
    await page.waitForFunction(() => document.querySelector('.ed-area').value.includes('\n<Rating name="r" toName="text"/>\n'));
    await page.locator('.bform [data-path="1"]', { hasText: 'r  → text' }).waitFor();
  });
});

test('a new project: the form adds a question from the list; fits a phone and both themes', async () => {
  for (const [width, scheme] of [[1440, 'dark'], [390, 'light']]) {
    await opened(async page => {
      await page.goto(`${server.base}/projects/new`);
      await page.getByLabel('Name', { exact: true }).fill('Built by hand');
      await page.getByRole('button', { name: /^Next/ }).click();
      const form = page.locator('.bform');
      await form.getByText('Choose from a list').first().waitFor();
      await form.getByRole('button', { name: /^Add.*Group/ }).click();
      await page.getByLabel('Find a tag').fill('star');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter');
      await page.waitForFunction(() => document.querySelector('.bform [data-path="3"]')?.textContent.includes('Stars'));
      await form.getByLabel('Number of stars maxRating').fill('7');
      await form.getByLabel('Name in the results name').last().fill('stars');
      await page.keyboard.press('Enter');
      if (await page.locator('.ed-area').count()) await page.waitForFunction(() => /<Rating name="stars" toName="text" maxRating="7"\/>/.test(document.querySelector('.ed-area').value));
      await assertAccessible(page, `new project at ${width}, ${scheme}`);
      await assertFits(page, `new project at ${width}`);
      if (width === 1440) {
        await page.getByRole('button', { name: /^Next: quality/ }).click();
        await page.getByRole('button', { name: /^Create/ }).click();
        await page.waitForURL(/\/projects\/\d+\/import/);
        const id = /projects\/(\d+)/.exec(page.url())[1];
        assert.match((await api('GET', `/api/projects/${id}/`)).label_config, /<Rating name="stars" toName="text" maxRating="7"\/>/);
      }
    }, { width, scheme });
  }
});

test('what is typed for a new project outlives the page; two windows do not overwrite each other; a killed server loses nothing', async () => {
  await opened(async page => {
    page.onDialog = d => void d.accept();
    await page.goto(`${server.base}/projects/new`);
    await page.getByLabel('Name', { exact: true }).fill('Half done');
    await page.getByRole('button', { name: /^Next/ }).click();
    await page.getByLabel('Questions, as XML').fill(shop);
    await page.waitForFunction(() => localStorage.getItem('annotary.create.draft')?.includes('one question'));
    await page.reload();
    await page.getByText('This is what you had begun.').waitFor();
    assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'Half done');
    await page.getByRole('button', { name: /^Next/ }).click();
    await page.waitForFunction(v => document.querySelector('.ed-area')?.value === v, shop);
    await page.getByRole('button', { name: 'Back', exact: true }).click();
    await page.getByRole('button', { name: 'Start afresh' }).click();
    await page.waitForFunction(() => document.querySelector('main input').value === '');
  });
  const p = await api('POST', '/api/projects/', { title: 'Two windows', label_config: shop });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, storageState: state, reducedMotion: 'reduce' });
  try {
    const [a, b] = [await openPage(context, server.base, { allow: [/status of 412/, /ERR_|Failed to load/] }), await openPage(context, server.base, { allow: [/status of 412/, /ERR_|Failed to load/] })];
    for (const page of [a, b]) { await page.goto(`${server.base}/projects/${p.id}/settings`); await page.locator('.bform').getByLabel('Words of this Choice').first().waitFor(); }
    await a.locator('.bform').getByLabel('Words of this Choice').first().fill('Great');
    await a.getByRole('button', { name: 'Save the questions' }).click();
    await a.getByText('Saved').first().waitFor();
    await b.locator('.bform').getByLabel('Words of this Choice').last().fill('Awful');
    await b.getByRole('button', { name: 'Save the questions' }).click();
    await b.getByText('Somebody else changed the questions in the meantime.').waitFor();
    await assertAccessible(b, 'two windows');
    assert.equal((await api('GET', `/api/projects/${p.id}/`)).label_config, shop.replace('Good', 'Great'));
    await server.kill('SIGKILL');
    await a.locator('.bform').getByLabel('Words of this Choice').last().fill('Poor');
    await server.begin();
    await a.getByText('no errors', { exact: true }).waitFor();
    await a.getByRole('button', { name: 'Save the questions' }).click();
    await a.waitForFunction(async id => (await (await fetch(`/api/projects/${id}/`)).json()).label_config.includes('Poor'), p.id);
  } finally { await context.close(); }
});

test('a config with ten thousand choices opens as a form at once, part by part, and one of them is changed', async () => {
  const big = `<View>\n  <Text name="text" value="$text"/>\n  <Taxonomy name="tree" toName="text">\n${Array.from({ length: 100 }, (_, i) => `    <Choice value="G${i}">\n${Array.from({ length: 100 }, (_, k) => `      <Choice value="G${i} ${k}"/>\n`).join('')}    </Choice>\n`).join('')}  </Taxonomy>\n</View>`;
  const p = await api('POST', '/api/projects/', { title: 'Big', label_config: big });
  await opened(async page => {
    await page.goto(`${server.base}/projects/${p.id}/settings`);
    await page.locator('.bt-head', { hasText: 'Choose from a tree' }).click();
    await page.getByLabel('Words of this Choice').nth(99).waitFor();
    assert.ok(await page.locator('.bform input').count() < 600, 'not all ten thousand are there');
    await page.getByLabel('Words of this Choice').nth(42).fill('Forty-two');
    await page.waitForFunction(v => document.querySelector('.ed-area').value === v, big.replace('value="G42">', 'value="Forty-two">'));
    await page.getByText('no errors', { exact: true }).waitFor();
  });
});
