/* What changed between two wordings, paragraph by paragraph. */
import { diff, type Part } from '../core/diff';

export type { Part };

export const changes = (before: string, after: string): Part[] =>
  diff(lines(before), lines(after)) ?? [{ kind: 'new', text: after }];

const lines = (text: string): string[] => text.split(/\r?\n/).map((x) => x.trimEnd()).filter((x) => x !== '');
