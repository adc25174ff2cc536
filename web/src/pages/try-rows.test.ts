import { test } from 'node:test';
import assert from 'node:assert/strict';
import { rowsOf } from './try-rows';

test('rows of every kind of file, five of them, as they would be imported', () => {
  assert.deepEqual(rowsOf('a,b\r\n1,"x, ""y""\nz"\r\n2,\r\n', 'r.csv'), [{ a: '1', b: 'x, "y"\nz' }, { a: '2', b: '' }]);
  assert.deepEqual(rowsOf('a\tb\n1\t2', 'r.tsv'), [{ a: '1', b: '2' }]);
  assert.deepEqual(rowsOf('[{"data":{"t":1}},{"t":2},3]', 'r.json'), [{ t: 1 }, { t: 2 }]);
  assert.deepEqual(rowsOf('{"t":1}\n{"t":2}\n', 'r.jsonl'), [{ t: 1 }, { t: 2 }]);
  assert.deepEqual(rowsOf('{\n "t": 1\n}', 'r.json'), [{ t: 1 }]);
  assert.equal(rowsOf(Array.from({ length: 9 }, (_, i) => `line ${i}`).join('\n'), 'r.txt').length, 5);
  assert.deepEqual(rowsOf('', 'r.txt'), []);
  assert.throws(() => rowsOf('[{', 'r.json'));
});
