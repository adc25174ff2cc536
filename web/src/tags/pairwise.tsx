/*
 * pairwise.tsx -- which of two?  Result: selected: "left" or "right".
 *
 * The two objects stand side by side as A and B where the first of them stands
 * in the config; a click on one, or an arrow key, chooses it.
 */
import type { ComponentChildren } from 'preact';
import { useLayoutEffect } from 'preact/hooks';
import { addMessages, t } from '../core/i18n';
import spoken from '../i18n/en/pairs.json';
import { ariaCombo, keys } from '../core/hotkeys';
import { wordsOf } from '../stage/text/segment';
import { Kbd } from '../ui/button';
import { Icon } from '../ui/icon';
import { Frame, roving, titleOf, useAsked } from './bits';
import { useRegion, useWork } from './context';
import type { TaskStore } from './store';
import { Plain } from './registry';
import { objects, textOf, valueOf, type Tag } from './tree';
import './pairwise.css';

await addMessages('pairs', spoken);

type Side = 'left' | 'right';

const sideOf = (store: TaskStore, c: Tag): Side | null => {
  const v = store.answer(c.name!, null)?.value?.selected;
  return v === 'left' || v === 'right' ? v : null;
};

/* The same side twice takes the choice back; `keep` is for arrow keys, which only ever choose. */
function choose(store: TaskStore, c: Tag, side: Side, keep = false): void {
  if (store.readOnly || (keep && sideOf(store, c) === side)) return;
  store.setAnswer(c, 'pairwise', sideOf(store, c) === side ? null : { selected: side }, null);
  store.history.seal();
}

/* One of the two answers, around what the object shows. */
function Answer({ control, side, name, words, children }:
  { control: Tag; side: Side; name: string; words: number | null; children: ComponentChildren }) {
  const { store } = useWork();
  const on = sideOf(store, control) === side, letter = side === 'left' ? 'A' : 'B';
  return <section aria-label={t('an.answer', { letter })} class={`answer ${on ? 'on' : ''}`} data-object={name}
    onClick={(e) => {
      if ((e.target as Element).closest('button, a, input, textarea, audio, video') || getSelection()?.isCollapsed === false) return;
      choose(store, control, side);
    }}>
    <header><span class={`letter ${on ? 'on' : ''}`} aria-hidden="true">{letter}</span><h2>{t('an.answer', { letter })}</h2>
      {on && <Icon i="check" cls="acc" />}
      {words !== null && <span class="mute small end">{t('an.words', { n: words })}</span>}</header>
    {children}
  </section>;
}

export function Pairwise({ tag }: { tag: Tag }) {
  const { store, live } = useWork(), region = useRegion();
  const side = sideOf(store, tag), asked = useAsked(tag);
  useLayoutEffect(() => {
    if (!live || store.readOnly) return undefined;
    const free = (e: { target: EventTarget | null }): boolean => !(e.target as Element | null)?.closest?.('[role="radiogroup"], .txt, .stage');
    return keys.bind('page', [
      { combo: 'left', act: (e) => (free(e) ? choose(store, tag, 'left', true) : false), what: t('an.better', { letter: 'A' }) },
      { combo: 'right', act: (e) => (free(e) ? choose(store, tag, 'right', true) : false), what: t('an.better', { letter: 'B' }) },
    ]);
  }, [store, tag, live]);
  const button = (s: Side, letter: string, combo: string) =>
    <button type="button" class="choice" role="radio" aria-checked={side === s} aria-keyshortcuts={live ? ariaCombo(combo) : undefined}
      tabIndex={s === (side ?? 'left') ? 0 : -1} aria-disabled={store.readOnly || undefined} onClick={() => choose(store, tag, s)}>
      <i class="tick" aria-hidden="true" /><span>{t('an.better', { letter })}</span>{live && <Kbd combo={combo} />}</button>;
  if (region !== null) return null;
  return <Frame tag={tag}><div class="choices inline pairwise" role="radiogroup" aria-label={titleOf(tag)} {...asked} onKeyDown={(e) => { if (roving(e)) choose(store, tag, e.key === 'ArrowLeft' || e.key === 'ArrowUp' ? 'left' : 'right', true); }}>
    {button('left', 'A', 'left')}{button('right', 'B', 'right')}</div></Frame>;
}

/* Two compared objects stand together, at the place of the first. */
export function Pair({ control, tag }: { control: Tag; tag: Tag }) {
  const { store } = useWork();
  const both = objects(store.tree).filter((o) => control.toName.includes(o.name ?? ''));
  if (both.length < 2 || both[0] !== tag) return both.length < 2 ? <Plain tag={tag} /> : null;
  const left = both.find((o) => o.name === control.toName[0])!, right = both.find((o) => o.name === control.toName[1])!;
  const words = (o: Tag): number | null => (o.tag === 'Text' ? wordsOf(textOf(valueOf(o, store.task.data))).length : null);
  return <div class="answers">
    <Answer control={control} side="left" name={left.name!} words={words(left)}><Plain tag={left} /></Answer>
    <Answer control={control} side="right" name={right.name!} words={words(right)}><Plain tag={right} /></Answer>
  </div>;
}
