/*
 * purify.ts -- hostile HTML made harmless, as a fragment for the frame.
 *
 * The frame runs no script whatever is in it; here goes what would load from
 * outside, take somebody away, or only make noise.  Names and order of what
 * stays are as they came, so that ways through the tree lead where they led.
 */
import createDOMPurify, { type WindowLike } from 'dompurify';

const OPTIONS = {
  RETURN_DOM_FRAGMENT: true as const, RETURN_TRUSTED_TYPE: false, WHOLE_DOCUMENT: false, FORCE_BODY: true,
  FORBID_TAGS: ['audio', 'video', 'source', 'track', 'picture', 'dialog', 'feimage'],
  FORBID_ATTR: ['srcset', 'background', 'poster', 'ping', 'action', 'formaction', 'autofocus', 'contenteditable', 'tabindex', 'accesskey', 'lowsrc', 'popover', 'usemap', 'for', 'is', 'slot'],
};

/* What may be loaded: pictures in the text itself, and of this server. */
function loadable(src: string): boolean {
  if (/^data:image\//i.test(src)) return true;
  try { const u = new URL(src, location.origin); return u.origin === location.origin || u.protocol === 'blob:'; } catch { return false; }
}

const safeLink = (href: string): boolean => /^(https?|mailto):/i.test(href);

function tame(el: Element, links: boolean): void {
  for (const name of ['href', 'xlink:href']) {
    const href = el.getAttribute(name);
    if (href === null) continue;
    el.removeAttribute(name);
    if (/^(a|area)$/i.test(el.nodeName) && safeLink(href)) {
      el.setAttribute('data-href', href);
      if (links) { el.setAttribute('role', 'link'); el.setAttribute('tabindex', '0'); }
    } else if (/^image$/i.test(el.nodeName) && loadable(href)) el.setAttribute('href', href);
  }
  const src = el.getAttribute('src');
  if (src !== null && !loadable(src)) el.removeAttribute('src');
  el.removeAttribute('target');
}

/* Styles may load nothing from elsewhere; the frame's policy would refuse it aloud. */
const quiet = (css: string): string => css.replace(/@import[^;]*;?/gi, '').replace(/url\(\s*(['"]?)(?!data:image\/)[^)]*\)/gi, 'none');

/* By the rules of the frame itself: there inline styles are allowed and nothing else is. */
export function purify(html: string, links: boolean, win: Window): DocumentFragment {
  const out = createDOMPurify(win as unknown as WindowLike).sanitize(html, OPTIONS);
  for (const el of out.querySelectorAll('*')) {
    tame(el, links);
    if (/^style$/i.test(el.nodeName) && el.textContent) el.textContent = quiet(el.textContent);
    const style = el.getAttribute('style');
    if (style && /url\(|@import/i.test(style)) el.setAttribute('style', quiet(style));
  }
  return out;
}
