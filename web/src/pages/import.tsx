/* Add data: drop or choose files, or paste; look at the first rows and say which column feeds which field; check all rows
   without keeping any; progress; bad rows by line with the reason. */
import words from '../i18n/en/import.json';
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, upload, withQuery } from '../core/api';
import { announce, focusOn } from '../core/a11y';
import { addMessages, percent, t } from '../core/i18n';
import { place } from '../core/router';
import { Note, Pill, ScrollX } from '../ui/bits';
import { Button, Segmented } from '../ui/button';
import { AreaField } from '../ui/field';
import { Icon } from '../ui/icon';
import { ProjectView, reloadProject, useProject } from './frame';
import { followJob, jobEnded, jobState, jobWell } from './jobs';
import { FileCard } from './import-preview';
import { fileSize } from './import-size';
import type { ImportError, Job } from './shapes';
import { Entry } from './shell';

await addMessages('import', words);

interface Item { id: number; name: string; size: number; body: Blob; map: Record<string, string | null> | null; state: 'ready' | 'waiting' | 'sending' | 'checking' | 'done' | 'failed'; sent: number; job: Job | null; dry: boolean; error: ApiError | null }

let last = 0;
const accept = '.json,.jsonl,.ndjson,.csv,.tsv,.txt,.zip,.png,.jpg,.jpeg,.gif,.webp,.bmp,.tif,.tiff,.md';

