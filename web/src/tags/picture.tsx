/* Tasks on one picture: rail, stage, list; and a picture inside a page of questions. */
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { t } from '../core/i18n';
import { factsOf } from '../stage/image/describe';
import { ShapeFields } from '../stage/image/fields';
import { ImageModel, ImageStage } from '../stage/image/image';
import { TOOL_KEY, type Tool } from '../stage/image/model';
import { Icon } from '../ui/icon';
import type { IconName } from '../ui/paths';
import { pictureOf } from './address';
import type { TaskWork } from './body';
import { useWork } from './context';
import { marksOn } from './layout';
import { RelationPart } from './links';
import { Node } from './registry';
import { RegionDetail, RegionList, type Describe } from './regions';
import { spatialOf } from './result';
import { walk, type Tag } from './tree';

export { ImageModel };

export function PictureTask({ work, guide }: { work: TaskWork; guide?: ComponentChildren }) {
  const { store, model } = work, image = (work.layout as { image: Tag }).image;
  const src = pictureOf(image, store.task.data);
  const describe = useMemo((): Describe => (id) => ({ brief: factsOf(store, id, model!.size.value).brief }), [store]);
  const rest = hasQuestions(work);
  return <main class={`mid3 ${guide ? 'guide' : ''}`}>
    <Rail model={model!} live={work.live} />{guide}
    {src ? <ImageStage model={model!} src={src} name={t('an.image')} live={work.live} />
      : <div class="stage"><p class="stage-note" role="alert">{t('an.image.none')}</p></div>}
    <aside class="aside" aria-label={t('an.regions')}>
      <header><h2>{t('an.regions')}</h2><span class="count">{store.regions.value.length}</span></header>
      <RegionList describe={describe} />
      <RegionDetail fields={(id) => spatialOf(store.items(id))?.to_name === image.name && <ShapeFields m={model!} id={id} />} shift={nudge} />
      <RelationPart store={store} describe={describe} />
      {rest && <div class="questions task-root"><Node tag={store.tree} /></div>}
    </aside>
  </main>;
}

/* A copy stands a little lower, so that it is seen. */
export function nudge(place: Record<string, unknown>): Record<string, unknown> {
  const by = (v: unknown): unknown => (typeof v === 'number' ? Math.min(v + 2, 98) : v);
  if (Array.isArray(place.points)) return { points: (place.points as number[][]).map(([x, y]) => [by(x), by(y)]) };
  const out: Record<string, unknown> = { x: by(place.x), y: by(place.y) };
  for (const [k, size] of [['x', 'width'], ['y', 'height']] as const) {
    if (typeof place[size] === 'number' && typeof out[k] === 'number' && 'height' in place) out[k] = Math.max(0, Math.min(out[k], 100 - (place[size] as number)));
  }
  return out;
}

/* Is there anything to show beside the picture: words, other objects, questions about the whole? */
function hasQuestions({ store, hoisted }: TaskWork): boolean {
  return [...walk(store.tree)].some((x) => !hoisted.has(x) && !['View', 'Label', 'Choice', 'Relation', 'Filter'].includes(x.tag));
}

const TOOL_ICON: Record<Tool, IconName> = { move: 'arrow', hand: 'hand', box: 'box', polygon: 'poly', ellipse: 'ellipse', point: 'point' };

function Rail({ model, live }: { model: ImageModel; live: boolean }) {
  const name = (x: Tool): string => t(`an.tool.${x}` as 'an.tool.move');
  return <div class="rail" role="toolbar" aria-label={t('an.tools')} aria-orientation="vertical">{model.tools.map((x, i) => <>
    {i === 2 && <hr key="line" />}
    <button key={x} type="button" class="tool" aria-pressed={model.tool.value === x} aria-label={name(x)} title={name(x)} onClick={() => model.setTool(x)}>
      <Icon i={TOOL_ICON[x]} />{live && x !== 'hand' && <i aria-hidden="true">{TOOL_KEY[x]}</i>}</button></>)}</div>;
}

/* A picture inside a page; the picture one draws on alone has the page to itself. */
export function ImageTag({ tag }: { tag: Tag }) {
  const { store, live } = useWork();
  const src = pictureOf(tag, store.task.data);
  const marks = marksOn(store.tree, tag);
  const model = useMemo(() => new ImageModel(store, tag, marks, live), [store, tag]);
  if (!src) return <p class="note bad"><Icon i="alert" /><span>{t('an.image.none')}</span></p>;
  return <ImageStage model={model} src={src} name={t('an.image')} live={live && marks.length > 0} tall />;
}
