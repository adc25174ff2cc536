/* By which method each control is settled: one for all that it fits, and another where somebody chose so. */
import { useEffect, useState } from 'preact/hooks';
import { ApiError, get } from '../core/api';
import { t } from '../core/i18n';
import { Failed, Note } from '../ui/bits';
import { Button } from '../ui/button';
import { SelectField } from '../ui/field';
import { toast } from '../ui/toast';
import type { Project } from './shapes';
import { Entry } from './shell';

interface Method { id: string; title: string; about: string; paper: string }
interface Control { control: string; tag: string; method: string; chosen: string | null; fits: string[] }
interface Methods { default: string; controls: Control[] }
interface Loaded { all: Map<string, Method>; now: Methods }

export function MethodsEntry({ p, save }: { p: Project; save: (change: Record<string, unknown>) => Promise<void> }) {
  const [has, setHas] = useState<Loaded | null>(null), [main, setMain] = useState(''), [own, setOwn] = useState<Record<string, string>>({});
  const [error, setError] = useState<ApiError | null>(null), [busy, setBusy] = useState(false);
  const fail = (e: unknown) => setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e)));
  useEffect(() => {
    const stop = new AbortController(), at = { signal: stop.signal };
    Promise.all([get<{ results: Method[] }>('/api/consensus-methods', at), get<Methods>(`/api/projects/${p.id}/consensus-methods`, at)]).then(([list, now]) => {
      setHas({ all: new Map(list.results.map(m => [m.id, m])), now });
      setMain(now.default);
      setOwn(Object.fromEntries(now.controls.map(c => [c.control, c.chosen ?? ''])));
    }, e => { if (!stop.signal.aborted) fail(e); });
    return () => stop.abort();
  }, [p.id, p.label_config]);
  if (!has) return error ? <Failed error={error} /> : null;
  const { all, now } = has, title = (id: string) => all.get(id)?.title ?? id, about = (id: string) => all.get(id)?.about ?? '';
  const fitting = [...new Set([...now.controls.flatMap(c => c.fits), main])];
  const effective = (c: Control) => own[c.control] || (c.fits.includes(main) ? main : c.fits[0] ?? c.method);
  const send = async (e: Event) => {
    e.preventDefault();
    setBusy(true); setError(null);
    try {
      await save({ consensus_method: main, consensus_methods: Object.fromEntries(Object.entries(own).map(([k, v]) => [k, v || null])) });
      toast(t('saved'));
    } catch (x) { fail(x); }
    setBusy(false);
  };
  const wrong = error?.fields ?? {};
  return <Entry title={t('consensus')} text={t('methods.side')}><section class="panel"><form class="in col wide" onSubmit={send} noValidate>
    {error && <Note tone="bad" role="alert">{error.message}</Note>}
    <SelectField label={t('consensus.method')} hint={about(main)} value={main} onValue={setMain} options={fitting.map(id => [id, title(id)] as const)} error={wrong.consensus_method} />
    {now.controls.map(c => <SelectField key={c.control} label={t('methods.control', { name: c.control, tag: c.tag })} hint={effective(c) === main ? undefined : about(effective(c))} value={own[c.control] ?? ''} onValue={id => setOwn(old => ({ ...old, [c.control]: id }))}
      options={[['', t('methods.asproject', { title: title(c.fits.includes(main) ? main : c.fits[0] ?? c.method) })] as const, ...c.fits.map(id => [id, title(id)] as const)]} error={wrong[`consensus_methods.${c.control}`]} />)}
    <div class="row"><Button kind="primary" type="submit" busy={busy}>{t('save')}</Button></div>
  </form></section></Entry>;
}
