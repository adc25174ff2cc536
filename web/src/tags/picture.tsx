/* Tasks on pictures: rail, stage, list; and a picture inside a page of questions. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { t } from '../core/i18n';
import { keyOf } from '../core/actions';
import { toolName } from '../stage/image/board';
import { factOf, spokenOf } from '../stage/image/describe';
import { ImageModel, ImageStage } from '../stage/image/image';
import { isMaskTool, toolsOf, type Tool } from '../stage/image/model';
import { ListPanel, ShapeFields } from '../stage/image/more';
import { pagesOf } from '../stage/image/pages';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import type { IconName } from '../ui/paths';
import type { TaskWork } from './body';
import { useWork } from './context';
import { family } from './families';
import { marksOn } from './layout';
import { RelationPart } from './links';
import { Node } from './registry';
import { RegionDetail, RegionList, type Describe } from './regionpart';
import { labelsOf, spatialOf } from './result';
import type { TaskStore } from './store';
import { parts, type Tag } from './tree';

export function modelOf(store: TaskStore, images: readonly Tag[], editable: boolean): ImageModel {
  const m = new ImageModel(store, pagesOf(images, store.task.data), (image) => marksOn(store.tree, image), editable), mask = family('mask');
  if (mask) m.pixels.value = new mask.Masks(m);
  return m;
}

export function PictureTask({ work, guide }: { work: TaskWork; guide?: ComponentChildren }) {
  const { store } = work, m = work.model!;
  const describe = useMemo((): Describe => (id, items = store.items(id)) => ({ brief: factOf(items, m.size.value), spoken: spokenOf(items, m.size.value) }), [store]);
  const { group, tools } = useMemo(() => ({ group: signal<'' | 'label' | 'tool'>(''), tools: signal(false) }), [store]), by = group.value;
  const grouped = useMemo(() => (by === '' ? undefined : (id: string): string => (by === 'label' ? store.info(labelsOf(store.peek(id))[0])?.text ?? t('an.nolabel') : toolName(toolsOf(store.control(m.spatial(id)?.from_name) ?? m.image)[0] ?? 'move'))), [store, by]);
  const images = new Set(m.pages.map((p) => p.image.name)), rest = useMemo(() => hasQuestions(work), [work]);
  return <main class={`mid3 ${guide ? 'guide' : ''}`}>
    <Rail model={m} live={work.live} />{guide}
    <ImageStage model={m} name={t('an.image')} live={work.live}>{m.pages.length > 1 && <Strip key={work.n} m={m} />}</ImageStage>
    <aside class="aside" aria-label={t('an.regions')}>
      <header><h2>{t('an.regions')}</h2><span class="count">{store.regions.value.length}</span>
        <span class="end"><Button kind="quiet" icon="more" name={t('im.list')} pressed={tools.value} onClick={() => { tools.value = !tools.value; }} /></span></header>
      {tools.value && <ListPanel key={work.n} m={m} group={group} />}
      <RegionList key={work.n} describe={describe} group={grouped} onHover={(id) => { m.hover.value = id; }} />
      <RegionDetail key={work.n} fields={(id) => images.has(spatialOf(store.items(id))?.to_name ?? null) && <ShapeFields m={m} id={id} />} shift={nudge} />
      <RelationPart key={work.n} store={store} describe={describe} />
      {rest && <div class="questions task-root"><Node tag={store.tree} /></div>}
    </aside>
  </main>;
}

/* Several pictures: one is on the stage, the others are a click or page up and page down away. */
function Strip({ m }: { m: ImageModel }) {
  const now = m.page.value;
  useEffect(() => { document.querySelector('.strip [aria-current="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }); }, [now]);
  return <nav class="strip pop" aria-label={t('im.pages')}>{m.pages.map((p, i) => <button key={i} type="button" aria-current={i === now ? 'true' : undefined} aria-label={t('im.page.go', { n: i + 1 })} onClick={() => m.show(i)}>
    {p.src && m.pages.length <= 40 && <img src={p.src} alt="" loading="lazy" decoding="async" />}<span>{i + 1}</span></button>)}</nav>;
}

/* A copy stands a little lower, so that it is seen. */
export function nudge(place: Record<string, unknown>): Record<string, unknown> {
  const by = (v: unknown): unknown => (typeof v === 'number' ? Math.min(v + 2, 98) : v);
  if (Array.isArray(place.points)) return { points: (place.points as number[][]).map(([x, y]) => [by(x), by(y)]) };
  if (Array.isArray(place.vertices)) return { vertices: (place.vertices as Record<string, unknown>[]).map((v) => ({ ...v, x: by(v.x), y: by(v.y) })) };
  if ('rle' in place || 'imageDataURL' in place) return {};
  const out: Record<string, unknown> = { x: by(place.x), y: by(place.y) };
  for (const [k, size] of [['x', 'width'], ['y', 'height']] as const) {
    if (typeof place[size] === 'number' && typeof out[k] === 'number' && 'height' in place) out[k] = Math.max(0, Math.min(out[k], 100 - (place[size] as number)));
  }
  return out;
}

/* Is there anything to show beside the picture: words, other objects, questions about the whole? */
function hasQuestions({ store, hoisted }: TaskWork): boolean {
  return [...parts(store.tree)].some((x) => !hoisted.has(x) && !['View', 'Label', 'Choice', 'Relation'].includes(x.tag));
}

const TOOL_ICON: Record<Tool, IconName> = {
  move: 'arrow', hand: 'hand', box: 'box', box3: 'box3p', polygon: 'poly', vector: 'vector', ellipse: 'ellipse', point: 'point',
  brush: 'brush', eraser: 'eraser', wand: 'wand', bucket: 'bucket',
};

function Rail({ model: m, live }: { model: ImageModel; live: boolean }) {
  const list = m.tools, mask = list.findIndex(isMaskTool);
  // A line without a polygon beside it takes the polygon's key (annotate-keys binds it).
  const key = (x: Tool): string => keyOf(x === 'vector' && !list.includes('polygon') ? 'polygon' : x);
  return <div class="rail" role="toolbar" aria-label={t('an.tools')} aria-orientation="vertical">{list.map((x, i) => <>
    {(i === 2 || (i === mask && i > 2)) && <hr key={`line${i}`} />}
    <button key={x} type="button" class="tool" aria-pressed={m.tool.value === x} aria-label={toolName(x)} title={toolName(x)} onClick={() => m.setTool(x)}>
      <Icon i={TOOL_ICON[x]} />{live && key(x).length === 1 && <i aria-hidden="true">{key(x)}</i>}</button></>)}</div>;
}

/* A picture inside a page; the pictures one draws on alone have the page to themselves. */
export function ImageTag({ tag }: { tag: Tag }) {
  const { store, live } = useWork();
  const model = useMemo(() => modelOf(store, [tag], live), [store, tag]);
  return <ImageStage model={model} name={t('an.image')} live={live && model.marks.value.length > 0} tall>{model.pages.length > 1 && <Strip m={model} />}</ImageStage>;
}
