/* Relations drawn on a text. Their twin is the list, so this is not read aloud. */
import { choose, linksOf } from '../../tags/links';
import { namesOf, wayOf } from '../../tags/relations';
import { layArcs, type Arc } from './arcs';
import type { SpanModel } from './model';
import type { Box } from './offsets';

export function ArcLayer({ m }: { m: SpanModel }) {
  m.tick.value;
  const s = m.surface.value, l = linksOf(m.store), [a, b] = m.view.value, chosen = l.chosen.value, near = l.near.value;
  const list = m.store.relations;
  if (!s || !list.length) return null;
  const o = s.root.getBoundingClientRect(), spans = new Map(m.spans.value.map((x) => [x.id, x]));
  const first = (id: string): Box | undefined => {
    const x = spans.get(id), r = x && s.rects(x.start, x.end)[0];
    return r && { left: r.left - o.left, right: r.right - o.left, top: r.top - o.top, bottom: r.bottom - o.top };
  };
  const arcs = list.flatMap(([id, r]): Arc[] => {
    const p = spans.get(String(r.from_id)), q = spans.get(String(r.to_id));
    if (!p || !q || Math.max(p.end, q.end) < a || Math.min(p.start, q.start) > b) return [];
    const from = first(p.id), to = first(q.id);
    return from && to ? [{ id, from, to, text: namesOf(r).join(', ') }] : [];
  });
  const way = new Map(list.map(([id, r]) => [id, wayOf(r)]));
  const drawn = layArcs(arcs, s.rtl(a) ? o.width : 0);
  const top = (id: string): number => (id === chosen ? 2 : id === near ? 1 : 0);
  return <svg class="arcs" aria-hidden="true">{drawn.sort((x, y) => top(x.id) - top(y.id)).map((d) =>
    <g key={d.id} class={`${d.id === chosen ? 'sel' : ''} ${d.id === near ? 'near' : ''}`} onClick={(e) => { e.stopPropagation(); choose(m.store, d.id); }}
      onPointerEnter={() => { l.near.value = d.id; }} onPointerLeave={() => { if (l.near.peek() === d.id) l.near.value = null; }}>
      <path class="hit" d={d.d} /><path d={d.d} />
      {way.get(d.id) !== 'left' && <path class="tip" d={d.tips.to} />}{way.get(d.id) !== 'right' && <path class="tip" d={d.tips.from} />}
      {d.text && <><rect x={d.x - d.w / 2} y={d.y - 7} width={d.w} height={14} /><text x={d.x} y={d.y + 4}>{d.text}</text></>}
    </g>)}</svg>;
}
