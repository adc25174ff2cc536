// The task list on a million tasks: how long until the first rows stand there, how long a filter on a field of the data
// takes, and how much work a frame costs while scrolling. Prints one line of JSON; docs are in bench/README.md.
//
//     node bench/web/list.mjs                     BENCH_TASKS=20000 for a short try
//     BENCH_DATA=folder                           keeps the data there and takes it up again
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { categories, read } from './lib/frames.mjs';
import { quantile } from './lib/sitting.mjs';
import { apiFor, binary, claim, openPage, owner, startBrowser, startServer } from '../../web/tests/browser/harness.mjs';

const TASKS = Number(process.env.BENCH_TASKS ?? 1_000_000), RUNS = Number(process.env.BENCH_RUNS ?? 7);
const topics = ['harbour', 'market', 'weather', 'ferry', 'fishing', 'tide', 'bridge'];
const config = `<View><Text name="text" value="$text"/><Choices name="topic" toName="text"><Choice value="Yes"/><Choice value="No"/></Choices></View>`;
const middle = list => quantile(list, 0.5);
const round = (x, n = 1) => Math.round(x * 10 ** n) / 10 ** n;

/** One line a task: a short text, a word of seven, a number of a thousand, and a word that only one task in fifty thousand has. */
async function writeTasks(file) {
  const out = createWriteStream(file);
  for (let n = 0; n < TASKS; n++) {
    const line = JSON.stringify({ data: { text: `Notice ${n} of the port`, topic: topics[n % 7], length: n * 7919 % 1000, lot: n % 50_000 === 123 ? 'rare' : `lot-${n % 997}` } });
    if (!out.write(`${line}\n`)) await once(out, 'drain');
  }
  out.end();
  await once(out, 'finish');
}

