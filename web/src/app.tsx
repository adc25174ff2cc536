/* The router: one table of paths, one lazy chunk a page. A page either stands in the shell, or fills the window, or is
   open to people who are not logged in. */
import type { ComponentChildren, ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { signal } from '@preact/signals';
import { ApiError } from './core/api';
import { t } from './core/i18n';
import { findRoute, go, path, place } from './core/router';
import { loadSession, session } from './core/session';
import { Empty, Failed } from './ui/bits';
import { Button } from './ui/button';
import { Toasts } from './ui/toast';
import { applyLook, countMove, helpOpen } from './pages/look';

export interface PageProps { params: Record<string, string> }
type Load = () => Promise<{ default: ComponentType<PageProps> }>;
interface Target { load: Load; frame: 'shell' | 'full' | 'open' }

const maybe = import.meta.glob<{ default: ComponentType<PageProps> }>('./pages/annotate.tsx');
const common = () => import('./pages/common');
const gate = async () => { await common(); return import('./pages/gate'); };

/** A page with what all pages but the annotate page need: words and styles. */
function page(load: Load): Load { return async () => { await common(); return load(); }; }

const routes: { path: string; page: Target }[] = [
  { path: '/', page: { load: page(() => import('./pages/home')), frame: 'shell' } },
  { path: '/projects', page: { load: page(() => import('./pages/home')), frame: 'shell' } },
  { path: '/projects/new', page: { load: page(() => import('./pages/create')), frame: 'full' } },
  { path: '/projects/:id#', page: { load: page(() => import('./pages/project')), frame: 'shell' } },
  { path: '/projects/:id#/annotate', page: { load: () => maybe['./pages/annotate.tsx']!(), frame: 'full' } },
  { path: '/projects/:id#/import', page: { load: page(() => import('./pages/import')), frame: 'shell' } },
  { path: '/projects/:id#/tasks', page: { load: page(() => import('./pages/tasks')), frame: 'shell' } },
  { path: '/projects/:id#/tasks/:task#', page: { load: page(() => import('./pages/task')), frame: 'shell' } },
  { path: '/projects/:id#/results', page: { load: page(() => import('./pages/results')), frame: 'shell' } },
  { path: '/projects/:id#/compare', page: { load: page(() => import('./pages/compare')), frame: 'full' } },
  { path: '/projects/:id#/members', page: { load: page(() => import('./pages/members')), frame: 'shell' } },
  { path: '/projects/:id#/export', page: { load: page(() => import('./pages/export')), frame: 'shell' } },
  { path: '/projects/:id#/settings', page: { load: page(() => import('./pages/settings')), frame: 'shell' } },
  { path: '/notices', page: { load: page(() => import('./pages/notices-page')), frame: 'shell' } },
  { path: '/projects/:id#/jobs', page: { load: page(() => import('./pages/jobs-page')), frame: 'shell' } },
  { path: '/people', page: { load: page(() => import('./pages/people')), frame: 'shell' } },
  { path: '/vendors', page: { load: page(() => import('./pages/vendors')), frame: 'shell' } },
  { path: '/tokens', page: { load: page(() => import('./pages/tokens')), frame: 'shell' } },
  { path: '/keys', page: { load: page(() => import('./pages/keys')), frame: 'shell' } },
  { path: '/account', page: { load: page(() => import('./pages/account')), frame: 'shell' } },
  { path: '/setup', page: { load: async () => ({ default: (await gate()).Setup }), frame: 'open' } },
  { path: '/user/login', page: { load: async () => ({ default: (await gate()).Login }), frame: 'open' } },
  { path: '/invite/:token', page: { load: async () => ({ default: (await gate()).Invite }), frame: 'open' } },
];

const missing: Target = { load: page(() => import('./pages/missing')), frame: 'shell' };

const failed = signal<ApiError | null>(null);

async function begin() {
  failed.value = null;
  try { await loadSession(); } catch (e) { failed.value = e instanceof ApiError ? e : new ApiError(0, {}, String(e)); }
}
applyLook();
void begin();

/** The shell comes with the first page that stands in it. */
const frame = signal<ComponentType<{ children: ComponentChildren }> | null>(null);

function Help() {
  const [View, set] = useState<ComponentType | null>(null);
  useEffect(() => { void import('./pages/keyhelp').then(m => set(() => m.default)); }, []);
  return View && <View />;
}

interface Shown { target: Target; at: string; View: ComponentType<PageProps>; params: Record<string, string> }

export function App() {
  const at = path.value, who = session.value, found = findRoute(routes, at) ?? { page: missing, params: {} };
  const [shown, set] = useState<Shown | null>(null);
  const [broken, setBroken] = useState(false);
  const open = found.page.frame === 'open';

  useEffect(() => {
    if (who !== null || open) return;
    const back = at === '/' ? '' : `?next=${encodeURIComponent(at + (place.value.query.size ? `?${place.value.query}` : ''))}`;
    go(`/user/login${back}`, true);
  }, [who, open, at]);

  useEffect(() => {
    let live = true;
    const needs = found.page.frame === 'shell' && !frame.value ? import('./pages/shell').then(m => { frame.value = m.Shell; }) : null;
    Promise.all([found.page.load(), needs]).then(([m]) => {
      if (!live) return;
      countMoveUnlessFirst(shown);
      set({ target: found.page, at, View: m.default, params: found.params });
    }, () => { if (live) setBroken(true); });
    return () => { live = false; };
  }, [at]);

  if (failed.value) return <main class="body"><Failed error={failed.value} again={() => void begin()} /></main>;
  if (broken) return <main class="body"><Empty title={t('page.broken')} text={t('page.broken.text')} art="warn"><Button kind="primary" onClick={() => location.reload()}>{t('reload')}</Button></Empty></main>;
  if (who === undefined || (who === null && !open)) return <Toasts />;
  if (!shown) return <Toasts />;
  const inner = <shown.View key={shown.at} params={shown.params} />;
  return <>{shown.target.frame === 'shell' && frame.value ? <frame.value>{inner}</frame.value> : inner}<Toasts />{helpOpen.value && who && <Help />}</>;
}

function countMoveUnlessFirst(before: Shown | null) { if (before) countMove(); }
