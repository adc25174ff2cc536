// Hostile text in every field a stranger can fill: task data, config values, titles, names, file names, answers. The pages
// must show it as text: no alert, no script, no policy report, no request that leaves.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { claim, openPage, startBrowser, startServer, still } from './harness.mjs';

const bare = [
  '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<svg onload=alert(1)>', '<svg><script>alert(1)</script></svg>', '<body onload=alert(1)>',
  '<iframe src="javascript:alert(1)"></iframe>', '<iframe srcdoc="<script>alert(1)</script>"></iframe>', '<a href="javascript:alert(1)">x</a>', '<a href=" java\tscript:alert(1)">x</a>',
  '<details open ontoggle=alert(1)>x</details>', '<video><source onerror=alert(1)></video>', '<audio src=x onerror=alert(1)>', '<input autofocus onfocus=alert(1)>', '<select autofocus onfocus=alert(1)>',
  '<textarea autofocus onfocus=alert(1)>', '<marquee onstart=alert(1)>', '<object data="javascript:alert(1)">', '<embed src="javascript:alert(1)">', '<form action="javascript:alert(1)"><button>x</button></form>',
  '<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>', '<style>@import "javascript:alert(1)"</style>', '<style>body{background:url("javascript:alert(1)")}</style>', '<link rel=stylesheet href="javascript:alert(1)">',
  '<meta http-equiv=refresh content="0;url=javascript:alert(1)">', '<base href="javascript:alert(1)//">', '"><script>alert(1)</script>', "'><script>alert(1)</script>", '" onmouseover="alert(1)', "' onmouseover='alert(1)",
  '--><script>alert(1)</script>', ']]><script>alert(1)</script>', '</textarea><script>alert(1)</script>', '</title><script>alert(1)</script>', '</style><script>alert(1)</script>', '{{constructor.constructor("alert(1)")()}}',
  '${alert(1)}', '#{alert(1)}', '<%= alert(1) %>', 'javascript:alert(1)', 'data:text/html,<script>alert(1)</script>', '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<template><script>alert(1)</script></template>', '<xmp><script>alert(1)</script></xmp>', '<svg><animate onbegin=alert(1) attributeName=x dur=1s>', '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<svg><use href="data:image/svg+xml,<svg onload=alert(1)>"></use></svg>', '<img src="x" srcset="x 1x" onerror="alert(1)">', '<div style="background:url(javascript:alert(1))">x</div>', '<p style="width:expression(alert(1))">x</p>', '<img src=`x` onerror=alert(1)>',
];
const changed = [s => s, s => s.toUpperCase().replaceAll('ALERT', 'alert'), s => s.replaceAll('<', '&lt;').replaceAll('>', '&gt;'), s => `\u202e${s}\u202c`];
export const payloads = changed.flatMap(f => bare.map(f));
assert.equal(payloads.length, 200);

const attr = s => s.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&apos;').replaceAll('\t', '&#9;');

let browser, server, state, api, project;

