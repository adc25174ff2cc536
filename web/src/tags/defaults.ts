/*
 * defaults.ts -- what a config answers before anybody does.
 *
 * A preselected Choice, a defaultValue, the written value of a one-field
 * TextArea.  They are ordinary answers: seen, changed, taken back and
 * submitted like any other.  Nothing here looks at a result.
 */
import { controls, flag, isLabels, num, optionsOf, stored, textOf, valueOf, type Data, type Tag } from './tree';

export interface Default { type: string; value: Record<string, unknown> }

export function defaultAnswer(control: Tag, data: Data): Default | null {
  if (control.tag === 'Choices') {
    const on = selectedPaths(control, []);
    if (!on.length) return null;
    const out = on.map((p) => (flag(control, 'allowNested') ? p : p[p.length - 1]!));
    return { type: 'choices', value: { choices: control.attrs.choice === 'multiple' ? out : out.slice(0, 1) } };
  }
  if (control.tag === 'Rating') {
    const n = num(control, 'defaultValue', 0);
    return n > 0 ? { type: 'rating', value: { rating: n } } : null;
  }
  if (control.tag === 'Number') {
    const n = num(control, 'defaultValue', NaN);
    return Number.isFinite(n) ? { type: 'number', value: { number: n } } : null;
  }
  if (control.tag === 'TextArea' && num(control, 'maxSubmissions', Infinity) === 1) {
    const text = startText(control, data);
    return text ? { type: 'textarea', value: { text: [text] } } : null;
  }
  if (control.tag === 'Taxonomy') {
    const on = selectedPaths(control, []);
    return on.length ? { type: 'taxonomy', value: { taxonomy: on } } : null;
  }
  return null;
}

/* The text a TextArea begins with: written, or from the task. */
export function startText(control: Tag, data: Data): string {
  const v = valueOf(control, data);
  return Array.isArray(v) ? textOf(v[0]) : textOf(v);
}

function selectedPaths(t: Tag, path: string[]): string[][] {
  return t.children.flatMap((c): string[][] => {
    if (c.tag !== 'Choice') return selectedPaths(c, path);
    const own = [...path, stored(c)];
    return [...(flag(c, 'selected') ? [own] : []), ...selectedPaths(c, own)];
  });
}

/* The label in hand when a task opens: the first set that preselects one. */
export function defaultLabels(root: Tag): { control: string; values: string[] } | null {
  for (const c of controls(root)) {
    if (!isLabels(c)) continue;
    const on = optionsOf(c).filter((l) => flag(l, 'selected')).map(stored);
    if (on.length) return { control: c.name!, values: c.attrs.choice === 'multiple' ? on : on.slice(0, 1) };
  }
  return null;
}
