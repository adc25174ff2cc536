/*
 * registry.tsx -- a tag of the config -> the component that shows it.
 *
 * To add a tag: write its component in the file of its family and give it a row
 * here or in families.ts.  A tag without a row shows a notice; nothing about it is lost.
 *
 * A component is made anew for each task, and may keep what it likes.  One that
 * keeps nothing (no signal, no field with words, nothing that loads) and shows
 * its store alone may say `stays`: then the next task finds it on the page.
 */
import type { ComponentType } from 'preact';
import { Notice } from './bits';
import { RegionContext, useRegion, useWork } from './context';
import { family, familyOf } from './families';
import { TextTag } from './objects';
import { filled, pairOf, type Tag } from './tree';
import { holds, sceneOf } from './visible';
import { Header, View } from './visual';

export type TagView = ComponentType<{ tag: Tag }> & { stays?: true };

/* Always there. */
const ROWS: Record<string, TagView> = { View, Panel: View, Header, Text: TextTag };

/* In chunks of their own: tag -> name of its component there, where it differs from the tag's. */
const NAMES: Record<string, string> = { Image: 'ImageTag', Number: 'NumberTag', Markdown: 'MarkdownTag', Audio: 'Media', AudioPlus: 'Media', Video: 'Media', Style: 'StyleTag', html: 'Html' };

function viewOf(tag: string): TagView | undefined {
  const f = familyOf(tag);
  return ROWS[tag] ?? (f ? (family(f) as Record<string, unknown> | undefined)?.[NAMES[tag] ?? tag] as TagView | undefined : undefined);
}

/* Shown as part of another tag, or on the page around the task. */
const SILENT = new Set(['Label', 'Choice', 'Relation', 'Bucket', 'Channel', 'Shortcut', 'Relations']);

export function Node({ tag }: { tag: Tag }) {
  const work = useWork(), region = useRegion();
  if (work.hoisted.has(tag) && !(region !== null && tag.attrs.perregion?.toLowerCase() === 'true')) return null;
  if (SILENT.has(tag.tag)) return null;
  if (tag.kind === 'text') return <>{filled(tag.text, work.store.task.data)}</>;
  if (tag.attrs.visiblewhen && !holds(tag, sceneOf(work.store, region ?? work.store.selection.value))) return null;
  if (region === null && tag.attrs.perregion?.toLowerCase() === 'true') {
    const chosen = work.store.selection.value;
    return chosen === null ? null : <RegionContext.Provider value={chosen}><Node tag={tag} /></RegionContext.Provider>;
  }
  const View = viewOf(tag.kind === 'html' ? 'html' : tag.tag);
  const pair = tag.kind === 'object' ? pairOf(work.store.tree, tag.name) : undefined;
  const Pair = pair && family('pairs')?.Pair;
  if (Pair) return <Pair key={work.n} control={pair} tag={tag} />;
  if (View) return <View key={View.stays ? 0 : work.n} tag={tag} />;
  return <Notice tag={tag} />;
}

/* An object as it is, without what stands around it. */
export function Plain({ tag }: { tag: Tag }) {
  const View = viewOf(tag.tag);
  return View ? <View tag={tag} /> : <Notice tag={tag} />;
}

export function Nodes({ tags }: { tags: readonly Tag[] }) {
  return <>{tags.map((c, i) => <Node key={i} tag={c} />)}</>;
}
