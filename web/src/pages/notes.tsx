/* Comments on a task: threads, an answer to each, and a field for a new one. On the annotate page they are the person's
   own threads; who sees the answers of others sees all of them. What is typed stays until the server has it. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, del, get, newKey, patch, post } from '../core/api';
import { t } from '../core/i18n';
import { ago } from '../core/time';
import { Button } from '../ui/button';
import './annotate-side';

export interface Remark { id: number; text: string; author: string | null; mine: boolean; region: string | null; parent: number | null; created_at: string; is_resolved: boolean }

interface Props { task: number; reviewing?: boolean; mayWrite?: boolean; annotation?: number | undefined; region?: string | null; regionName?: (id: string) => string | null; onRegion?: (id: string) => void }

export function Notes({ task, reviewing, mayWrite = true, annotation, region, regionName, onRegion }: Props) {
  const list = useSignal<Remark[] | null>(null), text = useSignal(''), to = useSignal<number | null>(null), about = useSignal(true);
  const failed = useSignal(''), busy = useSignal(false);
  const url = `/api/tasks/${task}/comments`;
  const wrong = (e: unknown): void => { failed.value = e instanceof ApiError ? e.message : String(e); };
  useEffect(() => {
    let live = true;
    get<Remark[]>(url).then((l) => { if (live) list.value = l; }, (e) => { if (live) wrong(e); });
    return () => { live = false; };
  }, [url]);
  const say = async (e: Event): Promise<void> => {
    e.preventDefault();
    if (!text.peek().trim() || busy.peek()) return;
    busy.value = true;
    failed.value = '';
    try {
      const said = await post<Remark>(url, {
        text: text.peek(), ...(to.peek() ? { parent: to.peek() } : { ...(annotation ? { annotation } : {}), ...(region && about.peek() ? { region } : {}) }),
      }, { idempotency: newKey() });
      list.value = [...list.peek() ?? [], said];
      text.value = '';
      to.value = null;
    } catch (x) { wrong(x); }
    busy.value = false;
  };
  const close = (r: Remark): void => {
    patch<Remark>(`/api/comments/${r.id}`, { is_resolved: !r.is_resolved }).then((x) => { list.value = (list.peek() ?? []).map((y) => (y.id === x.id ? x : y)); }, wrong);
  };
  const drop = (r: Remark): void => {
    del(`/api/comments/${r.id}`).then(() => { list.value = (list.peek() ?? []).filter((y) => y.id !== r.id && y.parent !== r.id); }, wrong);
  };
  const threads = (list.value ?? []).filter((r) => r.parent === null);
  const one = (r: Remark, reply: boolean) => <div key={r.id} class={`note-said ${reply ? 'reply' : ''} ${r.is_resolved ? 'done' : ''}`}>
    <div class="row small mute"><span class="mid">{r.mine ? t('notes.me') : r.author ? <bdi>{r.author}</bdi> : t('notes.reviewer')}</span><span>{ago(r.created_at)}</span>
      {r.region && (regionName?.(r.region) ? <Button kind="quiet" onClick={() => onRegion?.(r.region!)}>{regionName(r.region)}</Button> : <span>{t('notes.region.gone')}</span>)}
      {r.is_resolved && <span class="pill">{t('notes.done')}</span>}</div>
    <p dir="auto">{r.text}</p>
    {mayWrite && <div class="row small">{!reply && <><Button kind="quiet" onClick={() => { to.value = r.id; }}>{t('notes.answer')}</Button>
      <Button kind="quiet" onClick={() => close(r)}>{t(r.is_resolved ? 'notes.reopen' : 'notes.close')}</Button></>}
      {r.mine && <Button kind="quiet" onClick={() => drop(r)}>{t('notes.drop')}</Button>}</div>}
  </div>;
  return <>
    <div class="side-in">
      {failed.value && !mayWrite && <p class="bad small" role="alert">{failed.value}</p>}
      {list.value && !threads.length && <p class="mute">{t('notes.none')}</p>}
      {threads.map((r) => [one(r, false), ...(list.value ?? []).filter((x) => x.parent === r.id).map((x) => one(x, true))])}
    </div>
    {mayWrite && <form class="foot" onSubmit={say}>
      {failed.value && <p class="bad small" role="alert">{failed.value}</p>}
      {to.value !== null && <p class="small row">{t('notes.answering')}<Button kind="quiet" onClick={() => { to.value = null; }}>{t('an.cancel')}</Button></p>}
      {to.value === null && region && regionName?.(region) && <label class="row small"><input class="check" type="checkbox" checked={about.value} onChange={(e) => { about.value = e.currentTarget.checked; }} />{t('notes.about', { name: regionName(region)! })}</label>}
      <label class="field"><span class="lbl small mute">{t('notes.say')}</span>
        <textarea class="input" rows={3} dir="auto" maxLength={4000} value={text.value} onInput={(e) => { text.value = e.currentTarget.value; }} /></label>
      <div class="row"><span class="small mute grow">{t(reviewing ? 'notes.who.review' : 'notes.who')}</span><Button type="submit" busy={busy.value} disabled={!text.value.trim()}>{t('notes.send')}</Button></div>
    </form>}
  </>;
}