export default function Import({ params }: { params: Record<string, string> }) {
  const p = useProject(params.id!);
  const [items, setItems] = useState<Item[]>([]), [over, setOver] = useState(false), [way, setWay] = useState<'files' | 'paste'>('files'), [text, setText] = useState('');
  const input = useRef<HTMLInputElement>(null), cards = useRef<HTMLDivElement>(null), stop = useRef(new AbortController()), running = useRef(false), queue = useRef<Item[]>([]);
  useEffect(() => () => stop.current.abort(), []);
  const asked = place.value.query.get('job');
  useEffect(() => {
    if (!asked || !/^\d+$/.test(asked)) return;
    get<Job>(`/api/jobs/${asked}`).then(j => setItems(old => old.length ? old : [{ id: ++last, name: t('import.earlier', { id: j.id }), size: 0, body: new Blob(), map: null, sent: 1, job: j, dry: false, error: null, state: jobEnded(j) ? jobWell(j) ? 'done' : 'failed' : 'checking' }]), () => {});
  }, [asked]);

  const change = (id: number, more: Partial<Item>) => setItems(list => list.map(x => x.id === id ? { ...x, ...more } : x));

  const work = async () => {
    if (running.current) return;
    running.current = true;
    for (let item = queue.current.shift(); item; item = queue.current.shift()) {
      const it = item;
      change(it.id, { state: 'sending' });
      try {
        const to = withQuery(`/api/projects/${params.id}/imports`, { name: it.name, dry_run: it.dry ? 1 : undefined, map: it.map ? JSON.stringify(it.map) : undefined });
        const answer = await upload<{ job: number | { id: number } }>(to, it.body, sent => change(it.id, { sent }), stop.current.signal);
        const id = typeof answer.job === 'object' ? answer.job.id : answer.job;
        change(it.id, { state: 'checking', sent: 1 });
        const job = await followJob(id, j => change(it.id, { job: j }), stop.current.signal);
        const well = jobWell(job);
        change(it.id, { state: well ? 'done' : 'failed', job });
        announce(t(well ? it.dry ? 'import.said.dry' : 'import.said.done' : 'import.said.failed', { name: it.name, n: job.done }), !well);
      } catch (e) {
        if (stop.current.signal.aborted) return;
        change(it.id, { state: 'failed', error: e instanceof ApiError ? e : new ApiError(0, {}, String(e)) });
      }
    }
    running.current = false;
    void reloadProject(params.id!);
  };

  const add = (files: Iterable<File | { name: string; body: Blob }>) => {
    const fresh = [...files].map((f): Item => {
      const body = f instanceof File ? f : f.body;
      return { id: ++last, name: f.name, size: body.size, body, map: null, state: 'ready', sent: 0, job: null, dry: false, error: null };
    });
    setItems(list => [...fresh, ...list]);
    requestAnimationFrame(() => focusOn(cards.current));
  };
  const start = (it: Item, map: Item['map'], dry: boolean) => {
    const next: Item = { ...it, map, dry, state: 'waiting', sent: 0, job: null, error: null };
    setItems(list => list.map(x => x.id === it.id ? next : x));
    queue.current.push(next);
    void work();
  };
  const drop = (it: Item) => setItems(list => list.filter(x => x.id !== it.id));
  const ready = items.filter(x => x.state === 'ready');
  const added = items.filter(x => x.state === 'done' && !x.dry).length;

  return <ProjectView p={p} name={t('import.add')} crumb={[]}
    acts={p && added > 0 && <><Button href={`/projects/${p.id}/tasks`}>{t('import.see')}</Button><Button kind="primary" href={`/projects/${p.id}/annotate`}>{t('work.start')}</Button></>}>
    <Entry title={t('import.what')} text={t('import.what.text')} side={<div class="col"><Segmented name={t('import.way')} value={way} onChange={setWay} options={[['files', t('import.files')], ['paste', t('import.paste')]]} /><a class="small" href={`/projects/${params.id}/jobs`}>{t('import.jobs')}</a></div>}>
      {way === 'files'
        ? <div class={`drop ${over ? 'over' : ''}`} onDragOver={e => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
          onDrop={e => { e.preventDefault(); setOver(false); const f = e.dataTransfer?.files; if (f && f.length) add(Array.from(f)); }}>
          <Icon i="in" cls="art-ic" /><p>{t('import.drop')}</p>
          <input ref={input} class="vh" type="file" id="files" multiple accept={accept} tabIndex={-1} aria-label={t('import.choose')}
            onChange={e => { const f = e.currentTarget.files; if (f && f.length) add(Array.from(f)); e.currentTarget.value = ''; }} />
          <Button kind={items.length ? 'plain' : 'primary'} onClick={() => input.current?.click()}>{t('import.choose')}</Button>
          <p class="small mute">{t('import.kinds')}</p>
        </div>
        : <form class="col" onSubmit={e => { e.preventDefault(); if (text.trim()) { add([{ name: guessName(text), body: new Blob([text], { type: 'application/octet-stream' }) }]); setText(''); } }}>
          <AreaField label={t('import.paste.label')} hint={t('import.paste.hint')} value={text} onValue={setText} rows={10} mono />
          <div class="row"><Button type="submit" kind="primary" disabled={!text.trim()}>{t('import.paste.act', { name: text.trim() ? guessName(text) : '' })}</Button></div>
        </form>}
    </Entry>
    {items.length > 0 && <Entry title={t('import.list')} text={t('import.list.text')}><div class="col wide" ref={cards} tabIndex={-1}>
      {ready.length > 1 && <div class="row"><Button onClick={() => { for (const it of ready) start(it, it.map, false); }}>{t('im.all', { n: ready.length })}</Button></div>}
      {items.map(it => it.state === 'ready'
        ? <FileCard key={it.id} project={params.id!} name={it.name} body={it.body} mapped={map => { it.map = map; }} start={(map, dry) => start(it, map, dry)} drop={() => drop(it)} />
        : <ItemView key={it.id} it={it} keep={() => start(it, it.map, false)} again={() => change(it.id, { state: 'ready' })} />)}</div></Entry>}
  </ProjectView>;
}

/** What pasted text looks like; the server checks it again. */
export function guessName(text: string): string {
  const s = text.trim();
  if (s.startsWith('[')) return 'pasted.json';
  if (s.startsWith('{')) return /\n\s*\{/.test(s) ? 'pasted.jsonl' : 'pasted.json';
  const first = s.split('\n', 1)[0] ?? '';
  return first.includes('\t') ? 'pasted.tsv' : first.includes(',') ? 'pasted.csv' : 'pasted.txt';
}

function ItemView({ it, keep, again }: { it: Item; keep: () => void; again: () => void }) {
  const j = it.job, errors = j?.errors ?? [];
  const total = j?.total ?? 0, value = it.state === 'sending' ? it.sent : it.state === 'done' ? 1 : total ? (j?.done ?? 0) / total : 0;
  const s = j && it.state !== 'failed' ? jobState(j) : null;
  return <section class="panel">
    <header><h3 class="grow cut"><bdi>{it.name}</bdi></h3>{it.size > 0 && <span class="small mute">{fileSize(it.size)}</span>}{it.dry && <Pill tone="acc">{t('import.dry.short')}</Pill>}
      {j?.state === 'cancelled' ? <Pill>{t('import.stopped')}</Pill> : it.state === 'failed' ? <Pill tone="bad" icon="alert">{t('import.refused')}</Pill> : it.state === 'waiting' ? <Pill icon="clock">{t('job.waiting')}</Pill>
        : it.state === 'sending' ? <Pill tone="acc" icon="out">{t('import.sending', { share: percent(it.sent) })}</Pill> : s && <Pill tone={s.tone} icon={s.icon}>{t(s.key)}</Pill>}</header>
    <div class="in col">
      {it.state !== 'failed' && <progress class="progress" max={1} value={it.state === 'checking' && !total ? undefined : value} aria-label={it.name} />}
      {it.state === 'checking' && <p class="small dim">{total ? t('import.progress', { done: j?.done ?? 0, total }) : t('import.checking')}</p>}
      {it.state === 'done' && <p>{it.dry ? t('import.dry.ok', { n: j?.done ?? 0 }) : t('import.ok', { n: j?.done ?? 0 })}</p>}
      {it.error && <Note tone="bad" role="alert">{it.error.message}</Note>}
      {it.state === 'failed' && !it.error && <Note tone="bad" role="alert">{j?.error || t('import.nothing')}</Note>}
      {it.error && Object.keys(it.error.fields).length > 0 && <Errors list={Object.entries(it.error.fields).map(([field, why]) => ({ line: null, field, why }))} />}
      {errors.length > 0 && <Errors list={errors} />}
      {it.state === 'failed' && it.size > 0 && <div class="row"><Button onClick={again}>{t('im.again')}</Button></div>}
      {it.dry && it.state === 'done' && it.size > 0 && <div class="row"><Button kind="primary" onClick={keep}>{t('import.keep')}</Button></div>}
    </div>
  </section>;
}

function Errors({ list }: { list: ImportError[] }) {
  return <ScrollX name={t('import.errors', { n: list.length })}><table class="tbl" data-density="compact"><caption class="vh">{t('import.errors', { n: list.length })}</caption>
    <thead><tr><th scope="col" class="num">{t('import.line')}</th><th scope="col">{t('import.field')}</th><th scope="col">{t('import.why')}</th></tr></thead>
    <tbody>{list.slice(0, 200).map((e, i) => <tr key={i}><td class="num">{e.line ?? '–'}</td><td><code>{e.field ?? '–'}</code></td><td>{e.why}</td></tr>)}</tbody></table>
    {list.length > 200 && <p class="small mute in">{t('import.moreerrors', { n: list.length - 200 })}</p>}</ScrollX>;
}
