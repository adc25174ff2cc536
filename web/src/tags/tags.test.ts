import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dealKeys, ratingKeys, toolKeys } from './keymap';
import { hoistedBy, layoutOf } from './layout';
import { blocksOf } from './markdown';
import { phraseOffsets, phrasePlace, phrases } from './phrases';
import { addressOf, decoded } from './address';
import { groupKind, labelsOf, shapeOf, type Result } from './result';
import { TaskStore } from './store';
import { boxes, choices, labels, tag } from './testing';
import { bind, colourClass, controls, labelList, lookup, shapeNumber } from './tree';
import { finalResult, missing, reveal } from './missing';
import { holds, type Scene } from './visible';

const store = (result: unknown = []) => new TaskStore(boxes(), { id: 1, data: { image: '/a.png' } }, result);
const draw = (s: TaskStore, x = 1): string => s.addRegion(s.control('rect')!, { x, y: 2, width: 10, height: 20, rotation: 0 });
const plain = (v: unknown): unknown => JSON.parse(JSON.stringify(v));

/* ---- the tree ---- */

test('references find fields, members and elements, own ones only', () => {
  const d = { a: { b: 1 }, items: [{ url: 'u' }], 'x.y': 2 };
  assert.equal(lookup(d, '$a.b'), 1);
  assert.equal(lookup(d, '$items[0].url'), 'u');
  assert.equal(lookup(d, '$x.y'), 2);
  assert.equal(lookup(d, '$items[1].url'), undefined);
  assert.equal(lookup(d, '$constructor'), undefined);
  assert.equal(lookup(d, '$a.__proto__'), undefined);
  assert.equal(lookup(d, 'a'), undefined);
});

test('labels of the task become ordinary labels', () => {
  const t = bind(tag('View', {}, tag('Labels', { name: 'l', toname: 't', value: '$ls' })), { ls: ['A', { value: 'B', alias: 'b', background: '#f00' }, 7, null] });
  assert.deepEqual(labelList(t).map((l) => [l.value, l.text, l.background]), [['A', 'A', undefined], ['b', 'B', '#f00'], ['7', '7', undefined]]);
});

test('nested choices of the task keep their tree, to a bounded depth', () => {
  let deep: unknown = [];
  for (let i = 0; i < 50; i++) deep = [{ value: String(i), children: deep }];
  const t = bind(tag('View', {}, tag('Taxonomy', { name: 'x', toname: 't', value: '$x' })), { x: deep });
  let depth = 0;
  for (let at = t.children[0]!.children; at.length; at = at[0]!.children) depth++;
  assert.ok(depth > 3 && depth < 12);
});

test('a repeater names its parts _0, _1 and puts the index in', () => {
  const t = bind(tag('View', {}, tag('Repeater', { on: '$pages', indexflag: '{{idx}}' },
    tag('Image', { name: 'p', value: '$pages[{{idx}}].src' }), tag('Choices', { name: 'c', toname: 'p' }, ...choices('a')))), { pages: [{ src: 'x' }, { src: 'y' }] });
  assert.deepEqual(controls(t).map((c) => [c.name, c.toName]), [['c_0', ['p_0']], ['c_1', ['p_1']]]);
  assert.equal(t.children[1]!.children[0]!.attrs.value, '$pages[1].src');
});

test('the same label in two sets looks the same; the thirteenth has the first colour and another shape', () => {
  const t = tag('View', {}, tag('RectangleLabels', { name: 'r', toname: 'i' }, ...labels('Car', 'Bus')), tag('PolygonLabels', { name: 'p', toname: 'i' }, ...labels('Bus', 'Road')));
  assert.deepEqual(labelList(t).map((l) => l.n), [0, 1, 1, 2]);
  assert.equal(colourClass(12), colourClass(0));
  assert.notEqual(shapeNumber(12), shapeNumber(0));
});

test('which page a config asks for', () => {
  assert.equal(layoutOf(boxes()).kind, 'picture');
  assert.equal(layoutOf(tag('View', {}, tag('Text', { name: 't' }), tag('Labels', { name: 'l', toname: 't' }, ...labels('A')))).kind, 'text');
  const sheet = tag('View', {}, tag('Text', { name: 't' }), tag('Choices', { name: 'c', toname: 't' }));
  assert.equal(layoutOf(sheet).kind, 'sheet');
  assert.equal(hoistedBy(sheet, { kind: 'sheet' }).size, 0);
});

