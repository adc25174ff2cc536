import type { ComponentChildren } from 'preact';
import { Icon } from './icon';
import type { IconName } from './paths';
import { ariaCombo, shownCombo } from '../core/hotkeys';

export function Kbd({ combo }: { combo: string }) {
  return <kbd aria-hidden="true">{shownCombo(combo)}</kbd>;
}

export interface ButtonProps {
  children?: ComponentChildren;
  kind?: 'primary' | 'quiet' | 'danger' | 'plain';
  icon?: IconName;
  name?: string;            // accessible name of an icon-only button
  combo?: string;           // its key, shown and announced
  href?: string;
  type?: 'button' | 'submit';
  disabled?: boolean;       // stays focusable and says why through `why`
  why?: string;
  pressed?: boolean;
  busy?: boolean;
  cls?: string;
  id?: string;
  describedby?: string;
  download?: boolean | string;
  onClick?: (e: MouseEvent) => void;
}

/** A button or, with `href`, a link that looks like one. Not available means aria-disabled: the reason can still be read. */
export function Button(p: ButtonProps) {
  const cls = `btn ${p.kind && p.kind !== 'plain' ? p.kind : ''} ${p.icon && !p.children && !p.combo ? 'icon' : ''} ${p.cls ?? ''}`.replace(/ +/g, ' ').trim();
  const inner = <>{p.icon && <Icon i={p.icon} />}{p.children}{p.combo && <Kbd combo={p.combo} />}</>;
  const off = p.disabled || p.busy;
  const common = {
    id: p.id, class: cls, 'aria-label': p.name, title: p.why ?? (p.children ? undefined : p.name),
    'aria-keyshortcuts': p.combo ? ariaCombo(p.combo) : undefined, 'aria-describedby': p.describedby,
  };
  if (p.href !== undefined && !off) return <a {...common} href={p.href} download={p.download} onClick={p.onClick}>{inner}</a>;
  return <button {...common} type={p.type ?? 'button'} aria-disabled={off || undefined} aria-busy={p.busy || undefined} aria-pressed={p.pressed}
    onClick={e => { if (off) { e.preventDefault(); return; } p.onClick?.(e); }}>{inner}</button>;
}

/** A few exclusive ways to look at the same thing. */
export function Segmented<T extends string>({ name, value, options, onChange }:
  { name: string; value: T; options: readonly (readonly [T, string])[]; onChange: (v: T) => void }) {
  return <div class="seg" role="group" aria-label={name}>
    {options.map(([v, text]) =>
      <button type="button" key={v} aria-pressed={v === value} onClick={() => onChange(v)}>{text}</button>)}
  </div>;
}
