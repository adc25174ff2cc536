/* What several people answered: over one picture or one text, side by side, and who agrees with whom. */
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { num, share, t } from '../core/i18n';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { Answers, dashOf, LineKey, pieces, shapeOf, spansOf } from './overlay';
import { MaskKey, type MaskImage } from './compare-layers';
import { isMask, maskKey } from './compare-pixels';
import { wordChanges, writtenIn } from './compare-words';
import { chosenItems, placeOf, type Point, type Said } from './compare-model';
import { describe } from './summary';
import type { ResultItem } from './shapes';

export const nameOf = (n: number): string => t('cmp.person', { n });

/** What a variant says, in a few words. */
export function words(items: ResultItem[]): string {
  if (items.length === 0) return t('cmp.nothing');
  return items.map(r => { const d = describe(r); return d.region ? d.what : d.text || d.what; }).filter((x, i, all) => all.indexOf(x) === i).join(', ');
}

export function pointName(p: Point): string {
  if (!p.region) return p.control;
  const labels = [...new Set(p.variants.flatMap(v => (v.items[0] ? [describe(v.items[0]).what] : [])))];
  return labels.join(' / ');
}

/* A text with a line a person under what they marked; the line of each lies in a lane of its own. */
export function TextOverlay({ text, layers, mark }: { text: string; layers: Said[]; mark: [number, number] | null }) {
  const list = useMemo(() => pieces(text, layers.flatMap(l => spansOf(l.result).map(s => ({ ...s, label: String(l.n) })))), [text, layers]);
  let at = 0;
  return <p class="read pre lanes" dir="auto">{list.map((p, i) => {
    const from = at, who = [...new Set(p.labels.map(Number))];
    at += p.text.length;
    const on = mark && from >= mark[0] && at <= mark[1];
    if (who.length === 0 && !on) return p.text;
    return <span key={i} class={`lane ${on ? 'on' : ''} ${who.map(n => `w${(n - 1) % 8 + 1}`).join(' ')}`}>{p.text}{who.length > 0 && <span class="vh"> ({who.map(nameOf).join(', ')})</span>}</span>;
  })}</p>;
}

/* The part of a picture that a point is about, with one person's shapes. */
export function Crop({ src, size, box, said, name, masks }: { src: string; size: [number, number]; box: [number, number, number, number]; said: Said; name: string; masks: MaskImage[] }) {
  const [w, h] = size, x = box[0] / 100 * w, y = box[1] / 100 * h, cw = (box[2] - box[0]) / 100 * w, ch = (box[3] - box[1]) / 100 * h;
  return <svg class="crop" viewBox={`${x} ${y} ${cw} ${ch}`} preserveAspectRatio="xMidYMid meet" role="img" aria-label={name}>
    <image href={src} width={w} height={h} preserveAspectRatio="none" />
    {masks.map(m => <image key={m.url} href={m.url} width={w} height={h} preserveAspectRatio="none" />)}
    <g class={`l${(said.n - 1) % 12 + 1}`} transform={`scale(${w / 100} ${h / 100})`}>{said.result.map((r, i) => {
      const s = shapeOf(r, w, h);
      return s && <g key={i} transform={s.turn}>{['o-d', 'o-l'].map(c => s.ellipse
        ? <ellipse key={c} class={c} cx={s.ellipse[0]} cy={s.ellipse[1]} rx={s.ellipse[2]} ry={s.ellipse[3]} stroke-dasharray={c === 'o-l' ? dashOf(said.n) : ''} vector-effect="non-scaling-stroke" />
        : <path key={c} class={c} d={s.d!} stroke-dasharray={c === 'o-l' ? dashOf(said.n) : ''} vector-effect="non-scaling-stroke" />)}</g>;
    })}</g>
  </svg>;
}

