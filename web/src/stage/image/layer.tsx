/*
 * layer.tsx -- the shapes on a picture: what is alive as nodes, the painter of
 * the others, the pointer and the keys.  One chunk, right behind the picture.
 */
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { family } from '../../tags/families';
import { relationsView } from '../../tags/links';
import { placeOf, shapeOf } from '../../tags/result';
import type { TaskStore } from '../../tags/store';
import { attr, colourClass, shapeNumber, type LabelInfo } from '../../tags/tree';
import { MARKS } from '../../ui/paths';
import { bindKeys } from './board';
import { DraftShape } from './draft';
import { Editor } from './editor';
import { toScreen, type Size } from './geometry';
import { kindOf } from './kinds';
import type { ImageModel } from './model';
import { lookOf, Painter } from './paint';
import { isMaskTool } from './tools';
import './words';
import './layer.css';

interface Ref<T> { current: T | null }

export function Over({ m, root, canvases, live, space }: { m: ImageModel; root: Ref<HTMLElement>; canvases: Ref<HTMLElement>; live: boolean; space: { value: boolean } }) {
  const ed = useMemo(() => m.editor ?? new Editor(m, family('mask')?.Masks), [m]), size = m.size.value, paint = useRef<Painter | null>(null);
  useLayoutEffect(() => {
    const own = paint.current = new Painter(canvases.current!);
    return () => own.stop();
  }, []);
  useLayoutEffect(() => {
    const stop = ed.start(), leave = paint.current!.follow(ed), unmount = ed.pixels?.mount(canvases.current!);
    return () => { leave(); unmount?.(); stop(); };
  }, [ed]);
  useLayoutEffect(() => (live ? bindKeys(ed, root, space) : undefined), [ed, live, m.tools.join()]);
  useLayoutEffect(() => { m.begin(ed); }, [ed]);
  return size && <>
    <Flags m={m} />
    {relationsView.value && <Links m={m} size={size} />}
    {m.editable && <Handles ed={ed} />}
    <DraftShape ed={ed} />
  </>;
}

function labelLook(store: TaskStore, labels: readonly string[]): { cls: string; info: LabelInfo | undefined; style?: Record<string, string> } {
  const info = store.info(labels[0]);
  const cls = info ? colourClass(info.n) : 'l0';
  return { cls, info, ...(info?.background ? { style: { '--c': info.background } } : {}) };
}

export function Live({ m }: { m: ImageModel }) {
  const live = m.live.value, hover = m.hover.value, here = m.here.value;
  return <>
    {hover !== null && !live.has(hover) && here.has(hover) && <Shape key="hover" m={m} id={hover} how="hov" />}
    {[...live].filter((id) => here.has(id)).map((id, i) => <Shape key={i} m={m} id={id} how="sel" />)}
  </>;
}

function Shape({ m, id, how }: { m: ImageModel; id: string; how: 'sel' | 'hov' }) {
  const items = m.store.items(id), r = items.find((x) => shapeOf(x) !== null), size = m.size.value;
  if (!r || !size || m.store.hidden.value.has(id)) return null;
  const shape = shapeOf(r), d = kindOf(shape)?.path(placeOf(r), size);
  if (!d) return null;
  const look = labelLook(m.store, m.store.labelsOf(id)), open = kindOf(shape)!.open?.(placeOf(r)) || lookOf({ control: m.store.control(r.from_name) }).fill === 0;
  const cls = `shape ${how} ${r.origin === 'prediction' ? 'ghost' : ''} ${shape === 'point' ? 'dot' : ''} ${open ? 'open' : ''}`;
  return <g class={look.cls} style={look.style} data-region={id} aria-hidden="true">
    <path class={`${how}-d ${shape === 'point' ? 'dot' : ''}`} d={d} /><path class={cls} d={d} />
  </g>;
}

/* Relations as lines from middle to middle. */
function Links({ m, size }: { m: ImageModel; size: Size }) {
  const Lines = relationsView.value!.RelationLines, here = m.here.value, view = m.view.value;
  return <Lines store={m.store} at={(id) => {
    const r = here.has(id) ? m.store.items(id).find((x) => shapeOf(x) !== null) : undefined, h = r && kindOf(shapeOf(r))?.hull(placeOf(r), size);
    return h ? toScreen(view, { x: h.x + h.width / 2, y: h.y + h.height / 2 }) : null;
  }} />;
}

function Flags({ m }: { m: ImageModel }) {
  const here = m.regions.value;
  return <g class="flags">{[...m.live.value].map((id, i) => <Flag key={i} m={m} id={id} n={here.indexOf(id) + 1} />)}</g>;
}

function Flag({ m, id, n }: { m: ImageModel; id: string; n: number }) {
  const r = m.store.items(id).find((x) => shapeOf(x) !== null), size = m.size.value;
  if (!r || !size || !n || m.store.hidden.value.has(id)) return null;
  const at = kindOf(shapeOf(r))?.flag(placeOf(r), size);
  if (!at) return null;
  const { cls, info, style } = labelLook(m.store, m.store.labelsOf(id)), p = toScreen(m.view.value, at);
  const text = String(n), w = 26 + 8 * text.length;
  return <g class={`flag sel ${cls}`} style={style} transform={`translate(${Math.round(p.x)} ${Math.round(p.y)})`} data-flag={id} aria-hidden="true">
    <rect x="-1" y="-22" width={w} height="20" rx="3" />
    {info && <path class="mk" transform="translate(4 -18)" fill-rule="evenodd" d={MARKS[shapeNumber(info.n) - 1]} />}
    <text x={info ? 20 : 8} y="-7.500">{info ? text : `${text} ?`}</text>
  </g>;
}

function Handles({ ed }: { ed: Editor }) {
  const { m } = ed, id = m.store.selection.value;
  if (id === null || m.live.value.size > 1 || m.store.locked.value.has(id) || m.store.hidden.value.has(id) || m.draft.value || isMaskTool(m.tool.value)) return null;
  if (!m.here.value.has(id)) return null;
  const v = m.view.value, list = ed.grips(id).map((h) => ({ ...h, ...toScreen(v, h) }));
  const top = list.find((h) => h.grip === 'turn'), n = list.find((h) => h.grip === 'n'), c = m.store.spatial(id)?.from_name;
  const round = attr(m.store.control(c) ?? m.image, 'pointStyle') === 'circle';
  return <g class="grips">
    {top && n && <line class="stalk" x1={n.x} y1={n.y} x2={top.x} y2={top.y} />}
    {list.map((h) => <g key={h.grip} data-grip={h.grip} class={`grip g-${h.grip.replace(/\d+/, '')} ${h.soft ? 'soft' : ''}`}>
      <rect class="hit" x={h.x - 12} y={h.y - 12} width="24" height="24" />
      {h.grip === 'turn' || round || h.soft ? <circle class="handle" cx={h.x} cy={h.y} r={h.soft ? 3.5 : 5} /> : <rect class="handle" x={h.x - 4} y={h.y - 4} width="8" height="8" rx="1" />}
    </g>)}
  </g>;
}
