// Runs the real program on a free port with a fresh data folder, and Chromium against it. Every page is watched: nothing in
// the console, no report of the content policy, no request to another origin. How to write a quick test: README.md here.
import { spawn } from 'node:child_process';
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = dirname(fileURLToPath(import.meta.url));
export const web = resolve(here, '../..');
export const binary = resolve(process.env.ANNOTARY_BIN ?? join(web, '../build/annotary'));
export const browserPath = process.env.CHROMIUM ?? '/usr/bin/chromium';

/** Why the browser tests cannot run here, or null. */
export function cannotRun() {
  if (!existsSync(binary)) return `no program at ${binary} (set ANNOTARY_BIN)`;
  if (!existsSync(browserPath)) return `no browser at ${browserPath} (set CHROMIUM)`;
  return null;
}

export function freePort() {
  return new Promise((done, no) => {
    const s = createServer();
    s.once('error', no);
    s.listen(0, '127.0.0.1', () => { const { port } = s.address(); s.close(() => done(port)); });
  });
}

/** A running server. `stop()` ends it and removes its folder; `restart()` keeps the data. */
export async function startServer(o = {}) {
  const data = o.data ?? mkdtempSync(join(tmpdir(), 'annotary-web-')), port = o.port ?? await freePort();
  let out = '', child = null;
  const begin = async () => {
    child = spawn(binary, ['serve', '--data', data, '--port', String(port), ...(o.args ?? [])], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...(o.env ?? {}) } });
    const mine = child;
    let over = null;
    for (const pipe of [mine.stdout, mine.stderr]) pipe.on('data', d => { out += d; });
    mine.on('exit', (code, signal) => { out += `(the server ended with ${code ?? signal})\n`; over = out; });
    for (let n = 0; ; n++) {
      if (over) throw new Error(over);
      try { if ((await fetch(`http://127.0.0.1:${port}/health`)).ok) break; } catch { /* not up yet */ }
      if (n > 200) throw new Error(`the server did not come up:\n${out}`);
      await new Promise(r => setTimeout(r, 50));
    }
  };
  const end = (how = 'SIGTERM') => new Promise(done => {
    const mine = child;           // by then another one may run in its place
    if (!mine || mine.exitCode !== null || mine.signalCode !== null) { done(); return; }
    const hard = setTimeout(() => mine.kill('SIGKILL'), 10_000);
    hard.unref();
    mine.once('exit', () => { clearTimeout(hard); done(); });
    mine.kill(how);
  });
  await begin();
  return {
    base: `http://127.0.0.1:${port}`, data, port,
    get output() { return out; },
    setupPath() {
      const m = /\/setup\?token=[\w.~-]+/.exec(out);
      assert.ok(m, `the console shows no setup link:\n${out}`);
      return m[0];
    },
    kill: end, begin,
    async stop() { await end(); if (!o.data) rmSync(data, { recursive: true, force: true }); },
  };
}

