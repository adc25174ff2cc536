// The pictures of the manual: `npm run pictures [NAME …]`. Runs the demo, opens each page as one of its people would, and
// writes docs/img/NAME.png. Nothing in them is drawn by hand; names and data are the demo's.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, freePort, startBrowser, web } from '../tests/browser/harness.mjs';

const WIDE = { width: 1280, height: 800 }, PHONE = { width: 390, height: 844 };

/* A few things marked, as a person would. */
async function boxes(page) {
  const stage = page.locator('.img-stage .over');
  await page.waitForFunction(() => document.querySelector('.pic-img')?.complete);
  const at = await page.locator('.pic-img').boundingBox(), box = await stage.boundingBox();
  await page.keyboard.press('1');
  for (const [key, x, y, w, h] of [['', .08, .58, .22, .2], ['', .35, .45, .16, .32], ['4', .24, .76, .05, .2]]) {
    if (key) await page.keyboard.press(key);
    await page.mouse.move(at.x + x * at.width, at.y + y * at.height);
    await page.mouse.down();
    await page.mouse.move(at.x + (x + w) * at.width, at.y + (y + h) * at.height, { steps: 4 });
    await page.mouse.up();
    if (!key) await page.keyboard.press('u');
  }
  await page.mouse.move(box.x + 4, box.y + 4);
}

async function spans(page) {
  await page.locator('.txt').first().waitFor();
  let made = 0;
  for (const [key, what] of [['1', '(?<=of )[A-Z]\\w+ [A-Z]\\w+'], ['2', '(?<=in )[A-Z]\\w+ [A-Z]\\w+'], ['3', '(?<=at )[A-Z]\\w+ [A-Z]\\w+'], ['4', '\\d+ [A-Z]\\w+ \\d{4}']]) {
    const ends = await page.evaluate(re => {
      for (let w = document.createTreeWalker(document.querySelector('.txt'), NodeFilter.SHOW_TEXT), n = w.nextNode(); n; n = w.nextNode()) {
        const m = new RegExp(re).exec(n.data);
        if (!m) continue;
        const at = i => { const r = document.createRange(); r.setStart(n, i); r.setEnd(n, i); const c = r.getBoundingClientRect(); return [c.left, c.top + c.height / 2]; };
        return [at(m.index), at(m.index + m[0].length)];
      }
      return null;
    }, what);
    if (!ends) continue;
    await page.keyboard.press(key);
    await page.mouse.move(ends[0][0] + 1, ends[0][1]);
    await page.mouse.down();
    await page.mouse.move(ends[1][0] - 1, ends[1][1], { steps: 4 });
    await page.mouse.up();
    await page.waitForFunction(n => document.querySelectorAll('.rlist > li').length > n, made++);
    await page.keyboard.press('Escape');
  }
}

/** name: who, where, and what is done before the picture is taken. */
const PICTURES = {
  login: { who: 'nobody', at: '/user/login' },
  home: { who: 'owner', at: '/' },
  'home-annotator': { who: 'annotator', at: '/' },
  overview: { who: 'owner', at: '/projects/2', whole: true },
  'overview-dark': { who: 'owner', at: '/projects/2', theme: 'dark' },
  tasks: { who: 'owner', at: '/projects/3/tasks' },
  task: { who: 'owner', at: '/projects/3/tasks/121' },
  results: { who: 'owner', at: '/projects/2/results' },
  compare: { who: 'reviewer', at: '/projects/3/compare', ready: page => page.getByRole('button', { name: /Settle/ }).first().waitFor() },
  import: { who: 'owner', at: '/projects/1/import' },
  export: { who: 'owner', at: '/projects/3/export' },
  members: { who: 'owner', at: '/projects/1/members' },
  settings: { who: 'owner', at: '/projects/1/settings' },
  jobs: { who: 'owner', at: '/projects/1/jobs' },
  notices: { who: 'owner', at: '/notices' },
  people: { who: 'owner', at: '/people' },
  vendors: { who: 'owner', at: '/vendors' },
  tokens: { who: 'owner', at: '/tokens' },
  account: { who: 'annotator', at: '/account' },
  keys: { who: 'annotator', at: '/keys' },
  questions: { who: 'owner', at: '/projects/new', act: async page => { await page.getByLabel('Name', { exact: true }).fill('Shop windows'); await page.getByRole('button', { name: /^Next/ }).click(); } },
  'annotate-text': { who: 'annotator', at: '/projects/1/annotate' },
  'annotate-spans': { who: 'annotator', at: '/projects/2/annotate', act: spans },
  annotate: { who: 'annotator', at: '/projects/3/annotate', act: boxes },
  'annotate-dark': { who: 'annotator', at: '/projects/3/annotate', theme: 'dark', act: boxes },
  'annotate-pair': { who: 'annotator', at: '/projects/4/annotate' },
  'annotate-phone': { who: 'annotator', at: '/projects/2/annotate', size: PHONE },
  'annotate-chinese': { who: 'annotator', at: '/projects/1/annotate', set: { language: 'zh' } },
};