async function fill(server, api) {
  const file = join(server.data, 'bench.jsonl');
  await api('POST', '/api/projects/', { title: 'A million notices', label_config: config });
  await writeTasks(file);
  const done = spawnSync(binary, ['import', '--data', server.data, '--project', '1', file], { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`import: ${done.stderr}`);
  rmSync(file);
}

const folder = process.env.BENCH_DATA ?? join(tmpdir(), `annotary-list-${process.pid}`), there = existsSync(folder);
mkdirSync(folder, { recursive: true });
const browser = await startBrowser(), server = await startServer({ data: folder });
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
try {
  if (there) {
    const in_ = await context.request.post(`${server.base}/api/session`, { data: { email: owner.email, password: owner.password }, headers: { Origin: server.base } });
    if (!in_.ok()) throw new Error(`login: ${in_.status()}`);
  } else {
    const api = await claim(context, server);
    const began = Date.now();
    await fill(server, api);
    console.error(`imported ${TASKS} tasks in ${round((Date.now() - began) / 1000)} s`);
  }
  const api = await apiFor(context, server.base), seen = (await api('GET', '/api/projects/1/')).task_number;
  if (seen !== TASKS) throw new Error(`${seen} tasks are there, not ${TASKS}`);
  const page = await openPage(context, server.base, { timeout: 120_000 });

  // From the click on “Data” until rows are painted.
  const first = [];
  for (let n = 0; n < RUNS; n++) {
    await page.goto(`${server.base}/projects/1`);
    await page.getByRole('navigation', { name: 'Project' }).getByRole('link', { name: /Data/ }).waitFor();
    first.push(await page.evaluate(() => new Promise(done => {
      const began = performance.now();
      const look = () => {
        if (document.querySelector('[role=row][data-task]')) requestAnimationFrame(() => done(performance.now() - began));
        else requestAnimationFrame(look);
      };
      document.querySelector('nav a[href$="/tasks"]').click();
      look();
    })));
  }

  // From the choice of a condition until its rows and their number are painted: a common word, a rare one, a range.
  const conditions = [['topic', 'String', 'equal', 'ferry'], ['lot', 'String', 'equal', 'rare'], ['length', 'Number', 'less', 5]];
  const filter = {};
  for (const [field, type, operator, value] of conditions) {
    filter[`${field} ${operator}`] = [];
    for (let n = 0; n < Math.max(3, RUNS - 4); n++) {
      await page.goto(`${server.base}/projects/1/tasks`);
      await page.locator('[role=row][data-task]').first().waitFor();
      await page.locator('[data-total]:not([data-total=""])').waitFor();
      filter[`${field} ${operator}`].push(await page.evaluate(items => new Promise(done => {
        const said = () => document.querySelector('[data-total]').dataset.total, before = said(), began = performance.now();
        const look = () => {
          if (said() !== '' && said() !== before && document.querySelector('[role=row][data-task]')) requestAnimationFrame(() => done(performance.now() - began));
          else requestAnimationFrame(look);
        };
          history.pushState(null, '', `/projects/1/tasks?q=${encodeURIComponent(JSON.stringify({ w: items }))}`);
          dispatchEvent(new PopStateEvent('popstate'));
        requestAnimationFrame(look);
      }), [[`data.${field}`, operator, type, value]]));
    }
  }

  // Work of a frame: what the main thread does between two frames while the wheel turns, by its own trace.
  await page.goto(`${server.base}/projects/1/tasks`);
  await page.locator('[role=row][data-task]').first().waitFor();
  await page.locator('[data-total]:not([data-total=""])').waitFor();
  await browser.startTracing(page, { categories });
  await page.evaluate(() => performance.mark('bench.begin'));
  await page.mouse.move(900, 500);
  const steps = Number(process.env.BENCH_STEPS ?? 240);
  for (let n = 0; n < steps; n++) {
    await page.mouse.wheel(0, n % 40 === 39 ? 6000 : 120 + 60 * (n % 9));
    await new Promise(r => setTimeout(r, 16));
  }
  // Then to far places by the scroll bar.
  for (const share of [0.5, 0.9, 0.1, 0.99, 0.33]) {
    await page.evaluate(x => { const g = document.querySelector('.scroller'); g.scrollTop = x * (g.scrollHeight - g.clientHeight); }, share);
    await new Promise(r => setTimeout(r, 150));
  }
  await page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => { performance.mark('bench.end'); done(); }))));
  const work = read(JSON.parse((await browser.stopTracing()).toString()).traceEvents).frames;
  const jump = [];
  for (const share of [0.2, 0.7, 0.05, 0.95, 0.45]) {
    jump.push(await page.evaluate(x => new Promise(done => {
      const g = document.querySelector('.scroller'), began = performance.now();
      g.scrollTop = x * (g.scrollHeight - g.clientHeight);
      const look = () => {
        const rows = [...document.querySelectorAll('[role=row][data-at]')].filter(r => { const b = r.getBoundingClientRect(), v = g.getBoundingClientRect(); return b.bottom > v.top && b.top < v.bottom; });
        if (rows.length > 5 && rows.every(r => r.dataset.task)) done(performance.now() - began); else requestAnimationFrame(look);
      };
      requestAnimationFrame(() => requestAnimationFrame(look));
    }), share));
  }
  const slowest = Math.max(...Object.values(filter).map(middle));
  console.log(JSON.stringify({
    'list.first': { value: round(middle(first)), unit: 'ms', bar: 200, all: first.map(x => round(x)) },
    'list.filter': { value: round(slowest), unit: 'ms', bar: 1000, each: Object.fromEntries(Object.entries(filter).map(([k, v]) => [k, v.map(x => round(x))])) },
    'list.scroll': { value: round(quantile(work, 0.95), 2), unit: 'ms', bar: 8, p50: round(quantile(work, 0.5), 2), max: round(Math.max(...work), 2), frames: work.length },
    'list.jump': { value: round(middle(jump)), unit: 'ms', all: jump.map(x => round(x)) },
    tasks: TASKS,
  }));
} finally {
  await context.close(); await browser.close(); await server.stop();
  if (!process.env.BENCH_DATA) rmSync(folder, { recursive: true, force: true });
}