/* ---- keys ---- */

test('keys: written ones win, the rest is dealt and skips tools and taken keys', () => {
  const t = tag('View', {}, tag('RectangleLabels', { name: 'r', toname: 'i' },
    tag('Label', { value: 'A' }), tag('Label', { value: 'B', hotkey: '1' }), ...Array.from({ length: 12 }, (_, i) => tag('Label', { value: `L${i}` }))));
  const keys = [...dealKeys(t).entries()].map(([l, k]) => `${l.attrs.value}${k}`);
  assert.ok(keys.includes('B1') && keys.includes('A2'));
  const used = [...dealKeys(t).values()];
  assert.equal(new Set(used).size, used.length);
  for (const k of toolKeys(t)) assert.ok(!used.includes(k), k);
});

test('two labels with the same written key: the first keeps it, the second gets another', () => {
  const t = tag('View', {}, tag('Labels', { name: 'l', toname: 't' }, tag('Label', { value: 'A', hotkey: 'x' }), tag('Label', { value: 'B', hotkey: 'x' })));
  assert.deepEqual([...dealKeys(t).values()], ['x', '1']);
});

test('stars listen to digits only when nothing else does', () => {
  const r = tag('Rating', { name: 'r', toname: 't' });
  const alone = tag('View', {}, r), beside = tag('View', {}, r, tag('Choices', { name: 'c', toname: 't' }, ...choices('a')));
  assert.equal(ratingKeys(alone, dealKeys(alone)), r);
  assert.equal(ratingKeys(beside, dealKeys(beside)), null);
});

/* ---- results ---- */

test('items of one id are one region; strange items are carried along', () => {
  const given: Result[] = [
    { id: 'a', from_name: 'r', to_name: 'img', type: 'rectangle', value: { x: 1, y: 1, width: 2, height: 2, rotation: 0 }, original_width: 9 },
    { id: 'q', type: 'hologram', value: { deep: [1, { x: null }] }, odd: true },
    { id: 'a', from_name: 'l', to_name: 'img', type: 'labels', value: { x: 1, y: 1, width: 2, height: 2, labels: ['Car'] } },
    { type: 'relation', from_id: 'a', to_id: 'q', direction: 'right' },
    { type: 'relation', from_id: 'q', to_id: 'a' },
  ];
  const s = store(given);
  assert.deepEqual(s.regions.value, ['a']);
  assert.deepEqual(labelsOf(s.items('a')), ['Car']);
  assert.equal(s.relations.length, 2);
  const back = s.result();
  assert.equal(back.length, 5);
  for (const r of given) assert.ok(back.some((b) => JSON.stringify(b) === JSON.stringify(r)), JSON.stringify(r));
});

test('an answer that nobody changed leaves in the order it came; one that was changed has a region and its answers together', () => {
  const box = (id: string): Result => ({ id, from_name: 'rect', to_name: 'img', type: 'rectanglelabels', value: { x: 1, y: 1, width: 2, height: 2, rotation: 0, rectanglelabels: ['Car'] } });
  const said = (id: string): Result => ({ id, from_name: 'hid', to_name: 'img', type: 'choices', value: { choices: ['yes'] } });
  const given = [box('a'), box('b'), said('a'), said('b')], s = store(given);
  assert.deepEqual(s.result(), given);
  s.setPlace('b', { x: 7 });
  assert.deepEqual(s.result().map((r) => [r.id, r.type]), [['a', 'rectanglelabels'], ['a', 'choices'], ['b', 'rectanglelabels'], ['b', 'choices']]);
  s.undo();
  assert.deepEqual(s.result(), given);
});

test('no result, a wrong type, items that are no objects: an empty task, no crash', () => {
  for (const bad of [null, undefined, 'x', 7, {}, [null, 1, 'a', [], { no: 'type' }]]) assert.deepEqual(store(bad).result(), []);
});

test('labels on a picture take the shape of their keys', () => {
  assert.equal(shapeOf({ type: 'labels', value: { points: [] } }), 'polygon');
  assert.equal(shapeOf({ type: 'labels', value: { start: 1, end: 2 } }), 'span');
  assert.equal(shapeOf({ type: 'labels', value: { x: 1, y: 1, width: 1, height: 1 } }), 'box');
  assert.equal(shapeOf({ type: 'hypertextlabels', value: {} }), 'span');
  assert.equal(groupKind([{ type: 'choices', value: {} }]), 'answer');
});

