// Drawing, moving and deleting with 2,000 shapes on a 1600 x 1000 picture: what the main thread does in each frame.
//
//   shapes.work   work a frame, 95th percentile, ms: the processor time of the page's main thread between the ends of two
//                 frames (input, scripts, style, layout, paint, commit), from the browser's own trace
//   shapes.long   the longest single task while all this happens, ms by the wall clock, as a person waits for it;
//                 shapes.longest is the same in processor time
//
// node bench/web/shapes.mjs      ANNOTARY_BIN, CHROMIUM as in the browser tests; SHAPES=2000; prints JSON
import { writeFileSync } from 'node:fs';
import { categories, read } from './lib/frames.mjs';
import { desk, pictures, quantile } from './lib/sitting.mjs';
import { apiFor, openPage } from '../../web/tests/browser/harness.mjs';

const N = Number(process.env.SHAPES ?? 2000), W = 1600, H = 1000;
const CONFIG = `<View><Image name="img" value="$image"/>
  <RectangleLabels name="box" toName="img">${['Car', 'Bus', 'Van', 'Bike', 'Sign'].map((v) => `<Label value="${v}"/>`).join('')}</RectangleLabels>
  <PolygonLabels name="poly" toName="img"><Label value="Crossing"/></PolygonLabels>
  <EllipseLabels name="ell" toName="img"><Label value="Wheel"/></EllipseLabels></View>`;

function shapes() {
  let seed = 7;
  const rnd = (n) => { seed = seed * 1103515245 + 12345 & 0x7fffffff; return seed / 0x7fffffff * n; };
  return Array.from({ length: N }, (_, i) => {
    const x = rnd(94), y = rnd(92), w = 1.2 + rnd(3.5), h = 1.5 + rnd(5);
    const head = { id: `s${i}`, to_name: 'img', origin: 'manual', original_width: W, original_height: H, image_rotation: 0 };
    if (i % 4 === 1) return { ...head, from_name: 'poly', type: 'polygonlabels', value: { points: Array.from({ length: 8 }, (_, k) => [x + w / 2 + w / 2 * Math.cos(k), y + h / 2 + h / 2 * Math.sin(k)]).sort((a, b) => Math.atan2(a[1] - y - h / 2, a[0] - x - w / 2) - Math.atan2(b[1] - y - h / 2, b[0] - x - w / 2)), closed: true, polygonlabels: ['Crossing'] } };
    if (i % 8 === 2) return { ...head, from_name: 'ell', type: 'ellipselabels', value: { x: x + w / 2, y: y + h / 2, radiusX: w / 2, radiusY: h / 2, rotation: 0, ellipselabels: ['Wheel'] } };
    return { ...head, from_name: 'box', type: 'rectanglelabels', value: { x, y, width: w, height: h, rotation: i % 16 === 3 ? 20 : 0, rectanglelabels: [['Car', 'Bus', 'Van', 'Bike', 'Sign'][i % 5]] } };
  });
}

async function run() {
  const s = await desk();
  try {
    const id = s.project('Shapes', CONFIG, await pictures(s, 1)), context = await s.enter(), api = await apiFor(context, s.server.base);
    const got = await api('POST', `/api/projects/${id}/leases`, { n: 1, have: [] }), lease = (got.leases ?? got)[0];
    await api('PUT', `/api/leases/${lease.lease}/draft`, { epoch: lease.epoch, result: shapes(), counter: 1, active_ms: 0 });
    return await measure(s.browser, context, s.server, id);
  } finally { await s.stop(); }
}

async function measure(browser, context, server, id) {
  const page = await openPage(context, server.base), t0 = Date.now();
  await page.goto(`${server.base}/projects/${id}/annotate`);
  await page.waitForFunction((n) => document.querySelector('.aside .count')?.textContent === String(n) && document.querySelector('.pic-img')?.complete && document.querySelector('.over:not([aria-busy]) > g[transform]') && document.querySelector('.rlist [data-row]'), N);
  const opened = Date.now() - t0;
  await page.waitForTimeout(1500);                     // the first draft, the prefetch
  const box = await page.locator('.img-stage').boundingBox();
  const [x, y, k] = await page.evaluate(() => /translate\(([-\d.]+) ([-\d.]+)\) scale\(([\d.]+)\)/.exec(document.querySelector('.over > g').getAttribute('transform')).slice(1).map(Number));
  const at = (px, py) => [box.x + x + px * k, box.y + y + py * k];
  const drag = async (a, b, steps = 30) => { await page.mouse.move(...at(...a)); await page.mouse.down(); for (let i = 1; i <= steps; i++) { await page.mouse.move(...at(a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps)); await page.waitForTimeout(8); } await page.mouse.up(); };
  const parts = {}, all = { frames: [], longest: 0, wall: 0 };
  const part = async (name, act) => {
    await browser.startTracing(page, { categories });
    await page.evaluate(() => performance.mark('bench.begin'));
    await act();
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => { performance.mark('bench.end'); done(); }))));
    const buf = await browser.stopTracing();
    if (process.env.TRACE) writeFileSync(`${process.env.TRACE}-${name}.json`, buf);
    const r = read(JSON.parse(buf.toString()).traceEvents);
    parts[name] = { p50: quantile(r.frames, 0.5), p95: quantile(r.frames, 0.95), max: Math.max(0, ...r.frames), frames: r.frames.length, longest: r.longest };
    all.frames.push(...r.frames); all.longest = Math.max(all.longest, r.longest); all.wall = Math.max(all.wall, r.wall);
  };
  await part('draw', async () => { for (let i = 0; i < 5; i++) { await page.keyboard.press('1'); await drag([100 + 200 * i, 100], [220 + 200 * i, 260]); await page.keyboard.press('Escape'); await page.waitForTimeout(200); } });
  await part('move', async () => { await page.keyboard.press('v'); for (let i = 0; i < 5; i++) { await drag([160 + 200 * i, 180], [300 + 180 * i, 700]); await page.keyboard.press('Escape'); await page.waitForTimeout(200); } });
  await part('delete', async () => { for (let i = 0; i < 20; i++) { await page.mouse.click(...at(80 + 70 * i, 120 + 40 * i)); await page.waitForTimeout(60); await page.keyboard.press('Delete'); await page.waitForTimeout(120); } });
  if (page.complaints.length) throw new Error(page.complaints.join('\n'));
  return { opened, parts, all };
}

const { opened, parts, all } = await run(), round = (v) => Math.round(v * 100) / 100;
console.log(JSON.stringify([
  { name: 'shapes.work', value: round(quantile(all.frames, 0.95)), unit: 'ms', bar: 8, better: 'less' },
  { name: 'shapes.long', value: round(all.wall), unit: 'ms', bar: 50, better: 'less' },
  { name: 'shapes.longest', value: round(all.longest), unit: 'ms', bar: null, better: 'less' },
  { name: 'shapes.open', value: opened, unit: 'ms', bar: null, better: 'less' },
  ...Object.entries(parts).flatMap(([name, p]) => [['p50', p.p50], ['p95', p.p95], ['max', p.max], ['frames', p.frames], ['longest', p.longest]]
    .map(([what, v]) => ({ name: `shapes.${name}.${what}`, value: round(v), unit: what === 'frames' ? '' : 'ms', bar: null, better: 'less' }))),
], null, 1));
