/* Deleted tasks that can still be had back: who deleted them, until when, and the two ways on: back, or for good. */
import './notice-list';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, del, get, post } from '../core/api';
import { num, t } from '../core/i18n';
import { ago } from '../core/time';
import { ScrollX } from '../ui/bits';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { TextField } from '../ui/field';
import { toast } from '../ui/toast';
import { Entry } from './shell';
import type { Cursor } from './shapes';

interface Deletion { id: number; name: string; tasks: number; created_at: string; ends_at: string | null }

/** `round` changes when the list may have changed; `onBegun` is told that a job has begun. */
export function Deleted({ project, round, onBegun }: { project: number | string; round: string; onBegun: () => void }) {
  const at = `/api/projects/${project}/deletions`, [list, set] = useState<Deletion[]>([]), [sure, setSure] = useState<Deletion | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    get<Cursor<Deletion>>(at, { query: { limit: 50 }, signal: stop.signal }).then(v => set(v.results), () => {});
    return () => stop.abort();
  }, [at, round]);
  const begin = async (what: Promise<unknown>) => {
    try { await what; toast(t('gone.begun')); } catch (e) { toast(e instanceof ApiError ? e.message : String(e)); }
    onBegun();
  };
  if (list.length === 0) return null;
  return <Entry title={t('gone.title')} text={t('gone.text')}><section class="panel"><ScrollX name={t('gone.title')}><table class="tbl"><caption class="vh">{t('gone.title')}</caption>
    <thead><tr><th scope="col">{t('gone.title')}</th><th scope="col">{t('gone.by')}</th><th scope="col">{t('gone.when')}</th><th scope="col">{t('gone.until')}</th><th scope="col"><span class="vh">{t('gone.acts')}</span></th></tr></thead>
    <tbody>{list.map(d => <tr key={d.id}><td>{t('gone.n', { n: d.tasks })}</td><td><bdi>{d.name}</bdi></td><td class="small dim nowrap">{ago(d.created_at)}</td><td class="small dim nowrap">{d.ends_at ? ago(d.ends_at) : t('gone.soon')}</td>
      <td class="num nowrap"><Button cls="h28" name={t('gone.back.of', { n: d.tasks })} onClick={() => void begin(post(`${at}/${d.id}/undo`))}>{t('gone.back')}</Button> <Button kind="danger" cls="h28" onClick={() => setSure(d)}>{t('gone.now')}</Button></td></tr>)}</tbody></table></ScrollX></section>
    {sure && <ForGood n={sure.tasks} onClose={() => setSure(null)} onGo={() => { setSure(null); void begin(del(`${at}/${sure.id}`)); }} />}
  </Entry>;
}

function ForGood({ n, onGo, onClose }: { n: number; onGo: () => void; onClose: () => void }) {
  const [typed, set] = useState(''), ready = typed.replace(/\D/g, '') === String(n);
  return <Dialog title={t('gone.sure', { n })} onClose={onClose}><form class="col" onSubmit={e => { e.preventDefault(); if (ready) onGo(); }}>
    <p class="dim">{t('gone.sure.text')}</p>
    <TextField label={t('gone.type', { n: num(n) })} value={typed} onValue={set} autocomplete="off" />
    <div class="row"><span class="grow" /><Button onClick={onClose}>{t('cancel')}</Button><Button kind="danger" type="submit" disabled={!ready} {...(ready ? {} : { why: t('gone.typefirst') })}>{t('gone.now')}</Button></div>
  </form></Dialog>;
}
