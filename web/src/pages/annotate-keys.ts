/*
 * annotate-keys.ts -- the keys of the annotate page (ui.md §7): page and region
 * scope.  Labels, choices and the stages bind their own.
 */
import { keys, type Binding } from '../core/hotkeys';
import { t } from '../core/i18n';
import type { TaskWork } from '../tags/body';

export interface Acts {
  submit(): void;
  skip(): void;
  flag(): void;
  undo(): void;
  redo(): void;
  reopen(): void;
  save(): void;
  guide(): void;
}

export const COMBOS = {
  submit: 'ctrl+enter', skip: 'ctrl+space', flag: 'f', undo: 'ctrl+z', redo: 'ctrl+shift+z', reopen: 'alt+backspace',
  save: 'ctrl+s', guide: 'h', help: '?',
} as const;

export function bindPage(a: Acts): () => void {
  return keys.bind('page', [
    { combo: COMBOS.submit, act: () => a.submit(), what: t('an.submit') },
    { combo: COMBOS.skip, act: () => a.skip(), what: t('an.skip') },
    { combo: COMBOS.flag, act: () => a.flag(), what: t('an.flag') },
    { combo: COMBOS.undo, act: () => a.undo(), what: t('an.undo') },
    { combo: COMBOS.redo, act: () => a.redo(), what: t('an.redo') },
    { combo: 'ctrl+y', act: () => a.redo() },
    { combo: COMBOS.reopen, act: () => a.reopen(), what: t('an.key.reopen') },
    { combo: COMBOS.save, act: () => a.save(), what: t('an.key.save') },
    { combo: COMBOS.guide, act: () => a.guide(), what: t('an.guide') },
  ]);
}

export function bindRegions(w: TaskWork): () => void {
  const s = w.store;
  const on = (act: (id: string) => void) => (): boolean => {
    const id = s.selection.peek();
    if (id === null || !s.has(id)) return false;
    act(id);
    return true;
  };
  const drop = on(() => { s.selection.value = null; });
  const remove = on((id) => {
    const list = s.regions.peek(), i = list.indexOf(id);
    s.remove(id);
    if (!s.has(id)) s.selection.value = s.regions.peek()[Math.min(i, s.regions.peek().length - 1)] ?? null;
  });
  const tools: Binding[] = (w.model?.tools ?? []).map((x) => ({
    combo: { move: 'v', hand: 'shift+h', box: 'r', polygon: 'p', ellipse: 'o', point: 'k' }[x],
    act: () => w.model!.setTool(x), what: t(`an.tool.${x}` as 'an.tool.move'),
  }));
  const offs = [
    keys.bind('page', [
      ...tools,
      { combo: 'alt+.', act: () => s.next(1), what: t('an.key.next') },
      { combo: 'alt+,', act: () => s.next(-1), what: t('an.key.previous') },
      { combo: 'ctrl+h', what: t('an.key.hideall'), act: () => { s.hidden.value = s.hidden.peek().size ? new Set() : new Set(s.regions.peek()); } },
    ]),
    keys.bind('region', [
      { combo: 'u', act: drop, what: t('an.key.unselect') },
      { combo: 'esc', act: () => (w.model?.cancel() ? true : drop()) },
      { combo: 'backspace', act: (e) => (w.model?.draft.peek() ? false : onStage(e.target) && remove()) },
      { combo: 'delete', act: (e) => onStage(e.target) && remove(), what: t('an.key.remove') },
      { combo: 'ctrl+d', act: on((id) => w.copy(id)), what: t('an.duplicate') },
      { combo: 'alt+h', act: on((id) => s.toggle('hidden', id)), what: t('an.key.hide') },
      { combo: 'alt+l', act: on((id) => s.toggle('locked', id)), what: t('an.key.lock') },
    ]),
  ];
  return () => offs.forEach((off) => off());
}

/* Removing by key only from the stage, the list or nowhere: never while a button elsewhere has the focus. */
function onStage(target: EventTarget | null): boolean {
  const el = target as Element | null;
  return !el || el === document.body || !!el.closest?.('.stage, .rlist, .txt, .labelbar, .detail');
}