/** The place of a point with room around it, in per cent of the picture; null without a place on a picture. */
export function boxOf(p: Point): [number, number, number, number] | null {
  const all = p.variants.flatMap(v => v.items).map(placeOf).filter(x => x?.kind === 'box').map(x => x!.at as number[]);
  if (all.length === 0) return null;
  const b = [0, 1].map(k => Math.min(...all.map(a => a[k]!))).concat([2, 3].map(k => Math.max(...all.map(a => a[k]!)))) as [number, number, number, number];
  const padX = Math.max(4, (b[2] - b[0]) * 0.3), padY = Math.max(4, (b[3] - b[1]) * 0.3);
  return [Math.max(0, b[0] - padX), Math.max(0, b[1] - padY), Math.min(100, b[2] + padX), Math.min(100, b[3] + padY)];
}

export function spanOf(p: Point): [number, number] | null {
  const all = p.variants.flatMap(v => v.items).map(placeOf).filter(x => x?.kind === 'span').map(x => x!.at as number[]);
  return all.length ? [Math.min(...all.map(a => a[0]!)), Math.max(...all.map(a => a[1]!))] : null;
}

/* One card a person: what they said at this point, and the button that takes it. */
export function Cards({ p, answers, picture, lines, text, masks, onPick }:
  { p: Point; answers: Said[]; picture: { src: string; size: [number, number] } | null; lines: boolean; text: string | null; masks: MaskImage[]; onPick: (n: number) => void }) {
  const box = picture && p.region ? boxOf(p) : null, span = text !== null && p.region ? spanOf(p) : null, about = aboutMask(p), wanted = [...chosenItems(p), ...answers.flatMap(a => p.variants.find(v => v.who.includes(a.n))?.own.get(a.n) ?? [])];
  return <div class="cmp3">{answers.map(a => {
    const at = p.variants.findIndex(v => v.who.includes(a.n)), items = p.variants[at]?.own.get(a.n) ?? [], on = at === p.chosen && (p.by === null || p.by === a.n || !p.region);
    return <figure key={a.n} class={`cmp-card ${on ? 'pick' : ''}`} aria-label={nameOf(a.n)}>
      {box && picture ? <Crop src={picture.src} size={picture.size} box={box} said={a} name={t('cmp.crop', { n: a.n })} masks={masks.filter(m => m.n === a.n && m.key === about)} />
        : span && text !== null ? <Snippet text={text} span={span} items={items} n={a.n} />
          : <div class="cmp-say" dir="auto">{items.length === 0 ? <p class="mute">{t('cmp.nothing')}</p> : items.every(isWritten) ? null : <Answers result={items.filter(r => !isWritten(r))} />}
            {!p.region && <Written items={items} wanted={wanted} />}</div>}
      {p.region && <Written items={items} wanted={wanted} />}
      <figcaption class="row"><span class="grow col flat"><span class="row">{lines && (about !== null ? <MaskKey n={a.n} /> : <LineKey n={a.n} />)}<span class="mid">{nameOf(a.n)}</span></span>{(box ?? span) && <span class="small dim clip3" dir="auto">{words(items.filter(r => !isWritten(r)))}</span>}</span>
        <Button pressed={on} {...(a.n < 10 ? { combo: String(a.n) } : {})} onClick={() => onPick(a.n)}>{t(on ? 'cmp.chosen' : 'cmp.choose')}<span class="vh"> {nameOf(a.n)}</span></Button></figcaption>
    </figure>;
  })}</div>;
}

/** What a point is about, when that is masks. */
export const aboutMask = (p: Point | undefined): string | null => { const r = p?.variants.flatMap(v => v.items).find(isMask); return r ? maskKey(r) : null; };

const isWritten = (r: ResultItem): boolean => r.type === 'textarea' && writtenIn(r.value) !== null;

