/* vertices.ts -- a stored line of vertices as points, and as a path to draw. Whoever draws says what a point of it is. */

interface At { x: number; y: number }
export interface Vertex extends Record<string, unknown> { id: string; prevPointId: string | null; at: At; in?: At; out?: At }

const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);

/* The line to a vertex comes from the one its prevPointId names; without one from the vertex before. */
export function verticesOf(list: unknown, point: (x: unknown, y: unknown) => At): Vertex[] {
  if (!Array.isArray(list)) return [];
  const at = (p: unknown): At | undefined => (isRecord(p) ? point(p.x, p.y) : undefined);
  return list.filter(isRecord).map((o, i, all): Vertex => {
    const before = i ? String(all[i - 1]!.id ?? i - 1) : null;
    const q: Vertex = { ...o, id: String(o.id ?? i), prevPointId: o.prevPointId === undefined ? before : o.prevPointId === null ? null : String(o.prevPointId), at: point(o.x, o.y) };
    const [a, b] = [at(o.controlPoint1), at(o.controlPoint2)];
    if (o.isBezier === true && a) q.in = a;
    if (o.isBezier === true && b) q.out = b;
    return q;
  });
}

const line = (a: Vertex, b: Vertex): string => (a.out || b.in
  ? `C${a.out?.x ?? a.at.x} ${a.out?.y ?? a.at.y} ${b.in?.x ?? b.at.x} ${b.in?.y ?? b.at.y} ${b.at.x} ${b.at.y}` : `L${b.at.x} ${b.at.y}`);

export function vectorPath(list: readonly Vertex[], closed: boolean): string | null {
  if (!list.length) return null;
  const byId = new Map(list.map((q) => [q.id, q]));
  let d = '', pen: Vertex | null = null;
  for (const q of list) {
    const from = q.prevPointId === null ? undefined : byId.get(q.prevPointId);
    if (!from) d += `M${q.at.x} ${q.at.y}`;
    else d += (from === pen ? '' : `M${from.at.x} ${from.at.y}`) + line(from, q);
    pen = q;
  }
  if (closed && pen && list.length > 2) d += `${line(pen, list[0]!)}Z`;
  return list.length === 1 ? `${d}h.001` : d;
}
