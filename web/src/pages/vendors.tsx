/* Vendors: companies whose people work here. The in-house team is one of them. */
import { useState } from 'preact/hooks';
import { ApiError, post } from '../core/api';
import { num, t } from '../core/i18n';
import { isManager } from '../core/session';
import { Empty, Failed, Note, Pill } from '../ui/bits';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { isHouse } from './invite';
import { useCursor } from './list';
import type { Vendor } from './shapes';
import { Entry, View } from './shell';

export default function Vendors() {
  const list = useCursor<Vendor>('/api/vendors'), [open, setOpen] = useState(false), [name, setName] = useState(''), [error, setError] = useState<ApiError | null>(null), [busy, setBusy] = useState(false);
  const add = async (e: Event) => {
    e.preventDefault();
    if (!name.trim()) { setError(new ApiError(400, { fields: { name: t('field.needed') } }, t('field.needed'))); return; }
    setBusy(true); setError(null);
    try { await post('/api/vendors', { name: name.trim() }); toast(t('vendor.added', { name: name.trim() })); setName(''); setOpen(false); await list.reload(); }
    catch (x) { setError(x instanceof ApiError ? x : new ApiError(0, {}, String(x))); }
    setBusy(false);
  };
  const button = isManager.value && <Button kind="primary" icon="plus" onClick={() => setOpen(true)}>{t('vendor.add')}</Button>;
  return <View title={t('nav.vendors')} acts={!open && button}>
    {open && <Entry title={t('vendor.add')} text={t('vendor.add.side')}><section class="panel"><form class="in col wide" onSubmit={add} noValidate>
      {error && !error.fields.name && <Note tone="bad" role="alert">{error.message}</Note>}
      <TextField label={t('vendor.name')} value={name} onValue={setName} error={error?.fields.name} autocomplete="off" maxLength={200} cls="mx" />
      <div class="row"><Button type="submit" kind="primary" busy={busy}>{t('vendor.save')}</Button><Button kind="quiet" onClick={() => { setOpen(false); setError(null); }}>{t('cancel')}</Button></div>
    </form></section></Entry>}
    {list.error && <Failed error={list.error} again={() => void list.reload()} />}
    {!list.rows && !list.error && <p class="mute" role="status">{t('loading')}</p>}
    {list.rows && (list.rows.length === 0 ? <div class="panel"><Empty title={t('vendor.none')} text={t('vendor.none.text')} art="ship">{button}</Empty></div>
      : <Entry title={t('nav.vendors')} text={t('vendor.side')}><section class="panel"><ul class="list">{list.rows.map(v =>
        <li key={v.id}><span class="grow mid"><bdi>{v.name}</bdi></span>{isHouse(v) && <Pill>{t('vendor.inhouse')}</Pill>}{v.people !== undefined && <span class="small mute">{t('vendor.people', { n: v.people })} </span>}<span class="small mute">{t('vendor.id', { n: num(v.id) })}</span></li>)}</ul></section></Entry>)}
  </View>;
}
