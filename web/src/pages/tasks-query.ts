/* The question a task list asks: conditions and an order, in Label Studio's words, and how they stand in the address bar
   and in sentences. Nothing here touches the page. */

export type Kind = 'Number' | 'Datetime' | 'Boolean' | 'String' | 'List';
export type Value = string | number | boolean | (string | number)[] | { min: string | number; max: string | number } | null;
export interface Condition { filter: string; operator: string; type: Kind; value: Value }
export interface Query { conjunction: 'and' | 'or'; items: Condition[]; ordering: string[] }
export interface Field { name: string; number: boolean; word: boolean }

/** A column one may filter by. `name` is the server's; data fields begin with "data.". */
export interface Column { name: string; kind: Kind; sort: boolean }

const own: readonly Column[] = [
  { name: 'state', kind: 'String', sort: false },
  { name: 'agreement', kind: 'Number', sort: true },
  { name: 'total_annotations', kind: 'Number', sort: true },
  { name: 'cancelled_annotations', kind: 'Number', sort: false },
  { name: 'annotators', kind: 'List', sort: false },
  { name: 'is_labeled', kind: 'Boolean', sort: false },
  { name: 'ground_truth', kind: 'Boolean', sort: false },
  { name: 'total_predictions', kind: 'Number', sort: true },
  { name: 'predictions_score', kind: 'Number', sort: true },
  { name: 'predictions_model_versions', kind: 'String', sort: false },
  { name: 'comment_count', kind: 'Number', sort: true },
  { name: 'priority', kind: 'Number', sort: true },
  { name: 'overlap', kind: 'Number', sort: true },
  { name: 'avg_lead_time', kind: 'Number', sort: true },
  { name: 'id', kind: 'Number', sort: true },
  { name: 'inner_id', kind: 'Number', sort: true },
  { name: 'created_at', kind: 'Datetime', sort: true },
  { name: 'updated_at', kind: 'Datetime', sort: true },
  { name: 'completed_at', kind: 'Datetime', sort: true },
  { name: 'file_upload', kind: 'String', sort: false },
];

export function columnsOf(fields: readonly Field[]): Column[] {
  return [...fields.map(f => ({ name: `data.${f.name}`, kind: f.number ? 'Number' as const : 'String' as const, sort: f.number || f.word })), ...own];
}
export function ownColumns(): readonly Column[] { return own; }

export const OPERATORS: Record<Kind, readonly string[]> = {
  Number: ['equal', 'not_equal', 'less', 'greater', 'less_or_equal', 'greater_or_equal', 'in', 'not_in', 'in_list', 'not_in_list', 'empty'],
  Datetime: ['less', 'greater', 'in', 'not_in', 'empty'],
  Boolean: ['equal', 'empty'],
  String: ['contains', 'not_contains', 'equal', 'not_equal', 'in_list', 'not_in_list', 'regex', 'empty'],
  List: ['contains', 'not_contains', 'empty'],
};

/** What shape of value an operator asks for. */
export function wants(operator: string): 'one' | 'range' | 'list' | 'yes' {
  return operator === 'in' || operator === 'not_in' ? 'range' : operator.endsWith('in_list') ? 'list' : operator === 'empty' || operator === 'unsorted' ? 'yes' : 'one';
}

export const NOTHING: Query = { conjunction: 'and', items: [], ordering: [] };

export function nameOf(filter: string): string { return filter.replace(/^filter:/, '').replace(/^-?tasks:/, ''); }
export function filterOf(name: string): string { return `filter:tasks:${name}`; }

/** A fresh condition on a column: its first operator, an empty value. */
export function fresh(c: Column): Condition {
  const operator = c.name === 'agreement' ? 'less' : c.name === 'state' ? 'equal' : OPERATORS[c.kind][0]!;
  return { filter: filterOf(c.name), operator, type: c.kind, value: c.kind === 'Boolean' ? true : c.name === 'state' ? 'waiting' : null };
}

/** The condition with another operator; a value that no longer fits goes. */
export function withOperator(c: Condition, operator: string): Condition {
  const was = wants(c.operator), is = wants(operator);
  return { ...c, operator, value: is === 'yes' ? true : was === is ? c.value : null };
}

/** Is it said to the end, so that it can be asked? */
export function complete(c: Condition): boolean {
  const v = c.value;
  switch (wants(c.operator)) {
    case 'yes': return true;
    case 'range': return typeof v === 'object' && v !== null && !Array.isArray(v) && filled(v.min) && filled(v.max);
    case 'list': return Array.isArray(v) && v.length > 0;
    default: return c.type === 'Boolean' || (Array.isArray(v) ? v.length > 0 : filled(v));
  }
}
const filled = (v: unknown) => (typeof v === 'number' && Number.isFinite(v)) || (typeof v === 'string' && v !== '');