/* ---- the store ---- */

test('a box of a label set is one item, of the type of its set', () => {
  const s = store();
  s.active.value = { control: 'rect', values: ['Car'] };
  const id = draw(s);
  assert.equal(id.length, 10);
  assert.deepEqual(plain(s.result()), [{ id, to_name: 'img', origin: 'manual', from_name: 'rect', type: 'rectanglelabels', value: { x: 1, y: 2, width: 10, height: 20, rotation: 0, rectanglelabels: ['Car'] } }]);
});

test('a label in hand holds for every set that has it, and for no other', () => {
  const t = tag('View', {}, tag('Image', { name: 'a' }), tag('Image', { name: 'b' }), tag('RectangleLabels', { name: 'ra', toname: 'a' }, ...labels('Car', 'Bus')), tag('RectangleLabels', { name: 'rb', toname: 'b' }, ...labels('Car')));
  const s = new TaskStore(t, { id: 1, data: {} }, []), box = { x: 1, y: 1, width: 5, height: 5, rotation: 0 };
  s.active.value = { control: 'ra', values: ['Car'] };
  assert.deepEqual(s.labelsOf(s.addRegion({ ...s.control('rb')! }, box)), ['Car']);
  s.active.value = { control: 'ra', values: ['Bus'] };
  assert.deepEqual(s.labelsOf(s.addRegion(s.control('rb')!, box)), []);
});

test('a bare tool beside Labels gives two items with one id', () => {
  const t = tag('View', {}, tag('Image', { name: 'i' }), tag('Rectangle', { name: 'r', toname: 'i' }), tag('Labels', { name: 'l', toname: 'i' }, ...labels('A', 'B')));
  const s = new TaskStore(t, { id: 1, data: {} }, []);
  s.active.value = { control: 'l', values: ['A'] };
  const id = s.addRegion(s.control('r')!, { x: 1, y: 1, width: 5, height: 5, rotation: 0 });
  assert.deepEqual(s.result().map((r) => [r.id, r.type]), [[id, 'rectangle'], [id, 'labels']]);
  s.pick(s.labels[1]!);
  assert.deepEqual(s.labelsOf(id), ['B']);
});

test('labels of OCR are a type of their own, whatever they are drawn with', () => {
  const t = tag('View', {}, tag('Image', { name: 'i' }), tag('Rectangle', { name: 'r', toname: 'i' }), tag('OcrLabels', { name: 'o', toname: 'i' }, ...labels('A', 'B')));
  const s = new TaskStore(t, { id: 1, data: {} }, []), box = { x: 1, y: 1, width: 5, height: 5, rotation: 0 };
  s.active.value = { control: 'o', values: ['A'] };
  const id = s.addRegion(s.control('r')!, box);
  assert.deepEqual(s.result().map((r) => [r.id, r.type]), [[id, 'rectangle'], [id, 'ocrlabels']]);
  assert.deepEqual(s.result()[1]!.value, { ...box, ocrlabels: ['A'] });
  s.pick(s.labels[1]!);
  assert.deepEqual(s.labelsOf(id), ['B']);
  s.active.value = null;
  const bare = s.addRegion(s.control('r')!, box);
  s.relabel(bare, s.labels[0]!);
  assert.deepEqual(s.peek(bare).map((r) => [r.type, r.value!.ocrlabels]), [['rectangle', undefined], ['ocrlabels', ['A']]]);
  assert.equal(shapeOf({ type: 'ocrlabels', value: { ...box, ocrlabels: ['A'] } }), 'box');
});

test('moving a region moves the copies in its answers', () => {
  const s = store(), id = draw(s);
  s.setAnswer(s.control('hid')!, 'choices', { choices: ['yes'] }, id);
  s.setPlace(id, { x: 50 });
  assert.deepEqual(s.result().map((r) => r.value!.x), [50, 50]);
  assert.equal(s.answer('hid', id)?.id, id);
});

