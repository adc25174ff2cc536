/* Lines over time, each with a band of what it may be; one column a moment. Gaps stay gaps. */
import { num } from '../core/i18n';
import { niceTop, useWidth } from './bars';

export interface Series { name: string; k: 'k1' | 'k2' | 'k3'; values: (number | null)[]; low?: (number | null)[]; high?: (number | null)[] }

export interface LineProps {
  name: string;
  labels: string[];
  series: Series[];
  range?: [number, number];       // fixed; otherwise from zero to the next round number
  goal?: number | undefined;
  format?: (v: number) => string;
  bars?: boolean;                 // counts are bars: they begin at zero
  at: number | null;
  seek: (i: number | null) => void;
}

/** Pieces of a line between gaps, as path data; a lonely point is a piece of length nought. */
export function path(values: (number | null)[], x: (i: number) => number, y: (v: number) => number): string {
  let out = '', pen = false;
  values.forEach((v, i) => {
    if (v === null) { pen = false; return; }
    out += `${pen ? 'L' : 'M'}${x(i).toFixed(1)} ${y(v).toFixed(1)}`;
    if (!pen && (values[i + 1] ?? null) === null) out += 'h0';
    pen = true;
  });
  return out;
}

function band(s: Series, x: (i: number) => number, y: (v: number) => number): string {
  let out = '', run: number[] = [];
  const close = (): void => {
    if (run.length > 1) out += `M${run.map(i => `${x(i).toFixed(1)} ${y(s.high![i]!).toFixed(1)}`).join('L')}L${[...run].reverse().map(i => `${x(i).toFixed(1)} ${y(s.low![i]!).toFixed(1)}`).join('L')}Z`;
    run = [];
  };
  (s.low ?? []).forEach((v, i) => { if (v === null || s.high?.[i] === null) close(); else run.push(i); });
  close();
  return out;
}

export function LineChart({ name, labels, series, range, goal, format = v => num(v), bars, at, seek }: LineProps) {
  const [ref, width] = useWidth<HTMLDivElement>(560);
  const W = Math.max(240, width), H = 196, left = 38, right = 12, top = 8, bottom = 24, n = labels.length;
  const most = Math.max(...series.flatMap(s => [...s.values, ...(s.high ?? [])]).filter((v): v is number => v !== null), 0);
  const [lo, hi] = range ?? [0, niceTop(Math.max(1, most))], step = (W - left - right) / Math.max(1, bars ? n : n - 1);
  const x = (i: number): number => left + (bars ? (i + 0.5) * step : i * step), y = (v: number): number => top + (H - top - bottom) * (1 - (Math.max(lo, Math.min(hi, v)) - lo) / (hi - lo || 1));
  const ticks = range ? [0, 1, 2, 3, 4].map(k => lo + (hi - lo) * k / 4) : [lo, hi / 2, hi];
  const every = Math.max(1, Math.ceil(n / Math.max(2, Math.floor((W - left) / 64))));
  return <div ref={ref} class="min0"><svg class="chart" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={name}>
    {ticks.map(v => <g key={v}><path class="grid" d={`M${left} ${y(v)}H${W - right}`} /><text class="end-a" x={left - 6} y={y(v) + 4}>{format(v)}</text></g>)}
    {goal !== undefined && <path class="ref" d={`M${left} ${y(goal)}H${W - right}`} />}
    {series.map((s, k) => <g key={s.name} class={s.k}>
      {s.low && <path class="band" d={band(s, x, y)} />}
      {bars && k === 0 ? s.values.map((v, i) => v !== null && v > 0 && <rect key={i} class="fi" x={x(i) - Math.min(14, step * 0.36)} width={Math.min(28, step * 0.72)} y={y(v)} height={Math.max(1, y(lo) - y(v))} rx="2" />)
        : <><path class="ln" stroke-dasharray={k > 0 ? '5 4' : undefined} stroke-linecap="round" d={path(s.values, x, y)} />
          {n > 0 && s.values[n - 1] !== null && s.values[n - 1] !== undefined && <circle class="dot" cx={x(n - 1)} cy={y(s.values[n - 1]!)} r="3" />}</>}
      {at !== null && s.values[at] !== null && s.values[at] !== undefined && !(bars && k === 0) && <circle class="pt" cx={x(at)} cy={y(s.values[at]!)} r="3.5" />}
    </g>)}
    <path class="axis" d={`M${left} ${y(lo)}H${W - right}`} />
    {at !== null && <path class="at" d={`M${x(at)} ${top}V${H - bottom}`} />}
    {labels.map((l, i) => ((n - 1 - i) % every === 0) && <text key={i} class={i === n - 1 && !bars ? 'end-a' : 'mid-a'} x={i === n - 1 && !bars ? W - right : x(i)} y={H - 6}>{l}</text>)}
    {labels.map((_, i) => <rect key={i} class="hit" x={x(i) - step / 2} width={step} y={top} height={H - top - bottom} onPointerEnter={() => seek(i)} />)}
  </svg></div>;
}

export function Legend({ series }: { series: { name: string; k: string }[] }) {
  return <span class="legend" aria-hidden="true">{series.map((s, i) => <span key={s.name}><svg class={s.k} viewBox="0 0 16 8"><path class="st" stroke-width="2" fill="none" stroke-dasharray={i ? '4 3' : undefined} d="M0 4h16" /></svg>{s.name}</span>)}</span>;
}
