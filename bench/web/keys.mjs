// Keystrokes and clicks of five standard jobs. Each file in keys/ lists every act for both products and the same config;
// ours are played in the real page, and what comes out must be what the file says. An act is a key (with its modifiers),
// a click, or a drag; a figure is the number of acts.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { desk, print } from './lib/sitting.mjs';
import { until } from '../../web/tests/browser/desk.mjs';
import { apiFor } from '../../web/tests/browser/harness.mjs';

const folder = join(dirname(fileURLToPath(import.meta.url)), 'keys');
const only = process.argv[2] ?? '';
const jobs = readdirSync(folder).filter((f) => f.endsWith('.json') && f.includes(only)).sort().map((f) => [f.slice(0, -5), JSON.parse(readFileSync(join(folder, f), 'utf8'))]);
const SVG = `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="800" height="500"><rect width="800" height="500" fill="#c9d8df"/></svg>')}`;

/** Where a place of the picture is on the screen. */
async function onPicture(page) {
  await page.waitForFunction(() => document.querySelector('.pic-img')?.complete && document.querySelector('.over:not([aria-busy]) > g[transform]'));
  const stage = await page.locator('.img-stage').boundingBox();
  const [x, y, k] = await page.evaluate(() => /translate\(([-\d.]+) ([-\d.]+)\) scale\(([\d.]+)\)/.exec(document.querySelector('.over > g[transform]').getAttribute('transform')).slice(1).map(Number));
  return (px, py) => [stage.x + x + px * k, stage.y + y + py * k];
}

async function act(page, a, at) {
  if (a.press) await page.keyboard.press(a.press.replace('ctrl', 'Control').replace('enter', 'Enter'));
  else if (a.click) await page.mouse.click(...at(...a.click));
  else if (a.drag) {
    await page.mouse.move(...at(a.drag[0], a.drag[1]));
    await page.mouse.down();
    await page.mouse.move(...at((a.drag[0] + a.drag[2]) / 2, (a.drag[1] + a.drag[3]) / 2));
    await page.mouse.move(...at(a.drag[2], a.drag[3]));
    await page.mouse.up();
  } else if (a.mark) {
    const [l, y, r] = await page.evaluate((w) => {
      const el = [...document.querySelectorAll('[data-line]')].find((x) => x.textContent.includes(w)), range = document.createRange();
      const walk = document.createTreeWalker(el, NodeFilter.SHOW_TEXT);
      for (let n = walk.nextNode(); n; n = walk.nextNode()) {
        const i = n.data.indexOf(w);
        if (i >= 0) { range.setStart(n, i); range.setEnd(n, i + w.length); break; }
      }
      const b = range.getBoundingClientRect();
      return [b.left, b.top + b.height / 2, b.right];
    }, a.mark);
    await page.mouse.move(l + 1, y);
    await page.mouse.down();
    await page.mouse.move((l + r) / 2, y);
    await page.mouse.move(r - 1, y);
    await page.mouse.up();
  } else throw new Error(`what is ${JSON.stringify(a)}?`);
}

/** Ways of working follow the person: the next job begins without. */
async function forget() {
  const context = await d.enter(), api = await apiFor(context, d.server.base);
  await api('PATCH', '/api/account', { prefs: {} });
  await context.close();
}

const labels = (result) => result.map((r) => (r.value.choices ?? r.value.labels ?? r.value[r.type])[0]);

const d = await desk();
try {
  const figures = {};
  for (const [name, job] of jobs) {
    const id = d.project(job.job, job.config, Array.from({ length: 2 }, () => (job.data.image === true ? { image: SVG } : job.data)));
    const context = await d.enter(), page = await context.newPage();
    await page.goto(`${d.server.base}/projects/${id}/annotate`);
    await page.waitForSelector('.choices, .txt, .img-stage .over');
    if (job.ways.length) {
      await page.keyboard.press('Alt+o');
      for (const w of job.ways) await page.getByLabel(w, { exact: true }).check();
      await page.getByRole('button', { name: 'Close' }).click();
    }
    const at = job.data.image ? await onPicture(page) : null;
    let made = 0;
    for (const a of job.ours) {
      await act(page, a, at);
      // Faster than any hand, a program waits until the region is there before it names it.
      if (a.mark || a.drag) await page.locator('.rlist > li').nth(made++).waitFor();
    }
    const result = await until(`the answer of ${name}`, () => d.exported(id).find((x) => x.annotations.length)?.annotations[0].result);
    if (JSON.stringify(labels(result)) !== JSON.stringify(job.gives)) throw new Error(`${name}: ${JSON.stringify(labels(result))} is not ${JSON.stringify(job.gives)}`);
    if (job.points && result[0].value.points.length !== job.points) throw new Error(`${name}: ${result[0].value.points.length} points`);
    await context.close();
    await forget();
    figures[`keys.${name}`] = job.ours.length;
    figures[`keys.${name}.labelstudio`] = job.labelStudio.length;
  }
  print(figures);
} finally { await d.stop(); }
