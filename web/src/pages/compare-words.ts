/* Two wordings of one thing, word by word: for whoever has to choose between them. */
import { diff, type Part } from '../core/diff';

/* Words, and what stands between them, by the rules of the language; one word may be one sign. */
export const wordsIn = (text: string): string[] => [...new Intl.Segmenter(undefined, { granularity: 'word' }).segment(text)].map((x) => x.segment);

/* `text` as it differs from `other`: neighbours of one kind are one part. */
export function wordChanges(other: string, text: string): Part[] {
  const out: Part[] = [];
  for (const p of diff(wordsIn(other), wordsIn(text)) ?? [{ kind: 'new' as const, text }]) {
    const last = out[out.length - 1];
    if (last?.kind === p.kind) last.text += p.text;
    else out.push({ ...p });
  }
  return out;
}

/* The lines a person wrote: of a field, of all its lines. */
export const writtenIn = (v: Record<string, unknown> | undefined): string | null => {
  const text = v?.text;
  return typeof text === 'string' ? text : Array.isArray(text) && text.every((x) => typeof x === 'string') ? text.join('\n') : null;
};
