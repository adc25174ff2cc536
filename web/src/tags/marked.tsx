/* Text and dialogue to mark. */
import { useMemo } from 'preact/hooks';
import { TextStage } from '../stage/text/text';
import { useWork } from './context';
import { marksOn } from './layout';
import { phraseOffsets, phrasePlace, phrases } from './phrases';
import { attr, valueOf, type Tag } from './tree';

export { TextStage };

/* A dialogue: each phrase is a line or more; places are (phrase, units into it), phrases as strings. */
export function Paragraphs({ tag }: { tag: Tag }) {
  const { store, live } = useWork();
  const v = valueOf(tag, store.task.data);
  const p = useMemo(() => phrases(v, attr(tag, 'nameKey') ?? 'author', attr(tag, 'textKey') ?? 'text'), [v, tag]);
  return <TextStage store={store} tag={tag} marks={marksOn(store.tree, tag)} text={p.text} live={live} authors={p.authors}
    place={{ to: (a, b) => phrasePlace(p, a, b), from: (r) => phraseOffsets(p, r) }} />;
}
