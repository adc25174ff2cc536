/*
 * tree.ts -- the labelling config as the server hands it over, and its binding
 * to one task.
 *
 * The server parses the XML; here is only JSON.  bind() makes a copy for one
 * task in which Repeaters are unrolled and labels or choices that come from the
 * data (value="$field") stand as ordinary children.  What no task changes is
 * the same for all, and nobody writes to a tag.  After it nobody asks again
 * whether a label was written or came with the task.
 */

export type Kind = 'object' | 'control' | 'visual' | 'child' | 'html' | 'text' | 'unknown';

export interface Tag {
  tag: string;
  kind: Kind;
  name: string | null;
  toName: string[];
  attrs: Record<string, string>;   // keys in lower case
  children: Tag[];
  text: string;
  line: number;
}

export type Data = Record<string, unknown>;

export const isTag = (t: Tag, ...names: string[]): boolean => names.includes(t.tag);

/* Exactly "true" is true; everything else is not. */
export const flag = (t: Tag, name: string, otherwise = false): boolean => {
  const v = t.attrs[name.toLowerCase()];
  return v === undefined ? otherwise : v.toLowerCase() === 'true';
};

export const attr = (t: Tag, name: string): string | undefined => t.attrs[name.toLowerCase()];

export function num(t: Tag, name: string, otherwise: number): number {
  const v = t.attrs[name.toLowerCase()];
  const n = v === undefined || v.trim() === '' ? NaN : Number(v);
  return Number.isFinite(n) ? n : otherwise;
}

export const commas = (s: string | undefined): string[] =>
  (s ?? '').split(',').map((x) => x.trim()).filter(Boolean);

export function* walk(t: Tag): Generator<Tag> {
  yield t;
  for (const c of t.children) yield* walk(c);
}

/* The same without labels and choices, of which there may be thousands under each of a hundred questions. */
export function* parts(t: Tag): Generator<Tag> {
  yield t;
  for (const c of t.children) if (c.kind !== 'child') yield* parts(c);
}

/* What a Label, Choice, … stores: its alias, else its value. */
export const stored = (t: Tag): string => t.attrs.alias || t.attrs.value || t.attrs.name || '';

/* The value at "$field", "$a.b", "$items[0].url"; undefined when it is no reference or not there. */
export function lookup(data: unknown, ref: string | undefined): unknown {
  if (!ref || ref[0] !== '$') return undefined;
  let at: unknown = data;
  const own = ref.slice(1);
  if (isObject(data) && Object.hasOwn(data, own)) return data[own];
  for (const part of own.replace(/\[(\d+)\]/g, '.$1').split('.')) {
    if (Array.isArray(at) && /^\d+$/.test(part)) at = at[Number(part)];
    else if (isObject(at) && Object.hasOwn(at, part)) at = at[part];
    else return undefined;
  }
  return at;
}

/* A value to show: the data behind a "$" reference, else the literal. */
export function valueOf(t: Tag, data: Data, name = 'value'): unknown {
  const v = t.attrs[name];
  if (v === undefined) return undefined;
  return v.startsWith('$') && (/^\$[^\s$]+$/.test(v) || Object.hasOwn(data, v.slice(1))) ? lookup(data, v) : filled(v, data);
}

/* Words with "$field" among them: what the task has stands in its place, what it lacks stays as written. */
export const filled = (s: string, data: Data): string => !s.includes('$') ? s : s.replace(/\$[A-Za-z_][\w.]*(?:\[\d+\][\w.]*)*/g, (ref) => {
  const dot = /\.*$/.exec(ref)![0], v = lookup(data, ref.slice(0, ref.length - dot.length));
  return v === undefined ? ref : textOf(v) + dot;
});

export const textOf = (v: unknown): string =>
  v === undefined || v === null ? '' : typeof v === 'string' ? v
    : typeof v === 'object' ? JSON.stringify(v, null, 2) : String(v);

export const isObject = (v: unknown): v is Record<string, unknown> =>
  typeof v === 'object' && v !== null && !Array.isArray(v);

/* ---- binding to a task ---- */

const LABEL_PARENTS = /Labels$/;

const optionTag = (t: Tag): string | null =>
  LABEL_PARENTS.test(t.tag) ? 'Label' : t.tag === 'Choices' || t.tag === 'Taxonomy' ? 'Choice' : null;

const REPEAT_MAX = 200;      // a page nobody can work on is refused earlier than a frozen one

export function bind(t: Tag, data: Data): Tag { return bound(t, data, new Map()); }

/* The nodes of taxonomies by the list of the task they come from: made once, however many parts repeat it. */
type Made = Map<string, Tag[]>;

