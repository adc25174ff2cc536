import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryKeeper } from './annotate-keep';
import { Queue, waitFor, type Job, type Outcome } from './annotate-queue';

/* A server that counts, a clock by hand, and a keeper that outlives the queue. */
function world(o: { answer?: (n: number, j: Job) => Outcome | Promise<Outcome> } = {}) {
  const w = {
    now: 1000, posts: [] as string[], taken: new Map<string, number>(), timers: [] as { at: number; act: () => void }[], keeper: memoryKeeper<Job>(),
    queue: null as unknown as Queue, sent: [] as string[],
    open(owner = 'p1'): Queue {
      return this.queue = new Queue({
        keeper: w.keeper, owner, now: () => w.now, random: () => 1,
        later: (ms, act) => { const x = { at: w.now + ms, act }; w.timers.push(x); return () => { w.timers = w.timers.filter((y) => y !== x); }; },
        post: async (j) => {
          w.posts.push(j.key);
          const out = await (o.answer?.(w.posts.length, j) ?? { ok: true as const, value: null });
          if (out.ok) w.taken.set(j.key, (w.taken.get(j.key) ?? 0) + 1);
          return out;
        },
        sent: (j) => { w.sent.push(j.key); },
      });
    },
    async pass(ms: number): Promise<void> {
      const end = w.now + ms;
      for (;;) {
        await settle();
        const next = w.timers.filter((x) => x.at <= end).sort((a, b) => a.at - b.at)[0];
        if (!next) break;
        w.timers = w.timers.filter((x) => x !== next);
        w.now = Math.max(w.now, next.at);
        next.act();
      }
      w.now = end;
      await settle();
    },
  };
  return w;
}
/* All that can happen without a clock has happened. */
const settle = (): Promise<void> => new Promise((done) => { (globalThis as unknown as { setImmediate(f: () => void): void }).setImmediate(done); });
const job = (key: string) => ({ key, path: `/api/leases/${key}/submit`, body: { unique_id: key }, task: 1, project: '1' });
const down: Outcome = { ok: false, status: 0, why: '', wait: 0 };

test('an answer is held, then sent once and forgotten', async () => {
  const w = world();
  w.open();
  await w.queue.add(job('a'), 5000);
  await w.pass(4900);
  assert.deepEqual(w.posts, []);
  await w.pass(200);
  assert.deepEqual(w.posts, ['a']);
  assert.equal(w.queue.waiting.value, 0);
  assert.deepEqual(await w.keeper.all(), []);
  assert.deepEqual(w.sent, ['a']);
});

test('taken back while it is held: never sent', async () => {
  const w = world();
  w.open();
  await w.queue.add(job('a'), 5000);
  assert.equal((await w.queue.takeBack('a'))?.key, 'a');
  await w.pass(20_000);
  assert.deepEqual(w.posts, []);
  assert.deepEqual(await w.keeper.all(), []);
});

test('once on its way it cannot be taken back', async () => {
  let land = (_: Outcome): void => {};
  const w = world({ answer: () => new Promise<Outcome>((d) => { land = d; }) });
  w.open();
  await w.queue.add(job('a'), 0);
  await w.pass(10);
  assert.equal(await w.queue.takeBack('a'), null);
  const told = w.queue.landed().then(() => w.sent.length);       // whoever wants it back waits for its news
  land({ ok: true, value: null });
  assert.equal(await told, 1);
  await settle();
  assert.equal(w.queue.waiting.value, 0);
});

test('a lost answer may have arrived: the same key again, and it cannot be taken back', async () => {
  const w = world({ answer: (n) => (n === 1 ? down : { ok: true, value: null }) });
  w.open();
  await w.queue.add(job('a'), 0);
  await w.pass(10);
  assert.equal(w.queue.stuck.value, 1);
  assert.equal(await w.queue.takeBack('a'), null);
  await w.pass(2000);
  assert.deepEqual(w.posts, ['a', 'a']);
});

