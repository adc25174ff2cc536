/* The editor of a labelling config: a plain text area over a coloured copy, numbered lines, errors in their line. The
   server parses; this asks it shortly after the last key. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { ApiError, post } from '../core/api';
import { t } from '../core/i18n';
import { Pill } from '../ui/bits';
import { Button } from '../ui/button';
import { Icon } from '../ui/icon';

export interface ConfigError { line: number; column: number; why: string }
export interface Parsed { tree: unknown; errors: ConfigError[]; warnings: ConfigError[] }

interface Answer { errors?: ConfigError[]; warnings?: ConfigError[]; tree?: unknown }

export async function parseConfig(xml: string, signal?: AbortSignal): Promise<Parsed> {
  let v: Answer;
  try {
    v = await post<Answer>('/api/config/parse', xml, { type: 'application/xml', idempotency: '', ...(signal ? { signal } : {}) });
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

export function useParsed(xml: string): { parsed: Parsed | null; good: unknown; busy: boolean } {
  const [parsed, set] = useState<Parsed | null>(null), [good, setGood] = useState<unknown>(null), [busy, setBusy] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    setBusy(true);
    const timer = setTimeout(() => {
      parseConfig(xml, stop.signal).then(v => { set(v); if (!v.errors.length) setGood(v.tree); setBusy(false); },
        e => { if (!stop.signal.aborted) { set({ tree: null, errors: [{ line: 1, column: 1, why: e instanceof ApiError ? e.message : String(e) }], warnings: [] }); setBusy(false); } });
    }, 250);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [xml]);
  return { parsed, good, busy };
}

export function ConfigEditor({ xml, onXml, parsed, id = 'xml' }: { xml: string; onXml: (v: string) => void; parsed: Parsed | null; id?: string }) {
  const area = useRef<HTMLTextAreaElement>(null), back = useRef<HTMLPreElement>(null), gutter = useRef<HTMLOListElement>(null);
  const bits = useMemo(() => xml.length < 60_000 ? colour(xml) : [{ text: xml, cls: '' as const }], [xml]);
  const lines = useMemo(() => xml.split('\n').length, [xml]);
  const bad = useMemo(() => new Map((parsed?.errors ?? []).map(e => [e.line, 'err-l'] as const)), [parsed]);
  const doubt = useMemo(() => new Map((parsed?.warnings ?? []).map(e => [e.line, 'warn-l'] as const)), [parsed]);
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
  const errors = parsed?.errors ?? [], warnings = parsed?.warnings ?? [];
  return <div class="editor">
    <div class="ed-box" dir="ltr">
      <ol class="ed-gutter" ref={gutter} aria-hidden="true">{Array.from({ length: lines }, (_, i) => <li key={i} class={bad.get(i + 1) ?? doubt.get(i + 1) ?? ''}>{i + 1}</li>)}</ol>
      <div class="ed-text">
        <pre class="ed-back" ref={back} aria-hidden="true"><code>{bits.map((b, i) => b.cls ? <span key={i} class={b.cls}>{b.text}</span> : b.text)}{'\n'}</code></pre>
        <textarea id={id} class="ed-area" ref={area} value={xml} spellcheck={false} autocomplete="off" autocapitalize="off" wrap="off" aria-label={t('config.xml')} aria-invalid={errors.length ? true : undefined} aria-describedby={errors.length || warnings.length ? `${id}-errors` : undefined}
          onInput={e => onXml(e.currentTarget.value)} onScroll={scroll}
          onKeyDown={e => {
            if (e.key !== 'Tab' || e.shiftKey || e.ctrlKey || e.altKey) return;
            const a = e.currentTarget;
            if (a.selectionStart === a.selectionEnd && !/^\s*$/.test(a.value.slice(a.value.lastIndexOf('\n', a.selectionStart - 1) + 1, a.selectionStart))) return;   // only indents; elsewhere Tab moves on
            if (a.selectionStart === 0 && a.selectionEnd === 0) return;
            e.preventDefault();
            a.setRangeText('  ', a.selectionStart, a.selectionEnd, 'end');
            onXml(a.value);
          }} />
      </div>
    </div>
    <div id={`${id}-errors`} role={errors.length ? 'alert' : 'status'}>
      {errors.map((e, i) => <div class="code-note" key={i}><span class="row top"><Icon i="alert" cls="bad" /><span class="grow"><span class="mid">{t('config.at', { line: e.line, column: e.column })}</span> {e.why}</span><Button cls="h28" onClick={() => jump(e)}>{t('config.go')}</Button></span></div>)}
      {warnings.map((e, i) => <div class="code-note warn" key={`w${i}`}><span class="row top"><Icon i="warn" cls="warn" /><span class="grow"><span class="mid">{t('config.at', { line: e.line, column: e.column })}</span> {e.why}</span><Button cls="h28" onClick={() => jump(e)}>{t('config.go')}</Button></span></div>)}
    </div>
  </div>;
}

export function ParsePill({ parsed, busy }: { parsed: Parsed | null; busy: boolean }) {
  if (!parsed) return <Pill>{t('config.checking')}</Pill>;
  if (parsed.errors.length) return <Pill tone="bad" icon="alert">{t('config.errors', { n: parsed.errors.length, line: parsed.errors[0]!.line })}</Pill>;
  if (busy) return <Pill>{t('config.checking')}</Pill>;
  if (parsed.warnings.length) return <Pill tone="warn" icon="warn">{t('config.warnings', { n: parsed.warnings.length })}</Pill>;
  return <Pill tone="ok" icon="check">{t('config.good')}</Pill>;
}
