/* One's own last answers in this project; each can be opened again and changed while the project takes changes. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { ApiError, get } from '../core/api';
import { t } from '../core/i18n';
import { ago, duration } from '../core/time';
import { Button } from '../ui/button';
import { asResults, groupKind, labelsOf } from '../tags/result';
import type { SideProps } from './annotate';
import { reopenOwn, type Own } from './annotate-own';
import './annotate-side';

export default function HistorySide({ info, p, open, onClose }: SideProps) {
  const list = useSignal<Own[] | null>(null), failed = useSignal('');
  const wrong = (e: unknown): void => { failed.value = e instanceof ApiError ? e.message : String(e); };
  const waiting = p.queue.jobs.value.filter((j) => j.project === String(info.project.id) && j.refused === undefined);
  useEffect(() => {
    let live = true;
    get<Own[]>(`/api/projects/${info.project.id}/history`).then((l) => { if (live) { list.value = l; failed.value = ''; } }, (e) => { if (live) wrong(e); });
    return () => { live = false; };
  }, [waiting.length]);
  const rows = list.value ?? [], now = open?.lease.task.id;
  return <aside class="aside start beside guide-side" aria-label={t('history')}>
    <header><h2>{t('history')}</h2><span class="end"><Button kind="quiet" icon="x" name={t('an.close')} onClick={onClose} /></span></header>
    <div class="side-in">
      {failed.value && <p class="bad small" role="alert">{failed.value}</p>}
      {list.value && !rows.length && !waiting.length && <p class="mute">{t('history.none')}</p>}
      <ul class="list">
        {[...waiting].reverse().map((j) => <li key={j.key}><div class="grow col flat"><span>{t('an.task', { id: j.task })}</span><span class="small mute">{t('history.waiting')}</span></div></li>)}
        {rows.filter((r) => !waiting.some((j) => Number(j.task) === r.task)).map((r) => <li key={r.annotation} class={r.task === now ? 'sel' : ''}>
          <div class="grow col flat min0"><span>{t('an.task', { id: r.task })}</span>
            <span class="small mute cut" dir="auto">{brief(r)}</span>
            <span class="small mute">{ago(r.updated_at)} · {duration(r.active_ms / 1000)}</span></div>
          {r.task === now ? <span class="small mute">{t('history.open.now')}</span>
            : <Button name={t('history.open.name', { id: r.task })} onClick={() => { reopenOwn(p, r).catch(wrong); }}>{t('history.open')}</Button>}</li>)}
      </ul>
    </div>
  </aside>;
}

/* The answer in a few words: what was chosen, how much was marked. */
function brief(r: Own): string {
  const list = asResults(r.result), said: string[] = [], seen = new Set<string>();
  let marked = 0;
  for (const x of list) {
    const kind = groupKind([x]);
    if (kind === 'region') { if (!seen.has(x.id ?? '')) { seen.add(x.id ?? ''); marked++; } for (const l of labelsOf([x])) if (!said.includes(l)) said.push(l); continue; }
    const v = x.value?.[x.type] ?? x.value?.text ?? x.value?.selected;
    if (kind === 'answer' && v !== undefined) said.push((Array.isArray(v) ? v.flat().map(String) : [typeof v === 'object' ? '…' : String(v)]).join(', '));
  }
  return [marked ? t('history.regions', { n: marked }) : '', said.slice(0, 4).join(', ')].filter(Boolean).join(': ');
}
