/* What was done once, done again: the regions of the task before, or the last region. Shapes only: a place in one text
   means nothing in another. */
import { announce } from '../core/a11y';
import { t } from '../core/i18n';
import { shortId } from '../core/store';
import { nudge } from '../tags/nudge';
import { placeOf, shapeOf, spatialOf, type Result } from '../tags/result';
import type { TaskStore } from '../tags/store';
import { toast } from '../ui/toast';
import type { Pipeline } from './annotate-pipeline';
import './annotate-side';

/* A copy under an id of its own, if this task has the controls for it. */
function copyInto(to: TaskStore, items: readonly Result[], shift: (v: Record<string, unknown>) => Record<string, unknown>): readonly [string, Result[]] | null {
  const where = spatialOf(items);
  if (!where || ['span', 'other'].includes(shapeOf(where) ?? 'other')) return null;
  const id = shortId(), fit = items.filter((r) => to.control(r.from_name));
  if (!fit.includes(where)) return null;
  return [id, fit.map((r) => ({ ...r, id, origin: 'manual', value: { ...r.value, ...shift(placeOf(r)) } }))];
}

export function copyFrom(p: Pipeline): void {
  const to = p.current.peek()?.work.store, from = p.previous;
  const made = to && from ? from.regions.peek().map((id) => copyInto(to, from.peek(id), () => ({}))).filter((x) => x !== null) : [];
  if (!to || !made.length) { toast(t('again.none')); return; }
  to.change('copy', made);
  to.history.seal();
  announce(t('again.copied', { n: made.length }));
}

export function repeatLast(p: Pipeline): void {
  const to = p.current.peek()?.work.store;
  if (!to) return;
  const own = to.regions.peek().at(-1), store = own !== undefined ? to : p.previous, id = own ?? p.previous?.regions.peek().at(-1);
  const made = store && id !== undefined ? copyInto(to, store.peek(id), own !== undefined ? nudge : () => ({})) : null;
  if (!made) { toast(t('again.none')); return; }
  to.change('repeat', [made]);
  to.history.seal();
  to.selection.value = made[0];
  announce(t('again.repeated'));
}
