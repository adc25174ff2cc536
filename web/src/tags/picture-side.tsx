/* Beside a picture: its regions as a list, the chosen one as numbers, what relates them; and the strip of several pictures. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { t } from '../core/i18n';
import { factOf, spokenOf } from '../stage/image/describe';
import { ShapeFields } from '../stage/image/fields';
import ListPanel from '../stage/image/list-panel';
import type { ImageModel } from '../stage/image/model';
import { toolName, toolsOf } from '../stage/image/tools';
import '../stage/image/words';
import { smallOf } from './address';
import { RelationPart } from './links';
import { nudge } from './nudge';
import { RegionDetail, RegionList, type Describe } from './regions';
import { labelsOf, spatialOf } from './result';
import './picture-side.css';

/* `tools`: with the row that acts on the whole list. */
export function Side({ m, tools }: { m: ImageModel; tools: boolean }) {
  const { store } = m, group = useSignal<'' | 'label' | 'tool'>(''), by = group.value, images = useMemo(() => new Set(m.pages.map((p) => p.image.name)), [m]);
  const describe = useMemo((): Describe => (id, items = store.items(id)) => ({ brief: factOf(items, m.size.value), spoken: spokenOf(items, m.size.value) }), [store]);
  const grouped = useMemo(() => (by === '' ? undefined : (id: string): string => (by === 'label' ? store.info(labelsOf(store.peek(id))[0])?.text ?? t('an.nolabel') : toolName(toolsOf(store.control(m.spatial(id)?.from_name) ?? m.image)[0] ?? 'move'))), [store, by]);
  return <>
    {tools && <ListPanel m={m} group={group} />}
    <RegionList describe={describe} group={grouped} onHover={(id) => { m.hover.value = id; }} />
    <RegionDetail fields={(id) => images.has(spatialOf(store.peek(id))?.to_name ?? null) && <ShapeFields m={m} id={id} />} shift={nudge} />
    <RelationPart store={store} describe={describe} />
  </>;
}

/* Several pictures: one is on the stage, the others are a click or page up and page down away. */
export function Strip({ m }: { m: ImageModel }) {
  const now = m.page.value;
  useEffect(() => { document.querySelector('.strip [aria-current="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' }); }, [now]);
  return <nav class="strip pop" aria-label={t('im.pages')}>{m.pages.map((p, i) => <button key={i} type="button" aria-current={i === now ? 'true' : undefined} aria-label={t('im.page.go', { n: i + 1 })} onClick={() => m.show(i)}>
    {p.src && m.pages.length <= 40 && <img src={smallOf(p.src)} alt="" loading="lazy" decoding="async" />}<span>{i + 1}</span></button>)}</nav>;
}