/* What somebody wrote, each word that is not in the chosen wording (else the first one) marked, and each of that which is missing. */
function Written({ items, wanted }: { items: ResultItem[]; wanted: ResultItem[] }) {
  return <>{items.filter(isWritten).map((r, i) => {
    const text = writtenIn(r.value)!, other = wanted.find(x => x.from_name === r.from_name && isWritten(x)), parts = other && other !== r ? wordChanges(writtenIn(other.value)!, text) : [{ kind: 'same', text } as const];
    return <p key={i} class="cmp-words pre" dir="auto"><span class="small mute block">{r.from_name}</span>{parts.map((x, k) => x.kind === 'same' ? x.text
      : x.kind === 'new' ? <ins key={k}><span class="vh">{t('cmp.word.here')} </span>{x.text}</ins> : <del key={k}><span class="vh">{t('cmp.word.not')} </span>{x.text}</del>)}</p>;
  })}</>;
}

function Snippet({ text, span, items, n }: { text: string; span: [number, number]; items: ResultItem[]; n: number }) {
  const from = Math.max(0, span[0] - 60), to = Math.min(text.length, span[1] + 60), list = pieces(text.slice(from, to), spansOf(items).map(s => ({ ...s, start: Math.max(0, s.start - from), end: Math.min(to - from, s.end - from) })));
  return <p class="cmp-say pre lanes" dir="auto">{from > 0 && '…'}{list.map((x, i) => x.labels.length ? <span key={i} class={`lane w${(n - 1) % 8 + 1}`}>{x.text}</span> : x.text)}{to < text.length && '…'}</p>;
}

/* The list of all points: what will be in the ruling, and how many say so. */
export function PointList({ points, at, sure, people, onGo }: { points: Point[]; at: number; sure: Map<string, number>; people: number; onGo: (i: number) => void }) {
  return <ul class="list cmp-points">{points.map((p, i) => {
    const v = p.variants[p.chosen], s = sure.get(p.control);
    return <li key={p.key} class={i === at ? 'sel' : ''}><button type="button" class="cmp-point" aria-current={i === at ? 'true' : undefined} onClick={() => onGo(i)}>
      <Icon i={p.same ? 'check' : 'alert'} cls={p.same ? 'ok' : 'warn'} />
      <span class="grow col flat"><span class="mid" dir="auto">{pointName(p)}</span><span class="small dim clip3" dir="auto">{words(v?.items ?? [])}</span></span>
      <span class="small dim nowrap">{p.same ? t('cmp.all', { n: people }) : t('cmp.of', { n: v?.who.length ?? 0, of: people })}</span>
      {!p.region && s !== undefined && <span class="num w36 small" title={t('consensus.confidence')}>{share(s)}</span>}
    </button></li>;
  })}</ul>;
}

/** Who agrees with whom on this task. */
export function TaskMatrix({ pairs, mean }: { pairs: (number | null)[][]; mean: number | null }) {
  const n = pairs.length;
  if (n < 2) return null;
  return <div class="sect-t in-p col"><div class="row"><h2 class="grow">{t('cmp.matrix')}</h2><span class="small mute">{t('cmp.mean', { value: share(mean) })}</span></div>
    <table class="cmp-matrix"><caption class="vh">{t('cmp.matrix')}</caption>
      <thead><tr><td />{pairs.map((_, j) => <th scope="col" key={j}><span class="vh">{nameOf(j + 1)}</span><span aria-hidden="true">{num(j + 1)}</span></th>)}</tr></thead>
      <tbody>{pairs.map((row, i) => <tr key={i}><th scope="row">{nameOf(i + 1)}</th>{row.map((v, j) => <td key={j} class={v === null ? 'self' : `hc${Math.max(0, Math.min(5, Math.floor(v * 6)))}`}>{v === null ? '' : share(v)}</td>)}</tr>)}</tbody></table></div>;
}

export function Section({ title, aside, children }: { title: string; aside?: string; children: ComponentChildren }) {
  return <div class="sect-t in-p col"><div class="row"><h2 class="grow">{title}</h2>{aside && <span class="small mute">{aside}</span>}</div>{children}</div>;
}
