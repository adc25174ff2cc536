/* What is being drawn, in screen pixels: the open shape, the keyboard's cross, the lines of the crosshair, the brush. */
import { attr, colourClass } from '../../tags/tree';
import { boxOfThree, corners, toScreen, type Point } from './geometry';
import type { Editor } from './editor';
import type { Draft } from './model';

export function DraftShape({ ed }: { ed: Editor }) {
  const { m } = ed, d = m.draft.value, v = m.view.value, c = ed.cursor.value, st = m.stage.value, tool = m.tool.value;
  const info = m.store.info(m.store.active.value?.values[0]), on = (p: Point): Point => toScreen(v, p);
  return <g class={info ? colourClass(info.n) : 'l0'} style={info?.background ? { '--c': info.background } : undefined}>
    {c && <Cross p={on(c)} w={st.w} h={st.h} />}
    {!c && m.crosshair.value && ed.pointer.value && <Cross p={on(ed.pointer.value)} w={st.w} h={st.h} />}
    {(tool === 'brush' || tool === 'eraser') && (c ?? ed.pointer.value) && <Tip p={on((c ?? ed.pointer.value)!)} r={ed.radius.value * v.k} />}
    {d && !('points' in d) && <Corners d={d} on={on} />}
    {d && 'points' in d && <Line d={d} on={on} closes={d.kind === 'polygon' || attr(ed.controlFor('vector') ?? m.image, 'closable') === 'true'} />}
  </g>;
}

const Cross = ({ p, w, h }: { p: Point; w: number; h: number }) => <path class="cross" d={`M0 ${p.y}H${w}M${p.x} 0V${h}`} />;
const Tip = ({ p, r }: { p: Point; r: number }) => <><circle class="tip-d" cx={p.x} cy={p.y} r={r} /><circle class="tip" cx={p.x} cy={p.y} r={r} /></>;

function Corners({ d, on }: { d: Extract<Draft, { a: Point }>; on: (p: Point) => Point }) {
  const a = on(d.a), b = on(d.b), x = Math.min(a.x, b.x), y = Math.min(a.y, b.y), w = Math.abs(a.x - b.x), h = Math.abs(a.y - b.y);
  return d.kind === 'box'
    ? <><rect class="sel-d" x={x} y={y} width={w} height={h} /><rect class="shape" x={x} y={y} width={w} height={h} /></>
    : <><ellipse class="sel-d" cx={x + w / 2} cy={y + h / 2} rx={w / 2} ry={h / 2} /><ellipse class="shape" cx={x + w / 2} cy={y + h / 2} rx={w / 2} ry={h / 2} /></>;
}

/* The way to the next point: bent by the control points pulled out of either. */
function curve(a: Point, out: Point | null | undefined, next: Point | null | undefined, b: Point, on: (p: Point) => Point): string {
  if (!out && !next) return `L${b.x} ${b.y}`;
  const o = out ? on(out) : a, n = next ? on(next) : b, i = { x: 2 * b.x - n.x, y: 2 * b.y - n.y };
  return `C${o.x} ${o.y} ${i.x} ${i.y} ${b.x} ${b.y}`;
}

function Line({ d, on, closes }: { d: Extract<Draft, { points: Point[] }>; on: (p: Point) => Point; closes: boolean }) {
  const p = d.points.map(on);
  let path: string;
  if (d.kind === 'box3' && d.points.length === 2) path = `M${corners(boxOfThree(d.points[0]!, d.points[1]!, d.at)).map(on).map((q) => `${q.x} ${q.y}`).join('L')}Z`;
  else path = `M${[...p, on(d.at)].map((q, i) => (i ? curve(p[i - 1]!, d.outs[i - 1], i < p.length ? d.outs[i] : null, q, on) : `${q.x} ${q.y}`)).join('')}`;
  return <><path class="sel-d open" d={path} /><path class="shape open" d={path} />
    {p.map((q, i) => <rect key={i} class={`handle ${i === 0 && closes && p.length > 2 ? 'first' : ''}`} x={q.x - 4} y={q.y - 4} width="8" height="8" rx="1" />)}</>;
}
