/* The doors: the first administrator, the login, an invitation. Pasting and password managers work; nothing is asked twice. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, post, setCsrf } from '../core/api';
import { t } from '../core/i18n';
import { go, place } from '../core/router';
import { loadSession, login, session } from '../core/session';
import { Failed, Note } from '../ui/bits';
import { Button } from '../ui/button';
import { TextField } from '../ui/field';
import { Brand, Icon } from '../ui/icon';
import { flipTheme } from './look';

const MIN = 12;

function passwordTrouble(p: string): string | undefined {
  const n = [...p].length;
  return n > 0 && n < MIN ? t('password.short', { n, min: MIN }) : undefined;
}

function useSend(act: () => Promise<void>) {
  const [busy, setBusy] = useState(false), [error, setError] = useState<ApiError | null>(null);
  const send = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    setBusy(true); setError(null);
    try { await act(); } catch (x) { setError(x instanceof ApiError ? x : new ApiError(0, {}, String(x))); }
    setBusy(false);
  };
  return { busy, error, send };
}

function Gate({ title, text, children, side }: { title: string; text?: string; children: ComponentChildren; side?: ComponentChildren }) {
  useEffect(() => { document.title = `${title} · ${t('app')}`; }, [title]);
  return <main class={`gate ${side ? '' : 'alone'}`} id="main">
    <div class="form">
      <div class="row"><div class="brand bp0"><Brand name={t('app')} /></div><span class="grow" /><Button kind="quiet" icon="theme" name={t('theme.flip')} onClick={flipTheme} /></div>
      <div class="col tight"><h1>{title}</h1>{text && <p class="dim">{text}</p>}</div>
      {children}
    </div>
    {side && <section class="deed">{side}</section>}
  </main>;
}

export function Setup() {
  const token = place.value.query.get('token') ?? '';
  const [org, setOrg] = useState(''), [name, setName] = useState(''), [email, setEmail] = useState(''), [password, setPassword] = useState(''), [tried, setTried] = useState(false);
  const form = useSend(async () => {
    setTried(true);
    if (!org.trim() || !email.trim() || [...password].length < MIN) { focusFirstWrong(); return; }
    const s = await post<{ csrf?: string } | null>('/api/setup', { token, org: org.trim(), name: name.trim(), email: email.trim(), password });
    if (s?.csrf) { setCsrf(s.csrf); await loadSession(); } else await login(email.trim(), password);
    go('/', true);
  });
  const f = form.error?.fields ?? {};
  const need = (v: string) => tried && !v.trim() ? t('field.needed') : undefined;
  const [closed, setClosed] = useState(false);
  useEffect(() => { get<{ open?: boolean }>('/api/setup').then(v => setClosed(v.open === false), () => {}); }, []);
  if (closed) return <Gate title={t('setup.done')} text={t('setup.done.text')}><Button kind="primary" href="/user/login">{t('login.act')}</Button></Gate>;
  return <Gate title={t('setup.title')} text={t('setup.text')} side={<Deed />}>
    {!token && <Note tone="warn">{t('setup.notoken')}</Note>}
    {form.error && <Note tone="bad" role="alert">{form.error.message}</Note>}
    <form class="col wide" onSubmit={form.send} noValidate>
      <TextField label={t('field.org')} value={org} onValue={setOrg} autocomplete="organization" required error={f.org ?? need(org)} maxLength={200} />
      <TextField label={t('field.name')} value={name} onValue={setName} autocomplete="name" error={f.name} maxLength={200} />
      <TextField label={t('field.email')} type="email" value={email} onValue={setEmail} autocomplete="username" required error={f.email ?? need(email)} maxLength={254} />
      <TextField label={t('field.password')} type="password" value={password} onValue={setPassword} autocomplete="new-password" required
        hint={t('password.hint', { min: MIN })} error={f.password ?? passwordTrouble(password) ?? need(password)} />
      <Button kind="primary" type="submit" busy={form.busy}>{form.busy ? t('setup.busy') : t('setup.act')}</Button>
    </form>
    <p class="small mute">{t('setup.claimed')} <a class="link" href="/user/login">{t('login.act')}</a></p>
  </Gate>;
}

function Deed() {
  const steps = [['in', 'data'], ['scale', 'ask'], ['people', 'people']] as const;
  return <>
    <div class="col tight"><span class="deed-seal acc"><Icon i="seal" /></span><h2 class="fig">{t('deed.title')}</h2><p class="dim">{t('deed.text')}</p></div>
    <div class="col flat"><h2 class="mb8">{t('deed.then')}</h2><ol>{steps.map(([icon, key]) =>
      <li key={key}><Icon i={icon} cls="mute" /><div><h3>{t(`deed.${key}`)}</h3><p class="small dim">{t(`deed.${key}.text`)}</p></div></li>)}</ol></div>
  </>;
}

function focusFirstWrong() {
  requestAnimationFrame(() => document.querySelector<HTMLElement>('.gate [aria-invalid="true"]')?.focus());
}

/** Only a path of ours may be the place to go after the login. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) && !next.startsWith('/user/') ? next : '/';
}

export function Login() {
  const [next] = useState(() => safeNext(place.value.query.get('next')));
  const [email, setEmail] = useState(''), [password, setPassword] = useState(''), [tried, setTried] = useState(false);
  const secret = useRef('');
  const form = useSend(async () => {
    setTried(true);
    if (!email.trim() || !password) { focusFirstWrong(); return; }
    secret.current = password;
    await login(email.trim(), secret.current);
  });
  useEffect(() => { if (session.value) go(next, true); }, [session.value]);
  const wrong = form.error;
  const need = (v: string) => tried && !v.trim() ? t('field.needed') : undefined;
  return <Gate title={t('login.title')}>
    {wrong && <Note tone="bad" role="alert">{wrong.status === 401 ? t('login.wrong') : wrong.message}</Note>}
    <form class="col wide" onSubmit={form.send} noValidate>
      <TextField label={t('field.email')} type="email" name="email" value={email} onValue={setEmail} autocomplete="username" required error={need(email)} />
      <TextField label={t('field.password')} type="password" name="password" value={password} onValue={setPassword} autocomplete="current-password" required error={need(password)} />
      <Button kind="primary" type="submit" busy={form.busy}>{form.busy ? t('login.busy') : t('login.act')}</Button>
    </form>
    <p class="small mute">{t('login.forgot')}</p>
  </Gate>;
}

interface Invited { org: string; project: string | null; role: string; email: string | null }

export function Invite({ params }: { params: Record<string, string> }) {
  const token = params.token ?? '', base = `/api/invitations/${encodeURIComponent(token)}`;
  const [inv, setInv] = useState<Invited | null>(null), [gone, setGone] = useState<ApiError | null>(null);
  const [name, setName] = useState(''), [email, setEmail] = useState(''), [password, setPassword] = useState(''), [tried, setTried] = useState(false);
  useEffect(() => {
    get<Invited>(base).then(v => { setInv(v); setEmail(v.email ?? ''); }, e => setGone(e instanceof ApiError ? e : new ApiError(0, {}, String(e))));
  }, [base]);
  const form = useSend(async () => {
    setTried(true);
    if (!email.trim() || [...password].length < MIN) { focusFirstWrong(); return; }
    const s = await post<{ csrf?: string } | null>(`${base}/accept`, { name: name.trim(), email: email.trim(), password });
    if (s?.csrf) { setCsrf(s.csrf); await loadSession(); } else await login(email.trim(), password);
    go('/', true);
  });
  if (gone) {
    return <Gate title={t('invite.gone')}>{gone.status === 404 || gone.status === 410
      ? <p class="dim">{t('invite.gone.text')}</p> : <Failed error={gone} again={() => location.reload()} />}
      <p class="small mute"><a class="link" href="/user/login">{t('login.act')}</a></p></Gate>;
  }
  const join = useSend(async () => {
    const v = await post<{ project: number | null }>(`${base}/join`);
    go(v.project ? `/projects/${v.project}` : '/', true);
  });
  if (!inv) return <Gate title={t('invite.title')}><p class="dim" role="status">{t('loading')}</p></Gate>;
  const f = form.error?.fields ?? {};
  const need = (v: string) => tried && !v.trim() ? t('field.needed') : undefined;
  return <Gate title={t('invite.title')} text={inv.project ? t('invite.project', { org: inv.org, project: inv.project, role: t(roleKey(inv.role)) }) : t('invite.org', { org: inv.org, role: t(roleKey(inv.role)) })}>
    {session.value && <form class="col" onSubmit={join.send}>
      {join.error && <Note tone="bad" role="alert">{join.error.message}</Note>}
      <Button kind="primary" type="submit" busy={join.busy}>{t('invite.join', { name: session.value.person.name || session.value.person.email })}</Button>
      <p class="small mute">{t('invite.other')}</p></form>}
    {form.error && <Note tone="bad" role="alert">{form.error.message}</Note>}
    <form class="col wide" onSubmit={form.send} noValidate>
      <TextField label={t('field.name')} value={name} onValue={setName} autocomplete="name" error={f.name} maxLength={200} />
      <TextField label={t('field.email')} type="email" value={email} onValue={setEmail} autocomplete="username" required readOnly={!!inv.email} error={f.email ?? need(email)} maxLength={254} />
      <TextField label={t('field.password')} type="password" value={password} onValue={setPassword} autocomplete="new-password" required
        hint={t('password.hint', { min: MIN })} error={f.password ?? passwordTrouble(password) ?? need(password)} />
      <Button {...(session.value ? {} : { kind: 'primary' as const })} type="submit" busy={form.busy}>{form.busy ? t('setup.busy') : t('invite.act')}</Button>
    </form>
  </Gate>;
}

export type RoleKey = 'role.owner' | 'role.manager' | 'role.reviewer' | 'role.annotator' | 'role.auditor' | 'role.none';
export function roleKey(role: string | null | undefined): RoleKey {
  return role === 'owner' || role === 'manager' || role === 'reviewer' || role === 'annotator' || role === 'auditor' ? `role.${role}` : 'role.none';
}
