// A desk: a server, a browser, one person who annotates, projects made by the command line so that these programs do not
// hang on the pages that make them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { binary, startBrowser, startServer } from './harness.mjs';

export const own = { email: 'own@quay.example', password: 'nine black cormorants dry' };
export const ann = { email: 'ann@quay.example', password: 'five grey gulls on the mole' };

/** A server, a browser, a folder; `stop()` ends them. */
export async function desk() {
  const folder = mkdtempSync(join(tmpdir(), 'annotary-desk-'));
  const server = await startServer(), browser = await startBrowser();
  const cli = (args, input) => execFileSync(binary, [...args, '--data', server.data], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'inherit'] });
  await server.kill();
  cli(['init', '--email', own.email, '--name', 'Own', '--org', 'Quay', '--password-stdin'], `${own.password}\n`);
  cli(['user', 'add', ann.email, '--name', 'Ann', '--password-stdin'], `${ann.password}\n`);
  await server.begin();
  return {
    folder, server, browser, cli,
    /** A project of a config and of rows, or of a folder of files. */
    project(title, config, rows, overlap = 1) {
      const xml = join(folder, 'config.xml'), data = typeof rows === 'string' ? rows : join(folder, 'tasks.jsonl');
      writeFileSync(xml, config);
      if (typeof rows !== 'string') writeFileSync(data, rows.map((r) => JSON.stringify({ data: r })).join('\n'));
      const id = JSON.parse(cli(['project', 'add', title, '--config', xml, '--overlap', String(overlap), '--json'])).id;
      cli(['import', '--project', String(id), data]);
      cli(['member', 'add', String(id), ann.email]);
      return id;
    },
    /** Everything of a project as Label Studio's JSON. */
    exported(id) {
      const out = join(folder, `out-${id}.json`);
      cli(['export', '--project', String(id), '--to', 'JSON', '--out', out, '--force']);
      return JSON.parse(readFileSync(out, 'utf8'));
    },
    async enter(o = {}, who = ann) {
      const context = o.context ?? await browser.newContext({ viewport: { width: 1440, height: 900 }, ...o });
      const reply = await context.request.post(`${server.base}/api/session`, { data: { email: who.email, password: who.password }, headers: { Origin: server.base } });
      if (!reply.ok()) throw new Error(`login: ${reply.status()} ${await reply.text()}`);
      return context;
    },
    async stop() { await browser.close(); await server.stop(); rmSync(folder, { recursive: true, force: true }); },
  };
}

export async function until(what, f, ms = 30_000) {
  for (const end = Date.now() + ms; ;) {
    const v = await f();
    if (v) return v;
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((r) => setTimeout(r, 100));
  }
}
