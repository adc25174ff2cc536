// What the benches of the annotate page share: a server with one project in it, somebody who annotates there, pictures.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, startBrowser, startServer } from '../../../web/tests/browser/harness.mjs';

const own = { email: 'own@quay.example', password: 'nine black cormorants dry' };
export const ann = { email: 'ann@quay.example', password: 'five grey gulls on the mole' };

/** A server, a browser, a folder; `stop()` ends them. */
export async function sitting() {
  const folder = mkdtempSync(join(tmpdir(), 'annotary-bench-'));
  const server = await startServer(), browser = await startBrowser();
  const cli = (args, input) => execFileSync(binary, [...args, '--data', server.data], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
  await server.kill();
  cli(['init', '--email', own.email, '--name', 'Own', '--org', 'Quay', '--password-stdin'], `${own.password}\n`);
  cli(['user', 'add', ann.email, '--name', 'Ann', '--password-stdin'], `${ann.password}\n`);
  await server.begin();
  return {
    folder, server, browser, cli,
    /** A project of a config and of rows, or of a folder of files. */
    project(title, config, rows) {
      const xml = join(folder, 'config.xml'), data = typeof rows === 'string' ? rows : join(folder, 'tasks.jsonl');
      writeFileSync(xml, config);
      if (typeof rows !== 'string') writeFileSync(data, rows.map((r) => JSON.stringify({ data: r })).join('\n'));
      const id = JSON.parse(cli(['project', 'add', title, '--config', xml, '--json'])).id;
      cli(['import', '--project', String(id), data]);
      cli(['member', 'add', String(id), ann.email]);
      return id;
    },
    async enter(o = {}) {
      const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...o });
      const reply = await context.request.post(`${server.base}/api/session`, { data: { email: ann.email, password: ann.password }, headers: { Origin: server.base } });
      if (!reply.ok()) throw new Error(`login: ${reply.status()} ${await reply.text()}`);
      return context;
    },
    async stop() { await browser.close(); await server.stop(); rmSync(folder, { recursive: true, force: true }); },
  };
}

/**
 * A folder of n JPEGs of 1600 × 1000, each a file of its own. Ten are drawn on a canvas; the others are these with some
 * bytes behind the end, which every decoder reads in full and every cache takes for another picture.
 */
export async function pictures({ folder, browser }, n) {
  const out = join(folder, 'pictures'), page = await browser.newPage();
  mkdirSync(out, { recursive: true });
  const base = await page.evaluate((many) => Array.from({ length: many }, (_, k) => {
    const c = document.createElement('canvas'), g = c.getContext('2d');
    let seed = 12345 + k;
    const rnd = () => { seed = (seed * 1664525 + 1013904223) >>> 0; return seed / 2 ** 32; };
    c.width = 1600; c.height = 1000;
    for (let i = 0; i < 6000; i++) {
      g.fillStyle = `hsl(${rnd() * 360} ${20 + rnd() * 50}% ${20 + rnd() * 60}%)`;
      const r = 4 + rnd() * rnd() * 160;
      g.fillRect(rnd() * 1600 - r / 2, rnd() * 1000 - r / 2, r, r * (0.3 + rnd()));
    }
    return c.toDataURL('image/jpeg', 0.85).split(',')[1];
  }), Math.min(n, 10));
  await page.close();
  const bytes = base.map((b) => Buffer.from(b, 'base64'));
  for (let i = 0; i < n; i++) writeFileSync(join(out, `p${String(i).padStart(4, '0')}.jpg`), Buffer.concat([bytes[i % bytes.length], Buffer.from(`#${i}`)]));
  return out;
}

export const quantile = (list, q) => { const s = [...list].sort((a, b) => a - b); return s[Math.min(s.length - 1, Math.ceil(q * s.length) - 1)]; };

/** Prints what the bench collects: {name: number}. */
export const print = (figures) => console.log(JSON.stringify(Object.fromEntries(Object.entries(figures).map(([k, v]) => [k, Math.round(v * 1000) / 1000])), null, 1));