test('offline: all wait, nothing is lost, all go in their order when the line is back', async () => {
  let up = false;
  const w = world({ answer: () => (up ? { ok: true, value: null } : down) });
  w.open();
  for (const k of ['a', 'b', 'c']) await w.queue.add(job(k), 0);
  await w.pass(100_000);
  assert.equal(w.queue.waiting.value, 3);
  const tries = w.posts.length;
  assert.ok(tries < 12, `${tries} attempts in 100 s`);
  up = true;
  w.queue.retry();
  await w.pass(10);
  assert.deepEqual([...w.taken.entries()], [['a', 1], ['b', 1], ['c', 1]]);
});

test('a reload goes on where the page stopped', async () => {
  const w = world({ answer: (n) => (n === 1 ? down : { ok: true, value: null }) });
  w.open();
  await w.queue.add(job('a'), 0);
  await w.pass(10);
  w.queue.stop();
  w.timers = [];
  w.open();
  await w.queue.start();
  await w.pass(5000);
  assert.deepEqual(w.posts, ['a', 'a']);
  assert.deepEqual(await w.keeper.all(), []);
});

test('another person at this machine never sends it', async () => {
  const w = world({ answer: () => down });
  w.open('p1');
  await w.queue.add(job('a'), 0);
  await w.pass(10);
  w.queue.stop();
  w.timers = [];
  w.posts = [];
  w.open('p2');
  await w.queue.start();
  await w.pass(100_000);
  assert.deepEqual(w.posts, []);
  assert.equal((await w.keeper.all()).length, 1);
});

test('a refusal stays with its sentence and does not hold up the others', async () => {
  const w = world({ answer: (_, j) => (j.key === 'a' ? { ok: false, status: 422, why: 'Not a box.', wait: 0 } : { ok: true, value: null }) });
  w.open();
  await w.queue.add(job('a'), 0);
  await w.queue.add(job('b'), 0);
  await w.pass(1000);
  assert.deepEqual(w.queue.refused.value.map((j) => j.refused), ['Not a box.']);
  assert.equal(w.taken.get('b'), 1);
  assert.equal((await w.queue.takeBack('a'))?.key, 'a');
  assert.equal(w.queue.jobs.value.length, 0);
});

test('logged out: it waits and says so; a login sends it', async () => {
  let inside = false;
  const w = world({ answer: () => (inside ? { ok: true, value: null } : { ok: false, status: 401, why: '', wait: 0 }) });
  w.open();
  await w.queue.add(job('a'), 0);
  await w.pass(10);
  assert.equal(w.queue.loggedOut.value, true);
  inside = true;
  w.queue.retry();
  await w.pass(10);
  assert.equal(w.taken.get('a'), 1);
});

test('flush ends the holding of all', async () => {
  const w = world();
  w.open();
  await w.queue.add(job('a'), 5000);
  await w.queue.add(job('b'), 5000);
  w.queue.flush();
  await w.pass(10);
  assert.deepEqual(w.posts, ['a', 'b']);
});

test('waiting grows to a minute and never undercuts what the server asks', () => {
  assert.deepEqual([1, 2, 3, 10].map((n) => waitFor(n, 1, 0)), [1000, 2000, 4000, 60_000]);
  assert.equal(waitFor(1, 0, 30_000), 30_000);
  assert.ok(waitFor(5, 0, 0) >= 8000);
});

test('a thousand answers through a flaky line: each counted once', async () => {
  let seed = 7;
  const w = world({ answer: () => { seed = (seed * 1103515245 + 12345) % 2147483648; return seed % 3 ? { ok: true, value: null } : down; } });
  w.open();
  for (let i = 0; i < 1000; i++) await w.queue.add(job(`k${i}`), 0);
  await w.pass(10_000_000);
  assert.equal(w.taken.size, 1000);
  assert.ok([...w.taken.values()].every((n) => n === 1));
  assert.deepEqual(await w.keeper.all(), []);
});
