// One config, from its file to a stored answer and back. A walk passes when the page opens without a complaint, everything on
// it can be answered, the answer is stored, and what is stored comes back unchanged after a reload and a second submit.
import { isDeepStrictEqual } from 'node:util';
import { Answerer } from './answer.mjs';
import { FILES, sampleOf } from './sample.mjs';
import { goWithin, openPage } from '../harness.mjs';

export const sameJson = (a, b) => isDeepStrictEqual(a, b);

/** The first place where two results differ. An item that came without an id is given one when it is stored. */
function where(a, b, path = 'result') {
  if (/^result\[\d+\]\.id$/.test(path) && a === undefined) return '';
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.max(a.length, b.length); i++) { const w = where(a[i], b[i], `${path}[${i}]`); if (w) return w; }
    return '';
  }
  if (a && b && typeof a === 'object' && typeof b === 'object') {
    for (const k of new Set([...Object.keys(a), ...Object.keys(b)])) { const w = where(a[k], b[k], `${path}.${k}`); if (w) return w; }
    return '';
  }
  return isDeepStrictEqual(a, b) ? '' : `${path}: ${JSON.stringify(a)} became ${JSON.stringify(b)}`.slice(0, 300);
}

export class Walker {
  constructor(browser, server, state, api) { this.browser = browser; this.server = server; this.state = state; this.api = api; }

  /** A browser store of its own: what one page could not send must not be sent by another. */
  async open() {
    await this.context?.close().catch(() => {});
    this.context = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce', storageState: this.state });
    this.page = await openPage(this.context, this.server.base, { timeout: 15_000 });
    this.page.onDialog = (d) => void d.accept();      // what an earlier failure left unsaved
    return this;
  }

  /** Files that a page fetches by address. Only where there are some: a page of which every request is looked at has no cache. */
  async serve(some) {
    await this.page.unroute('**/walk/*');
    if (some) await this.page.route('**/walk/*', (route) => {
      const [type, body] = FILES[new URL(route.request().url()).pathname.split('/').pop()] ?? ['text/plain', ''];
      return route.fulfill({ contentType: type, body });
    });
  }

