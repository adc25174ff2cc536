import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf, strftime } from './dates';
import { columnsOf, listItems, moved, orderOf, plainOf, resultOf } from './ranks';
import { countOf, leavesOf, rowsOf, waysTo } from './taxtree';
import { tag } from './testing';
import { bind, filled, valueOf } from './tree';

/* ---- words with fields among them ---- */

test('a field among words is filled in; what the task lacks stays as written', () => {
  const d = { id: 7, doc: { name: 'Tide' }, list: ['a', 'b'], cost: 3 };
  assert.equal(filled('Document $id: $doc.name, $list[1].', d), 'Document 7: Tide, b.');
  assert.equal(filled('$missing costs $5', d), '$missing costs $5');
  assert.equal(valueOf(tag('Header', { value: '$doc.name' }), d), 'Tide');
  assert.equal(valueOf(tag('Header', { value: '$doc.name and $id' }), d), 'Tide and 7');
  assert.equal(valueOf(tag('Header', { value: '$nothing' }), d), undefined);
});

test('a repeater in pages is one tag with a part an element', () => {
  const t = bind(tag('View', {}, tag('Repeater', { on: '$p', mode: 'pagination' }, tag('Text', { name: 't_{{idx}}', value: '$p[{{idx}}]' }))), { p: ['x', 'y', 'z'] });
  assert.deepEqual(t.children.map((c) => [c.tag, c.children.length]), [['Pages', 3]]);
  assert.equal(t.children[0]!.children[2]!.children[0]!.name, 't_2');
});

test('parts that repeat a taxonomy of the task share its nodes', () => {
  const t = bind(tag('View', {}, tag('Repeater', { on: '$p' }, tag('Taxonomy', { name: 'x', toname: 'y', value: '$tree' }))), { p: [1, 2], tree: [{ value: 'A', children: [{ value: 'B' }] }] });
  assert.equal(t.children[0]!.children[0]!.children[0], t.children[1]!.children[0]!.children[0]);
});

/* ---- dates ---- */

test('how precise a date field is, in any order of the parts', () => {
  assert.deepEqual(['date', 'time', 'date,time', 'time, date', 'month,year', 'year', 'year,month', '', undefined].map(kindOf),
    ['date', 'time', 'datetime-local', 'datetime-local', 'month', 'number', 'month', 'datetime-local', 'datetime-local']);
});

test('dates read as the config writes them', () => {
  globalThis.document ??= { documentElement: { lang: 'en' } } as never;
  assert.equal(strftime('%d.%m.%Y', '2024-02-29'), '29.02.2024');
  assert.equal(strftime('%B %e, %Y at %I:%M %p', '2024-02-05T15:04'), 'February 5, 2024 at 03:04 PM');
  assert.equal(strftime('%H:%M %q 100%%', '09:30'), '09:30 %q 100%');
  assert.equal(strftime('%j', '2024-12-31'), '366');
});

/* ---- orders and buckets ---- */

test('items of a list: ids may be numbers, a body of HTML is its words and its first picture', () => {
  assert.deepEqual(listItems([{ id: 5, title: 'A', body: 'plain < text' }, { title: 'B', html: '<p>One</p><img src="/p.png"><script>x()</script>' }, 7]), [
    { id: '5', title: 'A', body: 'plain < text', picture: '' }, { id: '1', title: 'B', body: 'One', picture: '/p.png' }]);
  assert.equal(plainOf('a &lt;b&gt; &amp;amp; <b onclick=x>c</b>'), 'a <b> &amp; c');
});

test('every item stands in one column, whatever was said before', () => {
  assert.deepEqual(orderOf(['c', 'zz', 'c', 'a'], ['a', 'b', 'c']), ['c', 'a', 'b']);
  const cols = columnsOf({ best: ['b', 'gone'], ads: ['b', 'c'] }, ['best', 'ads', '_'], ['a', 'b', 'c', 'd'], '_');
  assert.deepEqual(cols, { best: ['b'], ads: ['c'], _: ['a', 'd'] });
  const next = moved(cols, 'a', 'best', 0);
  assert.deepEqual(next, { best: ['a', 'b'], ads: ['c'], _: ['d'] });
  assert.equal(moved(next, 'a', 'best', 0), next);
  assert.deepEqual(resultOf(moved(next, 'c', 'best', 9)), { best: ['a', 'b', 'c'], _: ['d'] });
  assert.deepEqual(columnsOf(undefined, ['x', 'y'], ['a', 'b'], 'y'), { x: [], y: ['a', 'b'] });
});

/* ---- taxonomies ---- */

const choice = (value: string, ...kids: ReturnType<typeof tag>[]) => tag('Choice', { value }, ...kids);
const zoo = leavesOf(tag('Taxonomy', {}, choice('Animals', choice('Cats', choice('Lynx')), choice('Dogs')), choice('Plants', choice('Catmint'))));

test('rows of a tree: what is unfolded; a search shows the way to every hit and lets one unfold it', () => {
  const rows = (open: string[], find = ''): string[] => rowsOf(zoo, new Set(open), find).map((r) => '-'.repeat(r.depth) + r.leaf.text);
  assert.equal(countOf(zoo), 6);
  assert.deepEqual(rows([]), ['Animals', 'Plants']);
  assert.deepEqual(rows(['Animals']), ['Animals', '-Cats', '-Dogs', 'Plants']);
  assert.deepEqual(rows([], 'cat'), ['Animals', '-Cats', 'Plants', '-Catmint']);
  assert.deepEqual(rows(['Animals\nCats'], 'cat'), ['Animals', '-Cats', '--Lynx', 'Plants', '-Catmint']);
  assert.deepEqual(rows([], 'lynx'), ['Animals', '-Cats', '--Lynx']);
  assert.deepEqual(rows([], 'zebra'), []);
  assert.deepEqual([...waysTo([['Animals', 'Cats', 'Lynx']])], ['Animals', 'Animals\nCats']);
});

test('ten thousand nodes are rows in a few milliseconds', () => {
  const big = leavesOf(tag('Taxonomy', {}, ...Array.from({ length: 100 }, (_, i) => choice(`Group ${i}`, ...Array.from({ length: 99 }, (_, k) => choice(`Node ${i}.${k}`))))));
  const open = new Set(big.map((l) => l.key)), begun = performance.now();
  assert.equal(rowsOf(big, open, '').length, 10_000);
  assert.equal(rowsOf(big, open, 'node 77.').length, 100);
  assert.ok(performance.now() - begun < 200);
});