/** For the server: what is complete, in Label Studio's shape. Dates gain the day they lack. */
export function toServer(q: Query, search = ''): Record<string, unknown> | undefined {
  const items = q.items.filter(complete).map(c => c.type === 'Datetime' ? { ...c, value: dated(c) } : c);
  const find = search.trim();
  if (items.length === 0 && q.ordering.length === 0 && !find) return undefined;
  const searched = { filter: filterOf('search'), operator: 'contains', type: 'String' as const, value: find };
  // A search narrows whatever the conditions are: under "any of" it would widen them.
  const all = find && q.conjunction === 'and' ? [...items, searched] : items;
  return {
    filters: { conjunction: q.conjunction, items: all, ...(find && q.conjunction === 'or' ? { also: [searched] } : {}) },
    ordering: q.ordering,
  };
}

function dated(c: Condition): Value {
  const whole = (x: string | number, end: boolean) => typeof x === 'string' && /^\d{4}-\d\d-\d\d$/.test(x) ? `${x}T${end ? '23:59:59.999' : '00:00:00'}Z` : x;
  const v = c.value;
  if (typeof v === 'object' && v !== null && !Array.isArray(v)) return { min: whole(v.min, false), max: whole(v.max, true) };
  return typeof v === 'string' ? whole(v, c.operator === 'greater') : v;
}

/** The query as it stands in the address bar; nothing for the plain list. */
export function toText(q: Query): string | null {
  if (q.items.length === 0 && q.ordering.length === 0) return null;
  return JSON.stringify({ ...(q.conjunction === 'or' ? { any: 1 } : {}), w: q.items.map(c => [nameOf(c.filter), c.operator, c.type, c.value]), ...(q.ordering.length ? { o: q.ordering } : {}) });
}

/** Back from the address bar; what cannot be read is left out. */
export function fromText(text: string | null): Query {
  if (!text) return NOTHING;
  try {
    const v = JSON.parse(text) as { any?: number; w?: unknown[]; o?: unknown[] };
    const items = (Array.isArray(v.w) ? v.w : []).filter((x): x is [string, string, Kind, Value] => Array.isArray(x) && typeof x[0] === 'string' && typeof x[1] === 'string' && typeof x[2] === 'string' && x[2] in OPERATORS)
      .map(([name, operator, type, value]) => ({ filter: filterOf(name), operator, type, value }));
    return { conjunction: v.any ? 'or' : 'and', items, ordering: (Array.isArray(v.o) ? v.o : []).filter((x): x is string => typeof x === 'string').slice(0, 1) };
  } catch { return NOTHING; }
}

/** From a saved view, ours or Label Studio's. */
export function fromView(data: Record<string, unknown> | null | undefined): Query {
  const f = data?.filters as { conjunction?: string; items?: unknown[] } | undefined;
  const items = (Array.isArray(f?.items) ? f.items : []).filter((x): x is Condition => typeof x === 'object' && x !== null && typeof (x as Condition).filter === 'string' && typeof (x as Condition).operator === 'string')
    .map(c => ({ filter: c.filter, operator: c.operator, type: c.type in OPERATORS ? c.type : 'String' as const, value: c.value }));
  const ordering = Array.isArray(data?.ordering) ? data.ordering.filter((x): x is string => typeof x === 'string').slice(0, 1) : [];
  return { conjunction: f?.conjunction === 'or' ? 'or' : 'and', items, ordering };
}

export function sameQuery(a: Query, b: Query): boolean { return toText(a) === toText(b); }

export function orderOf(q: Query): { name: string; down: boolean } | null {
  const s = q.ordering[0];
  return s ? { name: nameOf(s.replace(/^-/, '')), down: s.startsWith('-') } : null;
}

/** Another click on a head: up, down, as they came. */
export function sorted(q: Query, name: string): Query {
  const now = orderOf(q);
  const next = now?.name !== name ? [`tasks:${name}`] : now.down ? [] : [`-tasks:${name}`];
  return { ...q, ordering: next };
}

/** Orders by a field of the data and by agreement leave out the tasks that have none. */
export function leavesOut(q: Query): string | null {
  const name = orderOf(q)?.name;
  return name !== undefined && (name === 'agreement' || name.startsWith('data.')) ? name : null;
}

/** Those tasks, in the order in which they came; null where the conditions cannot be narrowed by one more. */
export function leftOut(q: Query, name: string, fields: readonly Field[]): Query | null {
  if (q.conjunction === 'or' && q.items.length > 1) return null;
  const kind = columnsOf(fields).find(c => c.name === name)?.kind ?? 'String';
  return { ...q, conjunction: 'and', items: [...q.items, { filter: filterOf(name), operator: name === 'agreement' ? 'empty' : 'unsorted', type: kind, value: true }], ordering: [] };
}

/** `state=open` and `state=settled` of older links. */
export function fromState(state: string | null): Query {
  if (state !== 'open' && state !== 'settled') return NOTHING;
  return { ...NOTHING, items: [{ filter: filterOf('state'), operator: state === 'settled' ? 'equal' : 'not_equal', type: 'String', value: 'settled' }] };
}
