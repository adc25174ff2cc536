/* Layout tags of some tasks: style sheets, plain HTML from the server's allow list, pages of a Repeater, filters. */
import { useSignal } from '@preact/signals';
import { createElement } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { keys } from '../core/hotkeys';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { FindField } from '../ui/field';
import { addressOf } from './address';
import { useWork } from './context';
import { writtenKey } from './keymap';
import { Nodes } from './registry';
import { attr, controls, filled, num, objects, valueOf, type Tag } from './tree';
import { looks } from './visual';

export function StyleTag({ tag }: { tag: Tag }) {
  useEffect(() => {
    if (!tag.text.trim()) return undefined;
    const sheet = new CSSStyleSheet();
    // Nesting makes each selector a descendant of the task; ids were renamed with the elements.
    try { sheet.replaceSync(`.task-root { ${tag.text.replace(/#([A-Za-z][\w-]*)(?=[^{};]*\{)/g, '#task-$1')} }`); } catch { return undefined; }
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
    return () => { document.adoptedStyleSheets = document.adoptedStyleSheets.filter((s) => s !== sheet); };
  }, [tag]);
  return null;
}

const HTML = new Set(['p', 'em', 'strong', 'b', 'i', 'u', 's', 'small', 'sub', 'sup', 'div', 'span', 'section', 'article', 'header', 'footer',
  'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'thead', 'tbody', 'tr', 'td', 'th', 'caption', 'pre', 'code',
  'kbd', 'mark', 'blockquote', 'figure', 'figcaption', 'br', 'hr', 'details', 'summary', 'label', 'center']);

export function Html({ tag }: { tag: Tag }) {
  const { store } = useWork();
  const link = tag.tag === 'a' && /^https?:|^mailto:|^#/.test(tag.attrs.href ?? '');
  const name = link ? 'a' : HTML.has(tag.tag) ? tag.tag : 'div';
  if (tag.tag === 'img') {
    const src = addressOf(valueOf(tag, store.task.data, 'src'));
    return src ? <img class="inline-img" src={src} alt={tag.attrs.alt ?? ''} {...looks(tag)} /> : null;
  }
  if (name === 'br' || name === 'hr') return createElement(name, {});
  return createElement(name, {
    class: tag.attrs.class ?? tag.attrs.classname, dir: 'auto', ...looks(tag),
    ...(link ? { href: tag.attrs.href, target: '_blank', rel: 'noreferrer noopener', class: 'link' } : {}),
  }, filled(tag.text, store.task.data), <Nodes tags={tag.children} />);
}

/* The parts of a Repeater one at a time. A problem on another page brings that page up. */
export function Pages({ tag }: { tag: Tag }) {
  const { store } = useWork(), at = useSignal(0);
  // A part whose picture is on the stage is the part that is asked about.
  const onStage = useMemo(() => tag.children.map((c) => objects(c).map((o) => o.name)), [tag]), stage = store.object.value;
  const n = tag.children.length, there = stage === null ? -1 : onStage.findIndex((names) => names.includes(stage)), i = there >= 0 ? there : Math.min(at.value, n - 1);
  useEffect(() => { let told = 0; return store.problems.subscribe((problems) => {
    const more = problems.size > told;
    told = problems.size;
    if (!more) return;                        // one less: the person is still at work on this page
    const first = [...problems.keys()][0]?.replace(/[@#].*$/, '');
    const page = first === undefined ? -1 : tag.children.findIndex((c) => controls(c).some((x) => x.name === first));
    if (page >= 0) show(page);
  }); }, [store, tag]);
  const show = (page: number): void => {
    at.value = page;
    if (there >= 0 && onStage[page]![0]) store.object.value = onStage[page]![0]!;
  };
  const to = (d: number): void => show(Math.min(n - 1, Math.max(0, i + d)));
  return <section class="view pages">
    <div class="row pager" role="group" aria-label={t('more.page', { n: i + 1, of: n })}>
      <Button icon="back" name={t('more.page.back')} disabled={i === 0} onClick={() => to(-1)} />
      <span class="small" role="status">{t('more.page', { n: i + 1, of: n })}</span>
      <Button icon="chev" cls="do-next-page" name={t('more.page.on')} disabled={i === n - 1} onClick={() => to(1)} />
    </div>
    <Nodes key={i} tags={[tag.children[i]!]} />
  </section>;
}

/* Narrows the labels or choices of another tag by their words. */
export function Filter({ tag }: { tag: Tag }) {
  const { store, live } = useWork(), box = useRef<HTMLDivElement>(null), text = useSignal('');
  const least = Math.max(0, num(tag, 'minlength', 3)), hot = writtenKey(attr(tag, 'hotkey'));
  useLayoutEffect(() => !live || !hot ? undefined
    : keys.bind('page', [{ combo: hot, act: () => box.current?.querySelector('input')?.focus(), what: t('more.filter') }]), [live, hot]);
  const set = (v: string): void => {
    text.value = v;
    const wanted = v.trim().toLowerCase();
    const next = { ...store.filter.peek() };
    for (const name of tag.toName) next[name] = wanted.length >= least ? wanted : '';
    store.filter.value = next;
  };
  return <div ref={box} {...looks(tag)}><FindField label={attr(tag, 'placeholder') ?? t('more.filter')} value={text.value} onValue={set} /></div>;
}
