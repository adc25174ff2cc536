/* The fields of one tag: what its row in the table names, and every other attribute that stands there. */
import type { ComponentChildren } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { uid } from '../../core/a11y';
import { t } from '../../core/i18n';
import { Button } from '../../ui/button';
import { Icon } from '../../ui/icon';
import type { Act } from './form';
import { every, valueOf, written, type Real } from './model';
import { rowOf, type Field } from './table';
import { attrWord } from './words';

const common = new Set(['value', 'choice', 'required', 'showInline', 'placeholder', 'rows', 'maxRating', 'min', 'max', 'zoom', 'layout', 'granularity', 'perRegion', 'only', 'background', 'hotkey', 'alias', 'hint', 'size', 'title', 'legend']);

export function Fields({ x, act }: { x: Real; act: Act }) {
  const known = rowOf(x.tag)?.fields ?? [], has = (f: Field) => written(x, f.name) !== undefined;
  const others = x.written.filter(w => !known.some(f => f.name.toLowerCase() === w[0].toLowerCase())).map((w): Field => ({ name: w[0], kind: 'text', needed: false, options: [], otherwise: '' }));
  const first = known.filter(f => f.needed || common.has(f.name) || has(f)), rest = known.filter(f => !first.includes(f));
  const [more, setMore] = useState(false);
  return <>
    {[...first, ...others, ...(more ? rest : [])].map(f => <One key={f.name} f={f} x={x} act={act} />)}
    {rest.length > 0 && <Button kind="quiet" cls="h28" icon={more ? 'up' : 'down'} onClick={() => setMore(!more)}>{more ? t('b.less') : t('b.more', { n: rest.length })}</Button>}
    {first.length + others.length + rest.length === 0 && <p class="small mute">{t('b.nofields')}</p>}
  </>;
}

function Frame({ f, id, children }: { f: Field; id: string; children: ComponentChildren }) {
  const word = attrWord(f.name);
  return <div class="field bf"><label for={id}>{word ? <>{word} <code class="small mute">{f.name}</code></> : <code>{f.name}</code>}</label>{children}</div>;
}

function One({ f, x, act }: { f: Field; x: Real; act: Act }) {
  const id = useMemo(() => uid('b'), []), value = valueOf(x, f.name), put = (v: string | null) => act.field(x, f.name, v);
  const text = (v: string) => put(v === '' && !f.needed ? null : v);
  if (f.name === 'name' && x.kind !== 'child') return <Frame f={f} id={id}><input class="input" id={id} value={value ?? ''} spellcheck={false} autocomplete="off" onChange={e => act.rename(x, e.currentTarget.value.trim())} /></Frame>;
  if (f.name === 'toName' && x.tag !== 'Pairwise' && !value?.includes(',')) {
    const objects = [...every(act.doc.root)].filter(o => o.kind === 'object' && o.name).map(o => o.name!), all = [...new Set([...(value ? [value] : []), ...objects])];
    return <Frame f={f} id={id}><select class="input" id={id} value={value ?? ''} onChange={e => put(e.currentTarget.value || null)}>{!value && <option value="">–</option>}{all.map(n => <option key={n} value={n} selected={n === value}>{objects.includes(n) ? n : t('b.missing', { name: n })}</option>)}</select></Frame>;
  }
  if (f.kind === 'bool' || f.kind === 'one') {
    const options = f.kind === 'bool' ? ['true', 'false'] : f.options, say = (v: string) => f.kind === 'bool' ? t(v === 'true' ? 'b.yes' : 'b.no') : v;
    const odd = value !== undefined && !options.includes(value) ? [value] : [];
    return <Frame f={f} id={id}><select class="input" id={id} value={value ?? ''} onChange={e => put(e.currentTarget.value || null)}>
      <option value="" selected={value === undefined}>{f.otherwise ? t('b.default', { value: say(f.otherwise) }) : '–'}</option>{[...odd, ...options].map(v => <option key={v} value={v} selected={v === value}>{say(v)}</option>)}</select></Frame>;
  }
  if (f.kind === 'colour') return <Frame f={f} id={id}><span class="row tight"><Swatch value={value} put={put} name={`${attrWord(f.name) ?? f.name}: ${t('b.pick')}`} /><input class="input grow" id={id} value={value ?? ''} placeholder={f.otherwise} spellcheck={false} onInput={e => text(e.currentTarget.value)} /></span></Frame>;
  const bound = x.kind === 'object' && (f.name === 'value' || f.name === 'valueList'), list = bound && act.taskFields.length ? `${id}l` : undefined;
  return <Frame f={f} id={id}>
    <input class="input" dir="auto" id={id} list={list} value={value ?? ''} placeholder={f.otherwise} inputMode={f.kind === 'number' ? 'decimal' : undefined} autocomplete="off" onInput={e => text(e.currentTarget.value)} />
    {list && <datalist id={list}>{act.taskFields.map(n => <option key={n} value={`$${n}`} />)}</datalist>}
    {bound && <span class="hint">{t('b.bound')}</span>}
  </Frame>;
}

