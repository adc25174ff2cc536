/* Several people's answers over one picture or one text, told apart by colour and dash. */
import { useMemo, useState } from 'preact/hooks';
import { t } from '../core/i18n';
import { describe, labelsOf } from './summary';
import type { MaskImage } from './compare-layers';
import type { ResultItem } from './shapes';
import { safeImage } from './tasks-state';
import { Button } from '../ui/button';
import { vectorPath, verticesOf } from '../stage/image/vertices';
import '../stage/image/image.css';

export interface Layer { name: string; result: ResultItem[]; n: number }

const dashes = ['', '8 5', '2 4', '12 4 2 4', '5 2', '1 5', '10 3', '4 4'];
export const dashOf = (n: number) => (n > 0 ? dashes[(n - 1) % dashes.length]! : '');

/** The line and colour of person n. */
export function LineKey({ n }: { n: number }) {
  return <svg class={`keyl l${(n - 1) % 12 + 1} onpic`} viewBox="0 0 24 8" aria-hidden="true"><path class="o-k" d="M0 4h24" stroke-dasharray={dashOf(n)} /></svg>;
}

interface Shape { d?: string; ellipse?: [number, number, number, number]; rotate?: [number, number, number] }

function shape(r: ResultItem): Shape | null {
  const v = r.value ?? {}, x = Number(v.x), y = Number(v.y);
  if (Array.isArray(v.vertices)) {
    const d = vectorPath(verticesOf(v.vertices, (a, b) => ({ x: Number(a) || 0, y: Number(b) || 0 })), v.closed === true);
    return d === null ? null : { d };
  }
  if (Array.isArray(v.points) && v.points.length > 0 && Array.isArray(v.points[0])) {
    const pts = (v.points as number[][]).map(q => `${Number(q[0])} ${Number(q[1])}`);
    return { d: `M${pts.join('L')}${v.closed === false ? '' : 'Z'}` };
  }
  if (v.width !== undefined && v.radiusX === undefined && Number.isFinite(x)) {
    if (v.height === undefined) return { d: `M${x - 1} ${y}h2M${x} ${y - 1}v2` };
    return { d: `M${x} ${y}h${Number(v.width)}v${Number(v.height)}h${-Number(v.width)}Z`, rotate: [Number(v.rotation ?? 0), x, y] };
  }
  if (v.radiusX !== undefined) return { ellipse: [x, y, Number(v.radiusX), Number(v.radiusY)], rotate: [Number(v.rotation ?? 0), x, y] };
  return null;
}

/** A shape in per cent of a picture of w × h pixels. Rotation is in pixels: it is turned in pixel space. */
export function shapeOf(r: ResultItem, w: number, h: number): (Shape & { turn?: string }) | null {
  const s = shape(r);
  if (!s?.rotate?.[0]) return s;
  return { ...s, turn: `scale(${100 / w} ${100 / h}) rotate(${s.rotate[0]} ${s.rotate[1] * w / 100} ${s.rotate[2] * h / 100}) scale(${w / 100} ${h / 100})` };
}

