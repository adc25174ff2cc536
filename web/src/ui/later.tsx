/* A part of a page whose code comes when it is first shown, or just before (need). Once there it shows at once. */
import { signal } from '@preact/signals';
import type { ComponentType, VNode } from 'preact';
import { useEffect } from 'preact/hooks';

export interface Later<P> { (props: P): VNode | null; need(): Promise<void> }

export function later<P extends object>(load: () => Promise<ComponentType<P>>): Later<P> {
  const view = signal<ComponentType<P> | null>(null);
  let asked: Promise<void> | null = null;
  const need = (): Promise<void> => asked ??= load().then((v) => { view.value = v; }, () => { asked = null; });
  const Part = (props: P) => {
    const View = view.value;
    useEffect(() => { void need(); }, []);
    return View ? <View {...props} /> : null;
  };
  return Object.assign(Part, { need });
}