test('undo of everything gives back the first state; redo of everything the last', () => {
  const first: Result[] = [{ id: 'k', from_name: 'rect', to_name: 'img', type: 'rectanglelabels', value: { x: 1, y: 1, width: 1, height: 1, rotation: 0, rectanglelabels: ['Bus'] } }];
  const s = store(first);
  s.active.value = { control: 'rect', values: ['Car'] };
  const a = draw(s, 5), b = draw(s, 6);
  s.setAnswer(s.control('hid')!, 'choices', { choices: ['no'] }, a);
  s.relabel('k', s.labels[0]!);
  s.remove(a);
  s.setAnswer(s.control('scene')!, 'choices', { choices: ['day'] }, null);
  s.duplicate(b, () => ({ x: 9 }));
  s.setAnswer(s.control('scene')!, 'choices', null, null);
  const last = plain(s.result());
  while (s.undo()) { /* back */ }
  assert.deepEqual(plain(s.result()), first);
  while (s.redo()) { /* forth */ }
  assert.deepEqual(plain(s.result()), last);
});

test('a drag is one step, however many moves; a drag called off is none', () => {
  const s = store(), id = draw(s);
  s.hold(id);
  for (let x = 2; x <= 40; x++) s.live(id, { x });
  s.settle('move');
  assert.equal(s.items(id)[0]!.value!.x, 40);
  s.undo();
  assert.equal(s.items(id)[0]!.value!.x, 1);
  s.redo();
  s.hold(id);
  s.live(id, { x: 77 });
  s.drop();
  assert.equal(s.items(id)[0]!.value!.x, 40);
});

test('key presses on one region melt into one step, on two regions they do not', () => {
  const s = store(), a = draw(s), b = draw(s);
  s.history.seal();
  for (let i = 0; i < 5; i++) s.setPlace(a, { x: 10 + i }, `move:${a}`);
  s.setPlace(b, { x: 30 }, `move:${b}`);
  s.undo();
  assert.equal(s.items(a)[0]!.value!.x, 14);
  s.undo();
  assert.equal(s.items(a)[0]!.value!.x, 1);
});

test('the history goes into the draft and comes back as JSON', () => {
  const s = store();
  const id = draw(s);
  s.setPlace(id, { x: 30 });
  s.undo();
  const kept = plain({ result: s.result(), history: s.history.save() }) as { result: Result[]; history: never };
  const t = new TaskStore(boxes(), { id: 1, data: {} }, kept.result, { history: kept.history });
  t.redo();
  assert.equal(t.items(id)[0]!.value!.x, 30);
  t.undo(); t.undo();
  assert.deepEqual(t.result(), []);
});

test('a removed region comes back at its place in the order', () => {
  const s = store(), ids = [draw(s), draw(s), draw(s)];
  s.remove(ids[1]!);
  s.undo();
  assert.deepEqual(s.regions.value, ids);
});

test('removing a region takes its relations along, undo brings both back', () => {
  const s = store(), a = draw(s), b = draw(s);
  s.change('relation', [['~r', [{ type: 'relation', from_id: a, to_id: b }]]]);
  s.remove(a);
  assert.equal(s.relations.length, 0);
  s.undo();
  assert.equal(s.relations.length, 1);
});

test('a locked region is left alone, a read-only task too', () => {
  const s = store(), id = draw(s);
  s.toggle('locked', id);
  s.setPlace(id, { x: 60 }); s.remove(id); s.relabel(id, s.labels[1]!);
  assert.equal(s.items(id)[0]!.value!.x, 1);
  const r = new TaskStore(boxes(), { id: 1, data: {} }, s.result(), { readOnly: true });
  r.remove(id); r.setPlace(id, { x: 1 }); r.setAnswer(r.control('scene')!, 'choices', { choices: ['day'] }, null);
  assert.deepEqual(plain(r.result()), plain(s.result()));
});

test('a guess that is changed says so', () => {
  const s = store([{ id: 'p', from_name: 'rect', to_name: 'img', type: 'rectanglelabels', origin: 'prediction', score: 0.6, value: { x: 1, y: 1, width: 1, height: 1, rotation: 0, rectanglelabels: ['Car'] } }]);
  s.setPlace('p', { x: 2 });
  assert.equal(s.items('p')[0]!.origin, 'prediction-changed');
});

test('a label may be used up', () => {
  const t = tag('View', {}, tag('Image', { name: 'img' }), tag('RectangleLabels', { name: 'rect', toname: 'img', maxusages: '1' }, ...labels('Car', 'Bus')));
  const s = new TaskStore(t, { id: 1, data: {} }, []);
  s.active.value = { control: 'rect', values: ['Car'] };
  draw(s);
  assert.equal(s.usedUp(s.labels[0]!), true);
  assert.equal(s.usedUp(s.labels[1]!), false);
});

