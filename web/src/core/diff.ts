/* What came and what went between two lists: the longest common run stays. */

export interface Part { kind: 'same' | 'new' | 'gone'; text: string }

const MOST = 2000;        // entries a side

/* null: too long for anybody to read in parts. */
export function diff(a: readonly string[], b: readonly string[]): Part[] | null {
  if (a.length > MOST || b.length > MOST) return null;
  // far[i][j]: length of the longest common run of a from i and b from j
  const far: Uint16Array[] = Array.from({ length: a.length + 1 }, () => new Uint16Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) far[i]![j] = a[i] === b[j] ? far[i + 1]![j + 1]! + 1 : Math.max(far[i + 1]![j]!, far[i]![j + 1]!);
  }
  const out: Part[] = [];
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { out.push({ kind: 'same', text: a[i]! }); i++; j++; }
    else if (i < a.length && (j >= b.length || far[i + 1]![j]! >= far[i]![j + 1]!)) out.push({ kind: 'gone', text: a[i++]! });
    else out.push({ kind: 'new', text: b[j++]! });
  }
  return out;
}
