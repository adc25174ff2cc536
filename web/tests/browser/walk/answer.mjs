// Answers everything a person sees, with mouse and keyboard, as a person would: draws a region with every tool and label set,
// then answers every question that stands there, those that only then appear included.

const frame = (key) => `[data-q=${JSON.stringify(key)}]`;

/** What is on screen: questions in frames, stages with what can be drawn on them. */
const look = (page) => page.evaluate(() => {
  const seen = (el) => el.getClientRects().length > 0 && el.checkVisibility();
  const questions = [...document.querySelectorAll('[data-q][data-tag]')].filter(seen).map((el) => ({ key: el.dataset.q, tag: el.dataset.tag, bad: el.classList.contains('is-bad') }));
  const stages = [...document.querySelectorAll('[data-object][data-marks]')].filter(seen).map((el) => ({ name: el.dataset.object, picture: el.classList.contains('img-stage'), marks: el.dataset.marks.split(' ').filter(Boolean).map((m) => m.split(':')) }));
  return { questions, stages, regions: document.querySelectorAll('.rlist > li').length };
});

export class Answerer {
  constructor(page) { this.page = page; this.problems = []; this.done = new Map(); this.drawn = new Map(); this.n = 0; }

  async all() {
    await this.drawAll();
    const pictures = this.page.locator('.strip button');
    for (let i = 1, n = Math.min(4, await pictures.count()); i < n; i++) { await pictures.nth(i).click(); await this.drawAll(); }
    await this.questions();
    await this.onward();
    return this;
  }

  /** Once with every set and tool of what is on the stage now. */
  async drawAll() {
    for (const s of (await look(this.page)).stages) for (const [name, tag] of s.marks) {
      if (this.drawn.has(name)) continue;
      const twins = await this.draw(s, name, tag);
      if (twins) this.drawn.set(name, { tag, twins });
      await this.questions();                       // about the region that is selected now
      await this.page.keyboard.press('Escape');
      await this.page.keyboard.press('Escape');
    }
  }

  /** The other pictures of a task, the other pages of a config. */
  async onward() {
    for (const picture of (await this.page.locator('.strip button').all()).slice(0, 20)) { await picture.click(); await this.questions(); }
    for (let i = 0; i < 20; i++) {
      const more = this.page.locator('.do-next-page:not([aria-disabled="true"])').first();
      if (!await more.count()) break;
      await more.click();
      await this.questions();
    }
  }

  /** What the page says is missing, where it stands now. */
  async missing() {
    for (const key of await this.page.locator('.q.is-bad').evaluateAll((list) => list.filter((x) => x.checkVisibility()).map((x) => x.dataset.q))) this.done.delete(key);
    await this.questions((q) => q.bad);
  }

  /** Until nothing unanswered is left; an answer may bring the next question. */
  async questions(which = () => true) {
    for (let round = 0; round < 60; round++) {
      const next = (await look(this.page)).questions.find((q) => which(q) && !this.done.has(q.key));
      if (!next) return;
      this.done.set(next.key, next.tag);
      try {
        const how = ANSWERS[next.tag];
        if (how) { if (await how(this.page, this.page.locator(frame(next.key)).first()) === EMPTY) this.done.set(next.key, null); }
        else this.problems.push(`nobody knows how to answer ${next.tag} (${next.key})`);
      } catch (e) { this.problems.push(`${next.tag} (${next.key}): ${e.message.split('\n')[0]}`); }
    }
    this.problems.push('questions without end');
  }

