/* Pairs of labels as a square. */
export interface LabelPair { a: string; b: string; n: number }
export interface Square { labels: string[]; cells: number[][]; sums: number[] }

/** The most frequent labels first, '' (nothing) last; pairs count from both sides, a label with itself once from each. */
export function squareOf(pairs: LabelPair[], most = 12): Square {
  const total = new Map<string, number>();
  for (const p of pairs) for (const l of [p.a, p.b]) total.set(l, (total.get(l) ?? 0) + p.n);
  const labels = [...total.keys()].filter(l => l !== '').sort((a, b) => total.get(b)! - total.get(a)! || (a < b ? -1 : 1)).slice(0, most);
  if (total.has('')) labels.push('');
  const at = new Map(labels.map((l, i) => [l, i])), cells = labels.map(() => labels.map(() => 0));
  for (const p of pairs) {
    const i = at.get(p.a), j = at.get(p.b);
    if (i === undefined || j === undefined) continue;
    cells[i]![j]! += p.n;
    cells[j]![i]! += p.n;
  }
  return { labels, cells, sums: cells.map(r => r.reduce((a, b) => a + b, 0)) };
}
