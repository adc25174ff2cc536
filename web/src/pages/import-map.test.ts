import { test } from 'node:test';
import assert from 'node:assert/strict';
import { guessMapping, mapOf, unfed, type Column, type Need } from './import-map';

const columns = (o: Record<string, unknown>): Column[] => Object.entries(o).map(([name, example]) => ({ name, filled: 1, example }));
const needs = (o: Record<string, string>): Need[] => Object.entries(o).map(([field, tag]) => ({ field, tag, missing: 0 }));

test('columns of the same name feed their fields, and nothing is told to the server', () => {
  const p = { columns: columns({ text: 'a', id: '1' }), needs: needs({ text: 'Text' }) };
  assert.deepEqual(guessMapping(p).feed, { text: 'text' });
  assert.equal(mapOf(guessMapping(p)), null);
});

test('another spelling, a value that looks like a picture, and the longest text are guessed', () => {
  const p = { columns: columns({ id: '7', Prompt: 'Why?', url: 'https://x.example/a.JPG', remark: 'ok', body: 'The parcel came late and was wet.' }), needs: needs({ prompt: 'Text', image: 'Image', text: 'Text' }) };
  const m = guessMapping(p);
  assert.deepEqual(m.feed, { prompt: 'Prompt', image: 'url', text: 'body' });
  assert.deepEqual(mapOf(m), { Prompt: 'prompt', url: 'image', body: 'text' });
  assert.deepEqual(unfed(p, m), []);
  assert.deepEqual(unfed(p, { feed: { ...m.feed, text: '' }, out: ['url'] }), ['image', 'text']);
  assert.deepEqual(mapOf({ feed: { text: 'body' }, out: ['id'] }), { id: null, body: 'text' });
});

test('no column is taken twice', () => {
  const m = guessMapping({ columns: columns({ words: 'hello there' }), needs: needs({ a: 'Text', b: 'Text' }) });
  assert.deepEqual(m.feed, {});
});