  /** The controls of which one now has a region more; null when nothing was drawn. */
  async draw(stage, name, tag) {
    const page = this.page, before = (await look(page)).regions, twins = [name];
    // Labels on a picture are given to what a bare tool beside them draws.
    const bare = stage.marks.find(([, t]) => TOOL[t])?.[1], hand = tag === 'Labels' && bare ? bare : tag, how = DRAW[hand];
    if (tag === 'Labels' && !bare && stage.picture) return null;       // nothing beside it draws
    if (!how) { this.problems.push(`nobody knows how to draw ${tag} (${name})`); return null; }
    const box = page.locator(`[data-object=${JSON.stringify(stage.name)}][data-marks]`).first();
    try {
      await box.scrollIntoViewIfNeeded();
      const chip = page.locator(`.chip[data-control~=${JSON.stringify(name)}]`), tool = TOOL[hand];
      if (/Labels$/.test(tag)) {
        if (!await chip.count()) return null;          // a set whose labels the task does not bring
        const mine = chip.locator('visible=true');
        if (await mine.first().getAttribute('aria-checked') !== 'true') await mine.first().click();
      }
      if (tool) { await page.evaluate(() => document.activeElement?.blur()); await page.keyboard.press(tool); }
      if (await how(page, box, this.n++) === EMPTY) return null;      // a text without a word
      // Two sets with the same label have one chip; a wand fills for the brush whose label is in hand.
      if (/Labels$/.test(tag)) twins.push(...(await chip.first().getAttribute('data-control')).split(' '));
      if (tag === 'MagicWand') twins.push(...stage.marks.filter(([, t]) => /^(Brush|Bitmask)/.test(t)).map(([x]) => x));
    } catch (e) { this.problems.push(`drawing ${tag} (${name}): ${e.message.split('\n')[0]}`); return null; }
    // A mask is painted by a worker; the others are there at once.
    await page.waitForFunction((n) => document.querySelectorAll('.rlist > li').length > n, before, { timeout: 10_000 }).catch(() => {});
    const after = (await look(page)).regions;
    if (after <= before) this.problems.push(`${tag} (${name}) drew nothing`);
    return after > before ? twins : null;
  }

}

// ---- questions ----

/** A question that the task brings no choices for, a text that it brings no word of. */
const EMPTY = Symbol('empty');

const ANSWERS = {
  async Chat(page, q) {
    for (let i = 0; i < 4 && await q.locator('.say').count(); i++) { await q.locator('.say textarea').fill(`A message ${i}`); await q.locator('.do-send').click(); }
  },
  async Choices(page, q) {
    const select = q.locator('select');
    if (await select.count()) { await select.selectOption({ index: await select.evaluate((s) => (s.multiple ? 0 : 1)) }); return; }
    const some = q.locator('[role="radio"][aria-checked="false"], [role="checkbox"][aria-checked="false"]');
    if (await some.count()) await some.first().click();
    else if (!await q.locator('[role="radio"], [role="checkbox"]').count()) throw new Error('no choice to choose');
  },
  async TextArea(page, q) {
    const field = q.locator(':is(input.input, textarea):not(.said *)').last(), add = q.locator('.do-add');
    if (!await field.count()) return;               // full: what it holds is its answer
    await field.fill('A few words');
    if (await add.count()) await add.click();
  },
  async Rating(page, q) { const stars = q.locator('[role="radio"]'); await stars.nth(Math.min(2, await stars.count() - 1)).click(); },
  async Number(page, q) {
    const n = q.locator('input[type="number"]');
    const v = await n.evaluate((el) => { const min = el.min === '' ? 0 : Number(el.min), step = Number(el.step) || 1, max = el.max === '' ? Infinity : Number(el.max); return Math.min(max, min + 2 * step); });
    await n.fill(String(v));
  },
  async DateTime(page, q) {
    const fill = { date: '2024-02-29', time: '09:30', month: '2024-02', 'datetime-local': '2024-02-29T09:30', number: '2024' };
    for (const input of await q.locator('input').all()) {
      const [type, min] = await input.evaluate((el) => [el.type, el.min]);
      await input.fill(min && min > fill[type] ? min : fill[type]);
    }
    for (const s of await q.locator('select').all()) await s.selectOption({ index: 1 });
  },
  async Taxonomy(page, q) {
    if (!await q.locator('[role="treeitem"]').count()) return EMPTY;      // its choices stand elsewhere, and a note says so
    const free = q.locator('[role="treeitem"][aria-checked="false"]:not([aria-disabled="true"])');
    for (let i = 0; i < 6 && !await free.count(); i++) await q.locator('[role="treeitem"][aria-expanded="false"] .fold').first().click();
    await free.first().click();
  },
  async Pairwise(page, q) { await q.locator('[role="radio"]').first().click(); },
  async Ranker(page, q) {
    const keep = q.locator('.do-keep'), bucket = q.locator('select');
    if (await bucket.count()) { await bucket.first().selectOption({ index: 1 }); return; }
    if (await keep.count()) await keep.click();
    else await q.locator('button:not([disabled])').first().click();
  },
};