const hex = /^#[0-9a-f]{6}$/i;

function Swatch({ value, otherwise = '', put, name }: { value: string | undefined; otherwise?: string; put: (v: string) => void; name: string }) {
  const shown = value || otherwise;
  return <input type="color" class={`b-colour ${value ? '' : 'b-auto'}`} aria-label={name} value={hex.test(shown) ? shown : CSS.supports('color', shown) ? asHex(shown) : '#888888'} onInput={e => put(e.currentTarget.value)} />;
}

/** A colour by name, as the picker wants it. */
function asHex(value: string): string {
  const c = document.createElement('canvas').getContext('2d');
  if (!c) return '#888888';
  c.fillStyle = value;
  return hex.test(c.fillStyle) ? c.fillStyle : '#888888';
}

/** The colour a label gets by its place, for as long as it has none of its own. */
const byPlace = (i: number): string => getComputedStyle(document.documentElement).getPropertyValue(`--img-${i % 12 + 1}`).trim();

/** A label or a choice in one line: colour, words, key. Enter makes the next one. */
export function LabelLine({ x, path, act, open, panel, place, add }: { x: Real; path: string; act: Act; open: boolean; panel: string; place: number; add: (() => void) | null }) {
  const value = valueOf(x, 'value') ?? '', colour = valueOf(x, 'background'), key = valueOf(x, 'hotkey'), own = x.tag === 'Choice' ? null : colour;
  return <div class="bt-row bl">
    {own === null ? <span class="bl-dot" aria-hidden="true" /> : <Swatch value={own} otherwise={byPlace(place)} put={v => act.field(x, 'background', v)} name={t('b.colour', { name: value })} />}
    <input class="input bl-v" dir="auto" data-path={path} aria-label={t('b.value', { what: x.tag })} value={value} onInput={e => act.field(x, 'value', e.currentTarget.value)} onKeyDown={e => { if (e.key === 'Enter' && !e.isComposing && add) { e.preventDefault(); add(); } }} />
    {x.tag !== 'Relation' && <input class="input bl-k" aria-label={t('b.key', { name: value })} placeholder={t('b.key.short')} value={key ?? ''} onInput={e => act.field(x, 'hotkey', e.currentTarget.value.trim() || null)} />}
    <button type="button" class="btn quiet icon bt-i" aria-label={t('b.settings', { name: value })} title={t('b.settings', { name: value })} aria-expanded={open} aria-controls={open ? panel : undefined} onClick={() => act.setOpen(open ? null : path)}><Icon i="gear" /></button>
  </div>;
}

export function StyleText({ x, act }: { x: Real; act: Act }) {
  const id = useMemo(() => uid('b'), []), raw = act.doc.xml.slice(x.at[1], x.at[2]);
  const [text, set] = useState(raw);
  const put = () => { if (text !== raw && x.at[1] < x.at[3]) act.change([{ from: x.at[1], to: x.at[2], text: text.replace(/&(?!\w+;|#)/g, '&amp;').replace(/<(?!!\[CDATA\[|!--)/g, '&lt;') }], act.open ?? ''); };
  return <div class="field bf"><label for={id}>{t('b.css')}</label><textarea class="input mono" id={id} rows={6} value={text} onInput={e => set(e.currentTarget.value)} onBlur={put} /></div>;
}
