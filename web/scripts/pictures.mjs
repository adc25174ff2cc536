// The pictures of the manual: `npm run pictures [NAME …]`. Runs the demo, opens each page as one of its people would, and
// writes docs/img/NAME.png. Nothing in them is drawn by hand; names and data are the demo's.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, freePort, startBrowser, web } from '../tests/browser/harness.mjs';

const WIDE = { width: 1280, height: 800 }, PHONE = { width: 390, height: 844 };

/** name: who, where, and what is done before the picture is taken. */
const PICTURES = {
  home: { who: 'owner', at: '/' },
  'home-annotator': { who: 'annotator', at: '/' },
  overview: { who: 'owner', at: '/projects/3' },
  tasks: { who: 'owner', at: '/projects/3/tasks' },
  task: { who: 'owner', at: '/projects/3/tasks/121' },
  results: { who: 'owner', at: '/projects/2/results' },
  import: { who: 'owner', at: '/projects/1/import' },
  export: { who: 'owner', at: '/projects/3/export' },
  members: { who: 'owner', at: '/projects/1/members' },
  settings: { who: 'owner', at: '/projects/1/settings' },
  people: { who: 'owner', at: '/people' },
  vendors: { who: 'owner', at: '/vendors' },
  tokens: { who: 'owner', at: '/tokens' },
  account: { who: 'annotator', at: '/account' },
  templates: { who: 'owner', at: '/projects/new', act: async page => { await page.getByLabel('Name', { exact: true }).fill('Shop windows'); await page.getByRole('button', { name: /^Next/ }).click(); } },
  'annotate-text': { who: 'annotator', at: '/projects/1/annotate' },
  'annotate-spans': { who: 'annotator', at: '/projects/2/annotate' },
  annotate: { who: 'annotator', at: '/projects/3/annotate' },
  'annotate-dark': { who: 'annotator', at: '/projects/3/annotate', theme: 'dark' },
  'annotate-pair': { who: 'annotator', at: '/projects/4/annotate' },
  'annotate-phone': { who: 'annotator', at: '/projects/2/annotate', size: PHONE },
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
  const context = await browser.newContext(), person = demo.people.find(p => p.role === role);
  const reply = await context.request.post(`${demo.base}/api/session`, { data: { email: person.email, password: person.password }, headers: { Origin: demo.base } });
  if (!reply.ok()) throw new Error(`log-in of ${role}: ${reply.status()}`);
  const state = await context.storageState();
  await context.close();
  return state;
}

async function take(browser, demo, state, name, p) {
  const context = await browser.newContext({ viewport: p.size ?? WIDE, storageState: state, colorScheme: p.theme ?? 'light', reducedMotion: 'reduce', hasTouch: p.size === PHONE });
  try {
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    await page.goto(demo.base + p.at);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await p.act?.(page);
    await page.waitForLoadState('networkidle');
    await page.evaluate(() => document.fonts.ready);
    await page.screenshot({ path: join(web, '../docs/img', `${name}.png`), animations: 'disabled', caret: 'hide' });
    console.log(name);
  } finally { await context.close(); }
}

const only = process.argv.slice(2), folder = mkdtempSync(join(tmpdir(), 'annotary-pictures-'));
mkdirSync(join(web, '../docs/img'), { recursive: true });
const demo = await startDemo(join(folder, 'demo')), browser = await startBrowser();
let failed = 0;
try {
  const states = {};
  for (const [name, p] of Object.entries(PICTURES)) {
    if (only.length && !only.includes(name)) continue;
    states[p.who] ??= await enter(browser, demo, p.who);
    try { await take(browser, demo, states[p.who], name, p); } catch (e) { failed++; console.error(`${name}: ${e.message.split('\n')[0]}`); }
  }
} finally { await browser.close(); await demo.stop(); rmSync(folder, { recursive: true, force: true }); }
process.exit(failed ? 1 : 0);