function bound(t: Tag, data: Data, made: Made): Tag {
  const children: Tag[] = [];
  for (const c of t.children) {
    if (c.tag === 'Repeater') {
      const repeats = unroll(c, data, made);
      if (c.attrs.mode === 'pagination' && repeats.length > 1) children.push({ ...c, tag: 'Pages', attrs: {}, children: repeats });
      else children.push(...repeats);
    }
    else if (c.kind === 'child' && !c.children.length) children.push(c);
    else children.push(bound(c, data, made));
  }
  const child = optionTag(t);
  const v = t.attrs.value;
  if (child && v?.startsWith('$')) {
    // A taxonomy's nodes have no keys of their own, so that they may stand in many.
    const own = t.tag === 'Taxonomy' ? made.get(v) ?? options(child, lookup(data, v), 0) : options(child, lookup(data, v), 0);
    if (t.tag === 'Taxonomy') made.set(v, own);
    children.push(...own);
  }
  return children.length === t.children.length && children.every((c, i) => c === t.children[i]) ? t : { ...t, children };
}

function unroll(t: Tag, data: Data, made: Made): Tag[] {
  const list = lookup(data, t.attrs.on);
  const mark = t.attrs.indexflag || '{{idx}}';
  if (!Array.isArray(list)) return [];
  return list.slice(0, REPEAT_MAX).map((_, i) => ({
    ...t, tag: 'View', kind: 'visual' as Kind, attrs: { 'data-item': String(i) },
    children: t.children.map((c) => bound(numbered(c, mark, i), data, made)),
  }));
}

function numbered(t: Tag, mark: string, i: number): Tag {
  const put = (s: string): string => s.replaceAll(mark, String(i));
  const named = (s: string): string => (s.includes(mark) ? put(s) : `${s}_${i}`);
  return {
    ...t,
    name: t.name === null ? null : named(t.name),
    toName: t.toName.map(named),
    attrs: Object.fromEntries(Object.entries(t.attrs).map(([k, v]) =>
      [k, k === 'whentagname' ? commas(v).map(named).join(',') : put(v)])),
    text: put(t.text),
    children: t.children.map((c) => numbered(c, mark, i)),
  };
}

function options(tag: string, v: unknown, depth: number): Tag[] {
  if (!Array.isArray(v) || depth > 8) return [];
  return v.flatMap((x): Tag[] => {
    if (typeof x === 'string' || typeof x === 'number') return [option(tag, { value: String(x) }, [])];
    if (!isObject(x)) return [];
    const attrs: Record<string, string> = {};
    for (const [k, a] of Object.entries(x)) {
      if (typeof a === 'string' || typeof a === 'number' || typeof a === 'boolean') attrs[k.toLowerCase()] = String(a);
    }
    return attrs.value === undefined ? [] : [option(tag, attrs, options(tag, x.children, depth + 1))];
  });
}

const option = (tag: string, attrs: Record<string, string>, children: Tag[]): Tag =>
  ({ tag, kind: 'child', name: null, toName: [], attrs, children, text: '', line: 0 });

/* ---- what a bound tree holds ---- */

export const controls = (t: Tag): Tag[] => [...parts(t)].filter((x) => x.kind === 'control' && x.name !== null);
export const objects = (t: Tag): Tag[] => [...parts(t)].filter((x) => x.kind === 'object');

export const isLabels = (t: Tag): boolean => t.kind === 'control' && /Labels$/.test(t.tag);

/* Labels of a set, nested Views and Filters inside it included. */
export const optionsOf = (t: Tag): Tag[] =>
  [...walk(t)].filter((x) => x !== t && (x.tag === 'Label' || x.tag === 'Choice'));

export interface LabelInfo {
  control: Tag;
  tag: Tag;
  value: string;       // stored
  text: string;        // shown
  n: number;           // 0-based order in the config, the same value the same number
  background?: string;
}

/*
 * All labels of all label sets in order.  Two sets with a label of the same
 * stored value show it in the same colour and shape: it is the same thing.
 */
export function labelList(t: Tag): LabelInfo[] {
  const seen = new Map<string, number>();
  const out: LabelInfo[] = [];
  for (const c of controls(t)) {
    if (!isLabels(c)) continue;
    for (const l of optionsOf(c)) {
      const value = stored(l);
      if (!seen.has(value)) seen.set(value, seen.size);
      out.push({ control: c, tag: l, value, text: l.attrs.value || value, n: seen.get(value)!,
        ...(l.attrs.background ? { background: l.attrs.background } : {}) });
    }
  }
  return out;
}

export const colourClass = (n: number): string => `l${(n % 12) + 1}`;
/* After twelve the colours repeat with the next shape, so that no two of the first 144 look alike. */
export const shapeNumber = (n: number): number => ((n + Math.floor(n / 12)) % 12) + 1;

/* The question which of two, asked about this object. */
export const pairOf = (root: Tag, name: string | null): Tag | undefined =>
  name === null ? undefined : controls(root).find((c) => c.tag === 'Pairwise' && c.toName.length === 2 && c.toName.includes(name));
