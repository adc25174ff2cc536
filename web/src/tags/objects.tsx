/* Text as an object: what is shown to be judged. Task data is hostile: text goes in as text. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../core/i18n';
import { Icon } from '../ui/icon';
import { addressOf, decoded } from './address';
import { useWork } from './context';
import { family } from './families';
import { marksOn } from './layout';
import { attr, textOf, valueOf, type Tag } from './tree';

/* The text of an object: in the task, or at an address in it. */
export function useText(tag: Tag): { text: string; lost: boolean } {
  const { store } = useWork(), far = useSignal<{ from: string; text: string } | null>(null), lost = useSignal(false);
  const raw = valueOf(tag, store.task.data);
  const url = attr(tag, 'valueType') === 'url' ? addressOf(raw) : null;
  useEffect(() => {
    if (!url) return undefined;
    const stop = new AbortController();
    lost.value = false;
    fetch(url, { signal: stop.signal, credentials: 'same-origin' })
      .then(async (r) => { if (!r.ok) throw new Error(); far.value = { from: url, text: await r.text() }; })
      .catch(() => { if (!stop.signal.aborted) lost.value = true; });
    return () => stop.abort();
  }, [url]);
  return { text: url ? (far.value?.from === url ? far.value.text : '') : decoded(textOf(raw), attr(tag, 'encoding')), lost: lost.value };
}

export function TextTag({ tag }: { tag: Tag }) {
  const { store, live } = useWork(), { text, lost } = useText(tag), marks = marksOn(store.tree, tag);
  if (lost) return <p class="note bad" role="alert"><Icon i="alert" /><span>{t('an.text.failed')}</span></p>;
  if (!marks.length) return <div class="read obj pre" dir="auto">{text}</div>;
  const Stage = family('marked')?.TextStage;
  return Stage ? <Stage store={store} tag={tag} marks={marks} text={text} live={live} /> : null;
}
