// Does a long sitting grow? The heap of the page and the nodes of its DOM after 500 tasks over those after 20, each task
// with two boxes drawn by keyboard. Both are taken after a garbage collection; the larger of the two ratios counts.
import { desk, pictures, print } from './lib/sitting.mjs';

const TASKS = Number(process.env.TASKS ?? 500), EARLY = 20;
const CONFIG = `<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">
  <Label value="Car"/><Label value="Bus"/></RectangleLabels></View>`;

const s = await desk();
try {
  const id = s.project('Memory', CONFIG, await pictures(s, TASKS + 5)), context = await s.enter();
  const page = await context.newPage(), cdp = await context.newCDPSession(page);
  await cdp.send('Performance.enable');
  await cdp.send('HeapProfiler.enable');
  await page.goto(`${s.server.base}/projects/${id}/annotate`);
  // The answer must be a plain value: a handle to an element would keep its whole task alive.
  const shown = (old) => page.waitForFunction((o) => {
    const img = document.querySelector('.pic-img');
    return img?.complete && img.naturalWidth > 0 && img.src !== o && document.querySelector('.over > g[transform]') !== null;
  }, old);
  const measure = async () => {
    await page.waitForTimeout(500);
    for (let i = 0; i < 3; i++) await cdp.send('HeapProfiler.collectGarbage');
    const m = Object.fromEntries((await cdp.send('Performance.getMetrics')).metrics.map((x) => [x.name, x.value]));
    return { heap: m.JSHeapUsedSize, nodes: m.Nodes };
  };
  let early, old = '';
  for (let i = 1; i <= TASKS; i++) {
    await shown(old);
    old = await page.evaluate(() => document.querySelector('.pic-img').src);
    for (const label of ['1', '2']) {
      await page.keyboard.press(label);
      for (const k of ['Enter', 'Enter', 'Shift+ArrowRight', 'Shift+ArrowDown', 'Enter', 'Escape']) await page.keyboard.press(k);
    }
    await page.keyboard.press('Control+Enter');
    if (i === EARLY) { await shown(old); early = await measure(); }
  }
  await shown(old);
  const late = await measure();
  if (process.env.VERBOSE) console.error(early, late);
  print({ 'memory.growth': Math.max(late.heap / early.heap, late.nodes / early.nodes), 'memory.heap': late.heap / early.heap, 'memory.nodes': late.nodes / early.nodes });
} finally { await s.stop(); }
