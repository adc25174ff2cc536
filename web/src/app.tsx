/* The router: one table of paths, one lazy chunk a page. */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { findRoute, path } from './core/router';
import { Toasts } from './ui/toast';

type Params = Record<string, string>;
type Load = () => Promise<{ default: ComponentType<{ params: Params }> }>;

const maybe = import.meta.glob<{ default: ComponentType<{ params: Params }> }>('./pages/annotate.tsx');
const annotate: Load = () => maybe['./pages/annotate.tsx']!();
const routes: { path: string; page: Load }[] = [
  { path: '/projects/:id#/annotate', page: annotate },
];

export function App() {
  const at = path.value, found = findRoute(routes, at);
  const [page, set] = useState<{ at: Load; View: ComponentType<{ params: Params }> } | null>(null);
  const want = found?.page;
  useEffect(() => {
    let live = true;
    if (want) void want().then(m => { if (live) set({ at: want, View: m.default }); });
    return () => { live = false; };
  }, [want]);
  return <>{page && found && page.at === want && <page.View key={at} params={found.params} />}<Toasts /></>;
}
