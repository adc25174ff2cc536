/* The labels in one row: shape, name, key. One stop of the tab key; the keys work from everywhere. */
import { computed } from '@preact/signals';
import { useLayoutEffect, useMemo } from 'preact/hooks';
import { announce } from '../core/a11y';
import { t } from '../core/i18n';
import { ariaCombo, keys } from '../core/hotkeys';
import { Kbd } from '../ui/button';
import { Mark } from '../ui/icon';
import { roving } from './bits';
import { useWork } from './context';
import { family } from './families';
import { isMany, useLate } from './late';
import { labelsOf } from './result';
import type { TaskStore } from './store';
import { colourClass, type LabelInfo } from './tree';

/* One chip a label set and value; a value that two sets share stands once for each shape it can take. */
export function LabelBar({ onPick }: { onPick?: (l: LabelInfo) => void }) {
  const { store, keys: dealt, live } = useWork();
  const pick = (l: LabelInfo): void => {
    if (store.readOnly) return;
    if (store.usedUp(l) && !held(store, store.selection.peek()).includes(l.value)) { announce(t('an.label.full'), true); return; }
    const twin = preferred(store, l);
    store.pick(twin);
    onPick?.(twin);
  };
  useLayoutEffect(() => {
    if (!live || store.readOnly) return undefined;
    const seen = new Set<string>();
    return keys.bind('page', store.labels.flatMap((l) => {
      const combo = dealt.get(l.tag);
      if (!combo || seen.has(combo)) return [];
      seen.add(combo);
      return [{ combo, act: () => pick(l), what: l.text }];
    }));
  }, [store, live]);
  const sel = useLate(store.selection, () => isMany(store)), holding = useMemo(() => computed(() => held(store, sel).join('\n')), [store, sel]).value;      // as text: a drag makes new items, not new labels
  if (!store.labels.length) return null;
  const shown = store.labels.filter((l, i) => store.labels.findIndex((x) => x.value === l.value) === i && passes(store, l));
  const holds = new Set(holding.split('\n')), at = shown.findIndex((l) => holds.has(l.value));
  const sets = store.labels.map((l) => l.control), bad = sets.find((c) => store.problems.value.has(c.name!)), Need = family('need')?.Need;
  return <div class="labelbar" role="group" aria-label={t('an.labels')}>
    <div class="chips" role="radiogroup" aria-label={t('an.labels')} onKeyDown={(e) => { roving(e); }}>
      {shown.map((l, i) => {
        const combo = live ? dealt.get(l.tag) : undefined, full = store.usedUp(l) && !holds.has(l.value);
        return <button key={i} type="button" data-control={store.labels.filter((x) => x.value === l.value).map((x) => x.control.name).join(' ')} class={`chip ${colourClass(l.n)}`} role="radio" aria-checked={holds.has(l.value)} aria-disabled={full || store.readOnly || undefined}
          style={l.background ? { '--c': l.background } : undefined} title={full ? t('an.label.full') : l.tag.attrs.hint}
          aria-keyshortcuts={combo ? ariaCombo(combo) : undefined} tabIndex={i === Math.max(0, at) ? 0 : -1}
          onMouseDown={(e) => e.preventDefault()} onClick={() => pick(l)}>
          <span class={l.background ? 'own' : ''}><Mark n={l.n + 1} /></span><span dir="auto">{l.text}</span>{combo && <Kbd combo={combo} />}</button>;
      })}
    </div>
    {Need && <Need tags={sets} at={bad?.name ?? ''} />}
    <Hint store={store} sel={sel} />
  </div>;
}

/* What a Filter of the config leaves. */
const passes = (store: TaskStore, l: LabelInfo): boolean => {
  const wanted = store.filter.value[l.control.name!];
  return !wanted || l.text.toLowerCase().includes(wanted);
};

/* The labels of the chosen region, or those in hand. */
function held(store: TaskStore, id: string | null): readonly string[] {
  return (id !== null && store.has(id) ? labelsOf(store.items(id)) : store.active.value?.values) ?? [];
}

/* Of two sets with this label: one of the picture on the stage, and there the one that fits the selected region or the tool in hand. */
function preferred(store: TaskStore, l: LabelInfo): LabelInfo {
  const all = store.labels.filter((x) => x.value === l.value), stage = store.object.peek();
  const here = all.filter((x) => stage !== null && x.control.toName.includes(stage)), same = here.length ? here : all;
  if (same.length === 1) return same[0]!;
  if (same.length < 2) return l;
  const id = store.selection.peek();
  const from = id !== null ? store.peek(id)[0]?.from_name : store.active.peek()?.control;
  return same.find((x) => x.control.name === from) ?? same.find((x) => fits(x.control.tag, store.tool.peek())) ?? l;
}

const TAG_OF: Record<string, string> = { box: 'Rec', box3: 'Rec', polygon: 'Pol', vector: 'Vec', ellipse: 'Ell', point: 'Key', brush: 'Bru', eraser: 'Bru', wand: 'Bru', bucket: 'Bru' };
const fits = (tag: string, tool: string): boolean => tag.slice(0, 3) === TAG_OF[tool];

const Hint = ({ store, sel }: { store: TaskStore; sel: string | null }) => <span class="end small mute not-s hint-line">{hint(store, sel, useLate(store.regions, () => isMany(store)))}</span>;

function hint(store: TaskStore, id: string | null, all: readonly string[]): string {
  if (store.readOnly) return '';
  const label = store.info(store.active.value?.values[0])?.text;
  if (store.pending.value) return t('an.hint.pending');
  if (id !== null && store.has(id)) return t('an.hint.relabel', { n: all.indexOf(id) + 1 });
  return label ? t('an.hint.keeps', { label }) : t('an.hint.start');
}