export async function startBrowser() {
  const args = ['--disable-gpu', '--no-first-run', '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  if (process.getuid?.() === 0) args.unshift('--no-sandbox');
  return chromium.launch({ executablePath: browserPath, headless: true, args });
}

// The first question of every page is "who is here?"; before the login the answer is 401, and Chromium notes that.
const expected = m => /status of 401/.test(m.text()) && /\/api\/session$/.test(m.location().url ?? '');

/** A page that remembers everything it complained about. */
export async function openPage(context, base, o = {}) {
  const page = await context.newPage(), complaints = [], allowed = o.allow ?? [];
  page.setDefaultTimeout(o.timeout ?? 20_000);      // the most it may take where everything is slow
  page.on('console', m => {
    if (m.type() !== 'error' && m.type() !== 'warning') return;
    if (expected(m) || allowed.some(re => re.test(m.text()))) return;
    complaints.push(`${m.type()}: ${m.text()} (${m.location().url ?? ''})`);
  });
  page.on('pageerror', e => complaints.push(`error: ${e.stack ?? e.message}`));
  page.on('request', r => {
    const u = r.url();
    if (!u.startsWith(base) && !/^(data|blob|about|chrome):/.test(u)) complaints.push(`request to ${u}`);
  });
  page.on('dialog', d => {
    if (page.onDialog) { page.onDialog(d); return; }
    complaints.push(`dialog: ${d.message()}`);
    void d.dismiss();
  });
  page.complaints = complaints;
  const flying = page.flying = new Set();
  page.on('request', r => flying.add(r));
  for (const end of ['requestfinished', 'requestfailed']) page.on(end, r => flying.delete(r));
  page.on('framenavigated', f => { if (f === page.mainFrame()) flying.clear(); });     // what the page before asked for
  return page;
}

const frames = page => page.evaluate(() => new Promise(done => { requestAnimationFrame(() => requestAnimationFrame(() => done())); }));

/** Until nothing is on its way to the server and what came is drawn. Half a second less than `networkidle`, and it works
    after goWithin() too. */
export async function still(page) {
  const end = Date.now() + 20_000;
  for (let calm = 0; calm < 2;) {
    await frames(page);
    calm = page.flying.size ? 0 : calm + 1;
    if (Date.now() > end) throw new Error(`${page.url()} still waits for ${[...page.flying].map(r => r.url()).join(' ')}`);
  }
}

/** To another page of ours, as by a link: nothing is loaded anew, which costs a fifth of goto(). `path` may have a query. */
export async function goWithin(page, path) {
  await page.evaluate(to => new Promise((done, no) => {
    if (location.pathname + location.search === to) { done(); return; }
    const mark = () => document.querySelector('main h1, .work, .failed'), old = mark(), end = performance.now() + 20_000;
    history.pushState(null, '', to);
    dispatchEvent(new PopStateEvent('popstate'));
    const look = () => {
      if (mark() && !old?.isConnected) done();
      else if (performance.now() > end) no(new Error(`${to} did not come`));
      else requestAnimationFrame(look);
    };
    look();
  }), path);
}

export function assertClean(page, where = page.url()) {
  assert.deepEqual(page.complaints, [], `${where} complained`);
}

const axeSource = readFileSync(join(web, 'node_modules/axe-core/axe.min.js'), 'utf8');

const debuggers = new WeakMap();
/** The debugger of a page; one for all that is asked. */
async function debuggerOf(page) {
  if (!debuggers.has(page)) debuggers.set(page, await page.context().newCDPSession(page));
  return debuggers.get(page);
}

/** Until no colour is on its way to another: half of a change is neither the one look nor the other. */
const settled = page => page.evaluate(async () => {
  const frame = () => new Promise(done => { requestAnimationFrame(() => done()); });
  const moving = () => document.getAnimations().filter(a => a instanceof CSSTransition);
  await frame();
  await frame();
  // One that ends can begin another: a colour that is inherited follows the one above it.
  for (let all = moving(), end = performance.now() + 5000; all.length && performance.now() < end; all = moving()) {
    await Promise.all(all.map(a => a.finished.catch(() => {})));
    await frame();
  }
});

/** axe-core through the debugger, so that the content policy of the page stays as it is. */
export async function axe(page) {
  const cdp = await debuggerOf(page), ask = async (expression, awaitPromise = false) => {
    const { result, exceptionDetails } = await cdp.send('Runtime.evaluate', { expression, awaitPromise, returnByValue: true });
    if (exceptionDetails) throw new Error(`${exceptionDetails.text} ${exceptionDetails.exception?.description ?? ''}`);
    return result.value;
  };
  await settled(page);
  if (!await ask('Boolean(globalThis.axe)')) await ask(`${axeSource}\n;0`);
  return ask(`axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'], selectors: false })
    .then(r => r.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160) + ' (' + (n.any[0]?.message ?? n.failureSummary ?? '').slice(0, 160) + ')').join(' | ')))`, true);
}

export async function assertAccessible(page, where = page.url()) {
  assert.deepEqual(await axe(page), [], `${where} has axe findings`);
}

const worked = new Set(['button', 'link', 'textbox', 'searchbox', 'checkbox', 'radio', 'combobox', 'listbox', 'slider', 'spinbutton', 'switch', 'tab', 'menuitem', 'option', 'treeitem', 'dialog', 'image', 'img', 'heading']);

/** What a screen reader is told: everything that can be worked or looked at has a name. */
export async function assertNamed(page, where = page.url()) {
  const { nodes } = await (await debuggerOf(page)).send('Accessibility.getFullAXTree');
  const mute = nodes.filter(n => !n.ignored && worked.has(n.role?.value) && !n.name?.value?.trim()).map(n => n.role.value);
  assert.deepEqual(mute, [], `${where}: without a name`);
}

function words(lang) {
  const folder = join(web, 'src/i18n', lang);
  return Object.assign({}, ...readdirSync(folder).map(f => JSON.parse(readFileSync(join(folder, f), 'utf8'))));
}

/** No message of ours stands there in English when another language is on. */
export async function assertTranslated(page, lang, where = page.url()) {
  const en = words('en'), other = words(lang);
  const english = Object.keys(en).filter(k => /[A-Za-z]{2}/.test(en[k]) && !/[{}]/.test(en[k]) && other[k] !== en[k]).map(k => en[k]);
  const left = await page.evaluate(list => {
    const known = new Set(list), found = [];
    const look = text => { const s = text?.trim(); if (s && known.has(s)) found.push(s); };
    for (let w = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), n = w.nextNode(); n; n = w.nextNode()) if (!n.parentElement.closest('code, textarea, pre')) look(n.data);
    for (const el of document.querySelectorAll('[aria-label],[placeholder],[title]')) for (const a of ['aria-label', 'placeholder', 'title']) look(el.getAttribute(a));
    return found;
  }, english);
  assert.deepEqual(left, [], `${where}: still in English`);
}

