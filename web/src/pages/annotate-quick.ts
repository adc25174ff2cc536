/*
 * annotate-quick.ts -- what goes on by itself.
 *
 * A question is closed when one act answers it: a single choice, a comparison,
 * a rating.  When the person answers a closed question and nothing that must be
 * answered is left, the task is submitted; five seconds are left to take it
 * back.  With one hand and two choices, one key answers and submits.
 */
import { effect } from '@preact/signals';
import { keyOf, oneHand } from '../core/actions';
import { keys } from '../core/hotkeys';
import { itemsOf } from '../tags/choices';
import type { TaskWork } from '../tags/body';
import type { TaskStore } from '../tags/store';
import { flag, isLabels, stored, type Tag } from '../tags/tree';
import { missing } from '../tags/missing';
import { sceneOf, shown } from '../tags/visible';
import type { Open } from './annotate-pipeline';
import { flow } from './flow';

const closed = (c: Tag): boolean => (c.tag === 'Choices' && c.attrs.choice !== 'multiple') || c.tag === 'Pairwise' || c.tag === 'Rating';

/* What has to be answered: what the config requires; where it requires nothing, every question it asks. */
export function asked(store: TaskStore): Tag[] {
  const all = [...store.controls.values()].filter((c) => !isLabels(c) && !flag(c, 'perRegion'));
  const must = all.filter((c) => flag(c, 'required'));
  return (must.length ? must : all).filter((c) => shown(store.tree, c, sceneOf(store, null)));
}

export interface Option { tag: Tag; value: string; text: string }

/* The two choices of a task whose only question is one choice of two. */
export function binaryOf(store: TaskStore): readonly [Option, Option] | null {
  const marks = [...store.controls.values()].some((c) => isLabels(c) && flag(c, 'required'));
  const list = asked(store), one = list.length === 1 && !marks ? list[0]! : null;
  if (!one || one.tag !== 'Choices' || !closed(one) || flag(one, 'allowNested')) return null;
  const items = itemsOf(one);
  return items.length === 2 ? [items[0]!, items[1]!] : null;
}

/* Listens until the task leaves the screen. */
export function quicken(o: Open, here: () => boolean, submit: () => void): () => void {
  const store = o.work.store, two = oneHand.peek() ? binaryOf(store) : null;
  const offs: (() => void)[] = [];
  if (two) {
    const control = asked(store)[0]!;
    const give = (x: Option) => (): void => {
      store.setAnswer(control, 'choices', { choices: [stored(x.tag)] }, null);
      store.history.seal();
      submit();
    };
    offs.push(keys.bind('page', [{ id: 'submit', act: give(two[0]), what: two[0].text }, { id: 'reject', act: give(two[1]), what: two[1].text }]));
  }
  if (flow.peek().auto || two) offs.push(whenAnswered(store, () => { if (here()) submit(); }));
  return () => offs.forEach((off) => off());
}

function whenAnswered(store: TaskStore, submit: () => void): () => void {
  let first = true, over = false;
  const off = effect(() => {
    store.version.value;
    if (first) { first = false; return; }
    const h = store.history, name = /^answer (.*)$/.exec(h.nextUndo)?.[1];
    // An answer just given, not one taken back: then something could be done again.
    if (name === undefined || h.canRedo) return;
    queueMicrotask(() => {
      const list = asked(store), c = store.control(name);
      if (over || !c || !closed(c) || !list.includes(c)) return;
      if (list.every((x) => store.answer(x.name!, null) !== undefined) && missing(store).length === 0) submit();
    });
  });
  return () => { over = true; off(); };
}

/* The two choices show the keys that answer them. */
export function dealHand(work: TaskWork): void {
  const two = oneHand.peek() ? binaryOf(work.store) : null;
  if (two) { work.keys.set(two[0].tag, keyOf('submit')); work.keys.set(two[1].tag, keyOf('reject')); }
}
