/* The items of a region for words and numbers beside the stage: while it is dragged they follow a few times a second, so
   that the frame belongs to the shape; everything else shows at once. */
import { effect, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Result } from './result';
import type { TaskStore } from './store';

const PAUSE = 120;

export function useItems(store: TaskStore, id: string): Result[] {
  const shown = useMemo(() => signal(store.peek(id)), [store, id]);
  useEffect(() => {
    let timer = 0, version = store.version.peek();
    const off = effect(() => {
      const items = store.items(id), now = store.version.value;
      if (now !== version || !timer) { version = now; shown.value = items; clearTimeout(timer); timer = window.setTimeout(() => { timer = 0; shown.value = store.peek(id); }, PAUSE); }
    });
    return () => { off(); clearTimeout(timer); };
  }, [store, id]);
  return shown.value;
}
