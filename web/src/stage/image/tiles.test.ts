import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isDeep, smallOf } from '../../tags/address';
import { dziLevels, readDzi, tileAddress, type Source } from './tile-source';
import { TileStore, type Place } from './tile-store';

const XML = '<?xml version="1.0" encoding="UTF-8"?>\n<Image xmlns="http://schemas.microsoft.com/deepzoom/2008" Format="jpg" Overlap="1" TileSize="254">\n <Size Width="40000" Height="30000"/>\n</Image>';

test('a .dzi file is read by its attributes, in any order and with either quote', () => {
  assert.deepEqual(readDzi(XML), { size: { w: 40000, h: 30000 }, tile: 254, overlap: 1, format: 'jpg' });
  assert.deepEqual(readDzi("<Image TileSize='256' Format='PNG' xmlns='x'><Size Height = '5'\n Width='7'/></Image>"), { size: { w: 7, h: 5 }, tile: 256, overlap: 0, format: 'PNG' });
  for (const bad of ['', '<svg/>', XML.replace('254', '0'), XML.replace('jpg', 'jpg/../../x'), XML.replace('40000', '-1'), XML.replace('40000', '1e9'), XML.replace('Overlap="1"', 'Overlap="999"')]) assert.equal(readDzi(bad), null, bad);
});

test('levels count down from full size, and addresses stand beside the file', () => {
  const d = readDzi(XML)!;
  assert.equal(dziLevels(d.size), 17);
  assert.equal(dziLevels({ w: 1, h: 1 }), 1);
  assert.equal(tileAddress('/media/7/ab.dzi', d, 0, 3, 4), '/media/7/ab_files/16/3_4.jpg');
  assert.equal(tileAddress('/x/y.DZI?sig=1.dzi', d, 16, 0, 0), '/x/y_files/0/0_0.jpg?sig=1.dzi');
  assert.ok(isDeep('/a/b.dzi') && isDeep('b.DZI?x=1') && !isDeep('/a/b.dzi.png') && !isDeep(null));
  const hash = 'a'.repeat(64);
  assert.equal(smallOf(`/media/7/${hash}.dzi`), `/media/7/${hash}`);
  assert.equal(smallOf('https://x.example/y.dzi'), 'https://x.example/y.dzi');
});

/* A source whose pieces come when the test says so. */
function slow() {
  const open = new Map<string, { give: () => void; fail: () => void; until: AbortSignal }>(), closed: string[] = [];
  const source: Source = { size: { w: 1e5, h: 1e5 }, tile: 100, overlap: 0, stop() {}, get: (level, x, y, until) => new Promise((yes, no) => {
    const k = `${level}/${x}/${y}`;
    open.set(k, { until, give: () => yes({ width: 100, height: 100, close: () => closed.push(k) } as unknown as ImageBitmap), fail: () => no(new Error('x')) });
  }) };
  return { source, open, closed };
}
const row = (n: number, y = 0): Place[] => Array.from({ length: n }, (_, x) => ({ level: 0, x, y }));
const soon = (): Promise<void> => new Promise((go) => { setTimeout(go, 0); });

test('six are on their way at most, and what is no longer wanted is given up', async () => {
  const { source, open } = slow(), store = new TileStore(source, () => {}, () => {});
  store.want(row(20));
  assert.equal(open.size, 6);
  store.want(row(20, 1));
  assert.ok([...open.values()].slice(0, 6).every((o) => o.until.aborted));
  assert.equal(store.waiting, 6);
  open.get('0/0/1')!.give();
  await soon();
  assert.equal(store.tiles.size, 1);
});

test('what is here stays within its pixels, the longest unused goes first, the wanted stays', async () => {
  const { source, open, closed } = slow(), store = new TileStore(source, () => {}, () => {});
  store.most = 30_000;
  for (let y = 0; y < 5; y++) {
    store.want(row(1, y));
    open.get(`0/0/${y}`)!.give();
    await soon();
    if (y > 0) store.use({ level: 0, x: 0, y: 0 });
  }
  store.want(row(1, 4));
  assert.deepEqual(closed, ['0/0/1', '0/0/2']);
  assert.deepEqual([...store.tiles.keys()].sort(), ['0/0/0', '0/0/3', '0/0/4']);
  store.stop();
  assert.equal(closed.length, 5);
});

test('a piece that cannot be had is asked for three times and then left', async () => {
  const failed: string[] = [], { source, open } = slow();
  const store: TileStore = new TileStore(source, () => store.want(row(1)), (k) => failed.push(k));
  store.pause = 1;
  store.want(row(1));
  for (let i = 0; i < 3; i++) {
    open.get('0/0/0')!.fail();
    await new Promise((go) => { setTimeout(go, 20); });
  }
  assert.deepEqual(failed, ['0/0/0']);
  assert.equal(store.waiting, 0);
});
