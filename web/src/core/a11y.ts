/* Things said to people who do not look: one polite and one assertive live region, made once. */

let polite: HTMLElement | null = null, urgent: HTMLElement | null = null;

function region(kind: 'polite' | 'assertive'): HTMLElement {
  const el = document.createElement('div');
  el.className = 'vh';
  el.setAttribute('aria-live', kind);
  el.setAttribute('role', kind === 'polite' ? 'status' : 'alert');
  document.body.append(el);
  return el;
}

/** Says a sentence. The same sentence twice is said twice. */
export function announce(text: string, now = false): void {
  const el = now ? (urgent ??= region('assertive')) : (polite ??= region('polite'));
  el.textContent = '';
  requestAnimationFrame(() => { el.textContent = text; });
}

/** Moves focus to an element that usually does not take it (a heading after a page change). */
export function focusOn(el: HTMLElement | null): void {
  if (!el) return;
  if (!el.hasAttribute('tabindex')) el.setAttribute('tabindex', '-1');
  el.focus({ preventScroll: true });
}

let ids = 0;
/** A fresh id for label/for pairs. */
export function uid(prefix = 'u'): string { return `${prefix}${++ids}`; }
