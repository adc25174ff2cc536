/* Layout tags: View, Header, Style, and plain HTML from the server's allow list. */
import { useEffect } from 'preact/hooks';
import { createElement } from 'preact';
import { useWork } from './context';
import { Nodes } from './registry';
import { flag, textOf, valueOf, type Tag } from './tree';

/* The server let only harmless properties through; they are set one by one, never as an attribute. */
export function styleOf(tag: Tag): Record<string, string> | undefined {
  const css = tag.attrs.style;
  if (!css) return undefined;
  const out: Record<string, string> = {};
  for (const part of css.split(';')) {
    const at = part.indexOf(':');
    if (at < 1) continue;
    const name = part.slice(0, at).trim().toLowerCase();
    const key = name.startsWith('--') ? name : name.replace(/-([a-z])/g, (_, c: string) => c.toUpperCase());
    if (/^[-a-zA-Z]+$/.test(key)) out[key] = part.slice(at + 1).trim();
  }
  return out;
}

export const looks = (tag: Tag) => ({
  style: styleOf(tag), id: tag.attrs.idattr ? `task-${tag.attrs.idattr}` : undefined,
});

export function View({ tag }: { tag: Tag }) {
  const cls = `view ${tag.attrs.display === 'inline' ? 'inline' : ''} ${tag.attrs.classname ?? tag.attrs.class ?? ''}`;
  return <div class={cls} {...looks(tag)}>{tag.text && <p dir="auto">{tag.text}</p>}<Nodes tags={tag.children} /></div>;
}

export function Header({ tag }: { tag: Tag }) {
  const { store } = useWork();
  const text = textOf(valueOf(tag, store.task.data)) || tag.text;
  const size = Math.min(6, Math.max(1, Number(tag.attrs.size) || 4));
  return createElement(size <= 3 ? 'h2' : 'h3', {
    class: `hd hd-${size} ${flag(tag, 'underline') ? 'under' : ''}`, dir: 'auto', ...looks(tag),
  }, text);
}

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
  const link = tag.tag === 'a' && /^https?:|^mailto:|^#/.test(tag.attrs.href ?? '');
  const name = link ? 'a' : HTML.has(tag.tag) ? tag.tag : 'div';
  if (name === 'br' || name === 'hr') return createElement(name, {});
  return createElement(name, {
    class: tag.attrs.class ?? tag.attrs.classname, dir: 'auto', ...looks(tag),
    ...(link ? { href: tag.attrs.href, target: '_blank', rel: 'noreferrer noopener', class: 'link' } : {}),
  }, tag.text, <Nodes tags={tag.children} />);
}
