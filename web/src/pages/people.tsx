/* People of the organisation, and invitations to it. */
import { useState } from 'preact/hooks';
import { ApiError, patch } from '../core/api';
import { t } from '../core/i18n';
import { isManager, person } from '../core/session';
import { clockTime } from '../core/time';
import { Empty, Face, Failed, ScrollX } from '../ui/bits';
import { Button } from '../ui/button';
import { toast } from '../ui/toast';
import { roleKey } from './gate';
import { InviteForm } from './invite';
import { useCursor } from './list';
import { Entry, View } from './shell';

interface OrgPerson { id: number; name: string; email: string; org_role: string | null; created_at?: string; projects?: number; active?: boolean }
const roles = ['', 'auditor', 'manager', 'owner'] as const;

export default function People() {
  const list = useCursor<OrgPerson>('/api/people'), [inviting, setInviting] = useState(false), manage = isManager.value;
  const change = async (m: OrgPerson, role: string) => {
    try { await patch(`/api/people/${m.id}`, { org_role: role || null }); toast(t('people.changed', { name: m.name || m.email, role: t(roleKey(role || null)) })); }
    catch (e) { toast(e instanceof ApiError ? e.message : String(e)); }
    await list.reload();
  };
  return <View title={t('nav.people')} acts={manage && <Button kind="primary" icon="plus" onClick={() => setInviting(v => !v)}>{t('people.invite')}</Button>}>
    {inviting && <Entry title={t('people.invite')} text={t('people.org.invite')}><InviteForm path="/api/invitations" roles={['manager', 'auditor', 'owner']} vendors={[]} done={() => {}} /></Entry>}
    {list.error && <Failed error={list.error} again={() => void list.reload()} />}
    {!list.rows && !list.error && <p class="mute" role="status">{t('loading')}</p>}
    {list.rows && (list.rows.length === 0 ? <div class="panel"><Empty title={t('people.none')} art="people" /></div>
      : <Entry title={t('people.org')} text={t('people.org.side')}><ScrollX cls="panel" name={t('people.org')}><table class="tbl"><caption class="vh">{t('people.org')}</caption>
        <thead><tr><th scope="col">{t('people.person')}</th><th scope="col">{t('people.orgrole')}</th><th scope="col" class="num">{t('people.since')}</th></tr></thead>
        <tbody>{list.rows.map(m => <tr key={m.id}>
          <td><span class="row"><Face name={m.name || m.email} /><span class="col flat"><bdi class="mid">{m.name || m.email}</bdi>{m.name && <span class="small mute">{m.email}</span>}</span></span></td>
          <td>{person.value?.org_role === 'owner' && m.id !== person.value?.id
            ? <select class="input w132" aria-label={t('people.role.of', { name: m.name || m.email })} value={m.org_role ?? ''} onChange={e => void change(m, e.currentTarget.value)}>{roles.map(r => <option key={r} value={r} selected={r === (m.org_role ?? '')}>{t(roleKey(r || null))}</option>)}</select>
            : t(roleKey(m.org_role))}</td>
          <td class="num mute">{m.created_at ? clockTime(m.created_at) : ''}</td></tr>)}</tbody></table></ScrollX></Entry>)}
    {list.next !== null && <div class="row"><Button onClick={() => void list.more()}>{t('more.plain')}</Button></div>}
  </View>;
}
