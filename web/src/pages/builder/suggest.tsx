/* Suggestions in the XML editor: tags behind "<", attributes inside a tag, values inside quotes. Arrows choose, Enter or
   Tab takes, Escape closes; the text area keeps the focus all the time. */
import type { RefObject } from 'preact';
import { useState } from 'preact/hooks';
import { t } from '../../core/i18n';
import { rowOf, table } from './table';

export interface Hint { text: string; put: string; back: number }      // back: how far the caret goes back after it
export interface Hints { from: number; list: Hint[] }

const most = 40;

/** What could stand at the caret; null where nothing is to be said. */
export function hintsAt(xml: string, at: number): Hints | null {
  const open = xml.lastIndexOf('<', at - 1);
  if (open < 0 || xml.lastIndexOf('<!--', at) > xml.lastIndexOf('-->', at)) return null;
  const before = xml.slice(open, at), word = /[^\s<="'/]*$/.exec(before)![0], from = at - word.length, low = word.toLowerCase();
  const pick = (list: Hint[]): Hints | null => { const hits = list.filter(h => h.text.toLowerCase().startsWith(low) && h.text.toLowerCase() !== low).slice(0, most); return hits.length ? { from, list: hits } : null; };
  if (/^<[^\s<>/="']*$/.test(before)) return word ? pick(table.map(r => ({ text: r.tag, put: r.tag, back: 0 }))) : null;
  const tag = /^<([^\s<>/="']+)\s/.exec(before)?.[1], row = tag ? table.find(r => r.tag.toLowerCase() === tag.toLowerCase()) ?? rowOf(tag) : undefined;
  if (!row || closedBefore(before)) return null;
  const value = /\s([^\s<>="']+)\s*=\s*(["'])([^"'<]*)$/.exec(before);
  if (value) {
    const field = row.fields.find(f => f.name.toLowerCase() === value[1]!.toLowerCase()), typed = value[3]!;
    const names = field?.name === 'toName' ? [...xml.matchAll(/\sname\s*=\s*["']([^"']+)/g)].map(m => m[1]!) : field?.kind === 'bool' ? ['true', 'false'] : field?.options ?? [];
    const hits = [...new Set(names)].filter(n => n.toLowerCase().startsWith(typed.toLowerCase()) && n !== typed).slice(0, most);
    return hits.length ? { from: at - typed.length, list: hits.map(n => ({ text: n, put: n, back: 0 })) } : null;
  }
  if (!/\s[^\s<>="'/]*$/.test(before) || !word) return null;
  const has = new Set([...before.matchAll(/\s([^\s<>="']+)\s*=/g)].map(m => m[1]!.toLowerCase()));
  return pick(row.fields.filter(f => !has.has(f.name.toLowerCase())).map(f => ({ text: f.name, put: `${f.name}=""`, back: 1 })));
}

/** A ">" that stands outside of quotes ends the tag. */
function closedBefore(before: string): boolean { return before.replace(/"[^"]*"|'[^']*'/g, '').includes('>'); }

interface Shown extends Hints { at: number; x: number; y: number; now: number }

export function useSuggestions(area: RefObject<HTMLTextAreaElement | null>, onXml: (v: string) => void, id: string) {
  const [shown, set] = useState<Shown | null>(null);
  const close = () => set(null);
  const look = () => {
    const a = area.current;
    if (!a || a.selectionStart !== a.selectionEnd) { close(); return; }
    const at = a.selectionStart, h = hintsAt(a.value, at);
    if (!h) { close(); return; }
    const line = a.value.slice(0, at).split('\n'), c = document.createElement('canvas').getContext('2d');
    if (c) c.font = getComputedStyle(a).font;
    set({ ...h, at, now: 0, x: Math.max(0, (c?.measureText(a.value.slice(at - line.at(-1)!.length, h.from)).width ?? 0) - a.scrollLeft), y: line.length * 20 + 10 - a.scrollTop });
  };
  const take = (h: Hint) => {
    const a = area.current;
    if (!a || !shown) return;
    a.setRangeText(h.put, shown.from, shown.at, 'end');
    if (h.back) a.setSelectionRange(a.selectionStart - h.back, a.selectionStart - h.back);
    onXml(a.value);
    close();
    a.focus();
  };
  const key = (e: KeyboardEvent): boolean => {
    if (!shown || e.isComposing) return false;
    const n = shown.list.length;
    if (e.key === 'ArrowDown' || e.key === 'ArrowUp') set({ ...shown, now: (shown.now + (e.key === 'ArrowDown' ? 1 : n - 1)) % n });
    else if ((e.key === 'Enter' || e.key === 'Tab') && !e.altKey && !e.ctrlKey) take(shown.list[shown.now]!);
    else if (e.key === 'Escape') close();
    else return false;
    e.preventDefault();
    e.stopPropagation();
    return true;
  };
  const ties = { 'aria-autocomplete': 'list', 'aria-controls': shown ? id : undefined, 'aria-activedescendant': shown ? `${id}-${shown.now}` : undefined } as const;
  const list = shown && <ul class="ed-hints" id={id} role="listbox" aria-label={t('config.suggest')} style={{ insetInlineStart: `${shown.x}px`, insetBlockStart: `${shown.y}px` }}>
    {shown.list.map((h, i) => <li key={h.text} id={`${id}-${i}`} role="option" aria-selected={i === shown.now} onMouseDown={e => { e.preventDefault(); take(h); }}>{h.text}</li>)}</ul>;
  return { look, close, key, ties, list };
}
