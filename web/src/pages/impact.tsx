/* What a changed config would mean for the answers there are, before it is saved. */
import { useEffect, useState } from 'preact/hooks';
import { ApiError, post } from '../core/api';
import { t } from '../core/i18n';
import { Failed, Note, Pill } from '../ui/bits';
import { tagWord } from './builder/words';

export interface Lost { name: string; tag: string; what: 'gone' | 'kind' | 'object' | 'labels'; now?: string; answers: number; labels: { label: string; answers: number }[] }
export interface ImpactSaid { total: number; seen: number; broken: number; lost: Lost[]; added: { name: string; tag: string; labels: string[] }[]; examples: { annotation: number; task: number; why: string }[] }
export interface Impact { xml: string; said: ImpactSaid | null; error: ApiError | null }

/** Asks shortly after the last change; null while it is asked, or where there is nothing to ask. */
export function useImpact(project: number, xml: string, on: boolean): Impact | null {
  const [v, set] = useState<Impact | null>(null);
  useEffect(() => {
    if (!on) return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      post<ImpactSaid>(`/api/projects/${project}/config/impact`, xml, { type: 'application/xml', idempotency: '', signal: stop.signal }).then(said => set({ xml, said, error: null }),
        e => { if (!stop.signal.aborted) set({ xml, said: null, error: e instanceof ApiError ? e : new ApiError(0, {}, String(e)) }); });
    }, 400);
    return () => { clearTimeout(timer); stop.abort(); };
  }, [project, xml, on]);
  return on && v?.xml === xml ? v : null;
}

export function ImpactPanel({ impact, project }: { impact: Impact | null; project: number }) {
  if (!impact) return <p class="small dim" role="status">{t('impact.asking')}</p>;
  const { said, error } = impact;
  if (error) return <Failed error={error} />;
  if (!said) return null;
  const part = said.seen < said.total;
  return <section class="col" aria-label={t('impact.title')} role="status">
    <div class="row wrap"><h3 class="grow">{t('impact.title')}</h3>{said.broken ? <Pill tone="warn" icon="warn">{t('impact.broken', { n: said.broken })}</Pill> : <Pill tone="ok" icon="check">{t('impact.none')}</Pill>}</div>
    <p class="small dim">{part ? t('impact.part', { seen: said.seen, total: said.total }) : t('impact.all', { n: said.seen })}</p>
    {said.lost.length > 0 && <ul class="col tight">{said.lost.map(l => <li key={l.name}><LostLine l={l} /></li>)}</ul>}
    {said.added.length > 0 && <p class="small dim">{t('impact.added', { list: said.added.map(a => a.labels.length ? `${a.name}: ${a.labels.join(', ')}` : a.name).join('; ') })}</p>}
    {said.examples.length > 0 && <details><summary class="small">{t('impact.examples', { n: said.examples.length })}</summary><ul class="col tight small mt8">{said.examples.map(e => <li key={e.annotation}><a href={`/projects/${project}/tasks/${e.task}`}>{t('impact.task', { n: e.task })}</a> {e.why}</li>)}</ul></details>}
    {said.broken > 0 && <Note tone="warn">{t('impact.keep')}</Note>}
  </section>;
}

function LostLine({ l }: { l: Lost }) {
  const what = l.what === 'kind' ? t('impact.kind', { name: l.name, was: tagWord(l.tag), now: tagWord(l.now ?? '') }) : t(`impact.${l.what}`, { name: l.name, tag: tagWord(l.tag) });
  return <><span>{what} <b>{t('impact.answers', { n: l.answers })}</b></span>
    {l.labels.length > 0 && <ul class="row wrap tight mt8">{l.labels.map(x => <li key={x.label} class="chip still"><s><bdi>{x.label}</bdi></s> <span class="small mute">{t('impact.answers', { n: x.answers })}</span></li>)}</ul>}</>;
}