before(async () => {
  browser = await startBrowser();
  server = await startServer();
  const context = await browser.newContext();
  api = await claim(context, server);
  // `choices` shows each payload as value, hint and alias; `data` has each payload in a field of its own.
  const config = `<View><Header value="${attr(bare[0])}"/><Text name="text" value="$f0"/>
    <Choices name="topic" toName="text" choice="multiple">${payloads.map((p, i) => `<Choice value="${attr(p)} ${i}" hint="${attr(p)}" alias="a${i}"/>`).join('')}</Choices>
    <TextArea name="words" toName="text" placeholder="${attr(bare[1])}"/></View>`;
  project = await api('POST', '/api/projects/', { title: bare[1], description: bare[2], expert_instruction: bare.join('\n'), label_config: config, maximum_annotations: 2, show_instruction: true });
  const data = Object.fromEntries(payloads.map((p, i) => [`f${i}`, p]));
  await api('POST', `/api/projects/${project.id}/import`, [{ data, meta: { note: bare[3] } }, ...bare.map(p => ({ data: { f0: p, image: p, [p.slice(0, 40)]: p } }))]);
  const list = await api('GET', `/api/projects/${project.id}/tasks?limit=5`);
  await api('POST', `/api/tasks/${list.results[0].id}/annotations/`, { result: [{ id: 'xxxxxxxxxx', type: 'textarea', from_name: 'words', to_name: 'text', value: { text: payloads } }] });
  await api('POST', '/api/vendors', { name: bare[1] });
  await api('POST', '/api/tokens', { name: bare[1] });
  const made = await api('POST', `/api/projects/${project.id}/invitations`, { role: 'annotator' });
  const joined = await context.request.post(`${server.base}/api/invitations/${new URL(made.url, server.base).pathname.split('/').pop()}/accept`, { data: { name: bare[1], email: 'x@saltmarsh.example', password: 'nine herons at any tide' }, headers: { Origin: server.base } });
  assert.ok(joined.ok(), await joined.text());
  // Accepting may log the new person in here; the pages are looked at as the owner.
  const fresh = await browser.newContext();
  const reply = await fresh.request.post(`${server.base}/api/session`, { data: { email: 'mira@saltmarsh.example', password: 'seven herons at low tide' }, headers: { Origin: server.base } });
  assert.ok(reply.ok(), await reply.text());
  state = await fresh.storageState();
  project.task = list.results[0].id;
  await fresh.close();
});
after(async () => { await browser?.close(); await server?.stop(); });

test('200 payloads in every field: nothing runs, nothing leaves, no policy report', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, storageState: state });
  await context.addInitScript(() => {
    globalThis.__fired = [];
    for (const name of ['alert', 'confirm', 'prompt']) globalThis[name] = x => { globalThis.__fired.push(`${name}(${x})`); };
    document.addEventListener('securitypolicyviolation', e => { globalThis.__fired.push(`policy: ${e.violatedDirective} ${e.blockedURI}`); });
  });
  try {
    const base = `/projects/${project.id}`, page = await openPage(context, server.base);
    for (const at of ['/', base, `${base}/tasks`, `${base}/tasks/${project.task}`, `${base}/results`, `${base}/members`, `${base}/settings`, `${base}/import`, `${base}/export`, `${base}/annotate`, '/people', '/vendors', '/tokens']) {
      await page.goto(server.base + at);
      await page.locator('h1, [role=heading], main').first().waitFor();
      await still(page);
      if (at === '/') await page.getByText('<img src=x onerror=alert(1)>').first().waitFor();      // it is there, as text
      await page.mouse.move(640, 300);
      await page.mouse.move(400, 420);
      assert.deepEqual(await page.evaluate(() => globalThis.__fired), [], at);
      assert.equal(await page.evaluate(() => document.querySelectorAll('script:not([src^="/assets/"]), iframe[srcdoc], object, embed, base, [onerror], [onload], a[href^="javascript" i]').length), 0, at);
      assert.deepEqual(page.complaints.filter(c => !/status of 40/.test(c)), [], at);
    }
  } finally { await context.close(); }
});

test('a file name, pasted rows and a config with payloads are shown as text', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, storageState: state });
  await context.addInitScript(() => { globalThis.__fired = []; globalThis.alert = x => { globalThis.__fired.push(x); }; });
  try {
    const page = await openPage(context, server.base, { allow: [/status of 400/] });
    await page.goto(`${server.base}/projects/${project.id}/import`);
    await page.getByLabel('Choose files').setInputFiles({ name: '<img src=x onerror=alert(1)>.jsonl', mimeType: 'text/plain', buffer: Buffer.from('{"<img src=x onerror=alert(1)>": \n') });
    await page.getByText('1 bad row').first().waitFor();
    await page.getByRole('button', { name: 'Import', exact: true }).click();
    await page.getByText('refused').first().waitFor();
    await page.goto(`${server.base}/projects/new`);
    await page.getByLabel('Name', { exact: true }).fill('<img src=x onerror=alert(1)>');
    await page.getByRole('button', { name: /^Next/ }).click();
    const area = page.getByRole('textbox', { name: 'Questions, as XML' });
    for (const p of bare.slice(0, 12)) {
      const read = page.waitForResponse(r => r.url().includes('/api/config/parse'));
      await area.fill(`<View><Header value="x"/>${p}</View>`);
      await read;
      await still(page);
    }
    assert.deepEqual(await page.evaluate(() => globalThis.__fired), []);
  } finally { await context.close(); }
});

