// Every labelling config of the test data, opened, answered and sent twice in the real page: one test a config.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { web } from './harness.mjs';
import { configsIn, walkAll } from './walk/main.mjs';

const folder = join(resolve(process.env.ANNOTARY_TESTDATA ?? join(web, '../../shared')), 'labelstudio/templates');

if (!existsSync(folder)) test('walk', { skip: `there is no ${folder}` }, () => {});
else {
  const configs = configsIn(folder), told = new Map();
  for (const c of configs) { let tell; const heard = new Promise((done) => { tell = done; }); told.set(c.name, { tell, heard }); }
  let walking;
  before(() => {
    walking = walkAll(configs, (r) => told.get(r.name).tell(r.failures));
    walking.catch((e) => { for (const { tell } of told.values()) tell([`the walk ended: ${e.message}`]); });
  });
  after(() => walking);
  for (const c of configs) test(`walk ${c.name}`, async () => assert.deepEqual(await told.get(c.name).heard, []));
}