/** `mark` is a place in per cent that is drawn around; `onSize` is told the size of the picture. Of masks that are about something else than `about` little is seen. */
export function PictureOverlay({ src, layers, alt, masks = [], about = null, mark, onSize }: { src: string; layers: Layer[]; alt: string; masks?: MaskImage[]; about?: string | null; mark?: [number, number, number, number] | null; onSize?: (size: [number, number]) => void }) {
  const [allowed, allow] = useState(safeImage(src)), [size, setSize] = useState<[number, number] | null>(null), [bad, setBad] = useState(false);
  if (!allowed) return <div class="stage over ask-pic"><div class="col"><p>{t('picture.elsewhere')}</p><code class="small pre">{src}</code><Button onClick={() => allow(true)}>{t('picture.load')}</Button></div></div>;
  if (bad) return <div class="stage over ask-pic"><p>{t('picture.bad')}</p></div>;
  const [w, h] = size ?? [100, 100];
  return <div class="stage picover">
    <img src={src} alt={alt} onLoad={e => { const got: [number, number] = [e.currentTarget.naturalWidth || 100, e.currentTarget.naturalHeight || 100]; setSize(got); onSize?.(got); }} onError={() => setBad(true)} />
    <svg viewBox={`0 0 ${w} ${h}`} aria-hidden="true">
      {masks.map(m => <image key={m.url} class={about !== null && about !== m.key ? 'o-far' : ''} data-mask={m.n} href={m.url} width={w} height={h} preserveAspectRatio="none" />)}
      <g transform={`scale(${w / 100} ${h / 100})`}>{layers.map(l => <g key={l.n} class={l.n > 0 ? `l${(l.n - 1) % 12 + 1}` : 'o-agreed'}>
        {l.result.map((r, i) => {
          const s = shapeOf(r, w, h);
          if (!s) return null;
          return <g key={r.id ?? i} transform={s.turn}>{[['o-d', ''], ['o-l', dashOf(l.n)]].map(([c, dash]) => s.ellipse
            ? <ellipse key={c} class={c} cx={s.ellipse[0]} cy={s.ellipse[1]} rx={s.ellipse[2]} ry={s.ellipse[3]} stroke-dasharray={dash} vector-effect="non-scaling-stroke" />
            : <path key={c} class={c} d={s.d} stroke-dasharray={dash} vector-effect="non-scaling-stroke" />)}</g>;
        })}
      </g>)}
        {mark && <rect class="mark-q" x={mark[0]} y={mark[1]} width={mark[2] - mark[0]} height={mark[3] - mark[1]} vector-effect="non-scaling-stroke" />}</g>
    </svg>
  </div>;
}

interface Piece { text: string; labels: string[] }

/** Cuts a text at every start and end of a span; offsets are UTF-16 code units. */
export function pieces(text: string, spans: { start: number; end: number; label: string }[]): Piece[] {
  const cuts = new Set([0, text.length]);
  for (const s of spans) { if (s.start >= 0 && s.start <= text.length) cuts.add(s.start); if (s.end >= 0 && s.end <= text.length) cuts.add(s.end); }
  const at = [...cuts].sort((a, b) => a - b), out: Piece[] = [];
  for (let i = 0; i + 1 < at.length; i++) {
    const from = at[i]!, to = at[i + 1]!;
    out.push({ text: text.slice(from, to), labels: spans.filter(s => s.start <= from && s.end >= to).map(s => s.label) });
  }
  return out;
}

export function spansOf(result: ResultItem[]): { start: number; end: number; label: string }[] {
  return result.flatMap(r => {
    const v = r.value ?? {}, start = typeof v.start === 'number' ? v.start : NaN, end = typeof v.end === 'number' ? v.end : NaN;
    return Number.isFinite(start) && Number.isFinite(end) ? [{ start, end, label: labelsOf(r).join(', ') || r.type }] : [];
  });
}

/** A text with one person's spans; labels are numbered over all people so that a colour means one label. */
export function TextSpans({ text, result, labels }: { text: string; result: ResultItem[]; labels: string[] }) {
  const list = useMemo(() => pieces(text, spansOf(result)), [text, result]);
  return <p class="read pre spans" dir="auto">{list.map((p, i) => p.labels.length === 0 ? p.text
    : <mark key={i} class={`l${labels.indexOf(p.labels[0]!) % 12 + 1}`}>{p.text}<span class="vh"> ({p.labels.join(', ')})</span></mark>)}</p>;
}

export function Answers({ result }: { result: ResultItem[] }) {
  if (result.length === 0) return <p class="mute">{t('result.empty')}</p>;
  return <ul class="col tight">{result.slice(0, 200).map((r, i) => {
    const d = describe(r);
    return <li key={r.id ?? i} class="answer"><bdi class="mid">{d.what}</bdi> <bdi class="dim pre">{d.text}</bdi></li>;
  })}{result.length > 200 && <li class="mute">{t('more', { n: result.length - 200 })}</li>}</ul>;
}
