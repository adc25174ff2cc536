// The questions of a task, each kind by mouse and by keyboard: what is stored is what was said.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { assertAccessible, assertClean, assertFits, claim, openPage, startBrowser, startServer } from './harness.mjs';

let browser, server, kept, api, state;
before(async () => {
  browser = await startBrowser();
  server = await startServer();
  kept = await browser.newContext();
  api = await claim(kept, server);
  state = await kept.storageState();
});
after(async () => { await kept?.close(); await browser?.close(); await server?.stop(); });

/** A project of one task, open in the annotate page; perhaps with what a model says about it. */
async function open(config, data, { guess, ...o } = {}) {
  const { id } = await api('POST', '/api/projects/', { title: 'Harbour desk', label_config: config });
  const { task_ids: [task] } = await api('POST', `/api/projects/${id}/import?return_task_ids=true`, [{ data }]);
  if (guess) await api('POST', '/api/predictions', { task, result: guess, score: 0.62, model_version: 'yard-2' });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, storageState: state, reducedMotion: 'reduce', ...o });
  const page = await openPage(context, server.base);
  await page.goto(`${server.base}/projects/${id}/annotate`);
  await page.waitForSelector('.work[class*="lay-"]');
  page.close = () => context.close();
  return page;
}

/** Submits, and what is stored by the name of the question; lists of labels by theirs. */
async function stored(page) {
  const reply = page.waitForResponse((r) => r.url().endsWith('/submit'));
  await page.keyboard.press('Control+Enter');
  const r = await reply;
  assert.equal(r.status(), 200, await r.text());
  return (await api('GET', `/api/annotations/${(await r.json()).annotation}/`)).result;
}
const values = (result) => Object.fromEntries(result.map((r) => [r.from_name, r.value]));

