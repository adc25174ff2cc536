/*
 * layout.ts -- which of the three pages a config asks for.
 *
 *   picture   pictures to draw on, one at a time: rail, stage, list; the other questions in the list's column
 *   text      text or dialogue to mark: sheet and list
 *   sheet     everything else: the config from top to bottom
 */
import { isTool } from './visible';
import { controls, flag, isLabels, objects, type Tag } from './tree';

export type Layout = { kind: 'picture'; images: Tag[] } | { kind: 'text' } | { kind: 'sheet' };

const MARKED = new Set(['Text', 'HyperText', 'Paragraphs']);

export const marksOn = (root: Tag, object: Tag): Tag[] =>
  controls(root).filter((c) => (isLabels(c) || isTool(c)) && object.name !== null && c.toName.includes(object.name));

export function layoutOf(root: Tag): Layout {
  const marked = objects(root).filter((o) => marksOn(root, o).length > 0);
  const images = marked.filter((o) => o.tag === 'Image');
  if (images.length && !marked.some((o) => MARKED.has(o.tag))) return { kind: 'picture', images };
  if (marked.some((o) => MARKED.has(o.tag))) return { kind: 'text' };
  return { kind: 'sheet' };
}

/* What is not shown where it stands in the config. */
export function hoistedBy(root: Tag, layout: Layout): Set<Tag> {
  // A message is chosen in the page itself, and what is asked about it stands where the config has it.
  const talk = layout.kind === 'sheet' && objects(root).some((o) => o.tag === 'Chat');
  const out = new Set<Tag>(controls(root).filter((c) => isLabels(c) || isTool(c) || c.tag === 'Relations' || (flag(c, 'perRegion') && !talk)));
  if (layout.kind === 'picture') for (const i of layout.images) out.add(i);
  return out;
}
