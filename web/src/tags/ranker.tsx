/*
 * ranker.tsx -- put items in order, or into buckets and in order there.
 *
 * Result: ranker: [ids], or {bucket: [ids]} with "_" for what lies in no bucket.
 * An item is dragged by its handle, with mouse, pen or finger; with the handle
 * in focus the arrows move it; and every move is a button or a choice as well.
 */
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { announce } from '../core/a11y';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Frame, titleOf, useAsked } from './bits';
import { useRegion, useWork } from './context';
import { addressOf } from './address';
import { columnsOf, listItems, moved, orderOf, resultOf, type Columns, type Item } from './ranks';
import { flag, lookup, objects, walk, type Tag } from './tree';

interface Bucket { name: string; title: string }

export function Ranker({ tag }: { tag: Tag }) {
  const { store } = useWork(), region = useRegion();
  const list = objects(store.tree).find((o) => o.tag === 'List' && tag.toName.includes(o.name ?? ''));
  const items = listItems(lookup(store.task.data, list?.attrs.value)), by = new Map(items.map((i) => [i.id, i]));
  const tags = [...walk(tag)].filter((x) => x.tag === 'Bucket');
  const own: Bucket[] = tags.map((b) => ({ name: b.attrs.name ?? '', title: b.attrs.title ?? b.attrs.name ?? '' }));
  const home = tags.find((b) => flag(b, 'default'))?.attrs.name ?? '_';
  const said = store.answer(tag.name!, region)?.value?.ranker;
  const buckets: Bucket[] = !own.length ? [{ name: '_', title: '' }] : home === '_' ? [...own, { name: '_', title: t('more.rank.rest') }] : own;
  const ids = items.map((i) => i.id);
  const cols = own.length ? columnsOf(said, buckets.map((b) => b.name), ids, home) : { _: orderOf(said, ids) };
  const put = (next: Columns): void => {
    if (store.readOnly) return;
    store.setAnswer(tag, 'ranker', { ranker: own.length ? resultOf(next) : next._ ?? [] }, region);
    store.history.seal();
  };
  return <Frame tag={tag}>
    <Board tag={tag} buckets={buckets} cols={cols} by={by} put={put} />
    {!store.readOnly && said === undefined && items.length > 0 && (!own.length || home !== '_') && <Button cls="do-keep" onClick={() => put(cols)}>{t('more.rank.as')}</Button>}
  </Frame>;
}

