/* Small helpers over signals: data loaded from the server, and settings kept in the browser. */

import { signal, effect, type Signal } from '@preact/signals';
import { ApiError, get, type Options } from './api';

export interface Loaded<T> {
  readonly data: Signal<T | null>;
  readonly error: Signal<ApiError | null>;
  readonly busy: Signal<boolean>;
  load(): Promise<void>;
  stop(): void;
}

/** Something the server knows. A newer load cancels an older one; an error keeps the data that was there. */
export function loaded<T>(path: string | (() => string), o?: Options): Loaded<T> {
  const data = signal<T | null>(null), error = signal<ApiError | null>(null), busy = signal(false);
  let running: AbortController | null = null;
  return {
    data, error, busy,
    stop() { running?.abort(); running = null; },
    async load() {
      running?.abort();
      const mine = running = new AbortController();
      busy.value = true;
      try {
        const value = await get<T>(typeof path === 'string' ? path : path(), { ...o, signal: mine.signal });
        if (mine !== running) return;
        data.value = value;
        error.value = null;
      } catch (e) {
        if (mine !== running || mine.signal.aborted) return;
        error.value = e instanceof ApiError ? e : new ApiError(0, {}, String(e));
      } finally {
        if (mine === running) busy.value = false;
      }
    },
  };
}

/** A setting of this browser (theme, density, keys). Never a token, never task data. */
export function setting<T>(key: string, start: T): Signal<T> {
  const name = `annotary.${key}`;
  let value = start;
  try {
    const kept = localStorage.getItem(name);
    if (kept !== null) value = JSON.parse(kept) as T;
  } catch { /* private mode or an old value: the start value holds */ }
  const s = signal(value);
  effect(() => {
    const now = JSON.stringify(s.value);
    try { localStorage.setItem(name, now); } catch { /* not kept, still works */ }
  });
  return s;
}

/** Ten characters, made in the browser: enough to be unique in a task, and the form Label Studio uses. */
export function shortId(): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-';
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), b => letters[b & 63]).join('');
}
