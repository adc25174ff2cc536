/* Saved views: a rail of names. A view holds conditions, order, columns and widths; it is one's own or everybody's. */
import { useCallback, useEffect, useState } from 'preact/hooks';
import { ApiError, del, get, patch, post } from '../core/api';
import { num, t } from '../core/i18n';
import { Button } from '../ui/button';
import { Dialog } from '../ui/dialog';
import { Radios, TextField } from '../ui/field';
import { Popover } from '../ui/popover';
import { toast } from '../ui/toast';
import type { Query } from './tasks-query';

export interface ViewData { title?: string; filters?: unknown; ordering?: string[]; hiddenColumns?: { explore?: string[] }; columnsWidth?: Record<string, number>; openColumns?: string[]; [more: string]: unknown }
export interface SavedView { id: number; project: number; order: number; data: ViewData; shared?: boolean; mine?: boolean }
export interface Columns { hidden: string[]; open: string[]; widths: Record<string, number> }

export function viewData(title: string, q: Query, c: Columns, old: ViewData = {}): ViewData {
  return { type: 'list', target: 'tasks', gridWidth: 4, ...old, title, filters: { conjunction: q.conjunction, items: q.items }, ordering: q.ordering, hiddenColumns: { ...old.hiddenColumns, explore: c.hidden }, columnsWidth: c.widths, openColumns: c.open };
}
export function viewColumns(d: ViewData, otherwise: Columns): Columns {
  const strings = (v: unknown, or: string[]) => Array.isArray(v) ? v.filter((x): x is string => typeof x === 'string').map(x => x.replace(/^tasks:/, '')) : or;
  return { hidden: d.openColumns ? strings(d.hiddenColumns?.explore, otherwise.hidden) : otherwise.hidden, open: strings(d.openColumns, otherwise.open), widths: typeof d.columnsWidth === 'object' && d.columnsWidth ? d.columnsWidth : otherwise.widths };
}
export const titleOf = (v: SavedView) => v.data.title?.trim() || t('view.n', { n: v.id });

export function useViews(project: number | string, on: boolean) {
  const [list, set] = useState<SavedView[] | null>(null);
  const load = useCallback(async () => {
    try { set(await get<SavedView[]>('/api/dm/views/', { query: { project } })); } catch { set(old => old ?? []); }
  }, [project]);
  useEffect(() => { if (on) void load(); }, [load, on]);
  return { list, load, set };
}

interface RailProps {
  project: number; views: SavedView[] | null; current: number | null; changed: boolean; total: number | null; all: number | null; canShare: boolean;
  onShow: (id: number | null) => void; data: () => ViewData; onViews: () => Promise<void>;
}

export function Rail({ project, views, current, changed, total, all, canShare, onShow, data, onViews }: RailProps) {
  const [naming, setNaming] = useState<'new' | SavedView | null>(null);
  const now = views?.find(v => v.id === current) ?? null;
  const fail = (e: unknown) => { toast(e instanceof ApiError && e.status === 404 ? t('view.gone') : e instanceof Error ? e.message : String(e)); void onViews(); };
  const save = async () => {
    if (!now) return;
    try { await patch(`/api/dm/views/${now.id}/`, { data: { ...data(), title: titleOf(now) } }); await onViews(); toast(t('view.saved', { name: titleOf(now) })); } catch (e) { fail(e); }
  };
  const drop = async (v: SavedView) => {
    try { await del(`/api/dm/views/${v.id}/`); } catch (e) { fail(e); return; }
    if (v.id === current) onShow(null);
    await onViews();
    toast(t('view.dropped', { name: titleOf(v) }), { act: t('undo'), seconds: 8, onAct: () => { void post<SavedView>('/api/dm/views/', { project, data: v.data, shared: v.shared ?? true }).then(onViews, fail); } });
  };
  const move = async (v: SavedView, by: number) => {
    const ids = (views ?? []).map(x => x.id), i = ids.indexOf(v.id), to = i + by;
    if (to < 0 || to >= ids.length) return;
    ids.splice(i, 1);
    ids.splice(to, 0, v.id);
    try { await post('/api/dm/views/order/', { project, ids }); await onViews(); } catch (e) { fail(e); }
  };
  return <nav class="views" aria-label={t('view.all')}>
    <p class="small mute views-cap">{t('view.all')}</p>
    <button type="button" class="nav btn quiet" aria-current={current === null ? 'page' : undefined} onClick={() => onShow(null)}><span class="cut">{t('view.every')}</span>{all !== null && <span class="count">{num(all)}</span>}</button>
    {(views ?? []).map((v, i) => <div class="viewrow" key={v.id}>
      <button type="button" class="nav btn quiet" aria-current={v.id === current ? 'page' : undefined} onClick={() => onShow(v.id)}><span class="cut" dir="auto">{titleOf(v)}</span>{v.id === current && total !== null && <span class="count">{num(total)}</span>}</button>
      {(v.mine || canShare) && <Popover end kind="quiet icon" icon="more" label={<span class="vh">{t('view.more', { name: titleOf(v) })}</span>}>{close => <>
        <Button kind="quiet" onClick={() => { close(); setNaming(v); }}>{t('view.rename')}</Button>
        {i > 0 && <Button kind="quiet" onClick={() => { close(); void move(v, -1); }}>{t('view.up')}</Button>}
        {i < (views?.length ?? 0) - 1 && <Button kind="quiet" onClick={() => { close(); void move(v, 1); }}>{t('view.down')}</Button>}
        <Button kind="danger" onClick={() => { close(); void drop(v); }}>{t('view.drop')}</Button></>}</Popover>}
    </div>)}
    {changed && now && (now.mine || canShare) && <Button kind="quiet" icon="check" onClick={() => void save()} cls="viewsave">{t('view.save')}</Button>}
    <Button kind="quiet" icon="plus" onClick={() => setNaming('new')} cls="viewsave">{t('view.saveas')}</Button>
    {naming && <Naming canShare={canShare} old={naming === 'new' ? null : naming} onClose={() => setNaming(null)} onName={async (title, shared) => {
      try {
        if (naming === 'new') { const v = await post<SavedView>('/api/dm/views/', { project, data: { ...data(), title }, shared }); await onViews(); onShow(v.id); }
        else { await patch(`/api/dm/views/${naming.id}/`, { data: { ...naming.data, title }, shared }); await onViews(); }
        setNaming(null);
      } catch (e) { setNaming(null); fail(e); }
    }} />}
  </nav>;
}

function Naming({ old, canShare, onName, onClose }: { old: SavedView | null; canShare: boolean; onName: (title: string, shared: boolean) => void; onClose: () => void }) {
  const [title, set] = useState(old ? titleOf(old) : ''), [who, setWho] = useState<'me' | 'all'>(old?.shared ? 'all' : 'me'), [wrong, setWrong] = useState<string>();
  return <Dialog title={old ? t('view.rename') : t('view.saveas')} onClose={onClose}>
    <form class="col" onSubmit={e => { e.preventDefault(); if (!title.trim()) { setWrong(t('view.noname')); return; } onName(title.trim(), who === 'all'); }}>
      <TextField label={t('view.name')} value={title} onValue={v => { set(v); setWrong(undefined); }} maxLength={100} error={wrong} />
      {canShare && <Radios name={t('view.who')} value={who} onChange={setWho} options={[['me', t('view.me')], ['all', t('view.shared')]]} />}
      <div class="row"><span class="grow" /><Button onClick={onClose}>{t('cancel')}</Button><Button kind="primary" type="submit">{t('view.keep')}</Button></div>
    </form>
  </Dialog>;
}
