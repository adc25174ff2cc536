/* One's own things: password, look, keys. */
import { useState } from 'preact/hooks';
import { ApiError, post, setCsrf } from '../core/api';
import { LANGUAGES, t } from '../core/i18n';
import { loadSession, person, session } from '../core/session';
import { Note } from '../ui/bits';
import { Button, Segmented } from '../ui/button';
import { Check, SelectField, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { roleKey } from './gate';
import { contrast, helpOpen, singleKeys, theme, tongue } from './look';
import { Entry, View } from './shell';

export default function Account() {
  const who = person.value;
  return <View title={t('nav.account')}>
    <Entry title={t('account.you')}><section class="panel"><dl class="in data-kv">
      <div><dt>{t('field.name')}</dt><dd dir="auto">{who?.name || '–'}</dd></div>
      <div><dt>{t('field.email')}</dt><dd>{who?.email}</dd></div>
      <div><dt>{t('field.org')}</dt><dd dir="auto">{session.value?.org.name}</dd></div>
      <div><dt>{t('people.orgrole')}</dt><dd>{t(roleKey(who?.org_role))}</dd></div></dl></section></Entry>
    <Password />
    <Entry title={t('account.look')} text={t('account.look.side')}><section class="panel in col wide">
      <div class="row wrap"><span class="mid">{t('theme')}</span><Segmented name={t('theme')} value={theme.value} onChange={v => { theme.value = v; }} options={[['system', t('theme.system')], ['light', t('theme.light')], ['dark', t('theme.dark')]]} /></div>
      <SelectField label={t('language')} value={tongue.value} options={[['', t('language.auto')], ...Object.entries(LANGUAGES)]} onValue={v => { tongue.value = v; location.reload(); }} />
      <Check label={t('contrast')} hint={t('contrast.hint')} checked={contrast.value} onChange={v => { contrast.value = v; }} />
    </section></Entry>
    <Entry title={t('account.keys')} text={t('account.keys.side')}><section class="panel in col wide">
      <Check label={t('keys.single')} hint={t('keys.single.hint')} checked={singleKeys.value} onChange={v => { singleKeys.value = v; }} />
      <div class="row"><Button icon="keys" onClick={() => { helpOpen.value = true; }}>{t('keys.show')}</Button><Button href="/keys">{t('keys.own')}</Button></div>
    </section></Entry>
  </View>;
}

function Password() {
  const [old, setOld] = useState(''), [fresh, setFresh] = useState(''), [error, setError] = useState<ApiError | null>(null), [busy, setBusy] = useState(false);
  const n = [...fresh].length, short = n > 0 && n < 12 ? t('password.short', { n, min: 12 }) : undefined;
  const save = async (e: Event) => {
    e.preventDefault();
    if (!old || n < 12) { setError(new ApiError(400, { fields: { ...(old ? {} : { old: t('field.needed') }), ...(n < 12 ? { password: t('password.short', { n, min: 12 }) } : {}) } }, t('field.needed'))); return; }
    setBusy(true); setError(null);
    try {
      const s = await post<{ csrf?: string } | null>('/api/account/password', { old, password: fresh });
      if (s?.csrf) setCsrf(s.csrf);
      await loadSession();
      setOld(''); setFresh('');
      toast(t('password.changed'));
    } catch (x) { setError(x instanceof ApiError ? x : new ApiError(0, {}, String(x))); }
    setBusy(false);
  };
  return <Entry title={t('field.password')} text={t('password.side')}><section class="panel"><form class="in col wide" onSubmit={save} noValidate>
    {error && Object.keys(error.fields).length === 0 && <Note tone="bad" role="alert">{error.message}</Note>}
    <input class="vh" type="text" autocomplete="username" value={person.value?.email ?? ''} readOnly tabIndex={-1} aria-hidden="true" />
    <div class="formrow">
      <TextField label={t('password.old')} type="password" autocomplete="current-password" value={old} onValue={setOld} error={error?.fields.old} />
      <TextField label={t('password.new')} type="password" autocomplete="new-password" value={fresh} onValue={setFresh} hint={t('password.hint', { min: 12 })} error={short ?? error?.fields.password} />
    </div>
    <div class="row"><Button type="submit" busy={busy}>{t('password.act')}</Button></div>
  </form></section></Entry>;
}
