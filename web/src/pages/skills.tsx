/* What the fitted methods learnt about people, control by control, each with its interval. */
import { useEffect, useState } from 'preact/hooks';
import { ApiError, get } from '../core/api';
import { num, percent, t } from '../core/i18n';
import { Failed, ScrollX } from '../ui/bits';
import { IntervalBar } from '../charts/bars';
import { Entry } from './shell';

interface Worker { person: number; name?: string; n: number; skill: number; lo: number; hi: number }
interface Table { control: string; method: string; unit: 'share' | 'spread'; note: string; answers: number; workers: Worker[] }

export function Skills({ id }: { id: string }) {
  const [list, set] = useState<Table[] | null>(null), [error, setError] = useState<ApiError | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    get<{ results: Table[] }>(`/api/projects/${id}/skills`, { signal: stop.signal }).then(v => set(v.results), e => { if (!stop.signal.aborted) setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); });
    return () => stop.abort();
  }, [id]);
  if (error) return <Failed error={error} />;
  if (!list?.length) return null;
  return <Entry title={t('skills')} text={t('skills.side')}>{list.map(s => <SkillTable key={s.control} s={s} />)}</Entry>;
}

function SkillTable({ s }: { s: Table }) {
  const share = s.unit === 'share', top = share ? 1 : Math.max(...s.workers.map(w => w.hi), 1e-9);
  const say = (x: number) => share ? percent(x) : num(Math.round(x * 1000) / 1000);
  return <section class="panel"><header><h3 class="grow">{s.control}</h3><span class="small mute">{s.method}</span></header>
    {s.note && <p class="in small mute">{s.note}</p>}
    {s.workers.length > 0 && <ScrollX name={t('skills.of', { control: s.control })}><table class="tbl"><caption class="vh">{t('skills.of', { control: s.control })}</caption>
      <thead><tr><th scope="col">{t('skills.person')}</th><th scope="col" class="num">{t('answers')}</th><th scope="col" class="num">{share ? t('skills.share') : t('skills.spread')}</th><th scope="col" class="cellcut">{t('skills.interval')}</th></tr></thead>
      <tbody>{s.workers.map(w => <tr key={w.person}><td dir="auto">{w.name ?? t('person.n', { n: String(w.person) })}</td><td class="num">{num(w.n)}</td><td class="num">{say(w.skill)}</td>
        <td class="cellcut"><IntervalBar lo={w.lo / top} at={w.skill / top} hi={w.hi / top} name={`${say(w.lo)} – ${say(w.hi)}`} /></td></tr>)}</tbody></table></ScrollX>}
  </section>;
}
