import { test } from 'node:test';
import assert from 'node:assert/strict';
import { complete, fresh, fromState, fromText, fromView, NOTHING, orderOf, sorted, toServer, toText, withOperator, type Query } from './tasks-query';
import { PAGE, Rows, type Map_, type Reply, type RowKey, type Wire } from './tasks-rows';
import { kept } from './tasks-spread';
import { chosenCount, flipped, isChosen, NONE } from './tasks-grid';
import type { TaskRow } from './shapes';

const q = (items: Query['items'], more: Partial<Query> = {}): Query => ({ ...NOTHING, items, ...more });
const short = { filter: 'filter:tasks:data.length', operator: 'less', type: 'Number' as const, value: 5 };

test('a question survives the address bar, and what cannot be read there is nothing', () => {
  for (const one of [NOTHING, q([short]), q([short, { ...short, operator: 'in', value: { min: 1, max: 2 } }], { conjunction: 'or', ordering: ['-tasks:id'] })]) assert.deepEqual(fromText(toText(one)), one);
  for (const text of ['', 'x', '{"w":3}', '{"w":[[1]]}', '{"w":[["a","b","Nope",1]]}']) assert.deepEqual(fromText(text).items, []);
});

test('the server is asked what is complete: dates have their ends, a search stands beside', () => {
  assert.equal(toServer(NOTHING), undefined);
  assert.deepEqual(toServer(q([short, { ...short, value: null }])), { filters: { conjunction: 'and', items: [short] }, ordering: [] });
  const day = { filter: 'filter:tasks:created_at', operator: 'in', type: 'Datetime' as const, value: { min: '2026-01-01', max: '2026-01-02' } };
  assert.deepEqual((toServer(q([day])) as { filters: { items: { value: unknown }[] } }).filters.items[0]!.value, { min: '2026-01-01T00:00:00Z', max: '2026-01-02T23:59:59.999Z' });
  const found = toServer(q([short, short], { conjunction: 'or' }), ' 7 ') as { filters: { items: unknown[]; also: { value: string }[] } };
  assert.equal(found.filters.items.length, 2);
  assert.equal(found.filters.also[0]!.value, '7');
});

test('a condition is complete when its value fits its comparison', () => {
  const c = fresh({ name: 'data.x', kind: 'Number', sort: true });
  assert.equal(complete(c), false);
  assert.equal(complete({ ...c, value: 0 }), true);
  assert.equal(complete(withOperator({ ...c, value: 3 }, 'in')), false);
  assert.equal(complete(withOperator(c, 'empty')), true);
  assert.equal(complete({ ...c, operator: 'in_list', value: [] }), false);
});

test('a head sorts up, down, and as they came; older links and views are read', () => {
  const up = sorted(NOTHING, 'data.x'), down = sorted(up, 'data.x');
  assert.deepEqual([orderOf(up), orderOf(down), orderOf(sorted(down, 'data.x'))], [{ name: 'data.x', down: false }, { name: 'data.x', down: true }, null]);
  assert.equal(fromState('open').items[0]!.operator, 'not_equal');
  assert.deepEqual(fromView({ filters: { conjunction: 'or', items: [short, 'x', { filter: 1 }] }, ordering: ['tasks:id', 2] }), q([short], { conjunction: 'or', ordering: ['tasks:id'] }));
});

test('a selection is some tasks, or all but some', () => {
  const one = flipped(NONE, 4), all = flipped({ all: true, ids: new Set() }, 4);
  assert.deepEqual([isChosen(one, 4), isChosen(one, 5), isChosen(all, 4), isChosen(all, 5)], [true, false, false, true]);
  assert.deepEqual([chosenCount(one, 10), chosenCount(all, 10), chosenCount(flipped(all, 4), 10)], [1, 9, 10]);
});

test('bars of a histogram are kept as the condition says', () => {
  const s = { low: 0, high: 10, bins: [1, 1, 1, 1, 1] };
  assert.deepEqual(kept(s, 'less', 4), [true, true, false, false, false]);
  assert.deepEqual(kept(s, 'in', { min: 2, max: 6 }), [false, true, true, false, false]);
  assert.deepEqual(kept(s, 'less', null), [true, true, true, true, true]);
});

/** A server of n tasks with ids 10, 20, 30 …; it can lose some. */
function wireOf(n: number, lost = new Set<number>()): Wire & { asked: Record<string, unknown>[]; giveMap: () => void } {
  const ids = Array.from({ length: n }, (_, i) => (i + 1) * 10), asked: Record<string, unknown>[] = [];
  let giveMap = () => {};
  const mapped = new Promise<void>(done => { giveMap = done; });
  return {
    asked, giveMap,
    async page(body) {
      asked.push(body);
      const after = (body.after as number | undefined) ?? 0, upto = (body.upto as number | undefined) ?? Infinity, from = ids.filter(id => id > after && id <= upto && !lost.has(id)).slice((body.skip as number | undefined) ?? 0);
      const part = from.slice(0, body.limit as number);
      return { results: part.map(id => ({ id } as TaskRow)), people: {}, next: (from.length > part.length ? part.at(-1)! : null) as RowKey | null } satisfies Reply;
    },
    async map(body): Promise<Map_> {
      await mapped;
      const step = body.step as number;
      return { total: n, step, marks: ids.filter((_, i) => (i + 1) % step === 0) };
    },
  };
}
const settle = async () => { for (let i = 0; i < 20; i++) await new Promise(r => setTimeout(r, 0)); };

test('pages come one after the other until the map is there; then any place is one request away', async () => {
  const wire = wireOf(10_000), rows = new Rows(wire, undefined, () => {}, 10_000);
  await settle();
  assert.equal(rows.at(0)!.id, 10);
  rows.want(5000, 5020);
  await settle();
  assert.equal(rows.at(5000), undefined, 'nobody knows yet where it begins');
  wire.giveMap();
  await settle();
  assert.equal(rows.total, 10_000);
  assert.equal(rows.at(5000)!.id, 50_010);
  assert.ok(wire.asked.length < 8);
});

test('what is deleted meanwhile leaves a gap and moves no other page', async () => {
  const lost = new Set<number>(), wire = wireOf(1000, lost), rows = new Rows(wire, undefined, () => {});
  wire.giveMap();
  await settle();
  lost.add(2010).add(2020);
  rows.want(200, 220);
  await settle();
  assert.equal(rows.at(200)!.id, 2030);
  assert.equal(rows.at(2 * PAGE + 99), null);
  rows.want(300, 320);
  await settle();
  assert.equal(rows.at(300)!.id, 3010);
});

test('an error is told, and the rest stays', async () => {
  const wire = wireOf(500), told: string[] = [], rows: Rows = new Rows(wire, undefined, () => { if (rows?.error) told.push(rows.error.message); });
  wire.giveMap();
  await settle();
  wire.page = async () => { throw new Error('no'); };
  rows.want(300, 320);
  await settle();
  assert.equal(told.at(-1), 'Error: no');
  assert.equal(rows.at(0)!.id, 10);
});
