/* What can be done to many tasks at once. Each act is a job: it goes on by itself, tells how far it is, and where it can be
   undone says so for a while, and can be stopped. What cannot be undone asks for the number of tasks to be typed. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, del, post } from '../core/api';
import { announce } from '../core/a11y';
import { num, t } from '../core/i18n';
import { Note } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Check, NumberField, TextField } from '../ui/field';
import { Popover } from '../ui/popover';
import { toast } from '../ui/toast';
import { followJob, jobWell } from './jobs';
import type { Person } from './tasks-filter';
import type { Selection } from './tasks-grid';
import type { Job } from './shapes';

export type Act = 'delete_tasks' | 'priority' | 'assign' | 'ask' | 'predictions_to_annotations' | 'delete_tasks_annotations' | 'delete_tasks_predictions';
interface Begun { job: number; total: number }

interface Props { project: number; total: number; count: number; selection: Selection; query: Record<string, unknown> | undefined; people: readonly Person[]; canManage: boolean; onAll: () => void; onClear: () => void; onChanged: () => void }

export function BulkBar(p: Props) {
  const [asking, setAsking] = useState<Act | null>(null), [running, setRunning] = useState<Job | null>(null), [wrong, setWrong] = useState<string | null>(null), stop = useRef(new AbortController());
  useEffect(() => { stop.current = new AbortController(); return () => stop.current.abort(); }, []);
  const [halting, setHalting] = useState(0);
  const halt = async (job: number) => { setHalting(job); try { await del(`/api/jobs/${job}`); } catch { setHalting(0); } };   // one that has just ended says so itself
  const ids = [...p.selection.ids];
  const selectedItems = p.selection.all ? { all: true, excluded: ids } : { all: false, included: ids };

  const follow = async (begun: Begun, act: Act | null) => {
    setRunning({ id: begun.job, state: 'waiting', done: 0, total: begun.total });
    const end = await followJob(begun.job, setRunning, stop.current.signal);
    setRunning(null);
    p.onChanged();
    const result = (end.result ?? {}) as { done?: number; left?: number; undo?: boolean; why?: string };
    const stopped = end.state === 'cancelled';
    if (!jobWell(end) && !stopped) { setWrong(result.why ?? t('bulk.failed')); return; }
    const text = t(stopped ? 'bulk.stopped' : act ? `bulk.did.${act}` : 'bulk.undone', { n: result.done ?? end.done });
    const whole = result.left ? `${text} ${t('bulk.leftout', { n: result.left })}` : text;
    toast(whole, result.undo && act ? { act: t('undo'), seconds: 15, onAct: () => { void run(() => post<Begun>(`/api/projects/${p.project}/bulk/${begun.job}/undo`), null); } } : { seconds: 8 });
  };
  const run = async (begin: () => Promise<Begun>, act: Act | null) => {
    setAsking(null);
    setWrong(null);
    try { await follow(await begin(), act); } catch (e) {
      if (stop.current.signal.aborted) return;
      setRunning(null);
      setWrong(e instanceof ApiError ? e.message : String(e));
      announce(e instanceof Error ? e.message : String(e), true);
    }
  };
  const go = (act: Act, args: Record<string, unknown> = {}) => { void run(() => post<Begun>(`/api/projects/${p.project}/bulk`, { action: act, query: p.query, selectedItems, args }), act).then(() => { if (act === 'delete_tasks') p.onClear(); }); };

  if (p.count === 0 && !running && !wrong) return null;
  return <div class="pop bar-bulk" role="toolbar" aria-label={t('bulk.name')}>
    {running ? <><span class="mid nowrap" role="status">{t('bulk.running', { done: running.done, total: running.total ?? p.count })}</span><progress class="progress w132" value={running.done} max={Math.max(1, running.total ?? 1)} aria-label={t('bulk.progress')} />{running.stopping || halting === running.id ? <span class="small mute">{t('bulk.stopping')}</span> : <><span class="small mute">{t('bulk.goon')}</span><Button kind="quiet" onClick={() => void halt(running.id)}>{t('bulk.stop')}</Button></>}</>
      : <>
        <span class="mid nowrap" role="status">{t('bulk.chosen', { n: p.count, of: p.total })}</span>
        {!p.selection.all && p.count < p.total && <Button kind="quiet" combo="a" onClick={p.onAll}>{t('bulk.all', { n: p.total })}</Button>}
        {p.canManage && p.count > 0 && <><span class="vsep" />
          <Button icon="people" onClick={() => setAsking('assign')}>{t('bulk.assign')}</Button>
          <Button icon="chat" onClick={() => setAsking('ask')}>{t('bulk.ask')}</Button>
          <Button icon="sort" onClick={() => setAsking('priority')}>{t('bulk.priority')}</Button>
          <Popover end up kind="quiet icon" icon="more" label={<span class="vh">{t('bulk.more')}</span>}>{close => <>
            <Button kind="quiet" icon="wand" onClick={() => { close(); setAsking('predictions_to_annotations'); }}>{t('bulk.predictions')}</Button>
            <Button kind="danger" icon="trash" onClick={() => { close(); setAsking('delete_tasks'); }}>{t('bulk.delete')}</Button>
            <Button kind="danger" icon="trash" onClick={() => { close(); setAsking('delete_tasks_annotations'); }}>{t('bulk.deleteanswers')}</Button>
            <Button kind="danger" icon="trash" onClick={() => { close(); setAsking('delete_tasks_predictions'); }}>{t('bulk.deletepredictions')}</Button></>}</Popover></>}
        <Button kind="quiet" combo="esc" onClick={() => { setWrong(null); p.onClear(); }}>{t('bulk.clear')}</Button>
      </>}
    {wrong && <Note tone="bad" role="alert">{wrong}</Note>}
    {asking && <Ask act={asking} count={p.count} people={p.people} onClose={() => setAsking(null)} onGo={args => go(asking, args)} />}
  </div>;
}

function Ask({ act, count, people, onGo, onClose }: { act: Act; count: number; people: readonly Person[]; onGo: (args: Record<string, unknown>) => void; onClose: () => void }) {
  const [n, setN] = useState(act === 'ask' ? 1 : 0), [typed, setTyped] = useState(''), [who, setWho] = useState<ReadonlySet<number>>(new Set()), [now, setNow] = useState(false);
  const forGood = act === 'delete_tasks' ? now : act.startsWith('delete_'), ready = forGood ? typed.replace(/\D/g, '') === String(count) : act === 'ask' ? n >= 1 && n <= 100 : act === 'priority' ? Number.isInteger(n) && Math.abs(n) <= 1_000_000 : true;
  const send = () => onGo(act === 'ask' ? { more: n } : act === 'priority' ? { priority: n } : act === 'assign' ? { people: [...who] } : now ? { for_good: true } : {});
  return <Dialog title={t(`bulk.title.${act}`, { n: count })} onClose={onClose}>
    <form class="col" onSubmit={e => { e.preventDefault(); if (ready) send(); }}>
      <p class="dim">{t(now ? 'bulk.text.forgood' : `bulk.text.${act}`)}</p>
      {act === 'ask' && <NumberField label={t('bulk.more.n')} value={n} min={1} max={100} onValue={setN} />}
      {act === 'priority' && <NumberField label={t('bulk.priority')} hint={t('bulk.priority.hint')} value={n} onValue={setN} step={1} />}
      {act === 'assign' && <div class="col assignees" role="group" aria-label={t('bulk.people')}>
        {people.filter(x => x.name || x.email).map(x => <Check key={x.person} label={<span dir="auto">{x.name || x.email}</span>} checked={who.has(x.person)} onChange={on => setWho(s => { const m = new Set(s); if (on) m.add(x.person); else m.delete(x.person); return m; })} />)}
        <p class="small mute">{who.size === 0 ? t('bulk.assign.nobody') : t('bulk.assign.some', { n: who.size })}</p></div>}
      {act === 'delete_tasks' && <Check label={t('bulk.forgood')} hint={t('bulk.forgood.text')} checked={now} onChange={setNow} />}
      {forGood && <TextField label={t('bulk.type', { n: num(count) })} value={typed} onValue={setTyped} autocomplete="off" />}
      <div class="row"><span class="grow" /><Button onClick={onClose}>{t('cancel')}</Button><Button kind={act.startsWith('delete') ? 'danger' : 'primary'} type="submit" disabled={!ready} {...(ready ? {} : { why: forGood ? t('bulk.typefirst') : t('bulk.numberfirst') })}>{t(`bulk.do.${act}`)}</Button></div>
    </form>
  </Dialog>;
}
