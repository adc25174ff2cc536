// A text of 200 kB with 2 000 spans on it. text.open: from the key that submits the task before to the frame that shows
// this one, spans and their names painted. text.add: from the key of a label to the new span painted. Medians.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { desk, print, quantile } from './lib/sitting.mjs';

const RUNS = Number(process.env.RUNS ?? 15), SPANS = 2000;
const LABELS = ['Ship', 'Port', 'Cargo'];
const CONFIG = `<View><Labels name="label" toName="text">${LABELS.map((l) => `<Label value="${l}"/>`).join('')}</Labels><Text name="text" value="$text"/></View>`;
const WORDS = 'the grain barge left harbour with barley for Port Lomond at dawn and 12 tonnes of copper cable went to the quay of Selwyn'.split(' ');

/** A text of about 200 kB in lines of 30 to 60 words, and spans on words of it. */
function longText(seed) {
  const next = (max) => { seed = (seed * 48271) % 2147483647; return seed % max; };
  const lines = [], spans = [];
  for (let at = 0; at < 200_000; at += lines.at(-1).length + 1) {
    const words = Array.from({ length: 30 + next(30) }, () => WORDS[next(WORDS.length)]);
    lines.push(words.join(' '));
    for (let k = 0, from = at; k < words.length; from += words[k++].length + 1) if (next(100) < 7) spans.push({ start: from, end: from + words[k].length, text: words[k] });
  }
  const result = spans.slice(0, SPANS).map((v, i) => ({ id: `s${String(i).padStart(9, '0')}`, from_name: 'label', to_name: 'text', type: 'labels', value: { ...v, labels: [LABELS[i % 3]] } }));
  return { data: { text: lines.join('\n') }, predictions: [{ model_version: 'one', result }] };
}

const s = await desk();
try {
  const file = join(s.folder, 'long.jsonl');
  writeFileSync(file, Array.from({ length: RUNS + 3 }, (_, i) => JSON.stringify(longText(7 + i))).join('\n'));
  const id = s.project('Long', CONFIG, file), context = await s.enter(), page = await context.newPage();
  page.setDefaultTimeout(15_000);
  await page.goto(`${s.server.base}/projects/${id}/annotate`);
  await page.waitForSelector('.tags .tg');
  await page.waitForFunction(() => /\b2.?000\b/.test(document.querySelector('.aside .count')?.textContent ?? ''));

  // From the key's own time stamp to the task after the first frame for which `ready` holds.
  await page.evaluate(() => {
    globalThis.watch = (ready) => {
      globalThis.took = 0;
      document.addEventListener('keydown', (e) => {
        const look = () => {
          if (!ready()) { requestAnimationFrame(look); return; }
          const ch = new MessageChannel();
          ch.port1.onmessage = () => { globalThis.took = performance.now() - e.timeStamp; };
          ch.port2.postMessage(0);
        };
        requestAnimationFrame(look);
      }, { capture: true, once: true });
    };
  });
  const timed = async (key) => {
    await page.keyboard.press(key);
    await page.waitForFunction(() => globalThis.took > 0);
    return page.evaluate(() => globalThis.took);
  };

  const open = [], add = [];
  for (let i = 0; i < RUNS; i++) {
    await page.waitForTimeout(700);                      // the next ones are here by now
    await page.evaluate(() => { const old = document.querySelector('.txt'); globalThis.watch(() => document.querySelector('.txt') !== old && document.querySelector('.txt .tags .tg') !== null); });
    open.push(await timed('Control+Enter'));
    await page.evaluate(() => {
      const line = document.querySelectorAll('[data-line]')[2].firstChild, n = document.querySelectorAll('.tags .tg').length;
      document.querySelector('.txt').dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }));
      getSelection().setBaseAndExtent(line, 3, line, 40);
      document.dispatchEvent(new PointerEvent('pointerup', { bubbles: true }));
      globalThis.watch(() => document.querySelectorAll('.tags .tg').length > n);
    });
    await page.waitForTimeout(150);
    add.push(await timed('2'));
    await page.keyboard.press('Escape');
    await page.keyboard.press('2');                      // the label is put down
  }
  if (process.env.VERBOSE) console.error(open.map(Math.round).join(' '), '|', add.map(Math.round).join(' '));
  print({ 'text.open': quantile(open, 0.5), 'text.open.max': Math.max(...open), 'text.add': quantile(add, 0.5) });
} finally { await s.stop(); }