test('a waiting selection of text takes the label that is picked', () => {
  const s = store();
  let made = '';
  s.pending.value = () => { made = s.active.peek()!.values[0]!; return true; };
  s.pick(s.labels[1]!);
  assert.equal(made, 'Bus');
});

test('what a config preselects is an answer of an untouched task, and of a new region; an answer that is empty stays so', () => {
  const t = tag('View', {}, tag('Image', { name: 'img', valuelist: '$pics' }), tag('Rectangle', { name: 'r', toname: 'img' }),
    tag('Choices', { name: 'c', toname: 'img', choice: 'multiple' }, tag('Choice', { value: 'A', selected: 'true' }), tag('Choice', { value: 'B', alias: 'b', selected: 'true' }), tag('Choice', { value: 'C' })),
    tag('Rating', { name: 'stars', toname: 'img', defaultvalue: '3' }), tag('TextArea', { name: 'words', toname: 'img', maxsubmissions: '1', value: '$start' }),
    tag('Number', { name: 'n', toname: 'img', perregion: 'true', defaultvalue: '7' }));
  const data = { pics: ['x', 'y'], start: 'Read:' };
  const s = new TaskStore(t, { id: 1, data }, null);
  assert.deepEqual(s.result().map((r) => [r.from_name, Object.values(r.value!)[0]]), [['c', ['A', 'b']], ['stars', 3], ['words', ['Read:']]]);
  assert.equal(s.canUndo.value, false);
  const id = s.addRegion(s.control('r')!, { x: 1, y: 1, width: 5, height: 5, rotation: 0 });
  assert.equal(s.answer('n', id)?.value?.number, 7);
  assert.deepEqual(new TaskStore(t, { id: 1, data }, []).result(), []);
  assert.deepEqual(new TaskStore(t, { id: 1, data }, null, { readOnly: true }).result(), []);
});

test('a question about each picture has an answer a picture, and is missing a picture', () => {
  const t = tag('View', {}, tag('Image', { name: 'img', valuelist: '$pics' }), tag('Choices', { name: 'c', toname: 'img', peritem: 'true', required: 'true' }, ...choices('A', 'B')));
  const s = new TaskStore(t, { id: 1, data: { pics: ['x', 'y', 'z'] } }, []);
  s.setAnswer(s.control('c')!, 'choices', { choices: ['A'] }, null);
  s.item.value = 2;
  assert.equal(s.answer('c', null), undefined);
  s.setAnswer(s.control('c')!, 'choices', { choices: ['B'] }, null);
  assert.deepEqual(s.result().map((r) => [r.item_index, r.value!.choices]), [[0, ['A']], [2, ['B']]]);
  assert.deepEqual(missing(s).map((m) => [m.key, m.item]), [['c#1', 1]]);
  reveal(s, missing(s)[0]!);
  assert.equal(s.item.value, 1);
});

test('guesses are known, changed ones say so, one step confirms all', () => {
  const guess = (id: string, name: string, type: string, value: Record<string, unknown>): Result => ({ id, from_name: name, to_name: 'img', type, origin: 'prediction', value });
  const s = store([guess('a', 'rect', 'rectanglelabels', { x: 1, y: 1, width: 2, height: 2, rotation: 0, rectanglelabels: ['Car'] }), guess('b', 'scene', 'choices', { choices: ['day'] })]);
  assert.deepEqual(s.guesses.value, ['a', 'b']);
  s.setAnswer(s.control('scene')!, 'choices', { choices: ['night'] }, null);
  assert.deepEqual(s.result().map((r) => r.origin), ['prediction', 'prediction-changed']);
  assert.deepEqual(s.guesses.value, ['a']);
  s.confirm();
  assert.deepEqual(s.guesses.value, []);
  s.undo();
  assert.deepEqual(s.guesses.value, ['a']);
});

/* ---- visible and required ---- */

const scene = (answers: Record<string, Result>, region: Result[] | null = null): Scene =>
  ({ answer: (n) => answers[n], region, choices: () => Object.keys(answers), spoken: () => [] });
const chose = (...c: unknown[]): Result => ({ type: 'choices', value: { choices: c } });
const when = (attrs: Record<string, string>) => tag('View', attrs);

