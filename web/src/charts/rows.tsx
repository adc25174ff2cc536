/* Rows with a name at the start and a number at the end: bars from zero, and points with their intervals. */
import { num, share, t } from '../core/i18n';
import { useWidth } from './bars';

const ROW = 26;
const cut = (s: string, n: number): string => ([...s].length > n ? `${[...s].slice(0, Math.max(1, n - 1)).join('')}…` : s);

interface Seek { at: number | null; seek: (i: number | null) => void }
export interface Bar { name: string; value: number; part?: number; text: string }

/** `part` of a bar is drawn dark, the rest light. */
export function BarRows({ name, rows, at, seek }: { name: string; rows: Bar[] } & Seek) {
  const [ref, width] = useWidth<HTMLDivElement>(420);
  const W = Math.max(220, width), label = Math.min(168, W * 0.36), end = 64, H = ROW * rows.length, most = Math.max(1, ...rows.map(r => r.value)), x = (v: number): number => (W - label - end) * v / most;
  return <div ref={ref} class="min0"><svg class="chart rows" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={name}>{rows.map((r, i) => <g key={i} class="k1">
    <rect class={`hit ${i === at ? 'hl' : ''}`} x="0" y={i * ROW} width={W} height={ROW} rx="3" onPointerEnter={() => seek(i)} />
    <text class="t-fg t-12" x="0" y={i * ROW + 17}>{cut(r.name, Math.floor(label / 7))}</text>
    <rect class={r.part === undefined ? 'fi' : 'soft'} x={label} y={i * ROW + 8} width={Math.max(r.value > 0 ? 2 : 0, x(r.value))} height="10" rx="2" pointer-events="none" />
    {r.part !== undefined && r.part > 0 && <rect class="fi" x={label} y={i * ROW + 8} width={Math.max(2, x(r.part))} height="10" rx="2" pointer-events="none" />}
    <text class="end-a t-12" x={W} y={i * ROW + 17}>{r.text}</text></g>)}
  </svg></div>;
}

export interface Point { name: string; value: number; lo: number | null; hi: number | null; n: number }

/** Blue is fine or unknown, ochre crosses the goal, red lies wholly below it. */
export const judged = (p: Point, goal: number | undefined): 'k1' | 'kwarn' | 'kbad' =>
  goal === undefined || p.lo === null || p.hi === null ? 'k1' : p.hi < goal ? 'kbad' : p.lo < goal ? 'kwarn' : 'k1';

export function Forest({ name, rows, goal, at, seek }: { name: string; rows: Point[]; goal?: number | undefined } & Seek) {
  const [ref, width] = useWidth<HTMLDivElement>(520);
  const W = Math.max(260, width), label = Math.min(150, W * 0.3), end = 104, H = ROW * rows.length + 22, low = Math.min(...rows.map(r => r.lo ?? r.value), goal ?? 1);
  const from = Math.max(0, Math.floor((low - 0.02) * 10) / 10), x = (v: number): number => label + (W - label - end) * (Math.max(from, Math.min(1, v)) - from) / (1 - from || 1);
  const count = Math.max(2, Math.min(6, Math.floor((W - label - end) / 44))), step = Math.ceil((1 - from) * 10 / count) / 10, ticks: number[] = [];
  for (let v = 1; v >= from - 1e-9; v -= step || 1) ticks.push(Math.round(v * 10) / 10);
  return <div ref={ref} class="min0"><svg class="chart rows" viewBox={`0 0 ${W} ${H}`} role="img" aria-label={name}>
    {ticks.map(v => <g key={v}><path class="grid" d={`M${x(v)} 0V${H - 20}`} /><text class="mid-a" x={x(v)} y={H - 5}>{share(v)}</text></g>)}
    {goal !== undefined && <path class="ref" d={`M${x(goal)} 0V${H - 20}`} />}
    {rows.map((r, i) => { const y = i * ROW + 13; return <g key={i} class={judged(r, goal)}>
      <rect class={`hit ${i === at ? 'hl' : ''}`} x="0" y={i * ROW} width={W} height={ROW} rx="3" onPointerEnter={() => seek(i)} />
      <text class="t-fg t-12" x="0" y={y + 4}>{cut(r.name, Math.floor(label / 7))}</text>
      {r.lo !== null && r.hi !== null && <path class="ci" d={`M${x(r.lo)} ${y}H${x(r.hi)}M${x(r.lo)} ${y - 3}v6M${x(r.hi)} ${y - 3}v6`} />}
      <circle class="pt" cx={x(r.value)} cy={y} r="4" />
      <text class="end-a t-fg t-12" x={W - 60} y={y + 4}>{share(r.value)}</text><text class="end-a t-12" x={W} y={y + 4}>{t('n.of', { n: num(r.n) })}</text></g>; })}
  </svg></div>;
}
