import { test } from 'node:test';
import assert from 'node:assert/strict';
import { ApiError, backoff, errorBody, send, setCsrf, withQuery, type Wire } from './api';

interface Call { url: string; headers: Record<string, string>; method: string }

function wire(answers: (Response | Error)[]): Wire & { calls: Call[]; slept: number[] } {
  const calls: Call[] = [], slept: number[] = [];
  return {
    calls, slept, random: () => 1,
    sleep: ms => { slept.push(ms); return Promise.resolve(); },
    fetch: (url, init) => {
      calls.push({ url, headers: init.headers as Record<string, string>, method: init.method! });
      const next = answers.shift();
      if (!next) throw new Error('one call too many');
      return next instanceof Error ? Promise.reject(next) : Promise.resolve(next);
    },
  };
}
const json = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

test('a busy server is asked again after the time it names, with the same Idempotency-Key', async () => {
  const w = wire([json(429, { detail: 'busy' }, { 'retry-after': '3' }), json(503, {}), json(201, { id: 7 })]);
  assert.deepEqual(await send('POST', '/api/x', { body: { a: 1 } }, w), { id: 7 });
  assert.equal(w.calls.length, 3);
  assert.equal(new Set(w.calls.map(c => c.headers['Idempotency-Key'])).size, 1);
  assert.equal(w.slept[0], 3000);
  assert.equal(w.slept[1], 2000);
});

test('two writes have two keys, reads have none, writes carry the token', async () => {
  setCsrf('tok');
  const w = wire([json(200, {}), json(200, {}), json(200, {})]);
  await send('POST', '/api/x', {}, w);
  await send('POST', '/api/x', {}, w);
  await send('GET', '/api/x', {}, w);
  assert.notEqual(w.calls[0]!.headers['Idempotency-Key'], w.calls[1]!.headers['Idempotency-Key']);
  assert.equal(w.calls[0]!.headers['X-CSRF-Token'], 'tok');
  assert.equal(w.calls[2]!.headers['Idempotency-Key'], undefined);
  assert.equal(w.calls[2]!.headers['X-CSRF-Token'], undefined);
  setCsrf('');
});

test('a lost connection is tried twice more, then told plainly', async () => {
  const w = wire([new TypeError('x'), new TypeError('x'), new TypeError('x')]);
  await assert.rejects(send('GET', '/api/x', {}, w), (e: ApiError) => e.status === 0 && e.code === 'E_NETWORK' && /cannot be reached/.test(e.message));
  assert.equal(w.calls.length, 3);
});

test('a refusal is never repeated and keeps sentence, code, fields and request', async () => {
  const w = wire([json(400, { detail: 'No.', code: 'E_INVALID', fields: { 'result[0].value.x': 'over 100' }, request_id: 'r1' })]);
  await assert.rejects(send('PUT', '/api/x', {}, w), (e: ApiError) =>
    e.message === 'No.' && e.code === 'E_INVALID' && e.fields['result[0].value.x'] === 'over 100' && e.requestId === 'r1' && e.status === 400);
  assert.equal(w.calls.length, 1);
});

test('the whole answer of a refusal stays at hand', async () => {
  const body = { detail: 'No.', errors: [{ line: 3, column: 5, why: 'x' }] };
  await assert.rejects(send('POST', '/api/x', {}, wire([json(400, body)])), (e: ApiError) => JSON.stringify(e.body) === JSON.stringify(body));
});

test('an abort ends the waiting', async () => {
  const stop = new AbortController();
  const w: Wire = { fetch: () => { stop.abort(new Error('left')); return Promise.reject(new Error('left')); }, sleep: () => Promise.resolve(), random: () => 0 };
  await assert.rejects(send('GET', '/api/x', { signal: stop.signal }, w), /left/);
});

test('an empty answer is null, text stays text', async () => {
  assert.equal(await send('POST', '/x', {}, wire([new Response(null, { status: 204 })])), null);
  assert.equal(await send('GET', '/x', {}, wire([new Response('hello')])), 'hello');
});

test('waiting doubles up to a minute and is never longer', () => {
  assert.deepEqual([0, 1, 2, 3, 10].map(n => backoff(n, null, 1)), [1000, 2000, 4000, 8000, 60_000]);
  assert.equal(backoff(0, '7', 1), 7000);
  assert.equal(backoff(0, '9000', 1), 60_000);
  assert.equal(backoff(0, 'Thu, 01 Jan 1970 00:00:05 GMT', 1, 0), 5000);
  assert.equal(backoff(0, 'soon', 1), 1000);
});

test('field lists of the other shape become fields and a sentence', () => {
  assert.deepEqual(errorBody({ label_config: ['Tag X is unknown.'] }), { detail: 'Tag X is unknown.', fields: { label_config: 'Tag X is unknown.' } });
  assert.deepEqual(errorBody('nonsense'), {});
  assert.deepEqual(errorBody(null), {});
});

test('empty query values are left out', () => {
  assert.equal(withQuery('/a', { after: null, limit: 50, q: '' }), '/a?limit=50');
  assert.equal(withQuery('/a?x=1', { q: 'a b' }), '/a?x=1&q=a+b');
});
