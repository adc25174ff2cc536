/* The frame of a project: its data kept while one moves between its pages, its tabs, and the one main act. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { signal } from '@preact/signals';
import { ApiError, get } from '../core/api';
import { t } from '../core/i18n';
import { path } from '../core/router';
import { canManage, canSeeResults } from '../core/session';
import { Empty, Failed, Pill } from '../ui/bits';
import { Button } from '../ui/button';
import { Tabs, type Tab } from '../ui/tabs';
import { stateOf } from './home';
import { View } from './shell';
import type { Project } from './shapes';

const kept = signal<Project | null>(null);
const error = signal<ApiError | null>(null);

export async function reloadProject(id: number | string): Promise<void> {
  try {
    kept.value = await get<Project>(`/api/projects/${id}/`);
    error.value = null;
  } catch (e) { error.value = e instanceof ApiError ? e : new ApiError(0, {}, String(e)); }
}

export function setProject(p: Project): void { kept.value = p; }

/** The project of these params; null while it is on its way. */
export function useProject(id: string): Project | null {
  useEffect(() => {
    if (kept.value?.id !== Number(id)) { kept.value = null; error.value = null; }
    void reloadProject(id);
  }, [id]);
  return kept.value?.id === Number(id) ? kept.value : null;
}

function tabsOf(p: Project): Tab[] {
  const base = `/projects/${p.id}`, manage = canManage(p.my_role), see = canSeeResults(p.my_role);
  const list: Tab[] = [{ href: base, text: t('tab.overview') }];
  if (see) list.push({ href: `${base}/tasks`, text: t('tab.data'), count: p.task_number }, { href: `${base}/results`, text: t('tab.results') });
  if (see) list.push({ href: `${base}/members`, text: t('tab.people') });
  if (see) list.push({ href: `${base}/export`, text: t('tab.export') });
  if (manage) list.push({ href: `${base}/settings`, text: t('tab.settings') });
  return list;
}

export function ProjectView({ p, name, acts, children, cls, crumb }:
  { p: Project | null; name: string; acts?: ComponentChildren; children: ComponentChildren; cls?: string; crumb?: { href: string; text: string }[] }) {
  if (!p) {
    const e = error.value;
    return <View title={e?.status === 404 ? t('project.missing') : name} crumb={[{ href: '/', text: t('nav.projects') }]}>
      {e ? e.status === 404
        ? <div class="panel"><Empty title={t('project.missing')} text={t('project.missing.text')} art="search"><Button kind="primary" href="/">{t('nav.projects')}</Button></Empty></div>
        : <Failed error={e} again={() => location.reload()} />
        : <p class="mute" role="status">{t('loading')}</p>}
    </View>;
  }
  const base = `/projects/${p.id}`, tabs = tabsOf(p), at = path.value.replace(/\/$/, '');
  const current = [...tabs].reverse().find(x => at === x.href || at.startsWith(`${x.href}/`))?.href ?? base;
  const state = stateOf(p), overview = at === base;
  return <View title={overview ? p.title : name} cls={cls ?? 'body'}
    crumb={[{ href: '/', text: t('nav.projects') }, ...(overview ? [] : [{ href: base, text: p.title }]), ...(crumb ?? [])]}
    state={overview ? <Pill tone={state.tone} icon={state.icon}>{t(state.key)}</Pill> : undefined}
    acts={acts} tabs={<Tabs label={t('tab.label')} tabs={tabs} at={current} />}>{children}</View>;
}
