/* A copy stands a little lower, so that it is seen. */
export function nudge(place: Record<string, unknown>): Record<string, unknown> {
  const by = (v: unknown): unknown => (typeof v === 'number' ? Math.min(v + 2, 98) : v);
  if (Array.isArray(place.points)) return { points: (place.points as number[][]).map(([x, y]) => [by(x), by(y)]) };
  if (Array.isArray(place.vertices)) return { vertices: (place.vertices as Record<string, unknown>[]).map((v) => ({ ...v, x: by(v.x), y: by(v.y) })) };
  if ('rle' in place || 'imageDataURL' in place) return {};
  const out: Record<string, unknown> = { x: by(place.x), y: by(place.y) };
  for (const [k, size] of [['x', 'width'], ['y', 'height']] as const) {
    if (typeof place[size] === 'number' && typeof out[k] === 'number' && 'height' in place) out[k] = Math.max(0, Math.min(out[k], 100 - (place[size] as number)));
  }
  return out;
}
