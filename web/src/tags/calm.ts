/* The items of a region for words and numbers beside the stage: while it is dragged they follow a few times a second, so
   that the frame belongs to the shape; everything else shows at once. */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Result } from './result';
import type { TaskStore } from './store';

const PAUSE = 120;

export function follow(store: TaskStore, of: ReadonlySignal<string | undefined>, show: (items: Result[]) => void): () => void {
  let timer = 0, version = -1, last: string | undefined;
  const later = (): void => { timer = 0; if (last !== undefined) show(store.peek(last)); };
  const off = effect(() => {
    const id = of.value, items = id === undefined ? [] : store.items(id), now = store.version.peek();
    if (now === version && id === last && timer) return;
    if (now === version && id === last) timer = window.setTimeout(later, PAUSE);       // a drag: it changes items and no version
    version = now;
    last = id;
    show(items);
  });
  return () => { off(); clearTimeout(timer); };
}

export function useItems(store: TaskStore, id: string): Result[] {
  const of = useMemo(() => signal(id), []), shown = useMemo(() => signal(store.peek(id)), [store, id]);
  of.value = id;
  useEffect(() => follow(store, of, (items) => { shown.value = items; }), [store, shown]);
  return shown.value;
}
