/* How the tasks are spread over a column, where the server can tell cheaply: a histogram of numbers with the threshold in
   it, or the most frequent words to pick from. Nothing is shown where it is not known; the condition works without. */
import { useEffect, useState } from 'preact/hooks';
import { get } from '../core/api';
import { num, t } from '../core/i18n';
import type { Field, Value } from './tasks-query';

export interface SpreadOf { low?: number; high?: number; bins?: number[]; words?: { word: string; n: number }[] }

/** Which bars a condition keeps: by the middle of each. */
export function kept(s: SpreadOf, operator: string, value: Value): boolean[] {
  const { low = 0, high = 1, bins = [] } = s, step = (high - low) / Math.max(1, bins.length);
  return bins.map((_, i) => {
    const x = low + (i + 0.5) * step;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) { const inside = x >= Number(value.min) && x <= Number(value.max); return operator === 'not_in' ? !inside : inside; }
    if (typeof value !== 'number') return true;
    switch (operator) {
      case 'less': case 'less_or_equal': return x <= value;
      case 'greater': case 'greater_or_equal': return x >= value;
      case 'equal': return Math.abs(x - value) <= step / 2;
      case 'not_equal': return Math.abs(x - value) > step / 2;
      default: return true;
    }
  });
}

export function Spread({ project, name, field, value, operator, onPick }: { project: number | string; name: string; field: Field | undefined; value: Value; operator: string; onPick: (word: string) => void }) {
  const [s, set] = useState<SpreadOf | null>(null), asks = name === 'agreement' || !!field && (field.number || field.word);
  useEffect(() => {
    if (!asks) return;
    const stop = new AbortController();
    get<SpreadOf>(`/api/projects/${project}/fields/spread`, { query: { name }, signal: stop.signal }).then(set, () => {});
    return () => stop.abort();
  }, [name]);
  if (!asks || !s) return asks ? <div class="spread" aria-hidden="true" /> : null;
  if (s.words) return s.words.length === 0 ? null : <ul class="words" aria-label={t('spread.words')}>{s.words.map(w =>
    <li key={w.word}><button type="button" class="btn quiet" onClick={() => onPick(w.word)}><span class="cut" dir="auto">{w.word}</span><span class="count">{num(w.n)}</span></button></li>)}</ul>;
  const bins = s.bins ?? [], most = Math.max(1, ...bins), on = kept(s, operator, value), wide = 252 / Math.max(1, bins.length);
  const low = s.low ?? 0, high = s.high ?? 1, line = typeof value === 'number' && high > low ? Math.min(252, Math.max(0, (value - low) / (high - low) * 252)) : null;
  return <svg class="chart spread" viewBox="0 0 252 48" role="img" aria-label={t('spread.name', { low: num(low, { maximumFractionDigits: 2 }), high: num(high, { maximumFractionDigits: 2 }) })}>
    {bins.map((n, i) => <rect key={i} class={on[i] ? 'fi k1' : 'track'} x={i * wide} y={48 - Math.max(n ? 1 : 0, n / most * 46)} width={Math.max(1, wide - 2)} height={Math.max(n ? 1 : 0, n / most * 46)} rx="1" />)}
    {line !== null && <path class="cap" d={`M${line} 0V48`} />}
  </svg>;
}
