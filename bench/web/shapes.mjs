// Drawing, moving and deleting with 2,000 shapes on a 1600 x 1000 picture: what the main thread does in each frame.
//
//   shapes.work   work a frame, 95th percentile, ms: the processor time of the page's main thread between the ends of two
//                 frames (input, scripts, style, layout, paint, commit), from the browser's own trace
//   shapes.long   the longest single task while all this happens, ms by the wall clock, as a person waits for it;
//                 shapes.longest is the same in processor time
//
// node bench/web/shapes.mjs      ANNOTARY_BIN, CHROMIUM as in the browser tests; SHAPES=2000; prints JSON
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync, crc32 as zlibCrc } from 'node:zlib';
import { categories, read } from './lib/frames.mjs';
import { binary, cannotRun, openPage, startBrowser, startServer } from '../../web/tests/browser/harness.mjs';

const N = Number(process.env.SHAPES ?? 2000), W = 1600, H = 1000;
const ann = { email: 'ann@quay.example', password: 'five grey gulls on the mole' };
const CONFIG = `<View><Image name="img" value="$image"/>
  <RectangleLabels name="box" toName="img">${['Car', 'Bus', 'Van', 'Bike', 'Sign'].map((v) => `<Label value="${v}"/>`).join('')}</RectangleLabels>
  <PolygonLabels name="poly" toName="img"><Label value="Crossing"/></PolygonLabels>
  <EllipseLabels name="ell" toName="img"><Label value="Wheel"/></EllipseLabels></View>`;

const crc = zlibCrc ?? ((buf) => { let c = ~0; for (const b of buf) { c ^= b; for (let k = 0; k < 8; k++) c = c & 1 ? c >>> 1 ^ 0xedb88320 : c >>> 1; } return ~c >>> 0; });
/** A picture with some detail, as PNG. */
function png(w, h) {
  const raw = Buffer.alloc((w * 3 + 1) * h);
  for (let y = 0; y < h; y++) for (let x = 0; x < w; x++) {
    const at = y * (w * 3 + 1) + 1 + x * 3;
    raw[at] = x * 160 / w; raw[at + 1] = y * 160 / h + 40; raw[at + 2] = (x >> 3 ^ y >> 3) & 127;
  }
  const chunk = (type, data) => { const b = Buffer.alloc(12 + data.length); b.writeUInt32BE(data.length); b.write(type, 4); data.copy(b, 8); b.writeUInt32BE(crc(b.subarray(4, 8 + data.length)), 8 + data.length); return b; };
  const head = Buffer.alloc(13); head.writeUInt32BE(w); head.writeUInt32BE(h, 4); head[8] = 8; head[9] = 2;
  return Buffer.concat([Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]), chunk('IHDR', head), chunk('IDAT', deflateSync(raw)), chunk('IEND', Buffer.alloc(0))]);
}

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

const rank = (list, p) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * p))] ?? 0;

async function run() {
  const folder = mkdtempSync(join(tmpdir(), 'annotary-bench-')), server = await startServer(), browser = await startBrowser();
  const cli = (args, input) => execFileSync(binary, [...args, '--data', server.data], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    await server.kill();
    cli(['init', '--email', 'own@quay.example', '--name', 'Own', '--org', 'Quay', '--password-stdin'], 'nine black cormorants dry\n');
    cli(['user', 'add', ann.email, '--name', 'Ann', '--password-stdin'], `${ann.password}\n`);
    writeFileSync(join(folder, 'c.xml'), CONFIG);
    writeFileSync(join(folder, 't.jsonl'), JSON.stringify({ data: { image: `data:image/png;base64,${png(W, H).toString('base64')}` } }));
    const id = JSON.parse(cli(['project', 'add', 'Shapes', '--config', join(folder, 'c.xml'), '--json'])).id;
    cli(['import', '--project', String(id), join(folder, 't.jsonl')]);
    cli(['member', 'add', String(id), ann.email]);
    await server.begin();
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
    await context.request.post(`${server.base}/api/session`, { data: ann, headers: { Origin: server.base } });
    const who = await (await context.request.get(`${server.base}/api/session`)).json(), headers = { 'X-CSRF-Token': who.csrf, Origin: server.base };
    const got = await (await context.request.post(`${server.base}/api/projects/${id}/leases`, { data: { n: 1, have: [] }, headers })).json(), lease = (got.leases ?? got)[0];
    const put = await context.request.put(`${server.base}/api/leases/${lease.lease}/draft`, { data: { epoch: lease.epoch, result: shapes(), counter: 1, active_ms: 0 }, headers });
    if (!put.ok()) throw new Error(`draft: ${put.status()} ${await put.text()}`);
    return await measure(browser, context, server, id);
  } finally { await browser.close(); await server.stop(); rmSync(folder, { recursive: true, force: true }); }
}

async function measure(browser, context, server, id) {
  const page = await openPage(context, server.base), t0 = Date.now();
  await page.goto(`${server.base}/projects/${id}/annotate`);
  await page.waitForFunction((n) => document.querySelector('.aside .count')?.textContent === String(n) && document.querySelector('.pic-img')?.complete && document.querySelector('.over > g[transform]'), N);
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
    parts[name] = { p50: rank(r.frames, 0.5), p95: rank(r.frames, 0.95), max: Math.max(0, ...r.frames), frames: r.frames.length, longest: r.longest };
    all.frames.push(...r.frames); all.longest = Math.max(all.longest, r.longest); all.wall = Math.max(all.wall, r.wall);
  };
  await part('draw', async () => { for (let i = 0; i < 5; i++) { await page.keyboard.press('1'); await drag([100 + 200 * i, 100], [220 + 200 * i, 260]); await page.keyboard.press('Escape'); await page.waitForTimeout(200); } });
  await part('move', async () => { await page.keyboard.press('v'); for (let i = 0; i < 5; i++) { await drag([160 + 200 * i, 180], [300 + 180 * i, 700]); await page.keyboard.press('Escape'); await page.waitForTimeout(200); } });
  await part('delete', async () => { for (let i = 0; i < 20; i++) { await page.mouse.click(...at(80 + 70 * i, 120 + 40 * i)); await page.waitForTimeout(60); await page.keyboard.press('Delete'); await page.waitForTimeout(120); } });
  if (page.complaints.length) throw new Error(page.complaints.join('\n'));
  return { opened, parts, all };
}

const why = cannotRun();
if (why) { console.error(why); process.exit(1); }
const { opened, parts, all } = await run(), round = (v) => Math.round(v * 100) / 100;
console.log(JSON.stringify([
  { name: 'shapes.work', value: round(rank(all.frames, 0.95)), unit: 'ms', bar: 8, better: 'less' },
  { name: 'shapes.long', value: round(all.wall), unit: 'ms', bar: 50, better: 'less' },
  { name: 'shapes.longest', value: round(all.longest), unit: 'ms', bar: null, better: 'less' },
  { name: 'shapes.open', value: opened, unit: 'ms', bar: null, better: 'less' },
  ...Object.entries(parts).flatMap(([name, p]) => [['p50', p.p50], ['p95', p.p95], ['max', p.max], ['frames', p.frames], ['longest', p.longest]]
    .map(([what, v]) => ({ name: `shapes.${name}.${what}`, value: round(v), unit: what === 'frames' ? '' : 'ms', bar: null, better: 'less' }))),
], null, 1));
