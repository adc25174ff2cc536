/* Layout tags that every task has: View and Header. Style and plain HTML: extras.tsx. */
import { createElement } from 'preact';
import { useWork } from './context';
import { Nodes } from './registry';
import { filled, flag, textOf, valueOf, type Tag } from './tree';

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
  const { store } = useWork();
  const cls = `view ${tag.attrs.display === 'inline' ? 'inline' : ''} ${tag.attrs.classname ?? tag.attrs.class ?? ''}`;
  return <div class={cls} {...looks(tag)}>{tag.text && <p dir="auto">{filled(tag.text, store.task.data)}</p>}<Nodes tags={tag.children} /></div>;
}

View.stays = true as const;

export function Header({ tag }: { tag: Tag }) {
  const { store } = useWork();
  const text = textOf(valueOf(tag, store.task.data)) || filled(tag.text, store.task.data);
  const size = Math.min(6, Math.max(1, Number(tag.attrs.size) || 4));
  return createElement(size <= 3 ? 'h2' : 'h3', {
    class: `hd hd-${size} ${flag(tag, 'underline') ? 'under' : ''}`, dir: 'auto', ...looks(tag),
  }, text);
}
Header.stays = true as const;
