/* Who is here. The CSRF token lives in memory only; the cookie is out of reach of scripts. */

import { signal, computed } from '@preact/signals';
import { ApiError, del, get, onSessionLost, post, setCsrf } from './api';

export interface Person { id: number; email: string; name: string; org_role: string | null }
export interface Session { person: Person; org: { id: number; name: string }; csrf: string }

/** undefined: not asked yet; null: nobody. */
export const session = signal<Session | null | undefined>(undefined);
export const person = computed(() => session.value?.person ?? null);

const managing = new Set(['owner', 'manager']);
export const isManager = computed(() => managing.has(person.value?.org_role ?? ''));
export const isAuditor = computed(() => isManager.value || person.value?.org_role === 'auditor');

/** What may be done in a project: the role there, or the one in the organisation. */
export function canManage(role: string | null | undefined): boolean {
  return isManager.value || managing.has(role ?? '');
}
/** Who may settle what people differ on. */
export function canReview(role: string | null | undefined): boolean {
  return canManage(role) || role === 'reviewer';
}
export function canSeeResults(role: string | null | undefined): boolean {
  return canManage(role) || role === 'reviewer' || role === 'auditor' || isAuditor.value;
}

function take(s: Session): Session {
  setCsrf(s.csrf);
  session.value = s;
  return s;
}

export async function loadSession(): Promise<Session | null> {
  try {
    return take(await get<Session>('/api/session'));
  } catch (e) {
    if (e instanceof ApiError && e.status === 401) { session.value = null; return null; }
    throw e;
  }
}

export async function login(email: string, password: string): Promise<void> {
  const s = await post<Partial<Session>>('/api/session', { email, password });
  if (s.person && s.org && s.csrf) take(s as Session); else await loadSession();
}

export async function logout(): Promise<void> {
  try { await del('/api/session'); } finally { forget(); }
}

/** Drafts kept in this browser belong to the person who leaves; they go with the session. */
const leaving = new Set<() => void>();
export function onLogout(hook: () => void): void { leaving.add(hook); }

export function forget(): void {
  for (const hook of leaving) hook();
  setCsrf('');
  session.value = null;
}

onSessionLost(() => { setCsrf(''); session.value = null; });
