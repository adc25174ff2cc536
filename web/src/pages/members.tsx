/* People of a project: their roles, the invitations that wait. */
import { useState } from 'preact/hooks';
import { ApiError, del, patch, post } from '../core/api';
import { num, t } from '../core/i18n';
import { canManage, isAuditor, person } from '../core/session';
import { clockTime } from '../core/time';
import { Empty, Face, Failed, Pill, ScrollX } from '../ui/bits';
import { Button } from '../ui/button';
import { SelectField } from '../ui/field';
import { toast } from '../ui/toast';
import { ProjectView, useProject } from './frame';
import { roleKey } from './gate';
import { InviteForm } from './invite';
import { useCursor } from './list';
import type { Invitation, Member, Vendor } from './shapes';
import { Entry } from './shell';

const roles = ['annotator', 'reviewer', 'auditor', 'manager', 'owner'] as const;

export default function Members({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!), manage = p ? canManage(p.my_role) : false;
  const members = useCursor<Member>(`/api/projects/${params.id}/members`), invites = useCursor<Invitation>(`/api/projects/${params.id}/invitations`, manage), vendors = useCursor<Vendor>('/api/vendors', manage && isAuditor.value);
  const [inviting, setInviting] = useState(false), [busy, setBusy] = useState<number | null>(null);
  const change = async (m: Member, role: string) => {
    setBusy(m.person);
    try { await patch(`/api/projects/${params.id}/members`, { person: m.person, role }); toast(role ? t('people.changed', { name: m.name || m.email, role: t(roleKey(role)) }) : t('people.removed', { name: m.name || m.email })); await members.reload(); }
    catch (e) { toast(e instanceof ApiError ? e.message : String(e)); await members.reload(); }
    setBusy(null);
  };
  const revoke = async (i: Invitation) => {
    try { await del(`/api/projects/${params.id}/invitations/${i.id}`); toast(t('invite.revoked')); await invites.reload(); } catch (e) { toast(e instanceof ApiError ? e.message : String(e)); }
  };
  const open = (invites.rows ?? []).filter(i => !i.accepted_at);
  return <ProjectView p={p} name={t('tab.people')} acts={manage && <Button kind="primary" icon="plus" onClick={() => setInviting(v => !v)}>{t('people.invite')}</Button>}>
    {inviting && isAuditor.value && members.rows && <AddPerson project={params.id!} members={members.rows} done={() => void members.reload()} />}
    {inviting && <Entry title={t('people.invite')} text={t('invite.side')}><InviteForm path={`/api/projects/${params.id}/invitations`} roles={roles} vendors={vendors.rows ?? []} done={() => void invites.reload()} /></Entry>}
    <Entry title={t('people.members')} text={t('people.members.side')}>
      {members.error && <Failed error={members.error} again={() => void members.reload()} />}
      {members.rows && members.rows.length === 0 && <div class="panel"><Empty title={t('people.none')} text={t('people.none.text')} art="people">{manage && <Button kind="primary" onClick={() => setInviting(true)}>{t('people.invite')}</Button>}</Empty></div>}
      {members.rows && members.rows.length > 0 && <ScrollX cls="panel" name={t('people.members')}><table class="tbl"><caption class="vh">{t('people.members')}</caption>
        <thead><tr><th scope="col">{t('people.person')}</th><th scope="col">{t('role')}</th><th scope="col">{t('vendor')}</th><th scope="col" class="num">{t('answers')}</th>{manage && <th scope="col"><span class="vh">{t('acts')}</span></th>}</tr></thead>
        <tbody>{members.rows.map(m => <tr key={m.person}>
          <td><span class="row"><Face name={m.name || m.email} /><span class="col flat"><bdi class="mid">{m.name || m.email}</bdi>{m.name && <span class="small mute">{m.email}</span>}</span></span></td>
          <td>{manage && m.person !== person.value?.id
            ? <select class="input w132" aria-label={t('people.role.of', { name: m.name || m.email })} value={m.role} disabled={busy === m.person} onChange={e => void change(m, e.currentTarget.value)}>{roles.map(r => <option key={r} value={r} selected={r === m.role}>{t(roleKey(r))}</option>)}</select>
            : t(roleKey(m.role))}</td>
          <td class="dim">{vendorName(m)}</td><td class="num">{m.annotations === undefined ? '–' : num(m.annotations)}</td>
          {manage && <td class="num">{m.person !== person.value?.id && <Button kind="quiet" cls="danger" busy={busy === m.person} onClick={() => { if (confirm(t('people.remove.ask', { name: m.name || m.email }))) void change(m, ''); }}>{t('people.remove')}<span class="vh"> {m.name || m.email}</span></Button>}</td>}
        </tr>)}</tbody></table></ScrollX>}
    </Entry>
    {manage && open.length > 0 && <Entry title={t('invites')} text={t('invites.side')}><section class="panel"><ul class="list">{open.map((i, n) =>
      <li key={i.id ?? n}><span class="grow">{i.email || t('invite.anyone')}</span><Pill>{t(roleKey(i.role))}</Pill>{i.expires_at && <span class="small mute">{t('until', { time: clockTime(i.expires_at) })}</span>}{i.id !== undefined && <Button kind="quiet" onClick={() => void revoke(i)}>{t('invite.revoke')}</Button>}</li>)}</ul></section></Entry>}
  </ProjectView>;
}

/** Somebody who is in the organisation already needs no invitation. */
function AddPerson({ project, members, done }: { project: string; members: Member[]; done: () => void }) {
  const people = useCursor<{ id: number; name: string; email: string; active?: boolean }>('/api/people'), [who, setWho] = useState(''), [role, setRole] = useState<string>(roles[0]), [error, setError] = useState<string | null>(null);
  const rest = (people.rows ?? []).filter(x => x.active !== false && !members.some(m => m.person === x.id));
  if (rest.length === 0) return null;
  const add = async (e: Event) => {
    e.preventDefault();
    if (!who) { setError(t('people.add.who')); return; }
    try { await post(`/api/projects/${project}/members`, { person: Number(who), role }); setWho(''); setError(null); done(); toast(t('people.added')); } catch (x) { setError(x instanceof ApiError ? x.message : String(x)); }
  };
  return <Entry title={t('people.add')} text={t('people.add.side')}><section class="panel"><form class="in col wide" onSubmit={add} noValidate>
    <div class="formrow"><SelectField label={t('people.person')} value={who} onValue={setWho} options={[['', '–'], ...rest.map(x => [String(x.id), x.name ? `${x.name} (${x.email})` : x.email] as const)]} error={error ?? undefined} />
      <SelectField label={t('role')} value={role} onValue={setRole} options={roles.map(r => [r, t(roleKey(r))] as const)} /></div>
    <div class="row"><Button type="submit" icon="plus">{t('people.add.act')}</Button></div>
  </form></section></Entry>;
}

export function vendorName(m: { vendor?: { name: string } | string | number | null }): string {
  const v = m.vendor;
  return !v ? t('vendor.inhouse') : typeof v === 'object' ? v.name : String(v);
}