test('as the HTML of a task, all together and those alone that swallow the rest: the frame runs nothing, loads nothing, goes nowhere', async () => {
  const config = '<View><HyperTextLabels name="label" toName="html"><Label value="A"/></HyperTextLabels><HyperText name="html" value="$html" clickableLinks="true"/></View>';
  const swallows = /<(\/?(style|textarea|title)|xmp|noscript|template|select|math)|--/i;
  const made = await api('POST', '/api/projects/', { title: 'HTML', label_config: config });
  const away = '<p style="background:url(https://away.example/a.png)">x</p><style>@import "https://away.example/a.css"; p { background: url(https://away.example/b.png) }</style><img src="https://away.example/c.png"><form action="https://away.example/"><button>go</button></form><a href="https://away.example/" target="_top">x</a>';
  await api('POST', `/api/projects/${made.id}/import`, [away + payloads.filter((p) => !swallows.test(p)).map((p) => `<div>${p}</div>`).join(''), ...bare.filter((p) => swallows.test(p))].map((html) => ({ data: { html } })));
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, storageState: state });
  await context.addInitScript(() => { globalThis.__fired = []; for (const name of ['alert', 'confirm', 'prompt']) globalThis[name] = x => { globalThis.__fired.push(`${name}(${x})`); }; });
  try {
    const page = await openPage(context, server.base, { allow: [/Blocked script execution .* sandboxed/, /status of 404/] });
    await page.goto(`${server.base}/projects/${made.id}/annotate`);
    const found = [];
    for (let i = 0, old = ''; i < 1 + bare.filter((p) => swallows.test(p)).length; i++) {
      await page.waitForFunction((was) => document.querySelector('.topbar .mute')?.textContent !== was && (document.querySelector('.hyper-frame')?.contentDocument?.documentElement?.style.length ?? 0) > 0, old);
      found.push(await page.evaluate(() => {
        const d = document.querySelector('.hyper-frame').contentDocument, all = [...d.body.querySelectorAll('*')];
        return {
          names: [...new Set(all.map((x) => x.nodeName.toLowerCase()))].filter((n) => ['script', 'iframe', 'object', 'embed', 'base', 'meta', 'link', 'audio', 'video', 'use'].includes(n)),
          handlers: all.flatMap((x) => x.getAttributeNames().filter((n) => n.startsWith('on'))),
          ways: all.flatMap((x) => ['href', 'xlink:href', 'action', 'formaction', 'target', 'srcdoc'].filter((n) => x.hasAttribute(n))),
          links: all.flatMap((x) => (x.dataset?.href ? [x.dataset.href] : [])).filter((h) => !/^(https?|mailto):/.test(h)),
          fired: globalThis.__fired, at: d.location.pathname, size: all.length,
        };
      }));
      old = await page.locator('.topbar .mute').innerText();
      await page.keyboard.press('Control+Enter');
    }
    await still(page);
    assert.ok(found.some((f) => f.size > 50), `what is harmless is there: ${found.map((f) => f.size)}`);
    for (const { size, ...f } of found) assert.deepEqual(f, { names: [], handlers: [], ways: [], links: [], fired: [], at: '/frame.html' });
    assert.deepEqual(page.complaints, []);
  } finally { await context.close(); }
});
