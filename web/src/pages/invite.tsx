/* Making an invitation and showing its link, once. */
import { useState } from 'preact/hooks';
import { ApiError, post } from '../core/api';
import { announce } from '../core/a11y';
import { t } from '../core/i18n';
import { Note } from '../ui/bits';
import { Button } from '../ui/button';
import { SelectField, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { roleKey } from './gate';
import type { Vendor } from './shapes';

export async function copyText(text: string): Promise<boolean> {
  try { await navigator.clipboard.writeText(text); return true; } catch { return false; }
}

/** A secret or link that the server will not show again. */
export function Once({ label, value, note }: { label: string; value: string; note: string }) {
  const [copied, set] = useState(false);
  return <Note><div class="col"><p class="mid">{note}</p>
    <div class="row wrap"><div class="grow"><TextField label={label} value={value} onValue={() => {}} readOnly hideLabel /></div>
      <Button icon={copied ? 'check' : 'copy'} onClick={async () => {
        const ok = await copyText(value);
        set(ok);
        if (ok) { announce(t('copied')); toast(t('copied')); } else toast(t('copy.failed'));
      }}>{copied ? t('copied') : t('copy')}</Button></div></div></Note>;
}

export function InviteForm({ path, roles, vendors, done }: { path: string; roles: readonly string[]; vendors: Vendor[]; done: () => void }) {
  const [email, setEmail] = useState(''), [role, setRole] = useState(roles[0]!), [vendor, setVendor] = useState(''), [url, setUrl] = useState<string | null>(null), [error, setError] = useState<ApiError | null>(null), [busy, setBusy] = useState(false);
  const send = async (e: Event) => {
    e.preventDefault();
    setBusy(true); setError(null);
    try {
      const v = await post<{ url?: string; path?: string; token?: string }>(path, { role, ...(email.trim() ? { email: email.trim() } : {}), ...(vendor ? { vendor: Number(vendor) } : {}) });
      const at = v.url ?? v.path ?? `/invite/${v.token ?? ''}`;
      setUrl(new URL(at, location.origin).href);
      setEmail('');
      done();
    } catch (x) { setError(x instanceof ApiError ? x : new ApiError(0, {}, String(x))); }
    setBusy(false);
  };
  return <section class="panel"><form class="in col wide" onSubmit={send} noValidate>
    {error && <Note tone="bad" role="alert">{error.message}</Note>}
    <div class="formrow">
      <TextField label={t('invite.email')} type="email" value={email} onValue={setEmail} autocomplete="off" hint={t('invite.email.hint')} error={error?.fields.email} />
      <SelectField label={t('role')} value={role} onValue={setRole} options={roles.map(r => [r, t(roleKey(r))] as const)} error={error?.fields.role} />
      {vendors.length > 0 && <SelectField label={t('vendor')} value={vendor} onValue={setVendor} options={[['', t('vendor.inhouse')], ...vendors.filter(v => v.id && !isHouse(v)).map(v => [String(v.id), v.name] as const)]} error={error?.fields.vendor} />}
    </div>
    <div class="row"><Button type="submit" kind="primary" icon="plus" busy={busy}>{t('invite.make')}</Button></div>
    {url && <Once label={t('invite.link')} value={url} note={t('invite.once')} />}
  </form></section>;
}
export function isHouse(v: Vendor & { inhouse?: boolean; in_house?: boolean }): boolean { return !!(v.inhouse ?? v.in_house); }
