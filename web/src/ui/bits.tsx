/* Small things every page uses: pill, note, empty place, estimate, error. */
import type { ComponentChildren } from 'preact';
import { Icon } from './icon';
import type { IconName } from './paths';
import { share, num, t } from '../core/i18n';
import type { ApiError } from '../core/api';
import { Button } from './button';

export type Tone = 'ok' | 'warn' | 'bad' | 'acc' | '';

export function Pill({ tone = '', icon, children }: { tone?: Tone; icon?: IconName; children: ComponentChildren }) {
  return <span class={`pill ${tone}`}>{icon && <Icon i={icon} />}{children}</span>;
}

export function Note({ tone = '', icon, children, role }: { tone?: 'bad' | 'warn' | ''; icon?: IconName; children: ComponentChildren; role?: 'alert' | 'status' }) {
  return <div class={`note ${tone}`} role={role}><Icon i={icon ?? (tone === 'bad' ? 'alert' : tone === 'warn' ? 'warn' : 'info')} /><div class="grow">{children}</div></div>;
}

/** One sentence of what is missing, one main act, one quiet way out. */
export function Empty({ title, text, children, art = 'grid' }: { title: string; text?: string; children?: ComponentChildren; art?: IconName }) {
  return <div class="empty"><span class="art"><Icon i={art} cls="art-ic" /></span><h2>{title}</h2>{text && <p>{text}</p>}{children && <div class="row wrap mt8">{children}</div>}</div>;
}

/** Value, interval and count. Never a bare share. */
export function Est({ value, low, high, n }: { value: number | null | undefined; low?: number | null; high?: number | null; n?: number | null }) {
  const range = low !== null && low !== undefined && high !== null && high !== undefined;
  return <span class="est"><b>{share(value)}</b>
    {range && <span dir="ltr">{share(low)}–{share(high)}</span>}
    {n !== null && n !== undefined && <span>{t('n.of', { n })}</span>}
  </span>;
}

export function Failed({ error, again }: { error: ApiError; again?: () => void }) {
  return <Note tone="bad" role="alert"><div class="row wrap"><span class="grow">{error.message}
    {error.requestId && <span class="small mute"> {t('error.request', { id: error.requestId })}</span>}</span>
    {again && <Button onClick={again}>{t('again')}</Button>}</div></Note>;
}

/** A wide thing that scrolls sideways by itself, also by keyboard, so that the page never does. */
export function ScrollX({ name, cls = '', children }: { name: string; cls?: string; children: ComponentChildren }) {
  return <div class={`scrollx ${cls}`} role="region" aria-label={name} tabIndex={0}>{children}</div>;
}

export function Count({ n }: { n: number }) { return <span class="count">{num(n)}</span>; }

export function Face({ name }: { name: string }) {
  const parts = name.trim().split(/\s+/).filter(Boolean);
  const letters = [parts[0], parts.length > 1 ? parts.at(-1) : undefined].map(w => (w ? [...w][0] : '') ?? '').join('').toUpperCase();
  return <span class="face" aria-hidden="true">{letters || '?'}</span>;
}
