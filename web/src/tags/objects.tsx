/* Objects: what is shown to be judged. Task data is hostile: text goes in as text, addresses are checked. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { t } from '../core/i18n';
import { Icon } from '../ui/icon';
import { ImageModel, ImageStage } from '../stage/image/image';
import { TextStage } from '../stage/text/text';
import { Notice } from './bits';
import { useWork } from './context';
import { marksOn } from './layout';
import { listItems, Card } from './ranker';
import type { Result } from './result';
import { attr, isObject, lookup, textOf, valueOf, type Tag } from './tree';

/* An address the page may load: of this server, http(s), or data of a picture. */
export function addressOf(v: unknown): string | null {
  if (typeof v !== 'string' || v === '') return null;
  if (/^data:(image|audio|video)\//i.test(v)) return v;
  try {
    const u = new URL(v, location.origin);
    return u.protocol === 'http:' || u.protocol === 'https:' || u.protocol === 'blob:' ? u.href : null;
  } catch { return null; }
}

export function decoded(text: string, encoding: string | undefined): string {
  if (encoding !== 'base64' && encoding !== 'base64unicode') return text;
  try { return new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))); } catch { return text; }
}

export function TextTag({ tag }: { tag: Tag }) {
  const { store, live } = useWork();
  const far = useSignal<{ from: string; text: string } | null>(null), lost = useSignal(false);
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
  const text = url ? (far.value?.from === url ? far.value.text : '') : decoded(textOf(raw), attr(tag, 'encoding'));
  const marks = marksOn(store.tree, tag);
  if (lost.value) return <p class="note bad" role="alert"><Icon i="alert" /><span>{t('an.text.failed')}</span></p>;
  if (!marks.length) return <div class="read obj pre" dir="auto">{text}</div>;
  return <TextStage store={store} tag={tag} marks={marks} text={text} live={live} />;
}

/* HTML of a task is shown as its text until the frame for it is there; marks on it are kept as they came. */
export function HyperText({ tag }: { tag: Tag }) {
  const { store } = useWork();
  const html = textOf(valueOf(tag, store.task.data));
  return <div class="obj col"><Notice tag={tag} /><div class="read pre" dir="auto">{html}</div></div>;
}

/* A dialogue: each phrase is a line or more; places are (phrase, units into it), phrases as strings. */
export function Paragraphs({ tag }: { tag: Tag }) {
  const { store, live } = useWork();
  const v = valueOf(tag, store.task.data);
  const p = useMemo(() => phrases(v, attr(tag, 'nameKey') ?? 'author', attr(tag, 'textKey') ?? 'text'), [v, tag]);
  return <TextStage store={store} tag={tag} marks={marksOn(store.tree, tag)} text={p.text} live={live} authors={p.authors}
    place={{ to: (a, b) => phrasePlace(p, a, b), from: (r) => phraseOffsets(p, r) }} />;
}

export interface Phrases { text: string; starts: number[]; texts: string[]; authors: string[] }

export function phrases(v: unknown, nameKey: string, textKey: string): Phrases {
  const out: Phrases = { text: '', starts: [], texts: [], authors: [] };
  const list = Array.isArray(v) ? v : typeof v === 'string' ? v.split('\n').map((text) => ({ [textKey]: text })) : [];
  let at = 0;
  for (const x of list) {
    const text = isObject(x) ? textOf(x[textKey]) : textOf(x), author = isObject(x) ? textOf(x[nameKey]) : '';
    out.starts.push(at);
    out.texts.push(text);
    for (const _ of text.split('\n')) out.authors.push(author);
    at += text.length + 1;
  }
  out.text = out.texts.join('\n');
  return out;
}

const phraseAt = (p: Phrases, offset: number): number => {
  let i = 0;
  while (i + 1 < p.starts.length && p.starts[i + 1]! <= offset) i++;
  return i;
};

export function phrasePlace(p: Phrases, start: number, end: number): Record<string, unknown> {
  const a = phraseAt(p, start), b = phraseAt(p, end - 1);
  return { start: String(a), end: String(b), startOffset: start - p.starts[a]!, endOffset: end - p.starts[b]!, text: p.text.slice(start, end) };
}

export function phraseOffsets(p: Phrases, r: Result): { start: number; end: number } | null {
  const v = r.value ?? {};
  const a = Number(v.start), b = Number(v.end), so = Number(v.startOffset), eo = Number(v.endOffset);
  if (![a, b, so, eo].every(Number.isInteger) || p.starts[a] === undefined || p.starts[b] === undefined) return null;
  const start = p.starts[a]! + so, end = p.starts[b]! + eo;
  return start >= 0 && start < end && end <= p.text.length ? { start, end } : null;
}

/* A picture inside a page; the picture one draws on alone has the page to itself. */
export function ImageTag({ tag }: { tag: Tag }) {
  const { store, live } = useWork();
  const raw = valueOf(tag, store.task.data) ?? firstOf(lookup(store.task.data, attr(tag, 'valueList')));
  const src = addressOf(raw);
  const marks = marksOn(store.tree, tag);
  const model = useMemo(() => new ImageModel(store, tag, marks, live), [store, tag]);
  if (!src) return <p class="note bad"><Icon i="alert" /><span>{t('an.image.none')}</span></p>;
  return <ImageStage model={model} src={src} name={t('an.image')} live={live && marks.length > 0} tall />;
}

export const firstOf = (v: unknown): unknown => (Array.isArray(v) ? v[0] : undefined);

export function Media({ tag }: { tag: Tag }) {
  const { store } = useWork();
  const src = addressOf(valueOf(tag, store.task.data));
  const marks = marksOn(store.tree, tag);
  if (!src) return <p class="note bad"><Icon i="alert" /><span>{t('an.media.none')}</span></p>;
  return <div class="obj col">
    {tag.tag === 'Video' ? <video class="media" controls preload="metadata" src={src} /> : <audio class="media" controls preload="metadata" src={src} />}
    {marks.length > 0 && <Notice tag={marks[0]!} />}
  </div>;
}

export function Table({ tag }: { tag: Tag }) {
  const { store } = useWork();
  const v = valueOf(tag, store.task.data);
  const rows = Array.isArray(v) ? v.map((x, i): [string, unknown] => [String(i + 1), x]) : isObject(v) ? Object.entries(v) : [];
  return <div class="obj scrollx"><table class="tbl"><tbody>{rows.map(([k, x]) =>
    <tr key={k}><th scope="row" dir="auto">{k}</th><td dir="auto" class="pre">{textOf(x)}</td></tr>)}</tbody></table></div>;
}

export function List({ tag }: { tag: Tag }) {
  const { store } = useWork();
  // With a Ranker on it the items stand there, with their buttons.
  const ranked = [...store.controls.values()].some((c) => c.tag === 'Ranker' && c.toName.includes(tag.name ?? ''));
  const title = attr(tag, 'title');
  return <div class="obj col">{title && <h3 dir="auto">{title}</h3>}
    {!ranked && <ul class="ranks">{listItems(valueOf(tag, store.task.data)).map((i) => <li key={i.id}><Card item={i} /></li>)}</ul>}</div>;
}