// ---- drawing ----

/** A place of its own for each region, so that no press hits an older one: in the picture, as parts of it. */
const spot = (n) => [0.06 + 0.16 * (n % 6), 0.08 + 0.2 * (Math.floor(n / 6) % 5)];
const TOOL = { Rectangle: 'r', Ellipse: 'o', Polygon: 'p', KeyPoint: 'k', Brush: 'b', Vector: 'p', MagicWand: 'w', Bitmask: 'b' };

async function onPicture(page, box) {
  const img = box.locator('img.pic-img');
  await img.evaluate((el) => el.complete && el.naturalWidth > 0 ? undefined : new Promise((ok, no) => { el.addEventListener('load', ok); el.addEventListener('error', no); }));
  const over = box.locator('.over').first();
  await over.waitFor();
  const b = await img.boundingBox() ?? await over.boundingBox();
  return (u, v) => [b.x + b.width * u, b.y + b.height * v];
}
async function drag(page, from, to) {
  await page.mouse.move(...from); await page.mouse.down();
  await page.mouse.move((from[0] + to[0]) / 2, (from[1] + to[1]) / 2); await page.mouse.move(...to); await page.mouse.up();
}
async function box(page, el, n) {
  const at = await onPicture(page, el), [u, v] = spot(n);
  await drag(page, at(u, v), at(u + 0.1, v + 0.12));
}
async function points(page, el, n) {
  const at = await onPicture(page, el), [u, v] = spot(n);
  for (const [x, y] of [[0, 0], [0.1, 0], [0.1, 0.12], [0.03, 0.14], [0, 0]]) await page.mouse.click(...at(u + x, v + y));
}
async function line(page, el, n) {
  const at = await onPicture(page, el), [u, v] = spot(n);
  for (const [x, y] of [[0, 0], [0.1, 0], [0.1, 0.12]]) await page.mouse.click(...at(u + x, v + y));
  await page.keyboard.press('Enter');
}
async function dot(page, el, n) {
  const at = await onPicture(page, el), [u, v] = spot(n);
  await page.mouse.click(...at(u + 0.05, v + 0.05));
}

/** The nth word of a text: a double click selects it. */
async function word(page, el, n) {
  const at = await el.evaluate((root, k) => {
    const doc = root.tagName === 'IFRAME' ? root.contentDocument : (root.querySelector('iframe')?.contentDocument ?? root.ownerDocument);
    const scope = doc === root.ownerDocument ? root : doc.body;
    const walker = doc.createTreeWalker(scope, NodeFilter.SHOW_TEXT), hits = [];
    for (let t; (t = walker.nextNode()) && hits.length < 40;) {
      if (t.parentElement.closest('.tag, i, [aria-hidden="true"], .who-says, style, script')) continue;
      for (const m of t.data.matchAll(/[\p{L}\p{N}]{3,}/gu)) hits.push([t, m.index, m.index + m[0].length]);
    }
    const hit = hits[Math.min(hits.length - 1, k % Math.max(1, hits.length))];
    if (!hit) return null;
    const r = doc.createRange();
    r.setStart(hit[0], hit[1]); r.setEnd(hit[0], hit[2]);
    hit[0].parentElement.scrollIntoView({ block: 'center' });
    const b = r.getClientRects()[0], frame = doc === root.ownerDocument ? null : root.querySelector('iframe') ?? root;
    const o = frame ? frame.getBoundingClientRect() : { x: 0, y: 0 };
    return [o.x + b.x + b.width / 2, o.y + b.y + b.height / 2];
  }, n * 2);
  if (!at) return EMPTY;
  await page.mouse.dblclick(...at);
}

const DRAW = {
  Rectangle: box, RectangleLabels: box, Ellipse: box, EllipseLabels: box, Brush: box, BrushLabels: box, BitmaskLabels: box, Bitmask: box,
  Polygon: points, PolygonLabels: points, Vector: line, VectorLabels: line, KeyPoint: dot, KeyPointLabels: dot, MagicWand: box,
  Labels: word, HyperTextLabels: word, ParagraphLabels: word,
};
