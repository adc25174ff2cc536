/* Settings of a project. A config under which existing answers would be invalid is refused with the list. */
import { useEffect, useState } from 'preact/hooks';
import { ApiError, del, get, patch } from '../core/api';
import { t } from '../core/i18n';
import { go, holdBack } from '../core/router';
import { Failed, Note } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { AreaField, Check, NumberField, SelectField, TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { ConfigPane } from './builder/pane';
import { useConfig } from './builder/use';
import { fieldsOf, orders, orderText, PreviewPane, skips, skipText, type Order, type Skip } from './create';
import { ProjectView, reloadProject, setProject, useProject } from './frame';
import { ImpactPanel, useImpact } from './impact';
import { MethodsEntry } from './methods';
import type { Project } from './shapes';
import { sampleFor } from './templates';
import { Entry } from './shell';

export default function Settings({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!);
  return <ProjectView p={p} name={t('tab.settings')}>{p && <><General key={`g${p.id}`} p={p} /><MethodsEntry key={`m${p.id}`} p={p} save={change => save(p, change)} /><Config key={`c${p.id}`} p={p} /><Danger p={p} /></>}</ProjectView>;
}

async function save(p: Project, change: Record<string, unknown>): Promise<void> {
  setProject({ ...p, ...await patch<Project>(`/api/projects/${p.id}/`, change) });
  await reloadProject(p.id);
}

function General({ p }: { p: Project }) {
  const [v, set] = useState({ title: p.title, description: p.description ?? '', expert_instruction: p.expert_instruction ?? '', show_instruction: p.show_instruction ?? false, maximum_annotations: p.maximum_annotations,
    sampling: (p.sampling ?? orders[0]) as Order, skip_queue: (p.skip_queue ?? skips[0]) as Skip, show_skip_button: p.show_skip_button ?? true });
  const [error, setError] = useState<ApiError | null>(null), [busy, setBusy] = useState(false);
  const put = (more: Partial<typeof v>) => set(old => ({ ...old, ...more }));
  const send = async (e: Event) => {
    e.preventDefault();
    setBusy(true); setError(null);
    try { await save(p, v); toast(t('saved')); } catch (x) { setError(x instanceof ApiError ? x : new ApiError(0, {}, String(x))); }
    setBusy(false);
  };
  const f = error?.fields ?? {};
  return <Entry title={t('settings.general')} text={t('settings.general.side')}><section class="panel"><form class="in col wide" onSubmit={send} noValidate>
    {error && <Note tone="bad" role="alert">{error.message}</Note>}
    <TextField label={t('create.name')} value={v.title} onValue={title => put({ title })} error={f.title ?? (v.title.trim() ? undefined : t('field.needed'))} maxLength={200} />
    <AreaField label={t('create.about')} value={v.description} onValue={description => put({ description })} rows={2} error={f.description} />
    <AreaField label={t('instruction')} hint={t('instruction.hint')} value={v.expert_instruction} onValue={expert_instruction => put({ expert_instruction })} rows={8} error={f.expert_instruction} />
    <Check label={t('instruction.show')} checked={v.show_instruction} onChange={show_instruction => put({ show_instruction })} />
    <div class="formrow">
      <NumberField label={t('overlap')} hint={t('overlap.change')} value={v.maximum_annotations} min={1} max={100} step={1} onValue={maximum_annotations => put({ maximum_annotations })} error={f.maximum_annotations} />
      <SelectField label={t('order')} hint={t('order.hint')} value={v.sampling} onValue={sampling => put({ sampling })} options={[...new Set([...orders, v.sampling])].map(o => [o, orderText(o)] as const)} error={f.sampling} />
      <SelectField label={t('skip.what')} value={v.skip_queue} onValue={skip_queue => put({ skip_queue })} options={skips.map(s => [s, skipText(s)] as const)} error={f.skip_queue} />
    </div>
    <Check label={t('skip.allow')} hint={t('skip.allow.hint')} checked={v.show_skip_button} onChange={show_skip_button => put({ show_skip_button })} />
    <div class="row"><Button kind="primary" type="submit" busy={busy} disabled={!v.title.trim()}>{t('save')}</Button></div>
  </form></section></Entry>;
}

function Config({ p }: { p: Project }) {
  const cfg = useConfig(p.label_config), { xml, parsed, good } = cfg, [sample, setSample] = useState(() => JSON.stringify(sampleFor(p.label_config), null, 2));
  const [error, setError] = useState<ApiError | null>(null), [saving, setSaving] = useState(false);
  const dirty = xml !== p.label_config;
  useEffect(() => holdBack(() => dirty ? t('config.leave') : null), [dirty]);
  const send = async (force: boolean) => {
    setSaving(true); setError(null);
    try { await save(p, { label_config: xml, config_version: p.config_version, ...(force ? { force: true } : {}) }); toast(t('saved')); } catch (x) { setError(x instanceof ApiError ? x : new ApiError(0, {}, String(x))); }
    setSaving(false);
  };
  const clean = !parsed?.errors.length && !cfg.busy, asks = dirty && clean && p.total_annotations_number > 0, impact = useImpact(p.id, xml, asks);
  const said = impact?.said, harm = !!said && (said.broken > 0 || (said.lost.length > 0 && said.seen < said.total)), waits = asks && !impact;
  const breaks = Object.entries(error?.fields ?? {});
  return <section class="entry wide"><header><h2>{t('config.questions')}</h2><p>{t('config.side')}</p></header><div class="col wide min0">
    <section class="panel">
      <ConfigPane cfg={cfg} id="pxml" level={3} taskFields={fieldsOf(sample)} />
      {asks && <div class="in sect-t"><ImpactPanel impact={impact} project={p.id} /></div>}
      {error && <div class="in col">{breaks.length > 0 && clean ? <>
        <Note tone="bad" role="alert"><p class="mid">{error.message}</p><ul class="col tight mt8">{breaks.map(([where, why]) => <li key={where}><code>{where}</code> {why}</li>)}</ul></Note>
        <div class="row wrap"><Button cls="danger" busy={saving} onClick={() => void send(true)}>{t('config.force')}</Button></div></> : error.status === 412 ? <Note tone="bad" role="alert"><div class="row wrap"><span class="grow">{t('config.theirs')}</span><Button onClick={() => { void navigator.clipboard?.writeText(xml).catch(() => {}); location.reload(); }}>{t('config.theirs.load')}</Button></div></Note> : <Failed error={error} />}</div>}
      <div class="in row wrap sect-t">{harm
        ? <Button kind="danger" busy={saving} onClick={() => { if (confirm(t('config.force.ask'))) void send(true); }}>{said.broken ? t('impact.save', { n: said.broken }) : t('impact.lost')}</Button>
        : <Button kind="primary" busy={saving} disabled={!dirty || !clean || waits} {...(!dirty ? { why: t('config.same') } : waits ? { why: t('impact.asking.why') } : {})} onClick={() => void send(false)}>{t('config.save')}</Button>}
        {dirty && <Button kind="quiet" onClick={() => { cfg.load(p.label_config); setError(null); }}>{t('config.undo')}</Button>}</div>
    </section>
    <div class="panel"><PreviewPane own={async () => (await get<{ tasks: { data: Record<string, unknown> }[] }>('/api/tasks/', { query: { project: p.id, page_size: 5 } })).tasks.map(x => x.data)} tree={good} stale={!!parsed?.errors.length} sample={sample} setSample={setSample} xml={xml} /></div>
  </div></section>;
}

function Danger({ p }: { p: Project }) {
  const [open, setOpen] = useState(false), [typed, setTyped] = useState(''), [error, setError] = useState<ApiError | null>(null), [busy, setBusy] = useState(false);
  const drop = async () => {
    setBusy(true); setError(null);
    try { await del(`/api/projects/${p.id}/`); toast(t('project.deleted')); go('/'); } catch (x) { setError(x instanceof ApiError ? x : new ApiError(0, {}, String(x))); setBusy(false); }
  };
  return <Entry title={t('settings.end')} text={t('settings.end.side')}><div class="row"><Button kind="danger" icon="trash" onClick={() => setOpen(true)}>{t('project.delete')}</Button></div>
    {open && <Dialog title={t('project.delete')} onClose={() => setOpen(false)}>
      <p>{t('project.delete.text', { title: p.title, n: p.total_annotations_number })}</p>
      {error && <Note tone="bad" role="alert">{error.message}</Note>}
      <TextField label={t('project.delete.type', { title: p.title })} value={typed} onValue={setTyped} autocomplete="off" />
      <div class="row"><span class="grow" /><Button onClick={() => setOpen(false)}>{t('cancel')}</Button><Button kind="danger" busy={busy} disabled={typed.trim() !== p.title.trim()} onClick={() => void drop()}>{t('project.delete')}</Button></div>
    </Dialog>}</Entry>;
}
