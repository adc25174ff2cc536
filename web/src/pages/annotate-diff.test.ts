import { test } from 'node:test';
import assert from 'node:assert/strict';
import { changes } from './annotate-diff';

const short = (a: string, b: string): string => changes(a, b).map((x) => `${{ same: ' ', new: '+', gone: '-' }[x.kind]}${x.text}`).join('|');

test('what stays stays; what went stands before what came', () => {
  assert.equal(short('One.\n\nTwo.\n\nThree.', 'One.\n\nTwo, and a half.\n\nThree.\n\nFour.'), ' One.|-Two.|+Two, and a half.| Three.|+Four.');
  assert.equal(short('', 'New.'), '+New.');
  assert.equal(short('Old.', ''), '-Old.');
  assert.equal(short('Same.\r\n', 'Same.\n\n'), ' Same.');
});

test('a text nobody could read line by line is shown as a whole', () => {
  const long = Array.from({ length: 3000 }, (_, i) => `line ${i}`).join('\n');
  assert.equal(changes('x', long).length, 1);
});
