/* What changed between two wordings, paragraph by paragraph: the longest common run of lines stays, the rest came or went. */

export interface Part { kind: 'same' | 'new' | 'gone'; text: string }

const MOST = 2000;        // lines a side: beyond it the whole is shown as new

export function changes(before: string, after: string): Part[] {
  const a = lines(before), b = lines(after);
  if (a.length > MOST || b.length > MOST) return [{ kind: 'new', text: after }];
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

const lines = (text: string): string[] => text.split(/\r?\n/).map((x) => x.trimEnd()).filter((x) => x !== '');
