/* Results in words: what one answer says, for tables, comparisons and screen readers. No markup, no config needed. */
import { num, t } from '../core/i18n';
import type { Annotation, ResultItem } from './shapes';

const picture = /\.(png|jpe?g|gif|webp|bmp|avif|tiff?)(\?|#|$)/i;

/** The field that holds a picture, if one does. */
export function imageField(data: Record<string, unknown>): string | null {
  for (const [key, value] of Object.entries(data)) {
    if (typeof value === 'string' && (picture.test(value) || value.startsWith('data:image/') || /^(image|img|picture)(_url)?$/i.test(key) && /^(https?:|\/)/.test(value))) return key;
  }
  return null;
}

/** Longest text field: what a text task is about. */
export function textField(data: Record<string, unknown>): string | null {
  let best: string | null = null, n = 0;
  for (const [key, value] of Object.entries(data)) if (typeof value === 'string' && value.length > n && !/^(https?:|\/|data:)/.test(value)) { best = key; n = value.length; }
  return best;
}

export function oneLine(data: Record<string, unknown> | null, skip: string | null = null, max = 160): string {
  if (!data) return '';
  const parts = Object.entries(data).filter(([k]) => k !== skip).map(([, v]) => typeof v === 'string' ? v : JSON.stringify(v));
  const text = (parts.length ? parts.join(' · ') : String(data[skip ?? ''] ?? '')).replace(/\s+/g, ' ');
  return text.length > max ? `${[...text.slice(0, max)].join('')}…` : text;
}

const strings = (v: unknown): string[] => Array.isArray(v) ? v.flat(3).filter((x): x is string => typeof x === 'string') : typeof v === 'string' ? [v] : [];
const n1 = (v: unknown) => typeof v === 'number' ? num(v, { maximumFractionDigits: 1 }) : '?';

/** The labels of a region, whatever its type. */
export function labelsOf(r: ResultItem): string[] {
  const v = r.value ?? {};
  const own = v[r.type];
  if (own !== undefined && /labels$/i.test(r.type)) return strings(own);
  for (const [key, value] of Object.entries(v)) if (/labels$/i.test(key)) return strings(value);
  return r.labels ?? [];
}

/* Answers about a region carry its place along; what they say is something else. */
const ANSWERS = new Set(['choices', 'taxonomy', 'textarea', 'rating', 'number', 'datetime', 'pairwise', 'ranker']);
const PLACES = new Set(['x', 'y', 'width', 'height', 'radiusX', 'radiusY', 'points', 'vertices', 'rle', 'imageDataURL', 'start', 'end', 'startOffset']);
const saidBy = (r: ResultItem): Record<string, unknown> => !ANSWERS.has(r.type) ? r.value ?? {} : Object.fromEntries(Object.entries(r.value ?? {}).filter(([k]) => !PLACES.has(k)));

export function describe(r: ResultItem): { what: string; text: string; region: boolean } {
  const v = saidBy(r), labels = labelsOf(r).join(', ');
  const name = r.from_name ?? r.type;
  if (r.type === 'relation') return { what: t('result.relation'), text: strings(r.labels).join(', ') || t('result.related'), region: false };
  if ('x' in v && 'y' in v && ('width' in v || 'radiusX' in v)) {
    const w = v.width ?? v.radiusX, h = v.height ?? v.radiusY;
    return { what: labels || name, text: t('result.box', { x: n1(v.x), y: n1(v.y), w: n1(w), h: n1(h) }), region: true };
  }
  if (Array.isArray(v.points)) return { what: labels || name, text: t('result.points', { n: v.points.length }), region: true };
  if (Array.isArray(v.vertices)) return { what: labels || name, text: t('result.points', { n: v.vertices.length }), region: true };
  if (Array.isArray(v.rle) || typeof v.imageDataURL === 'string') return { what: labels || name, text: t('result.mask'), region: true };
  if (('start' in v || 'startOffset' in v) && labels) {
    const text = typeof v.text === 'string' && v.text ? `“${v.text.length > 80 ? `${v.text.slice(0, 79)}…` : v.text}”` : `${v.start ?? ''}–${v.end ?? ''}`;
    return { what: labels, text, region: true };
  }
  if (v.choices) return { what: name, text: strings(v.choices).join(', '), region: false };
  if (v.taxonomy) return { what: name, text: (v.taxonomy as unknown[]).map(x => strings(x).join(' / ')).join(', '), region: false };
  if (v.rating !== undefined) return { what: name, text: t('result.rating', { n: Number(v.rating) }), region: false };
  if (v.number !== undefined) return { what: name, text: num(Number(v.number)), region: false };
  if (v.datetime !== undefined) return { what: name, text: strings(v.datetime).join(' '), region: false };
  if (v.selected !== undefined) return { what: name, text: t(v.selected === 'left' ? 'result.left' : v.selected === 'right' ? 'result.right' : 'result.same'), region: false };
  if (v.text !== undefined) return { what: name, text: strings(v.text).join('\n'), region: false };
  if (v.ranker !== undefined) return { what: name, text: Object.entries(v.ranker as object).map(([k, x]) => `${k}: ${strings(x).join(' > ')}`).join('; '), region: false };
  const raw = JSON.stringify(v);
  return { what: name, text: raw.length > 120 ? `${raw.slice(0, 119)}…` : raw, region: false };
}

export interface PersonName { id: number | null; name: string }
export function author(a: Annotation): PersonName {
  const by = a.completed_by;
  if (a.created_username) return { id: typeof by === 'number' ? by : by?.id ?? null, name: a.created_username.trim().replace(/,\s*\d+$/, '').trim() || t('person.n', { n: String(by) }) };
  if (typeof by === 'object' && by) return { id: by.id, name: by.first_name || by.email || t('person.n', { n: String(by.id) }) };
  return { id: by, name: by === null ? t('person.nobody') : t('person.n', { n: String(by) }) };
}

/** One line for a control: what was answered there, in an order that makes equal answers equal text. */
export function answerText(result: ResultItem[], control: string): string {
  return result.filter(r => r.from_name === control).map(r => { const d = describe(r); return d.region ? `${d.what} ${d.text}` : d.text; }).sort().join(' · ');
}

export function controlsOf(lists: ResultItem[][]): string[] {
  return [...new Set(lists.flat().map(r => r.from_name).filter((x): x is string => !!x))];
}

/** Instructions may hold HTML from elsewhere; here they are read as text. */
export function plain(html: string): string {
  return html.replace(/<br\s*\/?>|<\/(p|div|li|h\d)>/gi, '\n').replace(/<[^>]*>/g, '').replace(/&nbsp;/g, ' ').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&amp;/g, '&').replace(/\n{3,}/g, '\n\n').trim();
}