test('choice-selected and choice-unselected, with and without values', () => {
  const rule = when({ visiblewhen: 'choice-selected', whentagname: 'a', whenchoicevalue: 'x, y' });
  assert.equal(holds(rule, scene({ a: chose('y') })), true);
  assert.equal(holds(rule, scene({ a: chose('z') })), false);
  assert.equal(holds(rule, scene({})), false);
  assert.equal(holds(rule, scene({ a: chose(['q', 'x']) })), true);
  assert.equal(holds(when({ visiblewhen: 'choice-unselected', whentagname: 'a', whenchoicevalue: 'x' }), scene({})), true);
  assert.equal(holds(when({ visiblewhen: 'choice-selected' }), scene({ b: chose('anything') })), true);
});

test('region-selected asks for object, control and label', () => {
  const region: Result[] = [{ id: 'r', from_name: 'rect', to_name: 'img', type: 'rectanglelabels', value: { x: 1, rectanglelabels: ['Car'] } }];
  const rule = (a: Record<string, string>) => when({ visiblewhen: 'region-selected', ...a });
  assert.equal(holds(rule({}), scene({})), false);
  assert.equal(holds(rule({}), scene({}, region)), true);
  assert.equal(holds(rule({ whentagname: 'img' }), scene({}, region)), true);
  assert.equal(holds(rule({ whentagname: 'rect' }), scene({}, region)), true);
  assert.equal(holds(rule({ whentagname: 'other' }), scene({}, region)), false);
  assert.equal(holds(rule({ whenlabelvalue: 'Bus,Car' }), scene({}, region)), true);
  assert.equal(holds(when({ visiblewhen: 'no-region-selected' }), scene({}, region)), false);
});

test('whenRole asks who speaks in the chosen message', () => {
  const message: Result[] = [{ id: 'm', type: 'chatmessage', value: { chatmessage: { role: 'user', content: 'hi' } } }];
  assert.equal(holds(when({ visiblewhen: 'region-selected', whenrole: 'user' }), scene({}, message)), true);
  assert.equal(holds(when({ visiblewhen: 'region-selected', whenrole: 'assistant' }), scene({}, message)), false);
});

test('required: the task, each region, each region its label; in the words of the config', () => {
  const s = store();
  assert.deepEqual(missing(s).map((m) => [m.key, m.message]), [['scene', 'Which?']]);
  const id = draw(s);
  assert.deepEqual(missing(s).map((m) => m.key), [`region@${id}`, `hid@${id}`, 'scene']);
  s.relabel(id, s.labels[0]!);
  s.setAnswer(s.control('hid')!, 'choices', { choices: ['no'] }, id);
  s.setAnswer(s.control('scene')!, 'choices', { choices: ['day'] }, null);
  assert.deepEqual(missing(s), []);
});

test('a hidden control is not required and gives no result', () => {
  const t = tag('View', {}, tag('Text', { name: 't' }), tag('Choices', { name: 'a', toname: 't' }, ...choices('x', 'y')),
    tag('View', { visiblewhen: 'choice-selected', whentagname: 'a', whenchoicevalue: 'x' }, tag('TextArea', { name: 'why', toname: 't', required: 'true' })));
  const s = new TaskStore(t, { id: 1, data: {} }, []);
  s.setAnswer(s.control('a')!, 'choices', { choices: ['x'] }, null);
  assert.equal(missing(s).length, 1);
  s.setAnswer(s.control('why')!, 'textarea', { text: ['so'] }, null);
  assert.equal(finalResult(s).length, 2);
  s.setAnswer(s.control('a')!, 'choices', { choices: ['y'] }, null);
  assert.equal(missing(s).length, 0);
  assert.deepEqual(finalResult(s).map((r) => r.from_name), ['a']);
  assert.equal(s.result().length, 2, 'the words are still there if the choice comes back');
});

/* ---- objects ---- */

test('phrases of a dialogue: places there and back', () => {
  const p = phrases([{ author: 'A', text: 'Hello\nyou' }, { author: 'B', text: 'Hi 😀' }], 'author', 'text');
  const start = p.text.indexOf('you'), place = phrasePlace(p, start, p.text.length);
  assert.deepEqual(place, { start: '0', end: '1', startOffset: 6, endOffset: 5, text: 'you\nHi 😀' });
  assert.deepEqual(phraseOffsets(p, { type: 'paragraphlabels', value: place }), { start, end: p.text.length });
  assert.equal(phraseOffsets(p, { type: 'paragraphlabels', value: { start: '9', end: '9', startOffset: 0, endOffset: 1 } }), null);
  assert.deepEqual(p.authors, ['A', 'A', 'B']);
});

