/*
 * overview-model.ts -- figures of a project from the server's sums: days of the
 * reader, intervals, the forecast, and what needs a decision.  No markup.
 *
 * Moments come as half-hours since 1970; a day begins where the reader is.
 */

export interface Overview {
  now: string;
  count: { tasks: number; finished: number; touched: number; annotations: number; skipped: number; overlap: number };
  agreement: { mean: number | null; n: number; goal: number; disputed: number; ruled: number; histogram: number[] };
  pace: [half: number, answers: number, skips: number, activeMs: number][];
  agreement_times: [half: number, tasks: number, sum: number, squares: number][];
  labels: LabelRow[];
  skips: { reason: string; n: number }[];
}
export interface LabelRow { control: string; label: string; tasks: number; answers: number; agreed: number; both: number; one: number }
export interface Person { person: number; name?: string; answers: number; skips: number; active_ms: number; last_at: string | null; agreement: { mean: number; tasks: number } | null }

export const HALF_MS = 30 * 60 * 1000;
export const FEW = 20;                  // below it a figure says that it is small

export interface Range { value: number; lo: number; hi: number; n: number }
export interface Day { at: Date; answers: number; skips: number; activeMs: number }

const dayOf = (d: Date): Date => new Date(d.getFullYear(), d.getMonth(), d.getDate());
const nextDay = (d: Date): Date => new Date(d.getFullYear(), d.getMonth(), d.getDate() + 1);

/** Every day from the first with work, or `most` days ago, to today; days without work are there too. */
export function daysOf(pace: Overview['pace'], now: Date, most = 30): Day[] {
  const first = pace.find(p => p[1] > 0 || p[2] > 0);
  if (!first) return [];
  const today = dayOf(now), oldest = new Date(today.getFullYear(), today.getMonth(), today.getDate() - most + 1);
  const begin = dayOf(new Date(first[0] * HALF_MS)), out: Day[] = [], by = new Map<number, Day>();
  for (let d = begin < oldest ? oldest : begin; d <= today; d = nextDay(d)) {
    const day = { at: d, answers: 0, skips: 0, activeMs: 0 };
    out.push(day);
    by.set(d.getTime(), day);
  }
  for (const [half, answers, skips, ms] of pace) {
    const day = by.get(dayOf(new Date(half * HALF_MS)).getTime());
    if (day) { day.answers += answers; day.skips += skips; day.activeMs += ms; }
  }
  return out;
}

/** Answers by hour of today, up to the hour that runs. */
export function hoursOf(pace: Overview['pace'], now: Date): number[] {
  const out = new Array<number>(now.getHours() + 1).fill(0), today = dayOf(now).getTime();
  for (const [half, answers] of pace) {
    const at = new Date(half * HALF_MS);
    if (dayOf(at).getTime() === today && at.getHours() < out.length) out[at.getHours()]! += answers;
  }
  return out;
}

/** Share k of n with its 95 % interval (Wilson). */
export function wilson(share: number, n: number): Range {
  if (n <= 0) return { value: share, lo: 0, hi: 1, n: 0 };
  const z = 1.96, d = 1 + z * z / n, mid = (share + z * z / (2 * n)) / d, half = z / d * Math.sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return { value: share, lo: Math.max(0, Math.min(share, mid - half)), hi: Math.min(1, Math.max(share, mid + half)), n };
}

/** Mean of n values from their sums, with its 95 % interval; fewer than five have none. */
export function meanOf(n: number, sum: number, squares: number): Range | null {
  if (n < 1) return null;
  const value = sum / n, spread = n > 1 ? Math.max(0, (squares - sum * value) / (n - 1)) : 0, half = 1.96 * Math.sqrt(spread / n);
  return n < 5 ? { value, lo: NaN, hi: NaN, n } : { value, lo: Math.max(0, value - half), hi: Math.min(1, value + half), n };
}

/** Agreement of the tasks that were completed on each day. */
export function agreementDays(times: Overview['agreement_times'], days: Day[]): (Range | null)[] {
  const by = new Map(days.map(d => [d.at.getTime(), [0, 0, 0] as [number, number, number]]));
  for (const [half, n, sum, squares] of times) {
    const d = by.get(dayOf(new Date(half * HALF_MS)).getTime());
    if (d) { d[0] += n; d[1] += sum; d[2] += squares; }
  }
  return days.map(d => meanOf(...by.get(d.at.getTime())!));
}

/** Agreement over all tasks, with an interval from the spread of its tenths. */
export function agreementOf(a: Overview['agreement']): Range | null {
  if (a.mean === null || a.n === 0) return null;
  const mid = (i: number): number => (i + 0.5) / 10, n = a.n, mean = a.histogram.reduce((s, x, i) => s + x * mid(i), 0) / n;
  const spread = n > 1 ? a.histogram.reduce((s, x, i) => s + x * (mid(i) - mean) ** 2, 0) / (n - 1) : 0, half = 1.96 * Math.sqrt(spread / n);
  return n < FEW ? { value: a.mean, lo: NaN, hi: NaN, n } : { value: a.mean, lo: Math.max(0, a.mean - half), hi: Math.min(1, a.mean + half), n };
}

