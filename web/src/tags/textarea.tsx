/*
 * textarea.tsx -- text written by the person.
 *
 * Result: text: [line, …].  With maxSubmissions="1" it is one field that is the
 * answer; else a list one adds to.  What still stands in the field at the end is
 * added by the store's flush: nothing typed is lost for want of a click.  Not on
 * blur: the list would grow under the pointer and the click would miss.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Frame, titleOf } from './bits';
import { useRegion, useWork } from './context';
import { attr, flag, num, type Tag } from './tree';

const linesOf = (v: unknown): string[] => (Array.isArray(v) ? v.filter((x): x is string => typeof x === 'string') : typeof v === 'string' ? [v] : []);

export function TextArea({ tag }: { tag: Tag }) {
  const { store } = useWork(), region = useRegion();
  const lines = linesOf(store.answer(tag.name!, region)?.value?.text);
  const most = Math.max(1, num(tag, 'maxSubmissions', Infinity));
  const set = (next: string[], merge?: string): void =>
    store.setAnswer(tag, 'textarea', next.length ? { text: next } : null, region, merge);
  const start = attr(tag, 'value');
  useEffect(() => {                                      // text to begin with, once, where nothing was said yet
    if (start && !start.startsWith('$') && !store.readOnly && !store.answer(tag.name!, region)) set([start], `area:${tag.name}:${region}`);
  }, [store, tag, region]);
  return <Frame tag={tag}>
    {most === 1 && !flag(tag, 'showSubmitButton')
      ? <Field tag={tag} value={lines[0] ?? ''} onValue={(v) => set(v === '' ? [] : [v], `area:${tag.name}:${region}`)} />
      : <ManyLines tag={tag} lines={lines} most={most} set={set} />}
  </Frame>;
}

function Field({ tag, value, onValue, onKey }:
  { tag: Tag; value: string; onValue: (v: string) => void; onKey?: (e: KeyboardEvent) => void }) {
  const { store } = useWork();
  const rows = Math.min(30, Math.max(1, num(tag, 'rows', 1)));
  const common = {
    class: 'input', dir: 'auto' as const, value, disabled: store.readOnly, placeholder: attr(tag, 'placeholder'), 'aria-label': titleOf(tag),
    'aria-required': flag(tag, 'required') || undefined, onKeyDown: onKey,
  };
  return rows > 1
    ? <textarea {...common} rows={rows} onInput={(e) => onValue(e.currentTarget.value)} />
    : <input {...common} type="text" onInput={(e) => onValue(e.currentTarget.value)} />;
}

function ManyLines({ tag, lines, most, set }: { tag: Tag; lines: string[]; most: number; set: (next: string[], merge?: string) => void }) {
  const { store } = useWork();
  const text = useSignal('');
  const edit = flag(tag, 'editable');
  const full = lines.length >= most;
  const add = (): void => {
    const v = text.peek().trim();
    if (!v || full || store.readOnly) return;
    text.value = '';
    if (flag(tag, 'skipDuplicates') && lines.some((l) => l.trim().toLowerCase() === v.toLowerCase())) return;
    set([...lines, v]);
    store.history.seal();
  };
  const latest = useRef(add);
  latest.current = add;
  useEffect(() => {
    const f = (): void => latest.current();
    store.flushers.add(f);
    return () => { store.flushers.delete(f); };
  }, [store]);
  const one = num(tag, 'rows', 1) <= 1;
  return <div class="col">
    {lines.length > 0 && <ul class="said">{lines.map((l, i) => <li key={i} class="row">
      {edit && !store.readOnly
        ? <input class="input" dir="auto" value={l} aria-label={t('an.line', { n: i + 1 })} onInput={(e) => set(lines.map((x, k) => (k === i ? e.currentTarget.value : x)), `line:${tag.name}:${i}`)} />
        : <span class="grow pre" dir="auto">{l}</span>}
      {!store.readOnly && <Button kind="quiet" icon="x" name={t('an.line.remove', { n: i + 1 })} onClick={() => { set(lines.filter((_, k) => k !== i)); store.history.seal(); }} />}
    </li>)}</ul>}
    {!full && !store.readOnly && <div class="row top">
      <div class="grow"><Field tag={tag} value={text.value} onValue={(v) => { text.value = v; }}
        onKey={(e) => { if (e.key === 'Enter' && !e.isComposing && !e.ctrlKey && (one || e.shiftKey)) { e.preventDefault(); e.stopPropagation(); add(); } }} /></div>
      <Button cls="do-add" onClick={add} combo={one ? 'enter' : 'shift+enter'}>{t('an.add')}</Button>
    </div>}
  </div>;
}
