// tests/browser/walk: the command. walkAll() is what the test suite calls.
import { existsSync, readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { cannotRun, claim, startBrowser, startServer } from '../harness.mjs';
import { Walker } from './walker.mjs';

const HELP = `walk DIR [--only NAME] [--keep] [--jobs N]

Opens every labelling config NAME.xml of DIR in the real annotate page, answers everything on it with mouse and keyboard,
submits, and checks that the stored answer comes back unchanged after a reload.

  NAME.json  the task beside it: {"data": …, "annotations": [{"result": …}]}; the answers in it are sent around as well.
             Without it a task is made from the $fields. Every media address is replaced by a small file of our own.
  --only     configs whose name contains NAME
  --keep     leaves the server running when done, and says where
  --jobs     pages at a time (default: one a core, at most 4)
  --all      of every config: how long it took, the notices on its page, given answers that are none to it

A line a failure, then "N passed, N failed"; the exit status is 0 when nothing failed.

  tests/browser/walk my-configs
  tests/browser/walk ../shared/labelstudio/templates --only taxonomy
`;

export const configsIn = (dir, only = '') => readdirSync(dir).filter((f) => f.endsWith('.xml') && f.includes(only)).sort().map((f) => {
  const json = join(dir, f.replace(/xml$/, 'json'));
  return { name: f.slice(0, -4), xml: join(dir, f), json: existsSync(json) ? json : null };
});

/** Walks them, a few pages at a time; `each` hears of every result. */
export async function walkAll(configs, each, { jobs = Math.min(4, availableParallelism()), keep = false } = {}) {
  const browser = await startBrowser(), server = await startServer();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
    const api = await claim(context, server);
    api.csrf = (await (await context.request.get(`${server.base}/api/session`)).json()).csrf;
    const state = await context.storageState(), waiting = [...configs];
    await Promise.all(Array.from({ length: jobs }, async () => {
      const w = new Walker(browser, server, state, api);
      for (let c; (c = waiting.shift());) {
        const begun = Date.now(), r = await w.walk(c);
        each({ ...r, ms: Date.now() - begun });
      }
      await w.close();
    }));
    if (keep) { console.log(`the server stays at ${server.base}, data in ${server.data}; end it with ctrl+c`); await new Promise((r) => process.once('SIGINT', r)); }
  } finally { await browser.close(); await server.stop(); }
}

export async function main(argv) {
  const value = (k) => { const i = argv.indexOf(k); return i < 0 ? undefined : argv[i + 1]; };
  const dir = argv.find((a, i) => !a.startsWith('--') && !['--only', '--jobs'].includes(argv[i - 1]));
  if (!dir || argv.includes('--help')) { console.log(HELP); process.exit(argv.includes('--help') ? 0 : 2); }
  if (!existsSync(resolve(dir))) { console.error(`walk: there is no folder ${dir}`); process.exit(2); }
  const why = cannotRun();
  if (why) { console.error(`walk: ${why}`); process.exit(2); }
  const configs = configsIn(resolve(dir), value('--only'));
  if (!configs.length) { console.error(`walk: no config in ${dir}`); process.exit(2); }
  let passed = 0, failed = 0;
  await walkAll(configs, (r) => {
    if (r.failures.length) failed++; else passed++;
    for (const f of r.failures) console.log(`${r.name}: ${f}`);
    if (argv.includes('--all')) for (const x of [`${r.ms} ms`, ...r.notices.map((n) => `a notice for ${n}`), ...r.notes]) console.log(`  ${r.name}: ${x}`);
  }, { keep: argv.includes('--keep'), ...(value('--jobs') ? { jobs: Number(value('--jobs')) } : {}) });
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed ? 1 : 0);
}
