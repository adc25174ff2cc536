/*
 * textarea.tsx -- text written by the person.
 *
 * Result: text: [line, …].  With maxSubmissions="1" it is one field that is the
 * answer; else a list one adds to.  What still stands in the field at the end is
 * added by the store's flush: nothing typed is lost for want of a click.  Not on
 * blur: the list would grow under the pointer and the click would miss.
 */
import { useSignal } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { keys } from '../core/hotkeys';
import { t } from '../core/i18n';
import { Button } from '../ui/button';
import { Frame, titleOf, useAsked } from './bits';
import { useRegion, useWork } from './context';
import { startText } from './defaults';
import { writtenKey } from './keymap';
import { attr, flag, num, type Tag } from './tree';

const linesOf = (v: unknown): string[] => (Array.isArray(v) ? v.filter((x): x is string => typeof x === 'string') : typeof v === 'string' ? [v] : []);

export function TextArea({ tag }: { tag: Tag }) {
  const { store } = useWork(), region = useRegion();
  const lines = linesOf(store.answer(tag.name!, region)?.value?.text);
  const most = Math.max(1, num(tag, 'maxSubmissions', Infinity));
  const set = (next: string[], merge?: string): void =>
    store.setAnswer(tag, 'textarea', next.length ? { text: next } : null, region, merge);
  const title = attr(tag, 'label');
  return <Frame tag={tag}>
    {title && <span class="small mid" aria-hidden="true" dir="auto">{title}</span>}
    {most === 1 && !flag(tag, 'showSubmitButton')
      ? <Field tag={tag} value={lines[0] ?? ''} onValue={(v) => set(v === '' ? [] : [v], `area:${tag.name}:${region}`)} />
      : <ManyLines tag={tag} lines={lines} most={most} set={set} />}
  </Frame>;
}

function Field({ tag, value, onValue, onKey }:
  { tag: Tag; value: string; onValue: (v: string) => void; onKey?: (e: KeyboardEvent) => void }) {
  const { store } = useWork(), asked = useAsked(tag);
  const box = useRef<HTMLDivElement>(null), cuts = tag.children.filter((c) => c.tag === 'Shortcut');
  const rows = Math.min(30, Math.max(1, num(tag, 'rows', 1)));
  /* A shortcut's words at the caret, in place of what is selected. */
  const insert = (words: string): void => {
    const f = box.current?.querySelector<HTMLInputElement | HTMLTextAreaElement>('input, textarea');
    if (!f || store.readOnly) return;
    const a = f.selectionStart ?? f.value.length, b = f.selectionEnd ?? a, at = a + words.length;
    onValue(f.value.slice(0, a) + words + f.value.slice(b));
    requestAnimationFrame(() => { f.focus(); f.setSelectionRange(at, at); });
  };
  const run = useRef(insert);
  run.current = insert;
  useLayoutEffect(() => {
    const bound = cuts.flatMap((c) => { const combo = writtenKey(attr(c, 'hotkey')); return combo ? [{ combo, act: () => (box.current?.contains(document.activeElement) ? run.current(textOfCut(c)) : false), what: c.attrs.value ?? '' }] : []; });
    return bound.length ? keys.bind('field', bound) : undefined;
  }, [tag]);
  const common = {
    class: 'input', dir: 'auto' as const, value, disabled: store.readOnly, placeholder: attr(tag, 'placeholder'), 'aria-label': titleOf(tag),
    ...asked, onKeyDown: onKey,
  };
  return <div ref={box} class="col">
    {rows > 1
      ? <textarea {...common} rows={rows} onInput={(e) => onValue(e.currentTarget.value)} />
      : <input {...common} type="text" onInput={(e) => onValue(e.currentTarget.value)} />}
    {cuts.length > 0 && !store.readOnly && <div class="row wrap" role="group" aria-label={t('form.shortcuts')}>{cuts.map((c, i) => {
      const combo = writtenKey(attr(c, 'hotkey'));
      return <Button key={i} {...(combo ? { combo } : {})} onClick={() => insert(textOfCut(c))}><bdi>{attr(c, 'alias') || attr(c, 'value') || ''}</bdi></Button>;
    })}</div>}
  </div>;
}

const textOfCut = (c: Tag): string => c.attrs.value ?? '';

function ManyLines({ tag, lines, most, set }: { tag: Tag; lines: string[]; most: number; set: (next: string[], merge?: string) => void }) {
  const { store } = useWork(), region = useRegion();
  const text = useSignal(lines.length ? '' : startText(tag, store.task.data));
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
    // Another region, another part: what stands in the field goes along, unless its region is gone.
    return () => { store.flushers.delete(f); if (region === null || store.has(region)) f(); };
  }, [store]);
  const one = num(tag, 'rows', 1) <= 1;
  return <div class="col">
    {lines.length > 0 && <ul class="said">{lines.map((l, i) => <li key={i} class="row">
      {edit && !store.readOnly
        ? <input class="input" dir="auto" value={l} aria-label={t('form.line', { n: i + 1 })} onInput={(e) => set(lines.map((x, k) => (k === i ? e.currentTarget.value : x)), `line:${tag.name}:${i}`)} />
        : <span class="grow pre" dir="auto">{l}</span>}
      {!store.readOnly && <Button kind="quiet" icon="x" name={t('form.line.remove', { n: i + 1 })} onClick={() => { set(lines.filter((_, k) => k !== i)); store.history.seal(); }} />}
    </li>)}</ul>}
    {!full && !store.readOnly && <div class="row top">
      <div class="grow"><Field tag={tag} value={text.value} onValue={(v) => { text.value = v; }}
        onKey={(e) => { if (e.key === 'Enter' && !e.isComposing && !e.ctrlKey && (one || e.shiftKey)) { e.preventDefault(); e.stopPropagation(); add(); } }} /></div>
      <Button cls="do-add" onClick={add} combo={one ? 'enter' : 'shift+enter'}>{t('form.add')}</Button>
    </div>}
  </div>;
}
