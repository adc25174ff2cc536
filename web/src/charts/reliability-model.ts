/* How sure consensus was beside how right it was: points with their intervals, and how far they lie from what was said. */

export interface Bin { control: string; tenth: number; tasks: number; confidence: number; right: number }
export interface Dot { tenth: number; n: number; sure: number; right: number; low: number; high: number }

/** Wilson's interval of a share, 95 %: honest for few tasks and near nought and one. */
export function wilson(share: number, n: number): [number, number] {
  const z = 1.96, d = 1 + z * z / n, mid = (share + z * z / (2 * n)) / d, half = z / d * Math.sqrt(share * (1 - share) / n + z * z / (4 * n * n));
  return [Math.max(0, mid - half), Math.min(1, mid + half)];
}

export const dotsOf = (bins: readonly Bin[], control: string): Dot[] => bins.filter(b => b.control === control && b.tasks > 0).map(b => {
  const [low, high] = wilson(b.right, b.tasks);
  return { tenth: b.tenth, n: b.tasks, sure: b.confidence, right: b.right, low, high };
});

/** The expected calibration error: by how much confidence is off, over tasks. Null without any. */
export function errorOf(dots: readonly Dot[]): number | null {
  const n = dots.reduce((s, d) => s + d.n, 0);
  return n ? dots.reduce((s, d) => s + d.n * Math.abs(d.sure - d.right), 0) / n : null;
}

/** Which way it is off, when it is by more than chance: surer than right, or less sure. */
export function lean(dots: readonly Dot[]): 'over' | 'under' | 'even' {
  const n = dots.reduce((s, d) => s + d.n, 0);
  if (!n) return 'even';
  const sure = dots.reduce((s, d) => s + d.n * d.sure, 0) / n, right = dots.reduce((s, d) => s + d.n * d.right, 0) / n, [low, high] = wilson(right, n);
  return sure > high ? 'over' : sure < low ? 'under' : 'even';
}
