import { test } from 'node:test';
import assert from 'node:assert/strict';
import { hintsAt } from './suggest';
import { table } from './table';

test('the table of tags reads, and every start of a tag is one piece of XML with its name', () => {
  assert.ok(table.length > 55);
  for (const r of table) {
    if (r.start) assert.match(r.start, new RegExp(`^<${r.tag}\\b`), r.tag);
    assert.equal(new Set(r.fields.map(f => f.name.toLowerCase())).size, r.fields.length, `${r.tag} has a field twice`);
  }
});

test('suggestions: tags behind <, attributes in a tag, names and values in quotes, nothing elsewhere', () => {
  const at = (xml: string) => hintsAt(xml, xml.length)?.list.map(h => h.put) ?? null;
  assert.deepEqual(at('<View><Pairw'), ['Pairwise']);
  assert.deepEqual(at('<View><Choices na'), ['name=""']);
  assert.deepEqual(at('<View><Image name="pic"/><Choices name="c" toName="p'), ['pic']);
  assert.deepEqual(at('<View><Choices choice="m'), ['multiple']);
  assert.deepEqual(at('<View><Choices required="'), ['true', 'false']);
  assert.equal(at('<View><Choices name="a"> na'), null);
  assert.equal(at('<View>some text'), null);
  assert.equal(at('<!-- <Cho'), null);
  assert.ok(!at('<View><Choices name="a" n')?.includes('name=""'));
});
