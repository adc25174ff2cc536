import { test } from 'node:test';
import assert from 'node:assert/strict';
import { History } from './history';
import { ActiveClock, ago, duration } from './time';
import { allowedScript } from './trusted';
import { findRoute, matchPath } from './router';

test('undo brings back the state before, redo the state after', () => {
  const state: Record<string, number> = {};
  const h = new History<Record<string, number>>(p => { Object.assign(state, p); });
  h.run({ label: 'a', undo: { a: 0 }, redo: { a: 1 } });
  h.run({ label: 'b', undo: { a: 1 }, redo: { a: 2 } });
  h.undo();
  assert.equal(state.a, 1);
  h.redo();
  assert.equal(state.a, 2);
  h.undo(); h.undo();
  assert.equal(state.a, 0);
  assert.equal(h.undo(), null);
});

test('the moves of one drag are one step, unless sealed or too late', () => {
  let now = 0, state = 0;
  const h = new History<number>(p => { state = p; }, () => now);
  const move = (from: number, to: number) => h.run({ label: 'move', merge: 'move:r1', undo: from, redo: to });
  move(0, 1); now = 500; move(1, 2); now = 900; move(2, 3);
  h.undo();
  assert.equal(state, 0);
  h.redo();
  assert.equal(state, 3);
  move(3, 4); h.seal(); move(4, 5);
  h.undo();
  assert.equal(state, 4);
  now = 10_000; move(4, 6);
  h.undo();
  assert.equal(state, 4);
});

test('a new step forgets what was undone; a saved history works after a reload', () => {
  let state = 0;
  const h = new History<number>(p => { state = p; });
  h.run({ label: 'x', undo: 0, redo: 1 });
  h.undo();
  h.run({ label: 'y', undo: 0, redo: 5 });
  assert.equal(h.redo(), null);
  const again = new History<number>(p => { state = p; });
  again.load(JSON.parse(JSON.stringify(h.save())));
  again.undo();
  assert.equal(state, 0);
});

test('active time counts input within a minute and nothing while hidden', () => {
  let now = 0;
  const c = new ActiveClock(() => now);
  c.input(); now = 30_000; c.input(); now = 40_000;
  assert.equal(c.ms, 40_000);
  now = 500_000;
  assert.equal(c.ms, 90_000);
  c.input(); now += 1000; c.hidden(); now += 5000;
  assert.equal(c.ms, 91_000);
  c.restart();
  assert.equal(c.ms, 0);
});

test('times are said in words and clocks', () => {
  assert.equal(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:04:10Z'), 'en'), '4 minutes ago');
  assert.equal(ago('2026-01-01T00:00:00Z', Date.parse('2026-01-01T00:00:10Z'), 'en'), 'now');
  assert.equal(ago('nonsense'), '');
  assert.equal(duration(74), '1:14');
  assert.equal(duration(3725), '1:02:05');
});

test('only hashed scripts of this origin may become workers', () => {
  assert.equal(allowedScript('/assets/rle-ab12.js', 'https://a.example'), 'https://a.example/assets/rle-ab12.js');
  for (const bad of ['https://b.example/assets/x.js', '/data/upload/x.js', 'blob:https://a.example/1', '/assets/../data/x.js', 'data:text/javascript,1', '/assets/x.html']) {
    assert.throws(() => allowedScript(bad, 'https://a.example'), TypeError, bad);
  }
});

test('paths match by parts, numbers only where asked', () => {
  assert.deepEqual(matchPath('/projects/:id#/tasks/:task#', '/projects/3/tasks/40/'), { id: '3', task: '40' });
  assert.equal(matchPath('/projects/:id#', '/projects/new'), null);
  assert.deepEqual(matchPath('/invite/:token', '/invite/a%20b'), { token: 'a b' });
  assert.equal(matchPath('/invite/:token', '/invite/%ZZ'), null);
  const routes = [{ path: '/projects/new', page: 1 }, { path: '/projects/:id#', page: 2 }];
  assert.equal(findRoute(routes, '/projects/new')?.page, 1);
  assert.equal(findRoute(routes, '/projects/12')?.page, 2);
  assert.equal(findRoute(routes, '/nowhere'), null);
});
