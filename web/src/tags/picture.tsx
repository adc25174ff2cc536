/* Tasks on pictures: rail, stage, list; and a picture inside a page of questions. */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { keyOf } from '../core/actions';
import { t } from '../core/i18n';
import { ImageModel, ImageStage } from '../stage/image/image';
import { pagesOf } from '../stage/image/pages';
import { isMaskTool, toolName, type Tool } from '../stage/image/tools';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { later } from '../ui/later';
import { addIcons, type IconName } from '../ui/paths';
import { STAGE } from '../ui/paths-stage';
import type { TaskWork } from './body';
import { useWork } from './context';
import { isMany, useLate } from './late';
import { marksOn } from './layout';
import { Node } from './registry';
import type { TaskStore } from './store';
import { parts, type Tag } from './tree';

addIcons(STAGE);

/* The list of regions, and the pictures to choose from: right behind the first one. */
const Side = later(() => import('./picture-side').then((x) => x.Side));
const Strip = later(() => import('./picture-side').then((x) => x.Strip));

export function modelOf(store: TaskStore, images: readonly Tag[], editable: boolean): ImageModel {
  return new ImageModel(store, pagesOf(images, store.task.data), (image) => marksOn(store.tree, image), editable);
}

export function PictureTask({ work, guide }: { work: TaskWork; guide?: ComponentChildren }) {
  const { store } = work, m = work.model!, tools = useMemo(() => signal(false), [store]), rest = useMemo(() => hasQuestions(work), [work]);
  return <main class={`mid3 ${guide ? 'guide' : ''}`}>
    <Rail model={m} live={work.live} />{guide}
    <ImageStage model={m} name={t('an.image')} live={work.live}>{m.pages.length > 1 && <Strip key={work.n} m={m} />}</ImageStage>
    <aside class="aside" aria-label={t('an.regions')}>
      <header><h2>{t('an.regions')}</h2><Count store={store} />
        <span class="end"><Button kind="quiet" icon="more" name={t('im.list')} pressed={tools.value} onClick={() => { tools.value = !tools.value; }} /></span></header>
      <Side key={work.n} m={m} tools={tools.value} />
      {rest && <div class="questions task-root"><Node tag={store.tree} /></div>}
    </aside>
  </main>;
}

const Count = ({ store }: { store: TaskStore }) => <span class="count">{useLate(store.regions, () => isMany(store)).length}</span>;

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
