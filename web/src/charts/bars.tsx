/* Bars: a share of a whole, parts of a whole, a row of counts. All start at zero and carry their numbers in words. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { num, t } from '../core/i18n';

/** The width a chart has, so that it is drawn at the size it is shown and its text keeps its size. */
export function useWidth<E extends Element>(start: number) {
  const ref = useRef<E>(null), [width, set] = useState(start);
  useEffect(() => {
    if (!ref.current) return;
    const seen = new ResizeObserver(list => { const w = Math.round(list[0]!.contentRect.width); if (w > 40) set(w); });
    seen.observe(ref.current);
    return () => seen.disconnect();
  }, []);
  return [ref, width] as const;
}

export function ShareBar({ value, of, name }: { value: number; of: number; name: string }) {
  const share = of > 0 ? Math.min(1, value / of) : 0;
  return <svg class="mini xl bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={`${name}: ${num(value)} / ${num(of)}`}>
    <rect class="track" width="100" height="8" rx="2" /><rect class="k1 fi" width={share * 100} height="8" rx="2" /></svg>;
}

/** Where a share lies: from lo to hi, with its middle marked. */
export function IntervalBar({ lo, at, hi, name }: { lo: number; at: number; hi: number; name: string }) {
  const x = (v: number) => Math.max(0, Math.min(1, v)) * 100;
  return <svg class="mini xl bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={name}><title>{name}</title>
    <rect class="track" y="3" width="100" height="2" /><rect class="soft" x={x(lo)} width={Math.max(0.5, x(hi) - x(lo))} height="8" /><rect class="k1 fi" x={Math.min(99, x(at))} width="1" height="8" /></svg>;
}

export interface Part { name: string; n: number; k: 'k1' | 'k2' | 'k3' | 'k4' | 'k5' | 'soft' | 'track' }

/** One stacked bar with its legend; parts of nothing are left out of the bar but stay in the legend. */
export function Stacked({ parts, name }: { parts: Part[]; name: string }) {
  const total = parts.reduce((s, p) => s + p.n, 0);
  let x = 0;
  return <div class="col">
    <svg class="mini xl stack" viewBox="0 0 1000 14" preserveAspectRatio="none" role="img" aria-label={`${name}: ${parts.map(p => `${p.name} ${num(p.n)}`).join(', ')}`}>
      {total === 0 && <rect class="track" width="1000" height="14" />}
      {parts.map(p => {
        const w = total ? p.n / total * 1000 : 0, at = x;
        x += w;
        return w > 0 ? <rect key={p.name} class={cls(p.k)} x={at} width={Math.max(1, w - 2)} height="14" rx="2" /> : null;
      })}
    </svg>
    <div class="legend wrap" aria-hidden="true">{parts.map(p => <span key={p.name}><svg viewBox="0 0 8 8" class="swatch"><rect class={cls(p.k)} width="8" height="8" rx="1.500" /></svg>{p.name} {num(p.n)}</span>)}</div>
  </div>;
}
const cls = (k: Part['k']) => k === 'soft' || k === 'track' ? k : `${k} fi`;

/** Histogram of shares from 0 to 1. */
export function Histogram({ counts, name, goal }: { counts: number[]; name: string; goal?: number | undefined }) {
  const [ref, width] = useWidth<HTMLDivElement>(480);
  const W = Math.max(220, width), H = 168, left = 36, bottom = 22, top = 8, max = Math.max(1, ...counts), w = (W - left - 8) / counts.length;
  const nice = niceTop(max), y = (n: number) => top + (H - top - bottom) * (1 - n / nice);
  const total = counts.reduce((a, b) => a + b, 0);
  return <div ref={ref} class="min0"><svg class="chart" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={`${name}. ${t('chart.hist', { n: total })}`}>
    {[0, nice / 2, nice].map(v => <g key={v}><path class="grid" d={`M${left} ${y(v)}H${W - 8}`} /><text class="end-a" x={left - 6} y={y(v) + 4}>{num(v)}</text></g>)}
    {counts.map((n, i) => <rect key={i} class="k1 fi" x={left + i * w + 1.5} width={w - 3} y={y(n)} height={Math.max(0, H - bottom - y(n))} rx="2"><title>{`${num(i / counts.length)}–${num((i + 1) / counts.length)}: ${num(n)}`}</title></rect>)}
    <path class="axis" d={`M${left} ${H - bottom}H${W - 8}`} />
    {goal !== undefined && <path class="ref" d={`M${left + goal * (W - left - 8)} ${top}V${H - bottom}`} />}
    {[0, 0.25, 0.5, 0.75, 1].map(v => <text key={v} class="mid-a" x={left + v * (W - left - 8)} y={H - 6}>{v.toFixed(2)}</text>)}
  </svg></div>;
}

/** The next round number that the axis can end at. */
export function niceTop(max: number): number {
  const size = 10 ** Math.floor(Math.log10(Math.max(1, max)));
  for (const m of [1, 2, 4, 5, 10]) if (m * size >= max && (m * size) % 2 === 0) return m * size;
  return Math.max(2, 10 * size);
}
