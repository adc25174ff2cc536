/*
 * written.ts -- a result as JSON text.
 *
 * A draft goes out after every change, and writing two thousand regions takes
 * longer than a frame has.  Items and steps are never changed once they are made
 * (a change makes new ones), so each is written once and remembered; a draft is
 * put together from these texts.  Invariant: the text is what JSON.stringify
 * would say.
 */
import type { Step } from '../core/history';
import type { Result } from './result';

const texts = new WeakMap<object, string>();

function once<T extends object>(x: T, write: (x: T) => string): string {
  let s = texts.get(x);
  if (s === undefined) texts.set(x, s = write(x));
  return s;
}

const item = (r: Result): string => once(r, JSON.stringify);
const items = (list: readonly Result[]): string => once(list, () => list.map(item).join());

export const writtenItems = (list: readonly Result[]): string => `[${list.map(item).join()}]`;
export const writtenGroups = (groups: readonly (readonly Result[])[]): string => `[${groups.map(items).filter(Boolean).join()}]`;
export const writtenSteps = <P>(steps: readonly Step<P>[]): string => `[${steps.map((s) => once(s, JSON.stringify)).join()}]`;
