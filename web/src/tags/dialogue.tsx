/* A dialogue: each phrase is a line or more; places are (phrase, units into it), phrases as strings. */
import { useMemo } from 'preact/hooks';
import { addMessages, t } from '../core/i18n';
import words from '../i18n/en/span.json';
import { savesText, TextStage } from '../stage/text/text';
import { Icon } from '../ui/icon';
import { addressOf } from './address';
import { useWork } from './context';
import { marksOn } from './layout';
import { useText } from './objects';
import { phraseOffsets, phrasePlace, phrases } from './phrases';
import { attr, flag, valueOf, type Tag } from './tree';

await addMessages('span', words);

export function Paragraphs({ tag }: { tag: Tag }) {
  const { store, live } = useWork(), far = attr(tag, 'valueType') === 'url', { text, lost } = useText(tag);
  const v = far ? text : valueOf(tag, store.task.data);
  const p = useMemo(() => phrases(far ? parsed(text) : v, attr(tag, 'nameKey') ?? 'author', attr(tag, 'textKey') ?? 'text'), [v, tag]);
  const sound = flag(tag, 'showPlayer') ? addressOf(valueOf(tag, store.task.data, 'audiourl')) : null, save = savesText(tag);
  if (lost) return <p class="note bad" role="alert"><Icon i="alert" /><span>{t('an.text.failed')}</span></p>;
  return <>
    {sound && <audio class="media" controls preload="metadata" src={sound} />}
    {flag(tag, 'contextScroll') && <p class="note small"><Icon i="info" /><span>{t('span.noscroll')}</span></p>}
    <TextStage store={store} tag={tag} marks={marksOn(store.tree, tag)} text={p.text} live={live} authors={p.authors} cls="dialogue"
      place={{ to: (a, b) => phrasePlace(p, a, b, save), from: (r) => phraseOffsets(p, r) }} />
  </>;
}

function parsed(text: string): unknown {
  try { return JSON.parse(text); } catch { return text; }
}