test('a taxonomy of ten thousand: searched, walked by keys, a few rows in the page, full when it is full', async () => {
  const groups = Array.from({ length: 100 }, (_, i) => ({ value: `Group ${i}`, children: Array.from({ length: 99 }, (_, k) => ({ value: `Node ${i}.${k}` })) }));
  const page = await open('<View><Text name="t" value="$t"/><Taxonomy name="x" toName="t" value="$tree" leafsOnly="true" maxUsages="2" showFullPath="true" pathSeparator=" › "/></View>', { t: 'Which?', tree: groups });
  const tree = page.getByRole('tree');
  assert.ok(await page.locator('.node').count() < 60);
  await page.getByRole('searchbox').fill('node 77.5');
  assert.equal(await page.locator('.node').count(), 12);
  await page.getByRole('treeitem', { name: 'Node 77.50' }).click();
  await page.getByRole('searchbox').fill('');
  await tree.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowRight');              // unfolds Group 1
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Space');
  assert.match(await page.locator('.picked').innerText(), /Group 77 › Node 77\.50[\s\S]*Group 1 › Node 1\.0/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Space');                    // a third one is too many
  assert.equal(await page.locator('.picked > li').count(), 2);
  await page.getByText(/2 choices are the most/).first().waitFor();
  await page.keyboard.press('End');
  await page.getByRole('treeitem', { name: 'Group 99' }).waitFor();
  await assertAccessible(page, 'taxonomy');
  assert.deepEqual(values(await stored(page)), { x: { taxonomy: [['Group 77', 'Node 77.50'], ['Group 1', 'Node 1.0']] } });
  assertClean(page);
  await page.close();
});

const RANK = { items: [{ id: 'a', title: 'Tug' }, { id: 'b', title: 'Pilot', body: '<b>Boards</b> early' }, { id: 'c', title: 'Crane' }] };

test('an order by dragging, by keys and by buttons', async () => {
  const page = await open('<View><List name="l" value="$items"/><Ranker name="r" toName="l"/></View>', RANK);
  const names = () => page.locator('.rank-item b').allInnerTexts();
  const [from, to] = [await page.locator('[data-item="c"] .grip').boundingBox(), await page.locator('[data-item="a"]').boundingBox()];
  await page.mouse.move(from.x + 8, from.y + 8); await page.mouse.down();
  await page.mouse.move(from.x + 8, to.y + to.height); await page.mouse.move(from.x + 8, to.y + 4); await page.mouse.up();
  assert.deepEqual(await names(), ['Crane', 'Tug', 'Pilot']);
  await page.getByRole('button', { name: /^Move Pilot with/ }).focus();
  await page.keyboard.press('ArrowUp');
  await page.waitForFunction(() => document.activeElement?.closest('[data-item]')?.dataset.item === 'b');
  assert.deepEqual(await names(), ['Crane', 'Pilot', 'Tug']);
  await page.getByRole('button', { name: 'Move Crane down' }).click();
  await page.keyboard.press('Control+z');
  await page.getByRole('button', { name: 'Move Tug up' }).click();
  assert.deepEqual(values(await stored(page)), { r: { ranker: ['c', 'a', 'b'] } });
  assertClean(page);
  await page.close();
});

test('buckets by finger, by keys and by choice', async () => {
  const page = await open('<View><List name="l" value="$items"/><Ranker name="r" toName="l"><Bucket name="now" title="Now"/><Bucket name="later" title="Later"/></Ranker></View>', RANK, { hasTouch: true });
  await assertAccessible(page, 'buckets');
  const cdp = await page.context().newCDPSession(page), touch = (type, p) => cdp.send('Input.dispatchTouchEvent', { type, touchPoints: p ? [{ x: p[0], y: p[1] }] : [] });
  const grip = await page.locator('[data-item="a"] .grip').boundingBox(), there = await page.locator('[data-bucket="now"]').boundingBox();
  await touch('touchStart', [grip.x + 10, grip.y + 10]);
  await touch('touchMove', [there.x + 60, there.y + 60]);
  await touch('touchMove', [there.x + 64, there.y + 64]);
  await page.locator('[data-bucket="now"] .land').waitFor();
  await touch('touchEnd');
  await page.locator('[data-bucket="now"] [data-item="a"]').waitFor();
  await page.getByRole('combobox', { name: 'Where Pilot belongs' }).selectOption({ label: 'Now' });
  await page.getByRole('button', { name: /^Move Pilot with/ }).focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowRight');
  await page.locator('[data-bucket="later"] [data-item="b"]').waitFor();
  assert.deepEqual(values(await stored(page)), { r: { ranker: { now: ['a'], later: ['b'], _: ['c'] } } });
  assertClean(page);
  await page.close();
});

test('what a config preselects, nested and several choices, aliases, a select, a filter', async () => {
  const page = await open(`<View><Text name="t" value="$t"/>
    <Choices name="one" toName="t"><Choice value="Fee" alias="fee" selected="true"/><Choice value="Berth" alias="berth"/></Choices>
    <Filter toName="many" minlength="1"/>
    <Choices name="many" toName="t" choice="multiple"><Choice value="North"/><Choice value="South"/><Choice value="East"/></Choices>
    <Choices name="drop" toName="t" layout="select"><Choice value="Red"/><Choice value="Green"/></Choices>
    <Choices name="nest" toName="t" allowNested="true" value="$tree"/>
    <Rating name="stars" toName="t" defaultValue="4"/><Number name="n" toName="t" defaultValue="3" hotkey="+"/></View>`,
  { t: 'Pay here.', tree: [{ value: 'Ship', children: [{ value: 'Ferry', alias: 'f' }] }] });
  assert.equal(await page.getByRole('radio', { name: 'Fee' }).getAttribute('aria-checked'), 'true');
  await page.getByRole('searchbox').fill('so');
  assert.equal(await page.getByRole('checkbox').count(), 1);
  await page.getByRole('checkbox', { name: 'South' }).click();
  await page.getByRole('searchbox').fill('');
  await page.getByRole('checkbox', { name: 'North' }).click();
  await page.getByRole('combobox').selectOption('Green');
  await page.getByRole('radio', { name: 'Ferry' }).click();
  await page.getByRole('radio', { name: 'Ferry' }).press('+');
  await assertAccessible(page, 'choices');
  assert.deepEqual(values(await stored(page)), {
    one: { choices: ['fee'] }, many: { choices: ['North', 'South'] }, drop: { choices: ['Green'] }, nest: { choices: [['Ship', 'f']] }, stars: { rating: 4 }, n: { number: 4 } });
  assertClean(page);
  await page.close();
});

test('words: several, begun ones, shortcuts, lines to change, dates in the words of the config', async () => {
  const page = await open(`<View><Text name="t" value="$t"/>
    <TextArea name="one" toName="t" maxSubmissions="1" value="Said: $t" rows="3"/>
    <TextArea name="list" toName="t" editable="true" skipDuplicates="true" placeholder="A word"><Shortcut value="tide" alias="T" hotkey="ctrl+alt+t"/></TextArea>
    <DateTime name="d" toName="t" only="date" format="%d.%m.%Y"/><Number name="n" toName="t" min="2" max="8" step="2" slider="true"/></View>`, { t: 'ebb' });
  const one = page.locator('[data-q="one"] textarea');
  assert.equal(await one.inputValue(), 'Said: ebb');
  await one.press('End');
  await one.pressSequentially('!');
  const field = page.getByPlaceholder('A word');
  await field.fill('low ');
  await page.keyboard.press('Control+Alt+t');
  await page.waitForFunction(() => document.activeElement?.value === 'low tide');
  await page.keyboard.press('Enter');
  await field.fill('LOW TIDE'); await page.keyboard.press('Enter');
  await field.fill('spring'); await page.keyboard.press('Enter');
  await page.getByRole('textbox', { name: 'Line 2' }).fill('neap');
  await page.locator('[data-q="d"] input').fill('2026-11-22');
  await page.getByText('22.11.2026').waitFor();
  await page.getByRole('slider').focus();
  await page.keyboard.press('ArrowRight');
  await field.fill('left in the field');                 // nobody pressed Add
  assert.deepEqual(values(await stored(page)), { one: { text: ['Said: ebb!'] }, list: { text: ['low tide', 'neap', 'left in the field'] }, d: { datetime: '2026-11-22' }, n: { number: 4 } });
  assertClean(page);
  await page.close();
});

test('texts of regions are written in the list itself where the config says so; sound from the data of a task plays', async () => {
  const at = { to_name: 'i', original_width: 40, original_height: 30, image_rotation: 0 }, place = (x) => ({ x, y: 30, width: 20, height: 20, rotation: 0 });
  const region = (id, x) => ({ id, from_name: 'b', type: 'rectanglelabels', value: { ...place(x), rectanglelabels: ['Sign'] }, ...at });
  const page = await open(`<View><Image name="i" value="$i"/><RectangleLabels name="b" toName="i"><Label value="Sign"/></RectangleLabels>
    <TextArea name="tr" toName="i" perRegion="true" required="true" maxSubmissions="1" displayMode="region-list" placeholder="What it says"/><Audio name="a" value="$a"/></View>`,
  { i: `data:image/svg+xml,${encodeURIComponent('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>')}`, a: 'data:audio/wav;base64,UklGRjQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YRAAAAAAAAAAAAAAAAAAAAAAAAAA' }, { guess: [region('one', 10), region('two', 60)] });
  await page.waitForFunction(() => document.querySelector('audio')?.readyState > 0);
  const fields = page.locator('.rlist .rfields input');
  await fields.nth(1).waitFor();
  assert.equal(await fields.count(), 2);
  await fields.nth(1).fill('QUAY 18');
  await page.keyboard.press('Control+Enter');
  await page.waitForFunction(() => document.activeElement?.closest('[data-row]')?.dataset.row === 'one');
  assert.equal(await page.locator('.detail [data-q]').count(), 0);        // asked in one place only
  await page.keyboard.type('NORTH');
  await assertAccessible(page, 'texts in the list');
  const result = await stored(page);
  assert.deepEqual(result.filter((r) => r.from_name === 'tr').map((r) => [r.id, r.value.text, r.value.x]), [['one', ['NORTH'], 10], ['two', ['QUAY 18'], 60]]);
  assertClean(page);
  await page.close();
});

test('questions come and go: by region, by its label, by a choice; hidden ones are not asked', async () => {
  const page = await open(`<View><Labels name="l" toName="t"><Label value="Ship"/><Label value="Port"/></Labels><Text name="t" value="$t"/>
    <View visibleWhen="no-region-selected"><Header value="Nothing is chosen"/></View>
    <Choices name="kind" toName="t" perRegion="true" visibleWhen="region-selected" whenLabelValue="Ship" required="true" requiredMessage="What kind of ship?"><Choice value="Tug"/><Choice value="Ferry"/></Choices>
    <Choices name="sure" toName="t"><Choice value="Yes"/><Choice value="No"/></Choices>
    <TextArea name="why" toName="t" visibleWhen="choice-unselected" whenTagName="sure" whenChoiceValue="Yes" required="true" maxSubmissions="1"/></View>`, { t: 'Aster left Lomond' });
  await page.getByText('Nothing is chosen').waitFor();
  const word = async (w) => {
    const b = await page.evaluate((x) => { const n = [...document.querySelectorAll('[data-line]')].flatMap((l) => [...l.childNodes]).find((c) => c.data?.includes(x)), r = document.createRange(); r.setStart(n, n.data.indexOf(x)); r.setEnd(n, n.data.indexOf(x) + x.length); const q = r.getBoundingClientRect(); return [q.x + q.width / 2, q.y + q.height / 2]; }, w);
    await page.mouse.dblclick(...b);
  };
  await page.keyboard.press('1');
  await word('Aster');
  await page.getByRole('radio', { name: 'Tug' }).waitFor();
  assert.equal(await page.getByText('Nothing is chosen').count(), 0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('2');
  await word('Lomond');
  assert.equal(await page.getByRole('radio', { name: 'Tug' }).count(), 0);
  await page.keyboard.press('Escape');
  await page.keyboard.press('Control+Enter');
  await page.locator('.err', { hasText: 'What kind of ship?' }).waitFor();   // and its region is chosen again
  await page.getByRole('radio', { name: 'Ferry' }).click();
  await page.getByRole('radio', { name: 'Yes' }).click();
  assert.equal(await page.locator('[data-q="why"]').count(), 0);
  const result = await stored(page);
  assert.deepEqual(result.map((r) => [r.from_name, r.value.labels ?? r.value.choices]), [['l', ['Ship']], ['kind', ['Ferry']], ['l', ['Port']], ['sure', ['Yes']]]);
  assert.equal(result[1].id, result[0].id);
  assertClean(page);
  await page.close();
});

test('what a model says about a question is shown as its guess; confirmed or changed, the answer tells', async () => {
  const said = (name, choice) => ({ id: `guess_${name}`, from_name: name, to_name: 't', type: 'choices', value: { choices: [choice] } });
  const page = await open(`<View><Text name="t" value="$t"/><Choices name="a" toName="t"><Choice value="Calm"/><Choice value="Rough"/></Choices>
    <Choices name="b" toName="t"><Choice value="Ebb"/><Choice value="Flow"/></Choices><Choices name="c" toName="t"><Choice value="Day"/><Choice value="Night" selected="true"/></Choices></View>`,
  { t: 'Sea' }, { guess: [said('a', 'Calm'), said('b', 'Ebb'), said('c', 'Day')] });
  await page.getByText('model 62 %').first().waitFor();
  await assertAccessible(page, 'guesses');
  await page.locator('[data-q="a"]').getByRole('button', { name: 'confirm' }).click();
  await page.getByRole('radio', { name: 'Flow' }).click();
  assert.equal(await page.getByText('model 62 %').count(), 1);
  const result = await stored(page);
  assert.deepEqual(result.map((r) => [r.from_name, r.value.choices[0], r.origin]), [['a', 'Calm', 'manual'], ['b', 'Flow', 'prediction-changed'], ['c', 'Day', 'prediction']]);
  assertClean(page);
  await page.close();
});

test('parts of a repeater one at a time; what is missing brings its part up; style sheets stay in the task', async () => {
  const page = await open(`<View><Style>.card { border-width: 3px; border-style: solid } .botbar { display: none } #named { color: rgb(1, 2, 3) }</Style>
    <Header value="Log $n of $place.name" size="1"/><View className="card" idAttr="named"><p>Read <em>every</em> entry of $n.</p></View>
    <Repeater on="$entries" indexFlag="{{idx}}" mode="pagination"><Text name="t_{{idx}}" value="$entries[{{idx}}].text"/>
      <Choices name="c_{{idx}}" toName="t_{{idx}}" required="true"><Choice value="Calm"/><Choice value="Rough"/></Choices><TextArea name="w_{{idx}}" toName="t_{{idx}}"/></Repeater>
    <Collapse><Panel value="More"><TextArea name="note" toName="t_0" maxSubmissions="1"/></Panel></Collapse>
    <Table name="tab" value="$rows"/><Markdown value="$md"/></View>`,
  { n: 7, place: { name: 'Lomond' }, entries: [{ text: 'one' }, { text: 'two' }, { text: 'three' }], rows: [{ Ship: 'Aster', Crew: 4 }], md: '# Rule\n\n- **calm** below 3' });
  await page.getByRole('heading', { name: 'Log 7 of Lomond' }).waitFor();
  assert.equal(await page.getByText('Read every entry of 7.').innerText(), 'Read every entry of 7.');
  assert.equal(await page.locator('.card').evaluate((el) => getComputedStyle(el).borderTopWidth + getComputedStyle(el).color), '3pxrgb(1, 2, 3)');
  assert.ok(await page.locator('.botbar').isVisible());
  await page.getByRole('columnheader', { name: 'Crew' }).waitFor();
  await page.getByRole('radio', { name: 'Calm' }).click();
  await page.locator('[data-q="w_0"] input').fill('left in the field');
  await page.getByRole('button', { name: 'The next part' }).click();
  await page.getByText('Part 2 of 3').first().waitFor();
  await page.getByRole('button', { name: 'The next part' }).click();
  await page.getByRole('radio', { name: 'Rough' }).click();
  await page.keyboard.press('Control+Enter');
  await page.getByText('two', { exact: true }).waitFor();
  assert.equal(await page.locator('.err').count(), 1);
  await page.getByRole('radio', { name: 'Rough' }).click();
  await page.getByText('More', { exact: true }).click();
  await page.locator('[data-q="note"] input').fill('all read');
  await assertAccessible(page, 'repeater');
  assert.deepEqual(values(await stored(page)), { c_0: { choices: ['Calm'] }, w_0: { text: ['left in the field'] }, c_2: { choices: ['Rough'] }, c_1: { choices: ['Rough'] }, note: { text: ['all read'] } });
  assertClean(page);
  await page.close();
});

test('on a phone, from right to left, with hostile words: nothing too wide, nothing runs', async () => {
  const config = `<View><Header value="$t"/><Text name="t" value="$t"/><Choices name="c" toName="t" value="$options"/>
    <Taxonomy name="x" toName="t" value="$options"/><List name="l" value="$items"/><Ranker name="r" toName="l"><Bucket name="a" title="A"/><Bucket name="b" title="B"/></Ranker>
    <TextArea name="w" toName="t"/><Rating name="s" toName="t" maxRating="10"/><DateTime name="d" toName="t"/><Table name="tab" value="$tab"/></View>`;
  const bad = '<img src=x onerror=alert(1)> ميناء الرمال '.repeat(4) + 'w'.repeat(120);
  const page = await open(config, { t: bad, options: [bad, 'second'], items: [{ id: 'i', title: bad, body: `<script>alert(2)</script><b onclick=alert(3)>${'w'.repeat(120)}</b>` }], tab: { [bad]: bad } }, { viewport: { width: 390, height: 844 }, hasTouch: true });
  await assertFits(page, 'phone');
  await assertAccessible(page, 'phone');
  await page.evaluate(() => { document.documentElement.dir = 'rtl'; });
  await assertFits(page, 'phone, right to left');
  assert.equal(await page.locator('.task img').count(), 0);
  assertClean(page);
  await page.close();
});
