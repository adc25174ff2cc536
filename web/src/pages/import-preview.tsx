/* One file before it is imported: its first rows, which column feeds which field, and what is wrong. Nothing is stored yet. */
import { useEffect, useMemo, useState } from 'preact/hooks';
import { ApiError, post } from '../core/api';
import { t } from '../core/i18n';
import { Failed, Note, Pill, ScrollX } from '../ui/bits';
import { Button } from '../ui/button';
import { SelectField } from '../ui/field';
import { Icon } from '../ui/icon';
import { guessMapping, mapOf, unfed, type FilePreview, type Mapping } from './import-map';
import { fileSize } from './import-size';

const BEGINNING = 1 << 20;                    // so much of a file is looked at here

/** Files whose rows the server can show from their beginning. */
export const readable = (name: string): boolean => !/\.(zip|tar|gz|tgz|png|jpe?g|gif|webp|bmp|tiff?|wav|mp3|ogg|flac|mp4|webm|pdf)$/i.test(name);

interface Props { project: number | string; name: string; body: Blob; mapped: (map: Record<string, string | null> | null) => void; start: (map: Record<string, string | null> | null, dry: boolean) => void; drop: () => void }

export function FileCard({ project, name, body, mapped, start, drop }: Props) {
  const rows = readable(name), cut = body.size > BEGINNING, head = useMemo(() => body.slice(0, BEGINNING), [body]);
  const [p, set] = useState<FilePreview | null>(null), [m, setM] = useState<Mapping | null>(null), [error, setError] = useState<ApiError | null>(null);
  const map = m && mapOf(m), asked = JSON.stringify(map);
  useEffect(() => {
    if (!rows) return;
    const stop = new AbortController();
    post<FilePreview>(`/api/projects/${project}/imports/preview`, head, { type: 'application/octet-stream', idempotency: '', signal: stop.signal, query: { name, cut: cut ? 'true' : undefined, map: map ? asked : undefined } })
      .then(v => { set(v); setError(null); if (!m) setM(guessMapping(v)); }, e => { if (!stop.signal.aborted) setError(e instanceof ApiError ? e : new ApiError(0, {}, String(e))); });
    return () => stop.abort();
  }, [asked]);
  useEffect(() => mapped(map), [asked]);
  const lacking = p && m ? unfed(p, m) : [];
  return <section class="panel">
    <header><h3 class="grow cut"><bdi>{name}</bdi></h3><span class="small mute">{fileSize(body.size)}</span>{p && <Pill>{p.format.toUpperCase()}</Pill>}
      {p && p.bad > 0 && <Pill tone="bad" icon="alert">{t('import.errors', { n: p.bad })}</Pill>}
      <Button kind="quiet" cls="h28" icon="x" name={t('im.drop', { name })} onClick={drop} /></header>
    <div class="in col wide">
      {!rows && <p class="dim">{t('im.archive')}</p>}
      {rows && !p && !error && <p class="small dim" role="status">{t('im.reading')}</p>}
      {error && <Failed error={error} />}
      {p && m && <>
        {p.problem && <Note tone="bad" role="alert">{p.problem}</Note>}
        {p.needs.length > 0 && p.columns.length > 0 && <fieldset class="maps"><legend class="mid">{t('im.map')}</legend>{p.needs.map(n => <SelectField key={n.field} label={t('im.feeds', { field: n.field, tag: n.tag })} value={m.feed[n.field] ?? ''} onValue={v => setM({ ...m, feed: { ...m.feed, [n.field]: v } })}
          options={[['', t('im.nothing')], ...p.columns.map(c => [c.name, c.name] as const)]} {...(m.feed[n.field] ? {} : { error: t('im.unfed') })} />)}</fieldset>}
        {p.columns.length > 1 && <Others p={p} m={m} put={setM} />}
        <Rows p={p} />
        {lacking.length > 0 && p.looked > 0 && <Note tone="warn">{t('im.lacking', { list: lacking.map(f => `$${f}`).join(', '), n: lacking.length })}</Note>}
        {p.bad > 0 && <Note tone="bad">{t('im.bad')}</Note>}
      </>}
      <div class="row wrap"><Button kind="primary" disabled={rows && !p && !error} onClick={() => start(map, false)}>{t('im.act')}</Button><Button disabled={rows && !p && !error} onClick={() => start(map, true)}>{t('im.check')}</Button><span class="small mute">{t('im.check.hint')}</span></div>
    </div>
  </section>;
}

/** Columns no question asks for: they come along as they are, or stay out. */
function Others({ p, m, put }: { p: FilePreview; m: Mapping; put: (m: Mapping) => void }) {
  const fed = new Set(Object.values(m.feed)), rest = p.columns.filter(c => !fed.has(c.name));
  if (rest.length === 0) return null;
  return <details><summary class="small">{t('im.others', { n: rest.length, list: rest.slice(0, 6).map(c => c.name).join(', ') })}</summary><fieldset class="row wrap mt8"><legend class="vh">{t('im.others.legend')}</legend>{rest.map(c => { const id = `col-${encodeURIComponent(c.name)}`; return <span class="row tight" key={c.name}>
    <input type="checkbox" class="check" id={id} checked={!m.out.includes(c.name)} onChange={e => put({ ...m, out: e.currentTarget.checked ? m.out.filter(x => x !== c.name) : [...m.out, c.name] })} /><label for={id}><bdi>{c.name}</bdi></label></span>; })}</fieldset></details>;
}

const cell = (v: unknown): string => v === undefined || v === null ? '' : typeof v === 'string' ? v : JSON.stringify(v);

function Rows({ p }: { p: FilePreview }) {
  const names = useMemo(() => { const wanted = p.needs.map(n => n.field), all = [...new Set(p.rows.flatMap(r => Object.keys(r.data ?? {})))]; return [...wanted.filter(n => all.includes(n)), ...all.filter(n => !wanted.includes(n))].slice(0, 30); }, [p]);
  const asked = new Set(p.needs.map(n => n.field));
  if (p.rows.length === 0) return <p class="dim">{t('im.norows')}</p>;
  return <ScrollX name={t('im.rows')}><table class="tbl" data-density="compact"><caption class="small mute cap-s">{p.more ? t('im.first', { n: p.rows.length }) : t('im.allrows', { n: p.looked })}</caption>
    <thead><tr><th scope="col" class="num">{t('import.line')}</th>{names.map(n => <th scope="col" key={n}><span class="row tight"><bdi>{n}</bdi>{asked.has(n) && <Icon i="check" name={t('im.asked')} />}</span></th>)}</tr></thead>
    <tbody>{p.rows.map(r => r.why
      ? <tr key={r.line} class="badrow"><td class="num">{r.line}</td><td colSpan={Math.max(1, names.length)}><Icon i="alert" cls="bad" /> {r.field && <code>{r.field}</code>} {r.why}</td></tr>
      : <tr key={r.line}><td class="num">{r.line}</td>{names.map(n => <td key={n} class="cellcut" dir="auto" title={cell(r.data?.[n])}>{cell(r.data?.[n])}</td>)}</tr>)}</tbody></table></ScrollX>;
}
