/* What shows beside the stage: among many regions a moment later than on it, so that what is drawn is seen first. */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import { useLayoutEffect, useMemo } from 'preact/hooks';
import { notSoon, soon } from '../core/soon';
import type { TaskStore } from './store';

export const isMany = (store: TaskStore): boolean => store.regions.peek().length > 150;

/* `many`: is it a moment later now? Asked at every change. */
export function useLate<T>(of: ReadonlySignal<T>, many: () => boolean): T {
  const now = useMemo(() => signal(of.peek()), [of]);
  useLayoutEffect(() => {
    const off = effect(() => {
      const value = of.value;
      if (many()) soon(now, () => { now.value = of.peek(); }); else { notSoon(now); now.value = value; }
    });
    return () => { off(); notSoon(now); };
  }, [now]);
  return now.value;
}
