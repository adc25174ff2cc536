/* The editor of a labelling config: a plain text area over a coloured copy, numbered lines, errors with their line and the
   way to mend them, suggestions while one types. The server parses. */
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { ApiError, post } from '../core/api';
import { t } from '../core/i18n';
import { Pill } from '../ui/bits';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';
import { useSuggestions } from './builder/suggest';

/** How the server would mend it: an attribute of the tag there, or what stands there and reads `was`. */
export interface Fix { attr?: string; was?: string; text: string }
export interface ConfigError { line: number; column: number; why: string; fix?: Fix }
export interface Parsed { tree: unknown; errors: ConfigError[]; warnings: ConfigError[] }

interface Answer { errors?: ConfigError[]; warnings?: ConfigError[]; tree?: unknown }

/** What the server reads in it: the tree with places, or the errors. */
export async function parseConfig(xml: string, signal?: AbortSignal): Promise<Parsed> {
  let v: Answer;
  try {
    v = await post<Answer>('/api/config/parse?places=true', xml, { type: 'application/xml', idempotency: '', ...(signal ? { signal } : {}) });
  } catch (e) {
    const body = e instanceof ApiError ? e.body as Answer : null;
    if (!(e instanceof ApiError) || e.status !== 400) throw e;
    return { tree: null, errors: body?.errors ?? Object.entries(e.fields).map(([where, why]) => ({ ...whereOf(where), why })).concat(Object.keys(e.fields).length ? [] : [{ line: 1, column: 1, why: e.message }]), warnings: [] };
  }
  if (v.errors && v.errors.length) return { tree: null, errors: v.errors, warnings: v.warnings ?? [] };
  return { tree: v.tree ?? v, errors: [], warnings: v.warnings ?? [] };
}

function whereOf(text: string): { line: number; column: number } {
  const m = /(\d+)(?:\D+(\d+))?/.exec(text);
  return { line: m ? Number(m[1]) : 1, column: m?.[2] ? Number(m[2]) : 1 };
}

const COLOURED = 60_000;        // longer texts stay black and white, and quick

export interface Bit { text: string; cls: '' | 'tg' | 'at' | 'st-r' | 'cm' }

