// Runs the browser tests one file after the other; without the program or the browser it says SKIP and is content.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cannotRun } from './harness.mjs';

const here = dirname(fileURLToPath(import.meta.url)), only = process.argv[2] ?? '';
const why = cannotRun();
if (why) { console.log(`SKIP browser tests: ${why}`); process.exit(0); }
const files = readdirSync(here).filter(f => f.endsWith('.test.mjs') && f.includes(only)).sort().map(f => join(here, f));
const run = spawnSync(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=spec', ...files], { stdio: 'inherit' });
process.exit(run.status ?? 1);
