/* What several tags share: the frame of a question, a notice, moving by arrow keys in a group. */
import type { ComponentChildren } from 'preact';
import { t } from '../core/i18n';
import { Icon } from '../ui/icon';
import { useRegion, useWork } from './context';
import { family } from './families';
import { problemKey } from './visible';
import { flag, type Tag } from './tree';

/* A tag nobody can show yet. What it holds in the result is kept as it came. */
export function Notice({ tag }: { tag: Tag }) {
  return <p class="note small" data-notice={tag.tag}><Icon i="info" /><span>{t('an.notice', { tag: tag.tag })}</span></p>;
}

/* The name of a question: what the config calls it, for those who do not see the header above. */
export const titleOf = (tag: Tag): string => tag.attrs.title || tag.attrs.label || (tag.name ?? tag.tag).replace(/[_-]+/g, ' ');

/* Under which name the problem of a question is known, here and now. */
export function useProblem(tag: Tag): string {
  const { store } = useWork();
  return problemKey(tag.name ?? '', useRegion(), flag(tag, 'perItem') ? store.item.value : null);
}

/* What a field says of itself to those who hear the page: that it must be answered, and what is wrong. A group may say it in words only. */
export function useAsked(tag: Tag, group = false) {
  const key = useProblem(tag), bad = useWork().store.problems.value.has(key), need = flag(tag, 'required');
  return { 'aria-required': (!group && need) || undefined, 'aria-invalid': (!group && bad) || undefined, 'aria-describedby': bad || (group && need) ? saidAt(key) : undefined };
}
export const saidAt = (key: string): string => `err-${encodeURIComponent(key)}`;

/* A control, above it that it must be answered or what its problem is; the page says the first one aloud. */
export function Frame({ tag, children, cls }: { tag: Tag; children: ComponentChildren; cls?: string }) {
  const { store } = useWork(), region = useRegion(), key = useProblem(tag), Need = family('need')?.Need;
  const said = tag.name ? store.answer(tag.name, region) : undefined, guess = said?.origin === 'prediction';
  return <div class={`q ${store.problems.value.has(key) ? 'is-bad' : ''} ${guess ? 'guess' : ''} ${cls ?? ''}`} data-q={key} data-tag={tag.tag}>
    {Need && <Need tags={[tag]} at={key} />}
    {children}
    {guess && <p class="row small mute"><span>{typeof said.score === 'number' ? t('an.guess.score', { p: Math.round(said.score * 100) }) : t('an.guess')}</span>
      {!store.readOnly && <button type="button" class="pill acc" onClick={() => store.confirm(region ?? said.id)}>{t('an.confirm')}</button>}</p>}
  </div>;
}

/* Arrow keys move among the buttons of a group; the group is one stop of the tab key. true when it was one. */
export function roving(e: KeyboardEvent, selector = '[role="radio"],[role="checkbox"]'): boolean {
  const by = e.key === 'ArrowDown' || e.key === 'ArrowRight' ? 1 : e.key === 'ArrowUp' || e.key === 'ArrowLeft' ? -1 : 0;
  if (by === 0 || e.ctrlKey || e.altKey || e.metaKey || e.shiftKey) return false;
  const group = e.currentTarget as HTMLElement;
  const all = Array.from(group.querySelectorAll<HTMLElement>(selector));
  const i = all.indexOf(e.target as HTMLElement);
  if (i < 0) return false;
  const rtl = getComputedStyle(group).direction === 'rtl' && (e.key === 'ArrowLeft' || e.key === 'ArrowRight');
  all[(i + (rtl ? -by : by) + all.length) % all.length]!.focus();
  e.preventDefault();
  e.stopPropagation();
  return true;
}
