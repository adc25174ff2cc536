import { test } from 'node:test';
import assert from 'node:assert/strict';
import { TaskStore } from '../tags/store';
import type { Tag } from '../tags/tree';
import { asked, binaryOf } from './annotate-quick';

const tag = (name: string, kind: Tag['kind'], attrs: Record<string, string>, children: Tag[] = []): Tag =>
  ({ tag: name, kind, name: attrs.name ?? null, toName: attrs.toname ? [attrs.toname] : [], attrs, children, text: '', line: 0 });
const choice = (v: string): Tag => tag('Choice', 'child', { value: v });
const text = tag('Text', 'object', { name: 'text', value: '$text' });
const choices = (attrs: Record<string, string>, ...v: string[]): Tag => tag('Choices', 'control', { name: 'c', toname: 'text', ...attrs }, v.map(choice));
const store = (...children: Tag[]): TaskStore => new TaskStore(tag('View', 'visual', {}, [text, ...children]), { id: 1, data: { text: 'x' } }, null);

test('two choices of the only question are yes and no', () => {
  assert.deepEqual(binaryOf(store(choices({}, 'Good', 'Bad')))?.map((o) => o.value), ['Good', 'Bad']);
  assert.equal(binaryOf(store(choices({}, 'Good', 'So', 'Bad'))), null);
  assert.equal(binaryOf(store(choices({ choice: 'multiple' }, 'Good', 'Bad'))), null);
  const area = tag('TextArea', 'control', { name: 'why', toname: 'text' });
  assert.equal(binaryOf(store(choices({}, 'Good', 'Bad'), area)), null, 'nothing is required: both questions are asked');
  assert.ok(binaryOf(store(choices({ required: 'true' }, 'Good', 'Bad'), area)), 'only the choice must be answered');
});

test('what is required is asked; else every question that is shown', () => {
  const other = tag('Rating', 'control', { name: 'r', toname: 'text' });
  assert.deepEqual(asked(store(choices({}, 'A', 'B'), other)).map((c) => c.name), ['c', 'r']);
  assert.deepEqual(asked(store(choices({ required: 'true' }, 'A', 'B'), other)).map((c) => c.name), ['c']);
  assert.deepEqual(asked(store(choices({ perregion: 'true' }, 'A', 'B'), other)).map((c) => c.name), ['r']);
});
