/* Fields: a label above, a hint and an error under it, all tied together for screen readers. */
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import { uid } from '../core/a11y';
import { Icon } from './icon';

interface Common { label: string; hint?: ComponentChildren; error?: string | undefined; cls?: string; hideLabel?: boolean }

function useIds() { return useMemo(() => uid('f'), []); }

function Frame({ id, p, children }: { id: string; p: Common; children: ComponentChildren }) {
  return <div class={`field ${p.cls ?? ''}`}>
    <label for={id} class={p.hideLabel ? 'vh' : undefined}>{p.label}</label>
    {children}
    {p.hint && <span class="hint" id={`${id}h`}>{p.hint}</span>}
    {p.error && <span class="err" id={`${id}e`} role="alert"><Icon i="alert" /><span>{p.error}</span></span>}
  </div>;
}

function ties(id: string, p: Common) {
  const by = [p.hint && `${id}h`, p.error && `${id}e`].filter(Boolean).join(' ');
  return { id, 'aria-describedby': by || undefined, 'aria-invalid': p.error ? true : undefined } as const;
}

interface TextProps extends Common {
  value: string;
  onValue: (v: string) => void;
  type?: 'text' | 'email' | 'password' | 'url';
  autocomplete?: string;
  required?: boolean;
  minLength?: number;
  maxLength?: number;
  placeholder?: string;
  readOnly?: boolean;
  name?: string;
}

export function TextField(p: TextProps) {
  const id = useIds();
  return <Frame id={id} p={p}>
    <input class="input" type={(p.type ?? 'text') as 'text'} dir="auto" {...ties(id, p)} value={p.value} name={p.name} autocomplete={p.autocomplete} aria-required={p.required || undefined}
      minLength={p.minLength} maxLength={p.maxLength} placeholder={p.placeholder} readOnly={p.readOnly} onInput={e => p.onValue(e.currentTarget.value)} />
  </Frame>;
}

export function NumberField(p: Common & { value: number; min?: number; max?: number; step?: number; onValue: (v: number) => void }) {
  const id = useIds();
  return <Frame id={id} p={p}>
    <input class="input" type="number" inputMode="decimal" {...ties(id, p)} value={Number.isFinite(p.value) ? p.value : ''} min={p.min} max={p.max} step={p.step}
      onInput={e => p.onValue(e.currentTarget.value === '' ? NaN : e.currentTarget.valueAsNumber)} />
  </Frame>;
}

export function AreaField(p: Common & { value: string; rows?: number; onValue: (v: string) => void; placeholder?: string; maxLength?: number; mono?: boolean }) {
  const id = useIds();
  return <Frame id={id} p={p}>
    <textarea class={`input ${p.mono ? 'mono' : ''}`} dir="auto" rows={p.rows ?? 4} {...ties(id, p)} value={p.value} placeholder={p.placeholder} maxLength={p.maxLength}
      onInput={e => p.onValue(e.currentTarget.value)} />
  </Frame>;
}

export function SelectField<T extends string>(p: Common & { value: T; options: readonly (readonly [T, string])[]; onValue: (v: T) => void }) {
  const id = useIds();
  return <Frame id={id} p={p}>
    <select class="input" {...ties(id, p)} value={p.value} onChange={e => p.onValue(e.currentTarget.value as T)}>
      {p.options.map(([v, text]) => <option key={v} value={v} selected={v === p.value}>{text}</option>)}
    </select>
  </Frame>;
}

export function Check({ label, hint, checked, onChange, disabled }:
  { label: ComponentChildren; hint?: ComponentChildren; checked: boolean; onChange: (v: boolean) => void; disabled?: boolean }) {
  const id = useIds();
  return <div class="row top checkrow">
    <input class="check" type="checkbox" id={id} checked={checked} disabled={disabled} aria-describedby={hint ? `${id}h` : undefined}
      onChange={e => onChange(e.currentTarget.checked)} />
    <div class="col flat"><label for={id}>{label}</label>{hint && <span class="small mute" id={`${id}h`}>{hint}</span>}</div>
  </div>;
}

export function Radios<T extends string>({ name, value, options, onChange }:
  { name: string; value: T; options: readonly (readonly [T, string, string?])[]; onChange: (v: T) => void }) {
  const id = useIds();
  return <fieldset class="col"><legend class="mid mb8">{name}</legend>
    {options.map(([v, text, hint], i) => <div class="row top checkrow" key={v}>
      <input class="check" type="radio" name={id} id={`${id}-${i}`} checked={v === value} aria-describedby={hint ? `${id}-${i}h` : undefined} onChange={() => onChange(v)} />
      <div class="col flat"><label for={`${id}-${i}`}>{text}</label>{hint && <span class="small mute" id={`${id}-${i}h`}>{hint}</span>}</div>
    </div>)}
  </fieldset>;
}

export function FindField({ label, value, onValue }: { label: string; value: string; onValue: (v: string) => void }) {
  return <div class="find"><Icon i="search" />
    <input class="input" type="search" aria-label={label} placeholder={label} value={value} onInput={e => onValue(e.currentTarget.value)} /></div>;
}
