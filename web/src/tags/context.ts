/* What every tag of a task may use: the store, the keys dealt to it, and where it stands. */
import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { KeyMap } from './keymap';
import type { TaskStore } from './store';
import type { Tag } from './tree';

export interface Work {
  store: TaskStore;
  keys: KeyMap;
  stars: Tag | null;              // the one Rating that listens to digits
  hoisted: ReadonlySet<Tag>;      // shown elsewhere on the page: the label bar, the stage
  live: boolean;                  // listens to keys; a preview or a compared answer does not
  n: number;                      // another one for each opening of a task: the key of what must not outlive it
}

export const WorkContext = createContext<Work | null>(null);
/* Inside: the region a question is asked about. */
export const RegionContext = createContext<string | null>(null);

export function useWork(): Work {
  const w = useContext(WorkContext);
  if (!w) throw new Error('a tag stands outside of a task');
  return w;
}
export const useRegion = (): string | null => useContext(RegionContext);
