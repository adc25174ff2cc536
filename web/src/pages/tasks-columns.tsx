/* The columns of the task list: what each shows, how wide it begins, and by what it sorts. */
import type { ComponentChildren } from 'preact';
import { language, num, share, t, type Key } from '../core/i18n';
import { ago, duration } from '../core/time';
import { Pill } from '../ui/bits';
import { oneLine } from './summary';
import { taskState } from './tasks-state';
import { Thumb } from './tasks-thumb';
import type { Field } from './tasks-query';
import type { TaskRow } from './shapes';

/** `least`: the width that its own content is sure to fit in, where somebody chose another. */
export interface Shown { id: string; width: number; least?: number; grows?: boolean; num?: boolean; sort?: string; cell: (r: TaskRow, o: Around) => ComponentChildren }
/** What cells need besides their row. */
export interface Around { image: string | null; people: Record<string, string> }

const n = (x: number | null | undefined) => x === null || x === undefined ? <span class="mute">–</span> : num(x);
/** How long ago, each minute's words made once: formatting a date anew for every cell is what a fast scroll would feel. */
const minutes = new Map<string, string>();
function when(s: string | null | undefined) {
  if (!s) return <span class="mute">–</span>;
  const now = Date.now(), key = `${language.value} ${Math.round((now - Date.parse(s)) / 60_000)}`;
  let words = minutes.get(key);
  if (words === undefined) { if (minutes.size > 2000) minutes.clear(); minutes.set(key, words = ago(s, now)); }
  return <time dateTime={s}>{words}</time>;
}

/** Agreement as a mark on a line from 0 to 1, and in figures; low agreement is also left of the middle line. */
function Agreed({ value }: { value: number | null }) {
  if (value === null) return <span class="mute">–</span>;
  return <span class="row tight2"><svg class="mini w72" viewBox="0 0 72 16" aria-hidden="true"><path class="grid" d="M0 8H72" /><path class="ref" d="M43.2 1V15" />
    <g class={value < 0.6 ? 'kbad' : 'k1'}><circle class="pt" cx={3.5 + 65 * value} cy="8" r="3.5" /></g></svg>{share(value)}</span>;
}

const fixed: readonly Shown[] = [
  { id: 'inner_id', width: 96, num: true, sort: 'id', cell: r => <span class="mid">{num(r.inner_id)}</span> },
  { id: 'picture', width: 88, cell: (r, o) => { const src = o.image ? r.data?.[o.image] : null; return <Thumb src={typeof src === 'string' ? src : null} />; } },
  { id: 'data', width: 360, grows: true, cell: (r, o) => r.data ? <span class="cut block" dir="auto">{oneLine(r.data, o.image)}</span> : <span class="mute">{t('tasks.notlent')}</span> },
  { id: 'state', width: 152, cell: r => { const s = taskState(r.state); return <Pill tone={s.tone} icon={s.icon}>{t(s.key)}</Pill>; } },
  { id: 'answered', width: 104, num: true, sort: 'total_annotations', cell: r => <>{num(r.answered)} <span class="mute">/ {num(r.overlap)}</span></> },
  { id: 'agreement', width: 152, sort: 'agreement', cell: r => <Agreed value={r.agreement} /> },
  { id: 'annotators', width: 180, cell: (r, o) => <span class="cut block" dir="auto">{(r.annotators ?? []).map(p => o.people[p] ?? t('person.n', { n: String(p) })).join(', ') || <span class="mute">–</span>}</span> },
  { id: 'cancelled_annotations', width: 96, num: true, cell: r => n(r.cancelled_annotations) },
  { id: 'total_predictions', width: 112, num: true, sort: 'total_predictions', cell: r => n(r.total_predictions) },
  { id: 'predictions_score', width: 104, num: true, sort: 'predictions_score', cell: r => r.predictions_score === null || r.predictions_score === undefined ? <span class="mute">–</span> : share(r.predictions_score) },
  { id: 'comment_count', width: 104, num: true, sort: 'comment_count', cell: r => n(r.comment_count) },
  { id: 'priority', width: 88, num: true, sort: 'priority', cell: r => n(r.priority) },
  { id: 'avg_lead_time', width: 104, num: true, sort: 'avg_lead_time', cell: r => r.avg_lead_time === null || r.avg_lead_time === undefined ? <span class="mute">–</span> : duration(r.avg_lead_time) },
  { id: 'file_upload', width: 160, cell: r => <span class="cut block" dir="auto">{r.file_upload ?? ''}</span> },
  { id: 'created_at', width: 112, num: true, sort: 'created_at', cell: r => when(r.created_at) },
  { id: 'updated_at', width: 112, num: true, sort: 'updated_at', cell: r => when(r.updated_at) },
  { id: 'completed_at', width: 112, num: true, sort: 'completed_at', cell: r => when(r.completed_at) },
];

function dataColumn(f: Field): Shown {
  const c: Shown = { id: `data.${f.name}`, width: f.number ? 112 : 200, num: f.number, cell: r => dataCell(r.data?.[f.name]) };
  if (f.number || f.word) c.sort = `data.${f.name}`;
  return c;
}
function dataCell(v: unknown): ComponentChildren {
  if (v === undefined || v === null) return <span class="mute">–</span>;
  return typeof v === 'number' ? num(v, { maximumFractionDigits: 6 }) : <span class="cut block" dir="auto">{typeof v === 'string' ? v : JSON.stringify(v)}</span>;
}

export function allColumns(fields: readonly Field[]): Shown[] { return [...fixed, ...fields.map(dataColumn)]; }

/** Shown until somebody chooses: no picture column where there are no pictures. */
export const HIDDEN_AT_FIRST = ['annotators', 'cancelled_annotations', 'total_predictions', 'predictions_score', 'comment_count', 'priority', 'avg_lead_time', 'file_upload', 'created_at', 'completed_at'];

export function shownColumns(fields: readonly Field[], hidden: readonly string[], open: readonly string[], picture: boolean): Shown[] {
  return allColumns(fields).filter(c => c.id === 'picture' ? picture && !hidden.includes(c.id) : c.id.startsWith('data.') ? open.includes(c.id) : !hidden.includes(c.id));
}

export function columnName(id: string): string { return id.startsWith('data.') ? id.slice(5) : t(`col.${id}` as Key); }