function Board({ tag, buckets, cols, by, put }: { tag: Tag; buckets: Bucket[]; cols: Columns; by: Map<string, Item>; put: (c: Columns) => void }) {
  const { store } = useWork();
  // While it is dragged an item stays where it is, or it would let go of the finger; a line shows where it would land.
  const held = useSignal<{ id: string; col: string; at: number } | null>(null), root = useRef<HTMLDivElement>(null);
  const still = store.readOnly, many = buckets.length > 1;
  const title = (id: string): string => by.get(id)?.title || id;
  const tell = (id: string, c: Columns): void => {
    const b = buckets.find((x) => c[x.name]?.includes(id));
    if (b) announce(t(many ? 'more.rank.in' : 'more.rank.at', { name: title(id), n: c[b.name]!.indexOf(id) + 1, of: c[b.name]!.length, where: b.title }));
  };
  const step = (id: string, col: string, at: number): void => { const c = moved(cols, id, col, at); if (c !== cols) { put(c); tell(id, c); } };
  /* A moved item is drawn anew in its new place; its handle keeps the focus, before the next key can come. */
  const keeping = useRef<string | null>(null), keep = (id: string): void => { keeping.current = id; };
  useLayoutEffect(() => {
    if (keeping.current !== null) root.current?.querySelector<HTMLElement>(`[data-item="${CSS.escape(keeping.current)}"] .grip`)?.focus({ preventScroll: true });
    keeping.current = null;
  });

  const over = (e: PointerEvent): void => {
    const h = held.peek();
    if (!h) return;
    const under = document.elementsFromPoint(e.clientX, e.clientY), col = under.find((x) => (x as HTMLElement).dataset?.bucket !== undefined && root.current?.contains(x)) as HTMLElement | undefined;
    if (!col) return;
    const rest = Array.from(col.querySelectorAll<HTMLElement>('[data-item]')).filter((x) => x.dataset.item !== h.id);
    const before = rest.findIndex((x) => { const b = x.getBoundingClientRect(); return e.clientY < b.top + b.height / 2; });
    const to = { id: h.id, col: col.dataset.bucket!, at: before < 0 ? rest.length : before };
    if (to.col !== h.col || to.at !== h.at) held.value = to;
  };
  const drop = (good: boolean): void => {
    const h = held.peek();
    held.value = null;
    if (h && good && h.col) { keep(h.id); step(h.id, h.col, h.at); }
  };

  const onKey = (id: string, name: string, i: number) => (e: KeyboardEvent): void => {
    if (e.ctrlKey || e.altKey || e.metaKey || e.shiftKey) return;
    const c = buckets.findIndex((b) => b.name === name), rtl = getComputedStyle(e.currentTarget as HTMLElement).direction === 'rtl';
    const side = e.key === 'ArrowRight' ? (rtl ? -1 : 1) : e.key === 'ArrowLeft' ? (rtl ? 1 : -1) : 0;
    keep(id);
    if (e.key === 'Escape' && held.peek()) drop(false);
    else if (e.key === 'ArrowUp' && i > 0) step(id, name, i - 1);
    else if (e.key === 'ArrowDown') step(id, name, i + 1);
    else if (side && buckets[c + side]) step(id, buckets[c + side]!.name, cols[buckets[c + side]!.name]!.length);
    else { keeping.current = null; return; }
    e.preventDefault();
    e.stopPropagation();
  };

  const row = (id: string, b: Bucket, i: number, n: number) => <li key={id} data-item={id} class={`rank-item htx-ranker-item ${held.value?.id === id ? 'held' : ''}`}>
    {!still && <button type="button" class="grip" aria-label={t('more.rank.move', { name: title(id) })} onKeyDown={onKey(id, b.name, i)}
      onPointerDown={(e) => { if (e.button !== 0) return; e.currentTarget.setPointerCapture(e.pointerId); held.value = { id, col: '', at: 0 }; e.preventDefault(); e.currentTarget.focus(); }}
      onPointerMove={over} onPointerUp={() => drop(true)} onPointerCancel={() => drop(false)}><Icon i="grip" /></button>}
    {(b.name !== '_' || !many) && <span class="rank-n mute">{i + 1}</span>}
    {by.get(id) && <Card item={by.get(id)!} />}
    {!still && <span class="row rank-acts">
      {many && <select class="input bucket" aria-label={t('more.bucket', { name: title(id) })} value={b.name} onChange={(e) => { step(id, e.currentTarget.value, cols[e.currentTarget.value]?.length ?? 0); }}>
        {buckets.map((x) => <option key={x.name} value={x.name} selected={x.name === b.name}>{x.title}</option>)}</select>}
      <Button kind="quiet" icon="down" cls="upside" name={t('more.up', { name: title(id) })} disabled={i === 0} onClick={() => step(id, b.name, i - 1)} />
      <Button kind="quiet" icon="down" name={t('more.downward', { name: title(id) })} disabled={i === n - 1} onClick={() => step(id, b.name, i + 1)} /></span>}
  </li>;

  return <div class={`board ${many ? 'cols' : ''}`} ref={root} role="group" aria-label={titleOf(tag)} {...useAsked(tag, true)}>{buckets.map((b) => {
    const ids = cols[b.name] ?? [], Ranks = many && b.name === '_' ? 'ul' : 'ol', h = held.value;
    const rest = ids.filter((id) => id !== h?.id), here = h?.col === b.name ? rest[h.at] ?? null : undefined;      // null: at the end
    const line = <li key="land" class="land" aria-hidden="true" />;
    return <section key={b.name} class="rank-col htx-ranker-column" data-bucket={b.name} aria-label={b.title || titleOf(tag)}>
      {b.title && <h3 class="small" dir="auto">{b.title} <span class="count">{ids.length}</span></h3>}
      <Ranks class="ranks">{ids.flatMap((id, i) => [...(id === here ? [line] : []), row(id, b, i, ids.length)])}{here === null && line}</Ranks>
      {!ids.length && <p class="mute small none">{t('more.bucket.empty')}</p>}
    </section>;
  })}</div>;
}

/* What an item shows: its title, its text, its picture. */
export function Card({ item }: { item: Item }) {
  const src = addressOf(item.picture);
  return <div class="grow card"><b dir="auto">{item.title || (src ? '' : item.id)}</b>
    {src && <img class="card-img" src={src} alt={item.title || item.id} />}
    {item.body && <p class="dim pre" dir="auto">{item.body}</p>}</div>;
}
