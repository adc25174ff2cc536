/*
 * markdown.tsx -- the part of Markdown that guidelines are written in, as
 * elements: headings, paragraphs, lists, quotes, code, bold, italics, links.
 * Text stays text; there is no HTML in it and no way to make any.
 */
import type { ComponentChildren } from 'preact';
import './prose.css';

export type Block =
  | { kind: 'h'; level: number; text: string }
  | { kind: 'p' | 'quote' | 'code'; text: string }
  | { kind: 'ul'; items: string[] }
  | { kind: 'ol'; items: string[] };

export function blocksOf(text: string): Block[] {
  const out: Block[] = [];
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  for (let i = 0; i < lines.length;) {
    const line = lines[i]!;
    if (!line.trim()) { i++; continue; }
    const fence = /^\s*(```|~~~)/.exec(line);
    if (fence) {
      const code: string[] = [];
      for (i++; i < lines.length && !lines[i]!.trim().startsWith(fence[1]!); i++) code.push(lines[i]!);
      i++;
      out.push({ kind: 'code', text: code.join('\n') });
      continue;
    }
    const h = /^(#{1,6})\s+(.*?)\s*#*$/.exec(line);
    if (h) { out.push({ kind: 'h', level: h[1]!.length, text: h[2]! }); i++; continue; }
    const list = /^\s*([-*+]|\d{1,3}[.)])\s+/.exec(line);
    if (list) {
      const ordered = /\d/.test(list[1]!);
      const items: string[] = [];
      for (; i < lines.length; i++) {
        const m = /^\s*([-*+]|\d{1,3}[.)])\s+(.*)$/.exec(lines[i]!);
        if (m && /\d/.test(m[1]!) === ordered) items.push(m[2]!);
        else if (/^\s+\S/.test(lines[i]!) && items.length) items[items.length - 1] += ` ${lines[i]!.trim()}`;
        else break;
      }
      out.push({ kind: ordered ? 'ol' : 'ul', items });
      continue;
    }
    if (/^\s*>/.test(line)) {
      const q: string[] = [];
      for (; i < lines.length && /^\s*>/.test(lines[i]!); i++) q.push(lines[i]!.replace(/^\s*>\s?/, ''));
      out.push({ kind: 'quote', text: q.join('\n') });
      continue;
    }
    const p: string[] = [];
    for (; i < lines.length && lines[i]!.trim() && !/^(#{1,6}\s|\s*([-*+]|\d{1,3}[.)])\s|\s*>|\s*(```|~~~))/.test(lines[i]!); i++) p.push(lines[i]!);
    if (!p.length) { p.push(line); i++; }
    out.push({ kind: 'p', text: p.join('\n') });
  }
  return out;
}

const INLINE = /(`+)([^`]+?)\1|\*\*([^*]+)\*\*|__([^_]+)__|\*([^*\s][^*]*)\*|\b_([^_]+)_\b|\[([^\]]+)\]\((https?:\/\/[^\s)]+)\)/;

function inline(text: string): ComponentChildren[] {
  const out: ComponentChildren[] = [];
  for (let rest = text; rest;) {
    const m = INLINE.exec(rest);
    if (!m) { out.push(rest); break; }
    if (m.index) out.push(rest.slice(0, m.index));
    if (m[2] !== undefined) out.push(<code>{m[2]}</code>);
    else if (m[3] ?? m[4]) out.push(<strong>{inline((m[3] ?? m[4])!)}</strong>);
    else if (m[5] ?? m[6]) out.push(<em>{inline((m[5] ?? m[6])!)}</em>);
    else out.push(<a class="link" href={m[8]} target="_blank" rel="noreferrer noopener">{m[7]}</a>);
    rest = rest.slice(m.index + m[0].length);
  }
  return out;
}

export function Prose({ text }: { text: string }) {
  return <div class="prose">{blocksOf(text).map((b, i) => {
    if (b.kind === 'h') return b.level <= 2 ? <h2 key={i} dir="auto">{inline(b.text)}</h2> : <h3 key={i} dir="auto">{inline(b.text)}</h3>;
    if (b.kind === 'ul') return <ul key={i}>{b.items.map((x, k) => <li key={k} dir="auto">{inline(x)}</li>)}</ul>;
    if (b.kind === 'ol') return <ol key={i}>{b.items.map((x, k) => <li key={k} dir="auto">{inline(x)}</li>)}</ol>;
    if (b.kind === 'code') return <pre key={i} class="mono pre">{b.text}</pre>;
    if (b.kind === 'quote') return <blockquote key={i} dir="auto">{inline(b.text)}</blockquote>;
    return <p key={i} dir="auto">{inline(b.text)}</p>;
  })}</div>;
}
