/*
 * taxonomy.tsx -- choices in a tree.  Result: taxonomy: [["Animals", "Cats"], …],
 * each choice as its whole path.
 *
 * One list of rows, of which only those on screen are in the page: ten thousand
 * nodes scroll like ten.  By keyboard it is a tree: arrows walk and unfold,
 * space chooses, typing in the field above searches.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { announce, uid } from '../core/a11y';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { FindField } from '../ui/field';
import { windowOf } from '../ui/virtual';
import { Frame, titleOf, useAsked } from './bits';
import { useRegion, useWork } from './context';
import { countOf, keyOf, rowsOf, treeOf, waysTo, type Leaf } from './taxtree';
import { attr, flag, num, type Tag } from './tree';

const FIND_FROM = 12;        // a shorter tree is read faster than searched
const ROW = { fine: 28, touch: 44 };

const pathsOf = (v: unknown): string[][] => (Array.isArray(v) ? v.map((p) => (Array.isArray(p) ? p.map(String) : [String(p)])) : []);

export function Taxonomy({ tag }: { tag: Tag }) {
  const { store } = useWork(), region = useRegion();
  const tree = useMemo(() => treeOf(tag), [tag]), size = useMemo(() => countOf(tree), [tree]);
  const find = useSignal('');
  const chosen = pathsOf(store.answer(tag.name!, region)?.value?.taxonomy);
  const most = num(tag, 'maxUsages', Infinity), full = most > 1 && chosen.length >= most;
  const on = new Set(chosen.map(keyOf));
  const choose = (path: string[]): void => {
    const k = keyOf(path), off = on.has(k);
    if (store.readOnly) return;
    if (!off && full) { announce(t('more.tax.full', { n: most }), true); return; }
    const next = off ? chosen.filter((p) => keyOf(p) !== k) : most === 1 ? [path] : [...chosen, path];
    store.setAnswer(tag, 'taxonomy', next.length ? { taxonomy: next } : null, region);
    store.history.seal();
  };
  const sep = attr(tag, 'pathSeparator') ?? ' / ';
  const name = (p: string[]): string => (flag(tag, 'showFullPath') ? p.join(sep) : p[p.length - 1] ?? '');
  return <Frame tag={tag} cls="taxonomy">
    {chosen.length > 0 && <ul class="row wrap picked" aria-label={t('more.tax.chosen')}>{chosen.map((p) => <li key={keyOf(p)} class="pill acc" title={p.join(sep)}>
      <span dir="auto">{name(p)}</span>
      {!store.readOnly && <Button kind="quiet" icon="x" name={t('more.remove', { name: p[p.length - 1] ?? '' })} onClick={() => choose(p)} />}
    </li>)}</ul>}
    {size >= FIND_FROM && <FindField label={attr(tag, 'placeholder') ?? t('more.find')} value={find.value} onValue={(v) => { find.value = v; }} />}
    {attr(tag, 'apiUrl') && size === 0 ? <p class="note small"><Icon i="info" /><span>{t('more.tax.far')}</span></p>
      : <Tree tag={tag} tree={tree} on={on} full={full} wanted={find.value.trim().toLowerCase()} start={waysTo(chosen)} choose={choose} />}
    {full && <p class="small mute">{t('more.tax.full', { n: most })}</p>}
  </Frame>;
}

interface TreeProps { tag: Tag; tree: Leaf[]; on: ReadonlySet<string>; full: boolean; wanted: string; start: Set<string>; choose: (path: string[]) => void }

function Tree({ tag, tree, on, full, wanted, start, choose }: TreeProps) {
  const { store } = useWork(), asked = useAsked(tag);
  const open = useSignal<ReadonlySet<string>>(start), at = useSignal(0), win = useSignal({ from: 0, to: 40 });
  const box = useRef<HTMLDivElement>(null), id = useMemo(() => uid('tree'), []);
  const rows = useMemo(() => rowsOf(tree, open.value, wanted), [tree, open.value, wanted]);
  const row = matchMedia('(max-width: 719px)').matches ? ROW.touch : ROW.fine;
  const active = Math.min(at.value, rows.length - 1), leafsOnly = flag(tag, 'leafsOnly');

  const look = (): void => {
    const el = box.current;
    if (!el) return;
    const w = windowOf(el.scrollTop, el.clientHeight, row, rows.length);
    if (w.from !== win.peek().from || w.to !== win.peek().to) win.value = w;
  };
  useLayoutEffect(look, [rows, row]);
  useEffect(() => { if (wanted) { at.value = 0; box.current?.scrollTo({ top: 0 }); } }, [wanted]);
  const go = (i: number): void => {
    const el = box.current, n = Math.min(rows.length - 1, Math.max(0, i));
    at.value = n;
    if (!el) return;
    if (n * row < el.scrollTop) el.scrollTop = n * row;
    else if ((n + 1) * row > el.scrollTop + el.clientHeight) el.scrollTop = (n + 1) * row - el.clientHeight;
    look();
  };
  const unfold = (leaf: Leaf, to: boolean): void => {
    const s = new Set(open.peek());
    if (to) s.add(leaf.key); else s.delete(leaf.key);
    open.value = s;
  };
  const hit = (leaf: Leaf, isOpen: boolean): void => { if (leafsOnly && leaf.kids.length) unfold(leaf, !isOpen); else choose(leaf.path); };

  const onKey = (e: KeyboardEvent): void => {
    const r = rows[active];
    if (!r || e.ctrlKey || e.altKey || e.metaKey) return;
    const rtl = getComputedStyle(e.currentTarget as HTMLElement).direction === 'rtl';
    const key = rtl && e.key === 'ArrowLeft' ? 'ArrowRight' : rtl && e.key === 'ArrowRight' ? 'ArrowLeft' : e.key;
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? row) / row) - 1);
    if (key === 'ArrowDown') go(active + 1);
    else if (key === 'ArrowUp') go(active - 1);
    else if (key === 'PageDown') go(active + page);
    else if (key === 'PageUp') go(active - page);
    else if (key === 'Home') go(0);
    else if (key === 'End') go(rows.length - 1);
    else if (key === 'ArrowRight') { if (r.leaf.kids.length && !r.open) unfold(r.leaf, true); else if (r.leaf.kids.length) go(active + 1); }
    else if (key === 'ArrowLeft') { if (r.open && !wanted) unfold(r.leaf, false); else for (let i = active - 1; i >= 0; i--) if (rows[i]!.depth < r.depth) { go(i); break; } }
    else if (key === ' ' || key === 'Enter') hit(r.leaf, r.open);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };

  if (!rows.length) return <p class="small mute" role="status">{wanted ? t('more.find.none') : t('more.tax.none')}</p>;
  const { from, to } = win.value, shown = rows.slice(from, Math.min(to, rows.length));
  return <div class="tree" ref={box} role="tree" tabIndex={0} aria-label={titleOf(tag)} {...asked} aria-multiselectable={num(tag, 'maxUsages', Infinity) !== 1}
    aria-activedescendant={active >= from && active < to ? `${id}-${active}` : undefined} onScroll={look} onKeyDown={onKey}>
    <div role="presentation" class="tree-in" style={{ blockSize: `${rows.length * row}px` }}>
      {shown.map(({ leaf, depth, open: isOpen }, k) => {
        const i = from + k, kids = leaf.kids.length > 0, can = !(leafsOnly && kids);
        return <div key={leaf.key} id={`${id}-${i}`} role="treeitem" class={`node ${i === active ? 'now' : ''}`} aria-level={depth + 1}
          aria-expanded={kids ? isOpen : undefined} aria-checked={can ? on.has(leaf.key) : undefined} title={leaf.hint}
          aria-disabled={store.readOnly || (can && full && !on.has(leaf.key)) || undefined}
          style={{ insetBlockStart: `${i * row}px`, blockSize: `${row}px`, paddingInlineStart: `${4 + Math.min(depth, 8) * 20}px` }}
          onClick={(e) => { at.value = i; if (kids && (e.target as Element).closest('.fold')) unfold(leaf, !isOpen); else hit(leaf, isOpen); }}>
          <span class={`fold ${isOpen ? 'is-open' : ''}`}>{kids && <Icon i="chev" />}</span>
          {can && <i class="tick" aria-hidden="true" />}<span class="cut" dir="auto">{leaf.text}</span>
          {kids && <span class="mute small" aria-hidden="true">{leaf.kids.length}</span>}
        </div>;
      })}
    </div>
  </div>;
}