  /** { name, failures: [sentence], notices: [tag] } */
  async walk({ name, xml, json }) {
    const failures = [], out = { name, failures, notices: [], notes: [] };
    try {
      const sample = sampleOf(xml, json);
      if (!this.page) await this.open();
      this.page.complaints.length = 0;
      await this.serve(JSON.stringify(sample.data).includes('"/walk/'));
      await this.oneWay(name, sample, out);
    } catch (e) { failures.push(e.message.split('\n')[0]); }
    const complaints = (this.page?.complaints ?? []).filter((c) => !/status of 400 .*\/submit\)/.test(c));      // told by itself
    failures.push(...complaints.slice(0, 3).map((c) => `complaint: ${c.slice(0, 200)}`));
    if (failures.length || out.notes.length) this.page = null;     // the next one starts clean
    return out;
  }

  async close() { await this.context?.close(); }

  async oneWay(name, sample, out) {
    const { id } = await this.api('POST', '/api/projects/', { title: name.slice(-50), label_config: sample.xml });
    await this.api('POST', `/api/projects/${id}/import`, [{ data: sample.data }]);
    await this.show(id);
    out.notices = await this.page.locator('[data-notice]').evaluateAll((list) => [...new Set(list.map((x) => x.dataset.notice))]);
    const a = await new Answerer(this.page).all();
    out.failures.push(...a.problems);
    const first = await this.submit(out, 'answered');
    if (first) {
      const stored = await this.stored(first);
      out.failures.push(...this.lost(a, stored));
      await this.leave();
      await this.api('POST', `/api/annotations/${first}/withdraw`, {});
      await this.back(id, stored, 'the answer', out, { reload: true });
    }
    for (const given of sample.results) await this.given(id, sample.data, given, out);
  }

  /** Answers that came with the config: loaded as a draft, submitted untouched, the same again. One that the server does not
      take, because it is no answer to this config, is noted; nothing of it was stored. */
  async given(id, data, given, out) {
    await this.leave();
    const { task_ids: [task] } = await this.api('POST', `/api/projects/${id}/import?return_task_ids=true`, [{ data }]);
    const lease = (await this.api('POST', `/api/projects/${id}/leases`, { n: 3, have: [] }) ?? []).find((l) => l.task.id === task);
    if (!lease) { out.failures.push('the task of the given answer is not to be had'); return; }
    this.lent = lease;
    const reply = await this.context.request.fetch(`${this.server.base}/api/leases/${lease.lease}/draft`, {
      method: 'PUT', data: { epoch: lease.epoch, result: given, counter: 1 }, headers: { 'X-CSRF-Token': this.api.csrf, Origin: this.server.base, 'If-Match': '0' } });
    if (reply.status() === 400) { out.notes.push(`a given answer is none to this config: ${JSON.parse(await reply.text()).detail}`); return; }
    if (!reply.ok()) { out.failures.push(`the given answer is refused: ${(await reply.text()).slice(0, 240)}`); return; }
    await this.back(id, given, 'the given answer', out, { mayLack: true });
  }

  async back(id, expected, what, out, { mayLack = false, reload = false }) {
    await this.show(id, reload);
    let again = await this.submit(out, what, mayLack), more = 0;
    for (; again === undefined && more < 20; more++) {      // what it leaves open is answered as the page asks for it
      await new Answerer(this.page).missing();
      again = await this.submit(out, what, mayLack);
    }
    if (again === undefined) out.failures.push(`${what} cannot be made complete`);
    if (!again) { await this.giveBack(); return; }
    const stored = await this.stored(again);
    // What was added stands beside its region: then every given item must still be there as it was.
    const w = more ? expected.map((r, i) => (stored.some((x) => where(r, x, 'result[0]') === '') ? '' : `result[${i}] is gone or changed`)).find(Boolean) : where(expected, stored);
    if (w) out.failures.push(`${what} did not come back unchanged: ${w}`);
  }

  lost(a, stored) {
    const out = [];
    for (const { key, tag } of this.seen) {
      const [, name, kind, about] = /^(.*?)(?:([@#])(.*))?$/.exec(key);
      if (a.done.get(key) && !stored.some((r) => r.from_name === name && (kind !== '@' || r.id === about) && (kind !== '#' || String(r.item_index ?? 0) === about))) out.push(`no answer of ${tag} (${key}) was stored`);
    }
    for (const [name, { tag, twins }] of a.drawn) if (!stored.some((r) => twins.includes(r.from_name))) out.push(`no region of ${tag} (${name}) was stored`);
    return out;
  }

  /** What could not be submitted is skipped, so that the next task can be lent. */
  async giveBack() {
    await this.leave();
    if (this.lent) await this.api('POST', `/api/leases/${this.lent.lease}/skip`, { epoch: this.lent.epoch, reason: 'other', note: '' }).catch(() => {});
    await this.open();
  }

  /** Away from the task, so that this page does not take back what is prepared for the next visit. */
  async leave() { if (this.page.url().startsWith(this.server.base)) await goWithin(this.page, '/no/such/page'); }

  /** The task of a project; with `reload`, and the first time, everything is loaded from its address. */
  async show(id, reload = false) {
    const page = this.page, at = `/projects/${id}/annotate`;
    if (reload || !page.url().startsWith(this.server.base)) await page.goto(this.server.base + at, { waitUntil: 'commit' });
    else await goWithin(page, at);
    await page.waitForSelector('.work[class*="lay-"], .work .empty, .failed', { timeout: 20_000 });
    if (!await page.locator('.work[class*="lay-"]').count()) throw new Error(`the task did not open: ${(await page.locator('main').innerText()).slice(0, 120)}`);
    const alarm = page.locator('.task [role="alert"]');
    if (await alarm.count()) throw new Error(`an alarm stands on the page: ${(await alarm.first().innerText()).slice(0, 160)}`);
  }

  /** The number of the stored answer; null, with the reason noted, when it was not taken; undefined when something is
      missing that may be. */
  async submit(out, what, mayLack = false) {
    const page = this.page;
    this.seen = await page.evaluate(() => [...document.querySelectorAll('[data-q][data-tag]')].filter((el) => el.checkVisibility()).map((el) => ({ key: el.dataset.q, tag: el.dataset.tag })));
    const reply = page.waitForResponse((r) => r.url().endsWith('/submit'), { timeout: 15_000 }).catch(() => null);
    await page.keyboard.press('Control+Enter');
    const stopped = page.locator('.task .err').first().waitFor({ timeout: 15_000 }).then(() => 'err', () => null);
    const first = await Promise.race([reply, stopped]);
    if (first === 'err' && mayLack) return undefined;
    if (mayLack && first?.status() === 400) {
      out.notes.push(`a given answer is none to this config: ${(await first.json()).detail}`);
      return null;
    }
    if (first === 'err') {
      const all = await page.locator('.task .err').allInnerTexts();
      const key = await page.locator('.q.is-bad').first().getAttribute('data-q').catch(() => '');
      out.failures.push(`${what} cannot be submitted: ${[...new Set(all)].join(' ')} (${key})`);
      return null;
    }
    if (!first) { out.failures.push(`${what}: no answer left the page`); return null; }
    if (!first.ok()) { out.failures.push(`${what} is refused: ${(await first.text()).slice(0, 240)}`); return null; }
    return (await first.json()).annotation;
  }

  async stored(annotation) { return (await this.api('GET', `/api/annotations/${annotation}/`)).result; }
}
