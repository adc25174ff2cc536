/*
 * body.tsx -- a task from label bar to lists, in the layout its config asks for.
 * The annotate page puts its bars around it; previews use it as it is.
 */
import { useMemo } from 'preact/hooks';
import { t } from '../core/i18n';
import { factsOf } from '../stage/image/describe';
import { ShapeFields } from '../stage/image/fields';
import { ImageModel, ImageStage } from '../stage/image/image';
import { TOOL_KEY, type Tool } from '../stage/image/model';
import { Icon } from '../ui/icon';
import type { IconName } from '../ui/paths';
import { WorkContext, type Work } from './context';
import { dealKeys, ratingKeys } from './keymap';
import { LabelBar } from './labelbar';
import { hoistedBy, layoutOf, marksOn, type Layout } from './layout';
import { addressOf, firstOf } from './objects';
import { Node } from './registry';
import { questionsFor, RegionDetail, RegionList, relationLabels, Relations, type Describe } from './regions';
import { spatialOf } from './result';
import { TaskStore, type Task } from './store';
import { lookup, valueOf, walk, type Tag } from './tree';
import './tags.css';

export interface TaskWork extends Work { layout: Layout; model: ImageModel | null; copy(id: string): void }

export function workOf(store: TaskStore, live: boolean): TaskWork {
  const layout = layoutOf(store.tree), keys = dealKeys(store.tree);
  const model = layout.kind === 'picture' ? new ImageModel(store, layout.image, marksOn(store.tree, layout.image), !store.readOnly) : null;
  return { store, keys, stars: ratingKeys(store.tree, keys), hoisted: hoistedBy(store.tree, layout), live, layout, model, copy: (id) => { if (model) store.duplicate(id, nudge); } };
}

export function useTask(tree: Tag, task: Task, result: unknown, readOnly: boolean, live: boolean, key = ''): TaskWork {
  return useMemo(() => workOf(new TaskStore(tree, task, result, { readOnly }), live), [tree, task.id, task.data, readOnly, key]);
}

export function TaskBody({ work, guide }: { work: TaskWork; guide?: preact.ComponentChildren }) {
  const { layout, store } = work;
  return <WorkContext.Provider value={work}>
    <LabelBar onPick={(l) => work.model?.follow(l)} />
    {layout.kind === 'picture' ? <PictureTask work={work} guide={guide} />
      : layout.kind === 'text' ? <TextTask work={work} guide={guide} />
        : <main class={`mid1 ${guide ? 'guided' : ''}`}>{guide}<div class="scroll task-root"><div class="sheet-in"><Node tag={store.tree} /></div></div></main>}
  </WorkContext.Provider>;
}

function PictureTask({ work, guide }: { work: TaskWork; guide?: preact.ComponentChildren }) {
  const { store, model } = work, image = (work.layout as { image: Tag }).image;
  const src = addressOf(valueOf(image, store.task.data) ?? firstOf(lookup(store.task.data, image.attrs.valuelist)));
  const describe: Describe = (id) => ({ brief: factsOf(store, id, model!.size.value).brief });
  const rest = hasQuestions(work);
  return <main class={`mid3 ${guide ? 'guide' : ''}`}>
    <Rail model={model!} live={work.live} />{guide}
    {src ? <ImageStage model={model!} src={src} name={t('an.image')} live={work.live} />
      : <div class="stage"><p class="stage-note" role="alert">{t('an.image.none')}</p></div>}
    <aside class="aside" aria-label={t('an.regions')}>
      <header><h2>{t('an.regions')}</h2><span class="count">{store.regions.value.length}</span></header>
      <RegionList describe={describe} />
      <RegionDetail fields={(id) => spatialOf(store.items(id))?.to_name === image.name && <ShapeFields m={model!} id={id} />} shift={nudge} />
      {rest && <div class="questions task-root"><Node tag={store.tree} /></div>}
    </aside>
  </main>;
}

/* A copy stands a little lower, so that it is seen. */
function nudge(place: Record<string, unknown>): Record<string, unknown> {
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

function TextTask({ work, guide }: { work: TaskWork; guide?: preact.ComponentChildren }) {
  const { store } = work;
  const describe: Describe = (id) => {
    const r = spatialOf(store.items(id));
    const v = r?.value ?? {};
    const text = typeof v.text === 'string' ? v.text : '';
    return { brief: typeof v.start === 'number' ? `${v.start}–${v.end}` : '', ...(text ? { title: text } : {}) };
  };
  const related = relationLabels(store).length > 0 || store.relations.length > 0;
  const detail = store.selection.value !== null && store.has(store.selection.value);
  const ask = detail && questionsFor(store, store.selection.value!).length > 0;
  return <main class={`mid2 ${guide ? 'guided' : ''}`}>
    {guide}
    <div class="sheet task-root"><div class="doc"><Node tag={store.tree} /></div></div>
    <aside class="aside" aria-label={t('an.spans')}>
      <header><h2>{t('an.spans')}</h2><span class="count">{store.regions.value.length}</span></header>
      <RegionList describe={describe} />
      {related && <section class="rel-part"><header><h2>{t('an.relations')}</h2></header><Relations describe={describe} /></section>}
      {(ask || detail) && <RegionDetail />}
    </aside>
  </main>;
}

const TOOL_ICON: Record<Tool, IconName> = { move: 'arrow', hand: 'hand', box: 'box', polygon: 'poly', ellipse: 'ellipse', point: 'point' };

function Rail({ model, live }: { model: ImageModel; live: boolean }) {
  const name = (x: Tool): string => t(`an.tool.${x}` as 'an.tool.move');
  return <div class="rail" role="toolbar" aria-label={t('an.tools')} aria-orientation="vertical">{model.tools.map((x, i) => <>
    {i === 2 && <hr key="line" />}
    <button key={x} type="button" class="tool" aria-pressed={model.tool.value === x} aria-label={name(x)} title={name(x)} onClick={() => model.setTool(x)}>
      <Icon i={TOOL_ICON[x]} />{live && x !== 'hand' && <i aria-hidden="true">{TOOL_KEY[x]}</i>}</button></>)}</div>;
}

