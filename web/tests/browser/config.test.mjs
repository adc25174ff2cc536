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
      for (const attr of [...names.slice(0, 3), 'data-new']) {
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
    for (const [p, k] of pairs.slice(0, 12)) {
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
