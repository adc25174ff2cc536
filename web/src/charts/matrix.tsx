/* A square of pairs: six steps of one blue, the number in every cell, the diagonal blank. The table is the same data. */
import { num, share, t } from '../core/i18n';
import { ScrollX } from '../ui/bits';
import { useWidth } from './bars';

export interface Cell { value: number | null; n: number }
export interface Matrix { names: string[]; cells: (Cell | null)[][] }

/** Pairs given once, in any order, become a symmetric square ordered by name. */
export function matrixOf(pairs: { a: string; b: string; value: number | null; n: number }[]): Matrix {
  const names = [...new Set(pairs.flatMap(p => [p.a, p.b]))].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
  const at = new Map(names.map((n, i) => [n, i]));
  const cells: (Cell | null)[][] = names.map(() => names.map(() => null));
  for (const p of pairs) {
    const i = at.get(p.a)!, j = at.get(p.b)!;
    if (i === j) continue;
    cells[i]![j] = cells[j]![i] = { value: p.value, n: p.n };
  }
  return { names, cells };
}

/** Step 0 to 5 of the ramp. */
export function heat(v: number): number { return Math.max(0, Math.min(5, Math.floor(v * 6))); }

export function Heatmap({ m, name }: { m: Matrix; name: string }) {
  const [ref, width] = useWidth<HTMLDivElement>(480);
  const label = 112, cw = Math.max(40, Math.min(84, (width - 112) / Math.max(1, m.names.length))), ch = 30, W = label + cw * m.names.length, H = 24 + ch * m.names.length;
  const cut = (s: string, n: number) => [...s].length > n ? `${[...s].slice(0, n - 1).join('')}…` : s;
  return <div ref={ref} class="min0"><ScrollX name={name}><svg class="chart heat" viewBox={`0 0 ${W} ${H}`} style={{ inlineSize: `${W}px` }} role="img" aria-label={`${name}. ${t('chart.astable')}`}>
    {m.names.map((n, j) => <text key={n} class="mid-a" x={label + j * cw + cw / 2} y="14">{cut(n, Math.floor(cw / 7))}</text>)}
    {m.names.map((n, i) => <g key={n}>
      <text class="end-a t-fg t-12" x={label - 8} y={24 + i * ch + ch / 2 + 4}>{cut(n, 15)}</text>
      {m.cells[i]!.map((c, j) => {
        const h = c && c.value !== null ? heat(c.value) : null;
        return <g key={j}><rect class={h === null ? (i === j ? 'v-none' : 'track') : `h${h}`} x={label + j * cw + 1} y={24 + i * ch + 1} width={cw - 2} height={ch - 2} rx="2">
          {c && <title>{`${n} – ${m.names[j]}: ${share(c.value)}, n ${num(c.n)}`}</title>}</rect>
          {c && c.value !== null && <text class={`mid-a t-12 ${h! >= 4 ? 'on-d' : 'on-l'}`} x={label + j * cw + cw / 2} y={24 + i * ch + ch / 2 + 4}>{share(c.value)}</text>}</g>;
      })}
    </g>)}
  </svg></ScrollX></div>;
}
