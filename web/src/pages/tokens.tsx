/* Personal API tokens: what a script uses instead of a password. The secret is shown once. */
import { useState } from 'preact/hooks';
import { ApiError, del, post } from '../core/api';
import { t } from '../core/i18n';
import { ago, clockTime } from '../core/time';
import { Empty, Failed, Note, Pill } from '../ui/bits';
import { Button } from '../ui/button';
import { SelectField, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { Once } from './invite';
import { useCursor } from './list';
import type { ApiToken } from './shapes';
import { Entry, View } from './shell';

const days = ['30', '90', '365'] as const;

export default function Tokens() {
  const list = useCursor<ApiToken>('/api/tokens'), [name, setName] = useState(''), [scope, setScope] = useState<'all' | 'read'>('all'), [life, setLife] = useState<typeof days[number]>('90');
  const [secret, setSecret] = useState<string | null>(null), [error, setError] = useState<ApiError | null>(null), [busy, setBusy] = useState(false);
  const make = async (e: Event) => {
    e.preventDefault();
    if (!name.trim()) { setError(new ApiError(400, { fields: { name: t('field.needed') } }, t('field.needed'))); return; }
    setBusy(true); setError(null); setSecret(null);
    try {
      const v = await post<{ secret?: string; token?: string }>('/api/tokens', { name: name.trim(), scope, days: Number(life) });
      setSecret(v.secret ?? v.token ?? '');
      setName('');
      await list.reload();
    } catch (x) { setError(x instanceof ApiError ? x : new ApiError(0, {}, String(x))); }
    setBusy(false);
  };
  const drop = async (k: ApiToken) => {
    if (!confirm(t('token.drop.ask', { name: k.name }))) return;
    try { await del(`/api/tokens/${encodeURIComponent(String(k.id))}`); toast(t('token.dropped')); } catch (x) { toast(x instanceof ApiError ? x.message : String(x)); }
    await list.reload();
  };
  return <View title={t('nav.tokens')}>
    <Entry title={t('token.new')} text={t('token.side')}><section class="panel"><form class="in col wide" onSubmit={make} noValidate>
      {error && !error.fields.name && <Note tone="bad" role="alert">{error.message}</Note>}
      <div class="formrow">
        <TextField label={t('token.name')} hint={t('token.name.hint')} value={name} onValue={setName} error={error?.fields.name} autocomplete="off" maxLength={100} />
        <SelectField label={t('token.scope')} value={scope} onValue={setScope} options={[['all', t('token.scope.all')], ['read', t('token.scope.read')]]} />
        <SelectField label={t('token.life')} value={life} onValue={setLife} options={days.map(d => [d, t('token.days', { n: Number(d) })] as const)} />
      </div>
      <div class="row"><Button type="submit" kind="primary" icon="key" busy={busy}>{t('token.make')}</Button></div>
      {secret && <Once label={t('token.secret')} value={secret} note={t('token.once')} />}
    </form></section></Entry>
    <Entry title={t('token.list')} text={t('token.list.side')}>
      {list.error && <Failed error={list.error} again={() => void list.reload()} />}
      {list.rows && (list.rows.length === 0 ? <div class="panel"><Empty title={t('token.none')} text={t('token.none.text')} art="key" /></div>
        : <section class="panel"><ul class="list">{list.rows.map(k => <li key={String(k.id)}>
          <span class="grow col flat"><bdi class="mid">{k.name}</bdi><span class="small mute">{k.last_used_at ? t('token.used', { time: ago(k.last_used_at) }) : t('token.unused')}{k.expires_at && <> · {t('until', { time: clockTime(k.expires_at) })}</>}</span></span>
          {k.scope && <Pill>{k.scope === 'read' ? t('token.scope.read') : k.scope === 'all' ? t('token.scope.all') : k.scope}</Pill>}
          <Button kind="quiet" cls="danger" onClick={() => void drop(k)}>{t('token.drop')}<span class="vh"> {k.name}</span></Button></li>)}</ul></section>)}
    </Entry>
    <Entry title={t('token.how')} text={t('token.how.side')}><pre class="panel in mono scrollx" tabIndex={0} aria-label={t('token.how')}>{`curl -H "Authorization: Token anno_…" ${location.origin}/api/projects/`}</pre></Entry>
  </View>;
}
