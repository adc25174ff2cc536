/* Confidence across, share right up; on the dotted line they are the same. A point's size says of how many tasks it is. */
import { share } from '../core/i18n';
import { useWidth } from './bars';
import type { Dot } from './reliability-model';

export function Reliability({ dots, name, axes, at, seek }: { dots: Dot[]; name: string; axes: [string, string]; at: number | null; seek: (i: number | null) => void }) {
  const [ref, width] = useWidth<HTMLDivElement>(480);
  const W = Math.max(240, Math.min(560, width)), H = 288, left = 38, right = 14, top = 26, bottom = 40, most = Math.max(1, ...dots.map(d => d.n));
  const x = (v: number): number => left + v * (W - left - right), y = (v: number): number => top + (H - top - bottom) * (1 - v), r = (n: number): number => 3 + 6 * Math.sqrt(n / most);
  return <div ref={ref} class="min0"><svg class="chart rely" viewBox={`0 0 ${W} ${H}`} style={{ maxInlineSize: `${W}px` }} role="img" aria-label={name}>
    {[0, 0.25, 0.5, 0.75, 1].map(v => <g key={v}><path class="grid" d={`M${left} ${y(v)}H${W - right}`} /><text class="end-a" x={left - 6} y={y(v) + 4}>{share(v)}</text><text class="mid-a" x={x(v)} y={H - 22}>{share(v)}</text></g>)}
    <text x={left} y={12}>{axes[1]}</text><text class="end-a" x={W - right} y={H - 4}>{axes[0]}</text>
    <path class="even" d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
    <g class="k1">{dots.map((d, i) => <g key={d.tenth}><path class="ci" d={`M${x(d.sure)} ${y(d.low)}V${y(d.high)}m-4 0h8M${x(d.sure) - 4} ${y(d.low)}h8`} /><circle class={`pt ${at === i ? 'now' : ''}`} cx={x(d.sure)} cy={y(d.right)} r={r(d.n)} /></g>)}</g>
    <path class="axis" d={`M${left} ${y(0)}H${W - right}`} />
    {at !== null && dots[at] && <path class="at" d={`M${x(dots[at]!.sure)} ${top}V${H - bottom}`} />}
    {dots.map((d, i) => <rect key={d.tenth} class="hit" x={x(d.tenth / 10)} width={x(0.1) - x(0)} y={top} height={H - top - bottom} onPointerEnter={() => seek(i)} />)}
  </svg></div>;
}
