/* Text or dialogue to mark: the sheet, and beside it the spans and what relates them. */
import type { ComponentChildren } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { t } from '../core/i18n';
import type { TaskWork } from './body';
import { hasRelations, linksOf, RelationPart } from './links';
import { Node } from './registry';
import { RegionDetail, RegionList, type Describe } from './regionpart';
import { spatialOf } from './result';

export function TextTask({ work, guide }: { work: TaskWork; guide?: ComponentChildren }) {
  return <main class={`mid2 ${guide ? 'guided' : ''}`}>{guide}<TextParts key={work.n} work={work} /></main>;
}

/* The pages of a text are made from the text: nothing of them stays for the next. */
function TextParts({ work }: { work: TaskWork }) {
  const { store } = work, links = linksOf(store);
  const describe = useMemo((): Describe => (id) => {
    const v = spatialOf(store.items(id))?.value ?? {};
    const text = typeof v.text === 'string' ? v.text : '';
    return { brief: typeof v.start === 'number' ? `${v.start}–${v.end}` : '', ...(text ? { title: text } : {}) };
  }, [store]);
  const tab = useSignal<'spans' | 'relations'>('spans');
  useEffect(() => {
    const offs = [
      links.chosen.subscribe((id) => { if (id !== null) tab.value = 'relations'; }),
      links.from.subscribe((id) => { if (id !== null) tab.value = 'relations'; }),
      store.selection.subscribe((id) => { if (id !== null && links.from.peek() === null) tab.value = 'spans'; }),
    ];
    return () => offs.forEach((off) => off());
  }, [store]);
  const related = hasRelations(store) || links.from.value !== null, at = related ? tab.value : 'spans';
  const chosen = store.selection.value !== null && store.has(store.selection.value);
  const head = (which: 'spans' | 'relations', text: string, n: number) =>
    <button type="button" role="tab" id={`tab-${which}`} aria-controls={`part-${which}`} aria-selected={at === which} tabIndex={at === which ? 0 : -1} onClick={() => { tab.value = which; }}
      onKeyDown={(e) => { if (e.key === 'ArrowLeft' || e.key === 'ArrowRight') { const other = which === 'spans' ? 'relations' : 'spans'; tab.value = other; document.getElementById(`tab-${other}`)?.focus(); } }}>
      {text} <span class="count">{n}</span></button>;
  return <>
    <div class="sheet task-root"><div class="doc"><Node tag={store.tree} /></div></div>
    <aside class="aside" aria-label={t('an.spans')}>
      {related
        ? <div class="tabs" role="tablist" aria-label={t('an.spans')}>{head('spans', t('an.spans'), store.regions.value.length)}{head('relations', t('an.relations'), store.relations.length)}</div>
        : <header><h2>{t('an.spans')}</h2><span class="count">{store.regions.value.length}</span></header>}
      <div class="part" id="part-spans" role={related ? 'tabpanel' : undefined} aria-labelledby={related ? 'tab-spans' : undefined} hidden={at !== 'spans'}>
        <RegionList describe={describe} />
        {chosen && <RegionDetail shift={() => ({})} />}
      </div>
      {related && <div class="part" id="part-relations" role="tabpanel" aria-labelledby="tab-relations" hidden={at !== 'relations'}><RelationPart store={store} describe={describe} bare /></div>}
    </aside>
  </>;
}