/** Cuts XML into coloured bits; anything odd stays plain. All bits together are the text. */
export function colour(xml: string): Bit[] {
  const out: Bit[] = [];
  let at = 0;
  const upTo = (end: number, cls: Bit['cls']) => { if (end > at) out.push({ text: xml.slice(at, end), cls }); at = end; };
  const take = (re: RegExp, cls: Bit['cls']): boolean => {
    re.lastIndex = at;
    const m = re.exec(xml);
    if (m && m[0]) upTo(at + m[0].length, cls);
    return !!m && !!m[0];
  };
  while (at < xml.length) {
    const open = xml.indexOf('<', at);
    if (open < 0) { upTo(xml.length, ''); break; }
    upTo(open, '');
    if (xml.startsWith('<!--', at)) { const end = xml.indexOf('-->', at); upTo(end < 0 ? xml.length : end + 3, 'cm'); continue; }
    if (!take(/<[/?]?[^\s<>/="']+/y, 'tg')) { upTo(at + 1, ''); continue; }
    while (at < xml.length && xml[at] !== '<') {
      if (take(/[/?]?>/y, 'tg')) break;
      if (!take(/\s+/y, '') && !take(/"[^"<]*"?|'[^'<]*'?/y, 'st-r') && !take(/[^\s=<>"'/]+/y, 'at')) upTo(at + 1, '');
    }
  }
  return out;
}

/** Where a line starts, for the caret. */
export function offsetOf(text: string, line: number, column: number): number {
  let at = 0;
  for (let i = 1; i < line; i++) { const n = text.indexOf('\n', at); if (n < 0) break; at = n + 1; }
  const end = text.indexOf('\n', at);
  return Math.min(at + Math.max(0, column - 1), end < 0 ? text.length : end);
}

const escaped = (s: string) => s.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** The text after a fix; null when what was to be mended is no longer there. */
export function mend(xml: string, e: ConfigError): string | null {
  const f = e.fix, at = offsetOf(xml, e.line, e.column);
  if (!f) return null;
  const cut = (from: number, to: number, text: string) => xml.slice(0, from) + text + xml.slice(to);
  if (f.attr !== undefined) {
    const tag = /^<[^\s<>/="']+(?:\s+[^\s<>/="']+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*/.exec(xml.slice(at));
    if (!tag) return null;
    const m = new RegExp(`\\s${escaped(f.attr)}\\s*=\\s*(["'])(.*?)\\1`, 'is').exec(tag[0]);
    if (!m) return cut(at + tag[0].length, at + tag[0].length, ` ${f.attr}="${f.text}"`);
    const from = at + m.index + m[0].length - 1 - m[2]!.length;
    return cut(from, from + m[2]!.length, f.text);
  }
  const was = f.was ?? '';
  if (!xml.startsWith(was, at)) return null;
  let out = cut(at, at + was.length, f.text);
  if (/^<[^/]/.test(was)) {                    // its end tag, when it has one
    const end = out.indexOf(`</${was.slice(1)}`, at);
    if (end >= 0) out = out.slice(0, end + 2) + f.text.slice(1) + out.slice(end + 1 + was.length);
  }
  return out;
}

export function ConfigEditor({ xml, onXml, parsed, id = 'xml' }: { xml: string; onXml: (v: string) => void; parsed: Parsed | null; id?: string }) {
  const area = useRef<HTMLTextAreaElement>(null), back = useRef<HTMLPreElement>(null), gutter = useRef<HTMLDivElement>(null);
  const bits = useMemo(() => xml.length < COLOURED ? colour(xml) : null, [xml]);
  const lines = useMemo(() => xml.split('\n').length, [xml]), numbers = useMemo(() => Array.from({ length: lines }, (_, i) => i + 1).join('\n'), [lines]);
  const marks = useMemo(() => new Map([...(parsed?.warnings ?? []).map(e => [e.line, 'warn-l'] as const), ...(parsed?.errors ?? []).map(e => [e.line, 'err-l'] as const)]), [parsed]);
  const suggest = useSuggestions(area, onXml, `${id}-sg`);
  const scroll = () => {
    const a = area.current;
    if (!a) return;
    if (back.current) { back.current.scrollTop = a.scrollTop; back.current.scrollLeft = a.scrollLeft; }
    if (gutter.current) gutter.current.scrollTop = a.scrollTop;
  };
  useEffect(scroll, [xml]);
  const jump = (e: ConfigError) => {
    const a = area.current;
    if (!a) return;
    const at = offsetOf(xml, e.line, e.column);
    a.focus();
    a.setSelectionRange(at, at);
    a.scrollTop = Math.max(0, (e.line - 4) * 20);
  };
  const errors = parsed?.errors ?? [], warnings = parsed?.warnings ?? [], fixable = [...errors, ...warnings].find(e => e.fix);
  const fix = (e: ConfigError) => { const v = mend(xml, e); if (v !== null) { onXml(v); area.current?.focus(); } };
  const indent = (a: HTMLTextAreaElement) => {
    if (a.selectionStart === a.selectionEnd && !/^\s*$/.test(a.value.slice(a.value.lastIndexOf('\n', a.selectionStart - 1) + 1, a.selectionStart))) return false;   // only indents; elsewhere Tab moves on
    if (a.selectionStart === 0 && a.selectionEnd === 0) return false;
    a.setRangeText('  ', a.selectionStart, a.selectionEnd, 'end');
    onXml(a.value);
    return true;
  };
  return <div class="editor">
    <div class="ed-box" dir="ltr">
      <div class="ed-gutter" ref={gutter} aria-hidden="true"><pre>{numbers}</pre>{[...marks].map(([line, cls]) => <span key={line} class={cls} style={{ insetBlockStart: `${(line - 1) * 20 + 8}px` }}>{line}</span>)}</div>
      <div class={`ed-text ${bits ? '' : 'bare'}`}>
        {bits && <pre class="ed-back" ref={back} aria-hidden="true"><code>{bits.map((b, i) => b.cls ? <span key={i} class={b.cls}>{b.text}</span> : b.text)}{'\n'}</code></pre>}
        <textarea id={id} class="ed-area" ref={area} value={xml} spellcheck={false} autocomplete="off" autocapitalize="off" wrap="off" aria-label={t('config.xml')} aria-invalid={errors.length ? true : undefined} aria-describedby={errors.length || warnings.length ? `${id}-errors` : undefined}
          {...suggest.ties} onInput={e => { onXml(e.currentTarget.value); suggest.look(); }} onScroll={() => { scroll(); suggest.close(); }} onBlur={suggest.close} onClick={suggest.close}
          onKeyDown={e => {
            if (suggest.key(e)) return;
            if (e.key === 'Enter' && e.altKey && fixable) { e.preventDefault(); fix(fixable); return; }
            if (e.key === 'Tab' && !e.shiftKey && !e.ctrlKey && !e.altKey && indent(e.currentTarget)) e.preventDefault();
          }} />
        {suggest.list}
      </div>
    </div>
    <div id={`${id}-errors`} class="ed-notes" role={errors.length ? 'alert' : 'status'}>{[...errors, ...warnings].map((e, i) => <Problem key={i} e={e} bad={i < errors.length} jump={jump} {...(e.fix && mend(xml, e) !== null ? { fix, first: e === fixable } : {})} />)}</div>
  </div>;
}

function Problem({ e, bad, jump, fix, first }: { e: ConfigError; bad: boolean; jump: (e: ConfigError) => void; fix?: (e: ConfigError) => void; first?: boolean }) {
  const f = e.fix;
  return <div class={`code-note ${bad ? '' : 'warn'}`}><span class="row top"><Icon i={bad ? 'alert' : 'warn'} cls={bad ? 'bad' : 'warn'} /><span class="grow"><span class="mid">{t('config.at', { line: e.line, column: e.column })}</span> {e.why}</span></span>
    <span class="row wrap">{fix && f && <Button cls="h28" {...(first ? { combo: 'alt+enter' } : {})} onClick={() => fix(e)}>{f.attr ? t('config.fix.attr', { attr: f.attr, text: f.text }) : f.was ? t('config.fix.was', { text: f.text }) : t('config.fix.put', { text: f.text })}</Button>}
      <Button kind="quiet" cls="h28" onClick={() => jump(e)}>{t('config.go')}</Button></span></div>;
}

export function ParsePill({ parsed, busy }: { parsed: Parsed | null; busy: boolean }) {
  if (!parsed) return <Pill>{t('config.checking')}</Pill>;
  if (parsed.errors.length) return <Pill tone="bad" icon="alert">{t('config.errors', { n: parsed.errors.length, line: parsed.errors[0]!.line })}</Pill>;
  if (busy) return <Pill>{t('config.checking')}</Pill>;
  if (parsed.warnings.length) return <Pill tone="warn" icon="warn">{t('config.warnings', { n: parsed.warnings.length })}</Pill>;
  return <Pill tone="ok" icon="check">{t('config.good')}</Pill>;
}
