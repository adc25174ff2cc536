/* Dates as a config wants them: how precise a field is, and how a date reads. */

/* `only` says how precise: date, time, month, year in any order. The value is ISO text of that precision. */
export function kindOf(only: string | undefined): 'date' | 'time' | 'month' | 'number' | 'datetime-local' {
  const set = new Set((only ?? '').toLowerCase().split(/[\s,]+/).filter(Boolean));
  if (set.has('date') && set.has('time')) return 'datetime-local';
  if (set.has('time')) return set.size === 1 ? 'time' : 'datetime-local';
  if (set.has('date')) return 'date';
  if (set.has('month')) return 'month';
  if (set.has('year')) return 'number';
  return 'datetime-local';
}

type N = number | null;

/* The usual letters of a date format; others stay as they are. Days and months by name in the language of the page. */
export function strftime(format: string, iso: string): string {
  const m = /^(?:(\d{4})(?:-(\d\d)(?:-(\d\d))?)?)?[T ]?(?:(\d\d):(\d\d)(?::(\d\d))?)?/.exec(iso);
  if (!m) return iso;
  const [y, mo, d, h, mi, s] = [1, 2, 3, 4, 5, 6].map((i) => (m[i] === undefined ? null : Number(m[i]))) as [N, N, N, N, N, N];
  const date = new Date(Date.UTC(y ?? 1970, (mo ?? 1) - 1, d ?? 1)), two = (n: N): string => String(n ?? 0).padStart(2, '0');
  const word = (o: Intl.DateTimeFormatOptions): string => new Intl.DateTimeFormat(document.documentElement.lang || 'en', { ...o, timeZone: 'UTC' }).format(date);
  const parts: Record<string, () => string> = {
    Y: () => String(y ?? ''), y: () => two((y ?? 0) % 100), m: () => two(mo), d: () => two(d), e: () => String(d ?? ''), H: () => two(h), M: () => two(mi), S: () => two(s),
    I: () => two(((h ?? 0) + 11) % 12 + 1), p: () => ((h ?? 0) < 12 ? 'AM' : 'PM'), B: () => word({ month: 'long' }), b: () => word({ month: 'short' }), A: () => word({ weekday: 'long' }), a: () => word({ weekday: 'short' }),
    j: () => String(Math.floor((date.getTime() - Date.UTC(y ?? 1970, 0, 1)) / 864e5) + 1).padStart(3, '0'), F: () => `${y}-${two(mo)}-${two(d)}`, T: () => `${two(h)}:${two(mi)}:${two(s)}`, '%': () => '%',
  };
  return format.replace(/%([a-zA-Z%])/g, (all, k: string) => parts[k]?.() ?? all);
}
