/* Tags most tasks do not have: lists, tables, media, HTML as text, folds, Markdown, trees and orders. */
import { useMemo } from 'preact/hooks';
import { addMessages, t } from '../core/i18n';
import words from '../i18n/en/more.json';
import { Icon } from '../ui/icon';
import { addIcons } from '../ui/paths';
import { MORE } from '../ui/paths-more';
import { addressOf } from './address';
import { Notice } from './bits';
import { useWork } from './context';
import { marksOn } from './layout';
import { Prose } from './markdown';
import { Card } from './ranker';
import { listItems } from './ranks';
import { Nodes } from './registry';
import { attr, flag, isObject, textOf, valueOf, type Tag } from './tree';
import { looks } from './visual';
import './more.css';

addIcons(MORE);
await addMessages('more', words);

export { Filter, Html, Pages, StyleTag } from './extras';
export { Ranker } from './ranker';
export { Taxonomy } from './taxonomy';

export function Media({ tag }: { tag: Tag }) {
  const { store } = useWork();
  const src = addressOf(valueOf(tag, store.task.data));
  const marks = marksOn(store.tree, tag);
  if (!src) return <p class="note bad"><Icon i="alert" /><span>{t('more.media.none')}</span></p>;
  return <div class="obj col">
    {tag.tag === 'Video' ? <video class="media" controls preload="metadata" src={src} /> : <audio class="media" controls preload="metadata" src={src} />}
    {marks.length > 0 && <Notice tag={marks[0]!} />}
  </div>;
}

/* Pairs of name and value; a list of objects is a table with a column a name. */
export function Table({ tag }: { tag: Tag }) {
  const { store } = useWork();
  const raw = valueOf(tag, store.task.data), v = typeof raw === 'string' ? parsed(raw) : raw;
  if (Array.isArray(v) && v.length > 0 && v.every(isObject)) {
    const cols = [...new Set(v.flatMap((x) => Object.keys(x)))];
    return <div class="obj scrollx" tabIndex={0} role="region" aria-label={t('more.table')}><table class="tbl"><thead><tr>{cols.map((c) => <th key={c} scope="col" dir="auto">{c}</th>)}</tr></thead>
      <tbody>{v.map((x, i) => <tr key={i}>{cols.map((c) => <td key={c} dir="auto" class="pre">{textOf(x[c])}</td>)}</tr>)}</tbody></table></div>;
  }
  const rows = Array.isArray(v) ? v.map((x, i): [string, unknown] => [String(i + 1), x]) : isObject(v) ? Object.entries(v) : [];
  if (!rows.length) return <p class="mute small">{t('more.table.none')}</p>;
  return <div class="obj scrollx" tabIndex={0} role="region" aria-label={t('more.table')}><table class="tbl"><tbody>{rows.map(([k, x]) =>
    <tr key={k}><th scope="row" dir="auto">{k}</th><td dir="auto" class="pre">{textOf(x)}</td></tr>)}</tbody></table></div>;
}

const parsed = (s: string): unknown => { try { return JSON.parse(s); } catch { return s ? [s] : []; } };

export function List({ tag }: { tag: Tag }) {
  const { store } = useWork();
  // With a Ranker on it the items stand there, with their buttons.
  const ranked = [...store.controls.values()].some((c) => c.tag === 'Ranker' && c.toName.includes(tag.name ?? ''));
  const title = attr(tag, 'title');
  return <div class="obj col">{title && <h3 dir="auto">{title}</h3>}
    {!ranked && <ul class="ranks">{listItems(valueOf(tag, store.task.data)).map((i) => <li key={i.id}><Card item={i} /></li>)}</ul>}</div>;
}

let folds = 0;
export function Collapse({ tag }: { tag: Tag }) {
  const open = flag(tag, 'open'), one = flag(tag, 'accordion', true);
  const name = useMemo(() => `fold${++folds}`, []);
  return <div class={`folds ${flag(tag, 'bordered', true) ? '' : 'bare'}`}>{tag.children.map((c, i) => c.tag === 'Panel'
    ? <details key={i} name={one ? name : undefined} open={open && (i === 0 || !one)}>
        <summary><Icon i="chev" /><span dir="auto">{c.attrs.value ?? ''}</span></summary>
        <div class="fold-in"><Nodes tags={c.children} /></div>
      </details>
    : <Nodes key={i} tags={[c]} />)}</div>;
}

export function MarkdownTag({ tag }: { tag: Tag }) {
  const { store } = useWork();
  return <div class="view" {...looks(tag)}><Prose text={textOf(valueOf(tag, store.task.data)) || tag.text} /></div>;
}
