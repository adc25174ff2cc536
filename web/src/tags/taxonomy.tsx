/*
 * taxonomy.tsx -- choices in a tree.  Result: taxonomy: [["Animals", "Cats"], …],
 * each choice as its whole path.
 */
import { useSignal } from '@preact/signals';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { FindField } from '../ui/field';
import { Frame, titleOf } from './bits';
import { useRegion, useWork } from './context';
import { attr, flag, num, stored, type Tag } from './tree';

const FIND_FROM = 12;        // a shorter tree is read faster than searched

interface Leaf { path: string[]; text: string; kids: Leaf[] }

function leaves(tag: Tag, path: string[] = []): Leaf[] {
  return tag.children.flatMap((c): Leaf[] => {
    if (c.tag !== 'Choice') return leaves(c, path);
    const own = [...path, stored(c)];
    return [{ path: own, text: c.attrs.value || stored(c), kids: leaves(c, own) }];
  });
}

const key = (path: readonly unknown[]): string => path.join('\n');
const pathsOf = (v: unknown): string[][] => (Array.isArray(v) ? v.map((p) => (Array.isArray(p) ? p.map(String) : [String(p)])) : []);
const count = (l: Leaf[]): number => l.reduce((n, x) => n + 1 + count(x.kids), 0);

export function Taxonomy({ tag }: { tag: Tag }) {
  const { store } = useWork(), region = useRegion();
  const find = useSignal(''), open = useSignal<ReadonlySet<string>>(new Set());
  const tree = leaves(tag);
  const chosen = pathsOf(store.answer(tag.name!, region)?.value?.taxonomy);
  const on = new Set(chosen.map(key));
  const most = num(tag, 'maxUsages', Infinity);
  const set = (path: string[]): void => {
    if (store.readOnly) return;
    const k = key(path);
    const next = on.has(k) ? chosen.filter((p) => key(p) !== k) : most === 1 ? [path] : chosen.length >= most ? chosen : [...chosen, path];
    store.setAnswer(tag, 'taxonomy', next.length ? { taxonomy: next } : null, region);
    store.history.seal();
  };
  const sep = attr(tag, 'pathSeparator') ?? ' / ';
  const wanted = find.value.trim().toLowerCase();
  const match = (l: Leaf): boolean => l.text.toLowerCase().includes(wanted) || l.kids.some(match);
  const flip = (k: string): void => { const s = new Set(open.peek()); if (!s.delete(k)) s.add(k); open.value = s; };

  const row = (l: Leaf, depth: number) => {
    if (wanted && !match(l)) return null;
    const k = key(l.path), unfolded = wanted !== '' || open.value.has(k) || chosen.some((p) => p.length > l.path.length && key(p.slice(0, l.path.length)) === k);
    const leafOnly = flag(tag, 'leafsOnly') && l.kids.length > 0;
    return <li key={k} class={`d${Math.min(depth, 4)}`}>
      <div class="row">
        {l.kids.length > 0
          ? <button type="button" class={`fold ${unfolded ? 'is-open' : ''}`} aria-expanded={unfolded} aria-label={t('an.unfold', { name: l.text })} onClick={() => flip(k)}><Icon i="chev" /></button>
          : <span class="fold" />}
        {leafOnly ? <span dir="auto">{l.text}</span>
          : <label class="row"><input class="check" type="checkbox" checked={on.has(k)} disabled={store.readOnly || (!on.has(k) && most > 1 && chosen.length >= most)} onChange={() => set(l.path)} /><span dir="auto">{l.text}</span></label>}
      </div>
      {l.kids.length > 0 && unfolded && <ul>{l.kids.map((x) => row(x, depth + 1))}</ul>}
    </li>;
  };

  return <Frame tag={tag} cls="taxonomy">
    {chosen.length > 0 && <ul class="row wrap picked">{chosen.map((p) => <li key={key(p)} class="pill acc">
      <span dir="auto">{flag(tag, 'showFullPath') ? p.join(sep) : p[p.length - 1]}</span>
      {!store.readOnly && <Button kind="quiet" icon="x" name={t('an.remove', { name: p[p.length - 1] ?? '' })} onClick={() => set(p)} />}
    </li>)}</ul>}
    {count(tree) >= FIND_FROM && <FindField label={attr(tag, 'placeholder') ?? t('an.find')} value={find.value} onValue={(v) => { find.value = v; }} />}
    <ul class="tree" aria-label={titleOf(tag)}>{tree.map((l) => row(l, 0))}</ul>
  </Frame>;
}
