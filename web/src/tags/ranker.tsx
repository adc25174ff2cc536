/*
 * ranker.tsx -- put items in order, or into buckets.
 *
 * Result: ranker: [ids], or {bucket: [ids]} with "_" for what lies in no bucket.
 * Every move is a button, so that no drag is needed.
 */
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Frame, titleOf } from './bits';
import { useRegion, useWork } from './context';
import { isObject, lookup, objects, textOf, walk, type Tag } from './tree';

interface Item { id: string; title: string; body: string }

export function listItems(v: unknown): Item[] {
  return Array.isArray(v) ? v.filter(isObject).map((x, i) => ({ id: textOf(x.id) || String(i), title: textOf(x.title), body: textOf(x.body ?? x.text) })) : [];
}

const strings = (v: unknown): string[] => (Array.isArray(v) ? v.filter((x): x is string => typeof x === 'string') : []);

export function Ranker({ tag }: { tag: Tag }) {
  const { store } = useWork(), region = useRegion();
  const list = objects(store.tree).find((o) => o.tag === 'List' && tag.toName.includes(o.name ?? ''));
  const items = listItems(lookup(store.task.data, list?.attrs.value));
  const buckets = [...walk(tag)].filter((x) => x.tag === 'Bucket').map((b) => ({ name: b.attrs.name ?? '', title: b.attrs.title ?? b.attrs.name ?? '' }));
  const said = store.answer(tag.name!, region)?.value?.ranker;
  const by = new Map(items.map((i) => [i.id, i]));
  const put = (ranker: unknown): void => { if (!store.readOnly) { store.setAnswer(tag, 'ranker', { ranker }, region); store.history.seal(); } };

  if (!buckets.length) {
    const known = strings(said).filter((id) => by.has(id));
    const order = [...known, ...items.map((i) => i.id).filter((id) => !known.includes(id))];
    const move = (i: number, d: number): void => { const n = [...order]; const [x] = n.splice(i, 1); n.splice(i + d, 0, x!); put(n); };
    return <Frame tag={tag}><ol class="ranks" aria-label={titleOf(tag)}>{order.map((id, i) => <li key={id} class="row top">
      <span class="rank mute">{i + 1}</span><Card item={by.get(id)!} />
      {!store.readOnly && <span class="row"><Button kind="quiet" icon="down" cls="upside" name={t('an.up', { name: by.get(id)!.title || id })} disabled={i === 0} onClick={() => move(i, -1)} />
        <Button kind="quiet" icon="down" name={t('an.downward', { name: by.get(id)!.title || id })} disabled={i === order.length - 1} onClick={() => move(i, 1)} /></span>}
    </li>)}</ol>
    {!store.readOnly && known.length === 0 && items.length > 0 && <Button cls="do-keep" onClick={() => put(order)}>{t('an.rank.as')}</Button>}</Frame>;
  }

  const where = (id: string): string => (isObject(said) ? Object.keys(said).find((b) => strings(said[b]).includes(id)) : undefined) ?? '_';
  const place = (id: string, b: string): void => {
    const next: Record<string, string[]> = {};
    for (const x of [...buckets.map((q) => q.name), '_']) {
      const had = isObject(said) ? strings(said[x]).filter((y) => y !== id && by.has(y)) : [];
      const rest = x === '_' ? items.map((i) => i.id).filter((y) => y !== id && where(y) === '_' && !had.includes(y)) : [];
      const all = [...had, ...rest, ...(x === b ? [id] : [])];
      if (all.length) next[x] = all;
    }
    put(next);
  };
  return <Frame tag={tag}><ul class="ranks" aria-label={titleOf(tag)}>{items.map((i) => <li key={i.id} class="row top">
    <Card item={i} />
    <select class="input bucket" aria-label={t('an.bucket', { name: i.title || i.id })} value={where(i.id)} disabled={store.readOnly} onChange={(e) => place(i.id, e.currentTarget.value)}>
      <option value="_">{t('an.bucket.none')}</option>
      {buckets.map((b) => <option key={b.name} value={b.name} selected={where(i.id) === b.name}>{b.title}</option>)}
    </select></li>)}</ul></Frame>;
}

export function Card({ item }: { item: Item }) {
  return <div class="grow card"><b dir="auto">{item.title || item.id}</b>{item.body && <p class="dim pre" dir="auto">{item.body}</p>}</div>;
}