export async function assertFits(page, where = page.url()) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  assert.ok(over <= 0, `${where} is ${over} px too wide`);
}

/** Tab until the focus is where it should be: by role and name, as a keyboard user finds it. */
export async function tabTo(page, role, name, o = {}) {
  const most = o.most ?? 120;
  for (let n = 0; n < most; n++) {
    const target = page.getByRole(role, { name, exact: o.exact ?? false });
    const there = await target.evaluateAll(list => list.some(el => el === document.activeElement)).catch(() => false);
    if (there) return;
    await page.keyboard.press(o.back ? 'Shift+Tab' : 'Tab');
  }
  const at = await page.evaluate(() => document.activeElement?.outerHTML?.slice(0, 200));
  throw new Error(`${most} times Tab did not reach ${role} “${name}”; focus is on ${at}`);
}

/** Fails when the focused element shows no focus ring. */
export async function assertFocusSeen(page) {
  const seen = await page.evaluate(() => {
    const el = document.activeElement;
    if (!el || el === document.body) return 'nothing has focus';
    const s = getComputedStyle(el);
    return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 ? '' : `no ring on ${el.outerHTML.slice(0, 120)}`;
  });
  assert.equal(seen, '');
}

/** A logged-in session for the API, to make test data without the pages. */
export async function apiFor(context, base) {
  const who = await (await context.request.get(`${base}/api/session`)).json();
  return async (method, path, data) => {
    const reply = await context.request.fetch(`${base}${path}`, { method, ...(data === undefined ? {} : { data }), headers: { 'X-CSRF-Token': who.csrf, Origin: base } });
    const text = await reply.text();
    assert.ok(reply.ok(), `${method} ${path}: ${reply.status()} ${text}`);
    return text ? JSON.parse(text) : null;
  };
}

export const owner = { org: 'Saltmarsh Lab', name: 'Mira Sand', email: 'mira@saltmarsh.example', password: 'seven herons at low tide' };

/** Claims a fresh server without the pages. */
export async function claim(context, server) {
  const token = new URL(server.base + server.setupPath()).searchParams.get('token');
  const reply = await context.request.post(`${server.base}/api/setup`, { data: { token, ...owner }, headers: { Origin: server.base } });
  assert.ok(reply.ok(), `setup: ${reply.status()} ${await reply.text()}`);
  const in_ = await context.request.post(`${server.base}/api/session`, { data: { email: owner.email, password: owner.password }, headers: { Origin: server.base } });
  assert.ok(in_.ok(), `login: ${in_.status()} ${await in_.text()}`);
  return apiFor(context, server.base);
}

/** Waits for a job to end well. */
export async function jobDone(api, id) {
  for (let n = 0; n < 300; n++) {
    const j = await api('GET', `/api/jobs/${id}`);
    if (j.state === 'done') return j;
    if (j.state === 'failed') throw new Error(`job ${id}: ${JSON.stringify(j)}`);
    await new Promise(r => setTimeout(r, 100));
  }
  throw new Error(`job ${id} did not end`);
}