/** Answers still wanted: the overlap of every task less what was given, never less than one for an unfinished task. */
export function wantedOf(c: Overview['count']): number {
  const open = Math.max(0, c.tasks - c.finished);
  return open === 0 ? 0 : Math.max(open, c.tasks * c.overlap - c.annotations);
}

export type Forecast =
  | { kind: 'done' } | { kind: 'none' }         // nothing left; nothing to tell it from
  | { kind: 'still' }                           // nobody works at present
  | { kind: 'at'; day: Date; early: Date; late: Date | null; perDay: number; days: number };

/**
 * When the last answer comes, from the whole days of the last two weeks.  The
 * mean of `days` days with spread s lies within 1.96 s √(1/days + 1/length), where
 * length is how long the work will take: a long stretch evens its days out, but
 * never what the sample does not know.
 */
export function forecastOf(days: Day[], wanted: number, now: Date): Forecast {
  if (wanted <= 0) return { kind: 'done' };
  const whole = days.slice(0, -1).slice(-14), n = whole.length;
  if (n < 3) return { kind: 'none' };
  const mean = whole.reduce((s, d) => s + d.answers, 0) / n;
  if (mean <= 0) return { kind: 'still' };
  const spread = Math.sqrt(whole.reduce((s, d) => s + (d.answers - mean) ** 2, 0) / (n - 1)), length = wanted / mean;
  const half = 1.96 * spread * Math.sqrt(1 / n + 1 / Math.max(1, length)), on = (rate: number): Date => new Date(now.getTime() + wanted / rate * 86_400_000);
  return { kind: 'at', day: on(mean), early: on(mean + half), late: mean - half > mean / 20 ? on(mean - half) : null, perDay: mean, days: n };
}

/** How often, when one of two people says a label, the other says it too; counted in tasks, so that it claims no more than it may. */
export function labelAgreement(l: LabelRow): Range | null {
  const all = 2 * l.both + l.one;
  return all === 0 ? null : wilson(2 * l.both / all, l.tasks);
}

export const controlsOf = (labels: LabelRow[]): string[] => [...new Set(labels.map(l => l.control))];

export type Need =
  | { what: 'agreement'; tone: 'bad'; value: number; goal: number }
  | { what: 'disputed'; tone: 'warn'; n: number }
  | { what: 'label'; tone: 'bad' | 'warn'; label: string; control: string; range: Range }
  | { what: 'person'; tone: 'warn'; name: string; range: Range; mean: number }
  | { what: 'still'; tone: 'warn'; days: number }
  | { what: 'skips'; tone: 'warn'; n: number; reason: string }
  | { what: 'job'; tone: 'bad'; kind: string; why: string }
  | { what: 'paused'; tone: 'warn' };

/** What needs a decision, worst first: what is surely wrong, then what is doubtful, the larger before the smaller. */
export function needsOf(o: Overview, people: Person[], days: Day[], more: { paused: boolean; failed: { kind: string; why: string } | null }): Need[] {
  const out: [number, Need][] = [], overall = agreementOf(o.agreement), goal = o.agreement.goal;
  if (more.failed) out.push([100, { what: 'job', tone: 'bad', ...more.failed }]);
  if (overall && overall.hi < goal) out.push([90 + (goal - overall.value), { what: 'agreement', tone: 'bad', value: overall.value, goal }]);
  const labels = o.labels.flatMap(l => { const range = labelAgreement(l); return range && l.tasks >= FEW && range.hi < goal ? [{ l, range }] : []; }).sort((a, b) => a.range.hi - b.range.hi)[0];
  if (labels && o.labels.length > 2) out.push([80 + (goal - labels.range.value), { what: 'label', tone: 'bad', label: labels.l.label, control: labels.l.control, range: labels.range }]);
  if (o.agreement.disputed > 0) out.push([70, { what: 'disputed', tone: 'warn', n: o.agreement.disputed }]);
  if (overall) {
    const odd = people.flatMap(p => (p.agreement && p.agreement.tasks >= 10 ? [{ p, range: wilson(p.agreement.mean, p.agreement.tasks) }] : [])).filter(x => x.range.hi < overall.value).sort((a, b) => a.range.hi - b.range.hi)[0];
    if (odd) out.push([60 + (overall.value - odd.range.value), { what: 'person', tone: 'warn', name: odd.p.name ?? String(odd.p.person), range: odd.range, mean: overall.value }]);
  }
  const idle = [...days].reverse().findIndex(d => d.answers > 0);
  if (!more.paused && wantedOf(o.count) > 0 && idle >= 3) out.push([50, { what: 'still', tone: 'warn', days: idle }]);
  if (more.paused && wantedOf(o.count) > 0) out.push([45, { what: 'paused', tone: 'warn' }]);
  if (o.count.skipped > Math.max(5, o.count.annotations * 0.1)) out.push([40, { what: 'skips', tone: 'warn', n: o.count.skipped, reason: o.skips[0]?.reason ?? '' }]);
  return out.sort((a, b) => b[0] - a[0]).map(x => x[1]);
}