test('only addresses that can do no harm are loaded', () => {
  (globalThis as { location?: unknown }).location ??= { origin: 'http://host' };
  assert.equal(addressOf('/media/a.png'), 'http://host/media/a.png');
  for (const bad of ['javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '', null, 5, {}]) assert.equal(addressOf(bad), null, String(bad));
  assert.ok(addressOf('data:image/png;base64,AA'));
});

test('base64 text, and text that only claims to be', () => {
  assert.equal(decoded('w6QxIQ==', 'base64'), 'ä1!');
  assert.equal(decoded('not base64 ☃', 'base64'), 'not base64 ☃');
});

test('guidelines: blocks, and nothing that could run', () => {
  const b = blocksOf('# Car\nDraw **all**\nof it.\n\n- one\n- two\n  more\n\n1. a\n```\n<b>\n```\n> q\n<script>');
  assert.deepEqual(b.map((x) => x.kind), ['h', 'p', 'ul', 'ol', 'code', 'quote', 'p']);
  assert.deepEqual((b[2] as { items: string[] }).items, ['one', 'two more']);
  assert.deepEqual(blocksOf(''), []);
  assert.equal(blocksOf('#'.repeat(10000)).length, 1);
});

test('an item without an id keeps its key over a reload, so that an old step still finds it', () => {
  const s = new TaskStore(boxes(), { id: 1, data: {} }, []);
  const key = s.addLoose({ type: 'relation', from_id: 'a', to_id: 'b', direction: 'right' });
  s.addLoose({ type: 'relation', from_id: 'b', to_id: 'c', direction: 'right' });
  s.change('gone', [[key, null]]);
  const again = new TaskStore(boxes(), { id: 1, data: {} }, plain(s.result()), { history: plain(s.savedHistory()) as never });
  again.undo();
  assert.deepEqual(again.result().map((r) => r.from_id).sort(), ['a', 'b']);
  again.undo();
  assert.deepEqual(again.result().map((r) => r.from_id), ['a']);
});

test('several new groups of one step stand in the order they were named, also when done again', () => {
  const s = new TaskStore(boxes(), { id: 1, data: {} }, []);
  const one = (id: string): [string, Result[]] => [id, [{ id, type: 'chatmessage', from_name: 'c', to_name: 'c', value: { chatmessage: { role: 'user', content: id } } }]];
  s.change('messages', [one('a'), one('b'), one('c')]);
  assert.deepEqual(s.order.value, ['a', 'b', 'c']);
  s.undo();
  s.redo();
  assert.deepEqual(s.result().map((r) => r.id), ['a', 'b', 'c']);
  assert.deepEqual(s.regions.value, ['a', 'b', 'c'], 'a message can be chosen like a region');
});

test('the text of a draft is what its result would be written as, after every change', () => {
  const box = (id: string, x: number): Result => ({ id, from_name: 'rect', to_name: 'img', type: 'rectanglelabels', origin: 'manual', value: { x, y: 1, width: 2, height: 3, rotation: 0, rectanglelabels: ['Car'] } });
  const given = [box('a', 1), box('b', 2), { type: 'odd', value: { 'ü"': [null] } }], s = new TaskStore(boxes(), { id: 1, data: {} }, given);
  const same = (): void => {
    assert.equal(s.text(), JSON.stringify(s.result()));
    assert.deepEqual(JSON.parse(s.historyText()), plain(s.savedHistory()));
  };
  same();
  s.setPlace('a', { x: 5 }, 'move:a'); same();
  s.setPlace('a', { x: 6 }, 'move:a'); same();             // melts into the step before
  s.remove('b'); same();
  s.undo(); same();
  s.hold('a');
  s.live('a', { x: 70 });
  assert.ok(s.text().includes('"x":6') && !s.text().includes('"x":70'), 'a drag that is not done is not in it');
  s.settle('move'); same();
  assert.ok(s.text().includes('"x":70'));
  s.load(given); same();
  assert.equal(s.text(), JSON.stringify(given));
});
