/* A list by cursor from the server, with more on demand and reload. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, get } from '../core/api';
import type { Cursor } from './shapes';

export function useCursor<T>(path: string, on = true) {
  const [rows, set] = useState<T[] | null>(null), [next, setNext] = useState<string | number | null>(null), [error, setError] = useState<ApiError | null>(null);
  const load = useCallback(async (after: string | number | null = null) => {
    try {
      const v = await get<Cursor<T> | T[]>(path, { query: { after, limit: 200 } });
      const list = Array.isArray(v) ? v : v.results ?? [];
      set(old => after === null || !old ? list : [...old, ...list]);
      setNext(Array.isArray(v) ? null : v.next ?? null);
      setError(null);
    } catch (e) { setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); }
  }, [path]);
  useEffect(() => { if (on) void load(); }, [load, on]);
  return { rows, next, error, reload: () => load(), more: () => load(next) };
}
