import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TaskStore } from '../../tags/store';
import { labels, tag } from '../../tags/testing';
import { ImageModel } from './model';

const tree = tag('View', {}, tag('Image', { name: 'img', value: '$image' }), tag('RectangleLabels', { name: 'box', toname: 'img' }, ...labels('Car')));
const model = (id: number, result: unknown = null): ImageModel => {
  const store = new TaskStore(tree, { id, data: { image: `/p${id}.png` } }, result);
  return new ImageModel(store, [{ image: store.tree.children[0]!, item: null, src: `/p${id}.png` }], () => [store.tree.children[1]!], true);
};

test('on a stage that is there, a picture that is here is in view at once', () => {
  const m = model(1);
  assert.equal(m.enter({ w: 848, h: 648 }, { w: 1600, h: 1200 }), true);
  assert.deepEqual([m.size.value, m.view.value.k], [{ w: 1600, h: 1200 }, 0.5]);
});

test('told of its picture twice, it keeps what the person has done to the view in between', () => {
  const m = model(1);
  m.enter({ w: 848, h: 648 }, { w: 1600, h: 1200 });
  const size = m.size.value;
  m.zoomTo(2);
  m.loaded({ w: 1600, h: 1200 });
  assert.deepEqual([m.view.value.k, m.size.value === size], [2, true]);
});

test('without its picture it waits: nothing of the picture before is known to it', () => {
  const before = model(1), m = model(2);
  before.enter({ w: 848, h: 648 }, { w: 1600, h: 1200 });
  assert.equal(m.enter({ w: 848, h: 648 }, null), false);
  assert.equal(m.size.value, null);
  m.loaded({ w: 800, h: 600 });
  assert.equal(m.view.value.k, 1);
});

test('two tasks of one config share what is written there, and nothing else', () => {
  const a = model(1), b = model(2), info = a.store.labels[0]!;
  a.store.pick(info);
  const id = a.store.addRegion(info.control, { x: 1, y: 1, width: 5, height: 5, rotation: 0 });
  a.store.toggle('hidden', id);
  a.store.toggle('locked', id);
  a.setTool('hand');
  assert.deepEqual([b.store.order.value, b.store.selection.value, b.store.active.value, b.store.hidden.value.size, b.store.locked.value.size, b.store.canUndo.value, b.tool.value, b.live.value.size],
    [[], null, null, 0, 0, false, 'box', 0]);
});
