/*
 * hyper.tsx -- the HTML of a task, in a frame where nothing runs, with spans on it.
 *
 * The frame is a page of ours with a policy of its own (/frame.html); it is as
 * tall as what it holds, so the page scrolls and the marks around the spans
 * stand over it.  Keys pressed in it count as pressed on the text.
 */
import { effect } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { keys } from '../../core/hotkeys';
import { t } from '../../core/i18n';
import { hasRelations } from '../../tags/links';
import type { TaskStore } from '../../tags/store';
import type { Tag } from '../../tags/tree';
import { FrameSurface, framePlace } from './frame';
import { SpanModel } from './model';
import { purify } from './purify';
import { edit, savesText, SpanFrame } from './text';

const TOKENS = ['--fg', '--accent', '--font', '--panel', ...Array.from({ length: 12 }, (_, i) => `--label-${i + 1}`)];

/* Colours of its own are made for white paper; the rest follows the theme. */
const isPaper = (html: string): boolean => /<style|\b(bgcolor|color|background[\w-]*)\s*[=:]/i.test(html);

export function HyperStage({ store, tag, marks, html, live, links }: { store: TaskStore; tag: Tag; marks: Tag[]; html: string; live: boolean; links: boolean }) {
  const root = useRef<HTMLDivElement>(null), frame = useRef<HTMLIFrameElement>(null), stop = useRef<() => void>(() => {}), surface = useRef<FrameSurface | null>(null);
  const m = useMemo(() => new SpanModel({ store, tag, marks, live, lines: [], place: framePlace(() => surface.current, savesText(tag)) }), [store, tag, html]);

  const begin = (): void => {
    stop.current();
    const el = frame.current, doc = el?.contentDocument;
    if (!el || !doc?.body || doc.location.pathname !== '/frame.html') return;
    doc.body.replaceChildren(doc.adoptNode(purify(html, links, doc.defaultView!)));
    const dress = (): void => look(doc, isPaper(html));
    dress();
    const theme = new MutationObserver(dress), height = fit(el, doc);
    theme.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme', 'data-contrast', 'dir'] });
    surface.current = new FrameSurface(root.current!, el);
    const room = effect(() => { doc.documentElement.classList.toggle('with-arcs', hasRelations(store)); });      // lines of relations run between those of the text
    const offs = [room, m.attach(surface.current), height, m.editable ? m.listen(doc, el) : () => {}, hear(m, doc, root.current!, links)];
    stop.current = () => { theme.disconnect(); offs.forEach((off) => off()); surface.current = null; stop.current = () => {}; };
  };
  useLayoutEffect(() => { if (frame.current?.contentDocument?.readyState === 'complete') begin(); return () => stop.current(); }, [m]);

  return <SpanFrame m={m} root={root} cls={`hyper ${isPaper(html) ? 'paper' : ''}`}>
    <iframe ref={frame} class="hyper-frame" src="/frame.html" sandbox="allow-same-origin" title={t('an.hyper')} onLoad={begin} />
  </SpanFrame>;
}

function look(doc: Document, paper: boolean): void {
  const own = getComputedStyle(document.documentElement), html = doc.documentElement, theme = document.documentElement.dataset.theme;
  for (const name of TOKENS) html.style.setProperty(name, own.getPropertyValue(name));
  html.classList.toggle('paper', paper);
  html.style.colorScheme = paper ? 'only light' : theme === 'dark' || theme === 'light' ? theme : 'light dark';
  doc.body.dir = 'auto';
}

/* As tall as it is; what grows with the frame itself (100vh) is followed a few times only. */
function fit(el: HTMLIFrameElement, doc: Document): () => void {
  let times = 0;
  const set = (): void => {
    const want = Math.ceil(Math.max(doc.body.scrollHeight, doc.body.getBoundingClientRect().height));
    if (Math.abs(want - el.clientHeight) > 1 && ++times < 40) el.style.blockSize = `${want}px`;
  };
  const seen = new ResizeObserver(set);
  seen.observe(doc.body);
  set();
  return () => seen.disconnect();
}

/* Keys and links of the frame. */
function hear(m: SpanModel, doc: Document, root: HTMLElement, links: boolean): () => void {
  const key = (e: KeyboardEvent): void => {
    let stopped = false;
    const here = new Proxy(e, { get: (o, k) => k === 'target' ? root : k === 'stopPropagation' ? () => { stopped = true; } : typeof Reflect.get(o, k) === 'function' ? (Reflect.get(o, k) as () => void).bind(o) : Reflect.get(o, k) });
    const link = links && (e.key === 'Enter') ? (e.target as Element | null)?.closest?.('[data-href]') : null;
    if (link) { open(link); return; }
    if (m.editable) edit.peek()?.key(m, here);
    if (!stopped) keys.handle(here);
  };
  const open = (el: Element): void => { window.open(el.getAttribute('data-href')!, '_blank', 'noopener,noreferrer'); };
  const click = (e: MouseEvent): void => {
    const link = (e.target as Element | null)?.closest?.('[data-href], a, area');
    if (!link) return;
    e.preventDefault();
    if (links && link.hasAttribute('data-href')) open(link);
  };
  doc.addEventListener('keydown', key);
  doc.addEventListener('click', click);
  return () => { doc.removeEventListener('keydown', key); doc.removeEventListener('click', click); };
}
