/*
 * annotate-keys.ts -- the keys of the annotate page (ui.md §7): page and region
 * scope.  Labels, choices and the stages bind their own.  Which key does what
 * is the person's (core/actions); what it is called stands in the pack `keys`.
 */
import type { Action } from '../core/actions';
import { keys, type Binding } from '../core/hotkeys';
import type { TaskWork } from '../tags/body';

export type PageAct = 'submit' | 'accept' | 'skip' | 'flag' | 'undo' | 'redo' | 'reopen' | 'save' | 'guide' | 'notes' | 'history' | 'ways' | 'copy' | 'repeat';

export function bindPage(acts: Record<PageAct, () => void>): () => void {
  return keys.bind('page', [
    ...(Object.keys(acts) as PageAct[]).map((id): Binding => ({ id, act: acts[id] })),
    { combo: 'ctrl+y', act: acts.redo },
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
  const model = w.model, tools = (model?.tools ?? []) as readonly Action[];
  const use = (x: Action) => (): void => model!.setTool(x as Parameters<NonNullable<typeof model>['setTool']>[0]);
  const offs = [
    keys.bind('page', [
      ...tools.map((x): Binding => ({ id: x, act: use(x) })),
      ...(tools.includes('vector') && !tools.includes('polygon') ? [{ id: 'polygon', act: use('vector') } as const] : []),
      { id: 'next', act: () => s.next(1) },
      { id: 'previous', act: () => s.next(-1) },
      { id: 'hideall', act: () => { s.hidden.value = s.hidden.peek().size ? new Set() : new Set(s.regions.peek()); } },
    ]),
    keys.bind('region', [
      { id: 'drop', act: drop },
      { combo: 'esc', act: () => (w.model?.cancel() ? true : drop()) },
      { combo: 'backspace', act: (e) => (w.model?.draft.peek() ? false : onStage(e.target) && remove()) },
      { id: 'remove', act: (e) => onStage(e.target) && remove() },
      { id: 'duplicate', act: on((id) => w.copy(id)) },
      { id: 'hide', act: on((id) => s.toggle('hidden', id)) },
      { id: 'lock', act: on((id) => s.toggle('locked', id)) },
    ]),
  ];
  return () => offs.forEach((off) => off());
}

/* Removing by key only from the stage, the list or nowhere: never while a button elsewhere has the focus. */
function onStage(target: EventTarget | null): boolean {
  const el = target as Element | null;
  return !el || el === document.body || !!el.closest?.('.stage, .rlist, .txt, .labelbar, .detail');
}
