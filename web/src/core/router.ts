/* Where we are. Paths of the History API; links to our own pages do not reload. A page may hold people back once
   (unsaved work) with a leave guard. After every move the new page's heading gets focus and the title changes. */

import { signal, computed } from '@preact/signals';

export interface Place { path: string; query: URLSearchParams }

const here = (): Place => ({ path: location.pathname, query: new URLSearchParams(location.search) });
export const place = signal<Place>(typeof location === 'undefined' ? { path: '/', query: new URLSearchParams() } : here());
export const path = computed(() => place.value.path);

export interface Route<P> { path: string; page: P }
export interface Match<P> { page: P; params: Record<string, string> }

/** `/projects/:id/tasks/:task` against a path. A trailing slash does not matter; numbers only where the name ends in `#`. */
export function matchPath(pattern: string, at: string): Record<string, string> | null {
  const want = pattern.split('/').filter(Boolean), have = at.split('/').filter(Boolean);
  if (want.length !== have.length) return null;
  const params: Record<string, string> = {};
  for (let i = 0; i < want.length; i++) {
    const w = want[i]!, h = have[i]!;
    if (w.startsWith(':')) {
      if (w.endsWith('#') && !/^\d{1,18}$/.test(h)) return null;
      let value: string;
      try { value = decodeURIComponent(h); } catch { return null; }
      params[w.slice(1).replace('#', '')] = value;
    } else if (w !== h) return null;
  }
  return params;
}

export function findRoute<P>(routes: readonly Route<P>[], at: string): Match<P> | null {
  for (const r of routes) {
    const params = matchPath(r.path, at);
    if (params) return { page: r.page, params };
  }
  return null;
}

type Guard = () => string | null;
let guard: Guard | null = null;

/** While set and answering with a sentence, leaving asks first. Returns the way to lift it. */
export function holdBack(g: Guard): () => void {
  guard = g;
  return () => { if (guard === g) guard = null; };
}

function mayLeave(): boolean {
  const why = guard?.();
  if (!why) return true;
  const go = window.confirm(why);
  if (go) guard = null;
  return go;
}

export function go(to: string, replace = false): void {
  const url = new URL(to, location.href);
  if (url.origin !== location.origin) return;
  const next = url.pathname + url.search;
  if (next !== location.pathname + location.search) {
    if (!replace && url.pathname !== location.pathname && !mayLeave()) return;
    if (replace) history.replaceState(null, '', next);
    else history.pushState(null, '', next);
  }
  const moved = url.pathname !== place.value.path;
  place.value = here();
  if (moved) window.scrollTo(0, 0);
}

/** Changes the query only, without a new page and without a new entry for Back. */
export function setQuery(change: Record<string, string | null>): void {
  const q = new URLSearchParams(location.search);
  for (const [k, v] of Object.entries(change)) { if (v === null || v === '') q.delete(k); else q.set(k, v); }
  const text = q.toString();
  history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''));
  place.value = here();
}

export function startRouter(): void {
  addEventListener('popstate', () => {
    if (!mayLeave()) { history.pushState(null, '', place.value.path); return; }
    place.value = here();
  });
  addEventListener('beforeunload', e => { if (guard?.()) e.preventDefault(); });
  document.addEventListener('click', e => {
    if (e.defaultPrevented || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey) return;
    const a = (e.target as Element | null)?.closest?.('a');
    if (!a || a.target || a.hasAttribute('download') || a.origin !== location.origin || a.pathname.startsWith('/api/')) return;
    if (a.hash && a.pathname === location.pathname) return;
    e.preventDefault();
    go(a.href);
  });
}
