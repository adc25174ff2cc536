// How long the next task takes: from the key that submits to the frame that shows the next picture, over 100 tasks with
// pictures of 1600 × 1000 that were fetched ahead; and how much of it is script. Milliseconds.
import { desk, pictures, print, quantile } from './lib/sitting.mjs';

const TASKS = Number(process.env.TASKS ?? 100);
const CONFIG = `<View><Image name="image" value="$image"/><RectangleLabels name="box" toName="image">
  <Label value="Car"/><Label value="Bus"/><Label value="Tram"/></RectangleLabels></View>`;

const s = await desk();
try {
  const id = s.project('Switch', CONFIG, await pictures(s, TASKS + 5)), context = await s.enter();
  const page = await context.newPage(), cdp = await context.newCDPSession(page);
  let flying = 0;
  page.on('request', () => { flying++; });
  page.on('requestfinished', () => { flying--; });
  page.on('requestfailed', () => { flying--; });
  await page.goto(`${s.server.base}/projects/${id}/annotate`);
  await page.waitForFunction(() => document.querySelector('.pic-img')?.complete && document.querySelector('.img-stage .over'));
  // Script is counted in time of its thread: what else runs on the machine is not ours.
  await cdp.send('Performance.setTimeDomain', { timeDomain: 'threadTicks' });
  await cdp.send('Performance.enable');
  const script = async () => (await cdp.send('Performance.getMetrics')).metrics.find((m) => m.name === 'ScriptDuration').value * 1000;

  // From the key's own time stamp to the first frame that began with the new picture decoded and in place.
  await page.evaluate(() => {
    document.addEventListener('keydown', (e) => {
      if (e.key !== 'Enter' && e.key !== 'F9') return;
      const from = e.timeStamp, old = e.key === 'F9' ? '' : document.querySelector('.pic-img')?.src;
      const look = () => {
        const img = document.querySelector('.pic-img');
        if (!img || img.src === old || !img.complete || img.naturalWidth === 0 || !document.querySelector('.over > g[transform]')) { requestAnimationFrame(look); return; }
        const ch = new MessageChannel();                 // the task after this frame: it has been painted
        ch.port1.onmessage = () => { globalThis.switched = performance.now() - from; };
        ch.port2.postMessage(0);
      };
      requestAnimationFrame(look);
    }, true);
  });

  // What the measuring costs by itself: the same with a key that does nothing. It is taken off.
  const idle = [];
  for (let i = 0; i < 20; i++) {
    await page.evaluate(() => { globalThis.switched = 0; });
    const before = await script();
    await page.keyboard.press('F9');
    await page.waitForFunction(() => globalThis.switched > 0);
    await page.evaluate(() => globalThis.switched);
    idle.push(await script() - before);
  }
  const own = quantile(idle, 0.5);

  const times = [], scripts = [];
  for (let i = 0; i < TASKS; i++) {
    for (const end = Date.now() + 5000; flying > 0 && Date.now() < end;) await new Promise((r) => setTimeout(r, 20));
    await page.waitForTimeout(150);                      // the prefetched pictures are decoded by now
    await page.evaluate(() => { globalThis.switched = 0; });
    const before = await script();
    await page.keyboard.press('Control+Enter');
    await page.waitForFunction(() => globalThis.switched > 0);
    times.push(await page.evaluate(() => globalThis.switched));
    scripts.push(Math.max(0, await script() - before - own));
  }
  if (process.env.VERBOSE) console.error(times.map((x) => Math.round(x)).join(' '), '\nscript', scripts.map((x) => x.toFixed(1)).join(' '));
  print({ 'switch.p50': quantile(times, 0.5), 'switch.max': Math.max(...times), 'switch.script': quantile(scripts, 0.5) });
} finally { await s.stop(); }