async function startDemo(folder) {
  const port = await freePort();
  const child = spawn(binary, ['demo', '--json', '--fresh', '--data', folder, '--port', String(port)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  const about = await new Promise((done, no) => {
    child.stdout.on('data', d => { out += d; if (out.includes('\n')) done(JSON.parse(out)); });
    child.on('exit', () => no(new Error(`the demo ended:\n${out}`)));
  });
  return { base: `http://127.0.0.1:${port}`, people: about.accounts, stop: () => new Promise(done => { child.removeAllListeners('exit').once('exit', done); child.kill(); }) };
}

async function enter(browser, demo, role) {
  if (role === 'nobody') return undefined;
  const context = await browser.newContext(), person = demo.people.find(p => p.role === role);
  const reply = await context.request.post(`${demo.base}/api/session`, { data: { email: person.email, password: person.password }, headers: { Origin: demo.base } });
  if (!reply.ok()) throw new Error(`log-in of ${role}: ${reply.status()}`);
  const state = await context.storageState();
  await context.close();
  return state;
}

/* Agreement and consensus follow the answers by some seconds. */
async function settled(browser, demo, state) {
  const context = await browser.newContext({ storageState: state });
  try {
    for (let n = 0; n < 120; n++) {
      const all = await Promise.all([1, 2, 3, 4].map(async id => (await context.request.get(`${demo.base}/api/projects/${id}/jobs`)).json()));
      if (all.flatMap(a => a.jobs ?? a).every(j => j.state === 'done' || j.state === 'failed')) return;
      await new Promise(r => setTimeout(r, 500));
    }
  } finally { await context.close(); }
}

async function take(browser, demo, state, name, p) {
  const context = await browser.newContext({ viewport: p.size ?? WIDE, storageState: state, colorScheme: p.theme ?? 'light', reducedMotion: 'reduce', hasTouch: p.size === PHONE });
  try {
    if (p.set) await context.addInitScript(set => { for (const [k, v] of Object.entries(set)) localStorage.setItem(`annotary.${k}`, JSON.stringify(v)); }, p.set);
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(demo.base + p.at);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await p.act?.(page);
    await p.ready?.(page);
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(web, '../docs/img', `${name}.png`), animations: 'disabled', caret: 'hide', fullPage: p.whole ?? false });
    console.log(name);
  } finally { await context.close(); }
}

const only = process.argv.slice(2), folder = mkdtempSync(join(tmpdir(), 'annotary-pictures-'));
mkdirSync(join(web, '../docs/img'), { recursive: true });
const demo = await startDemo(join(folder, 'demo')), browser = await startBrowser();
let failed = 0;
try {
  const states = { owner: await enter(browser, demo, 'owner') };
  await settled(browser, demo, states.owner);
  for (const [name, p] of Object.entries(PICTURES)) {
    if (only.length && !only.includes(name)) continue;
    if (!(p.who in states)) states[p.who] = await enter(browser, demo, p.who);
    try { await take(browser, demo, states[p.who], name, p); } catch (e) { failed++; console.error(`${name}: ${e.message.split('\n')[0]}`); }
  }
} finally { await browser.close(); await demo.stop(); rmSync(folder, { recursive: true, force: true }); }
process.exit(failed ? 1 : 0);
