/*
 * choices.tsx -- one or several of a list, flat or nested.
 *
 * Result: choices: ["A", "B"]; with allowNested each choice is its path,
 * ["Animal", "Cat"].  In a single choice the same key twice takes it back.
 */
import { useLayoutEffect } from 'preact/hooks';
import { t } from '../core/i18n';
import { ariaCombo, keys } from '../core/hotkeys';
import { Kbd } from '../ui/button';
import { Frame, roving, titleOf, useAsked } from './bits';
import { useRegion, useWork } from './context';
import { flag, stored, type Tag } from './tree';

interface Item { tag: Tag; value: string; text: string; path: string[]; depth: number; leaf: boolean }

export function itemsOf(tag: Tag, path: string[] = [], depth = 0): Item[] {
  return tag.children.flatMap((c): Item[] => {
    if (c.tag !== 'Choice') return itemsOf(c, path, depth);
    const own = [...path, stored(c)];
    return [{ tag: c, value: stored(c), text: c.attrs.value || stored(c), path: own, depth, leaf: !c.children.some((x) => x.tag === 'Choice') },
      ...itemsOf(c, own, depth + 1)];
  });
}

export function Choices({ tag }: { tag: Tag }) {
  const { store, keys: dealt, live, n: opened } = useWork(), region = useRegion();
  const nested = flag(tag, 'allowNested'), many = tag.attrs.choice === 'multiple', asked = useAsked(tag, many);
  const wanted = store.filter.value[tag.name!] ?? '', items = itemsOf(tag).filter((i) => !wanted || i.text.toLowerCase().includes(wanted));
  const raw = store.answer(tag.name!, region)?.value?.choices;
  const chosen: unknown[] = Array.isArray(raw) ? raw : typeof raw === 'string' ? [raw] : [];
  const is = (i: Item): boolean => chosen.some((c) => (Array.isArray(c) ? c.join('\n') === i.path.join('\n') : c === i.value));
  const out = (i: Item): unknown => (nested ? i.path : i.value);

  const toggle = (i: Item): void => {
    if (store.readOnly) return;
    const now = store.answer(tag.name!, region)?.value?.choices;
    const had: unknown[] = Array.isArray(now) ? now : [];
    const same = (c: unknown): boolean => (Array.isArray(c) ? c.join('\n') === i.path.join('\n') : c === i.value);
    const on = had.some(same);
    const next = many ? (on ? had.filter((c) => !same(c)) : inOrder(items, [...had, out(i)])) : on ? [] : [out(i)];
    store.setAnswer(tag, 'choices', next.length ? { choices: next } : null, region);
    store.history.seal();
  };

  useLayoutEffect(() => {
    if (!live || store.readOnly) return undefined;
    return keys.bind(region === null ? 'page' : 'region', items.flatMap((i) => {
      const combo = dealt.get(i.tag);
      return combo ? [{ combo, act: () => toggle(i), what: i.text }] : [];
    }));
  }, [store, tag, region, live]);

  if (tag.attrs.layout === 'select') return <Frame tag={tag}><Drop key={opened} tag={tag} items={items} many={many} is={is} toggle={toggle} /></Frame>;
  const inline = tag.attrs.layout === 'inline' || (flag(tag, 'showInline') && tag.attrs.layout !== 'vertical');
  const first = items.findIndex(is);
  return <Frame tag={tag}>
    <div class={`choices ${inline || region !== null ? 'inline' : ''}`} role={many ? 'group' : 'radiogroup'} aria-label={titleOf(tag)}
      {...asked} onKeyDown={(e) => { roving(e); }}>
      {items.map((i, n) => {
        const on = is(i), combo = live ? dealt.get(i.tag) : undefined;
        return <button key={n} type="button" class={`choice ${many ? 'many' : ''} d${Math.min(i.depth, 4)}`} role={many ? 'checkbox' : 'radio'} aria-checked={on}
          aria-keyshortcuts={combo ? ariaCombo(combo) : undefined} title={i.tag.attrs.hint} aria-disabled={store.readOnly || undefined}
          tabIndex={n === Math.max(0, first) ? 0 : -1} onClick={() => toggle(i)}>
          <i class="tick" aria-hidden="true" /><span dir="auto">{i.text}</span>{combo && <Kbd combo={combo} />}</button>;
      })}
    </div>
  </Frame>;
}

Choices.stays = true as const;

/* Several choices come in the order of the config, whatever the order of the clicks. */
function inOrder(items: Item[], chosen: unknown[]): unknown[] {
  const at = (c: unknown): number => items.findIndex((i) => (Array.isArray(c) ? c.join('\n') === i.path.join('\n') : c === i.value));
  return [...chosen].sort((a, b) => at(a) - at(b));
}

function Drop({ tag, items, many, is, toggle }: { tag: Tag; items: Item[]; many: boolean; is: (i: Item) => boolean; toggle: (i: Item) => void }) {
  const { store } = useWork();
  const at = items.findIndex(is);
  return <select class="input" aria-label={titleOf(tag)} {...useAsked(tag)} multiple={many} disabled={store.readOnly} value={many ? undefined : String(at)}
    onChange={(e) => {
      const on = new Set(Array.from(e.currentTarget.selectedOptions, (o) => Number(o.value)));
      if (!many) { const i = items[[...on][0] ?? -1]; if (i) toggle(i); else if (at >= 0) toggle(items[at]!); return; }
      items.forEach((i, n) => { if (is(i) !== on.has(n)) toggle(i); });
    }}>
    {!many && <option value="-1">{t('an.choose')}</option>}
    {items.map((i, n) => <option key={n} value={String(n)} selected={is(i)}>{`${' '.repeat(i.depth * 3)}${i.text}`}</option>)}
  </select>;
}
