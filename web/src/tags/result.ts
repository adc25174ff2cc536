/*
 * result.ts -- one item of a Label Studio result, and what this program knows
 * about it.
 *
 * Nothing here throws on a strange item: an item of an unknown type is carried
 * along untouched.
 */
import { isObject, type Tag } from './tree';

export interface Result {
  id?: string;
  from_name?: string;
  to_name?: string;
  type: string;
  value?: Record<string, unknown>;
  [key: string]: unknown;
}

/* type -> the keys of `value` that say where the region is */
const BOX = ['x', 'y', 'width', 'height', 'rotation'];
const ELLIPSE = ['x', 'y', 'radiusX', 'radiusY', 'rotation'];
const POLYGON = ['points', 'closed'];
const POINT = ['x', 'y', 'width'];
const MASK = ['format', 'rle', 'imageDataURL'];
const VECTOR = ['vertices', 'closed'];
const SPAN = ['start', 'end', 'text', 'startOffset', 'endOffset', 'globalOffsets', 'channel', 'instant'];

export type Shape = 'box' | 'ellipse' | 'polygon' | 'point' | 'vector' | 'mask' | 'span' | 'other';

const SHAPES: [RegExp, Shape, string[]][] = [
  [/^rectangle(labels)?$/, 'box', BOX],
  [/^ellipse(labels)?$/, 'ellipse', ELLIPSE],
  [/^polygon(labels)?$/, 'polygon', POLYGON],
  [/^keypoint(labels)?$/, 'point', POINT],
  [/^(brush|bitmask)(labels)?$|^magicwand$/, 'mask', MASK],
  [/^(hyper|html)?(text)?labels$|^hypertextlabels$|^paragraphlabels$|^timeserieslabels$/, 'span', SPAN],
  [/^vector(labels)?$/, 'vector', VECTOR],
  [/^videorectangle$|^timelinelabels$|^cuboid|^chatmessage$/, 'other', []],
];

const PLACE = new Set([...BOX, ...ELLIPSE, ...POLYGON, ...POINT, ...MASK, ...SPAN, 'vertices', 'sequence', 'ranges',
  'framesCount', 'duration']);

export function shapeOf(r: Result): Shape | null {
  if (r.type === 'labels' || r.type === 'ocrlabels') {
    const v = r.value ?? {};
    return 'points' in v ? 'polygon' : 'vertices' in v ? 'vector' : 'radiusX' in v ? 'ellipse' : 'rle' in v || 'imageDataURL' in v ? 'mask'
      : 'x' in v ? ('height' in v ? 'box' : 'point') : 'start' in v ? 'span' : null;
  }
  let s = shapes.get(r.type);
  if (s === undefined) shapes.set(r.type, s = SHAPES.find(([re]) => re.test(r.type))?.[1] ?? null);
  return s;
}
const shapes = new Map<string, Shape | null>();      // asked for every region at every change

/* The part of a value that says where: copied into per-region answers. */
export function placeOf(r: Result): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const [k, v] of Object.entries(r.value ?? {})) {
    if (PLACE.has(k) && !(k === 'text' && r.type === 'textarea')) out[k] = v;
  }
  return out;
}

/* The key of `value` that holds the labels of a type. */
export const labelsKey = (type: string): string =>
  type === 'labels' || type === 'videorectangle' ? 'labels' : type;

export const isLabelType = (type: string): boolean => type === 'labels' || /labels$/.test(type);

export function labelsOf(items: readonly Result[]): string[] {
  for (const r of items) {
    if (!isLabelType(r.type) && r.type !== 'videorectangle') continue;
    const v = r.value?.[labelsKey(r.type)] ?? r.value?.labels;
    if (Array.isArray(v) && v.length) return v.filter((x): x is string => typeof x === 'string');
  }
  return [];
}

/* The item of a group that carries the geometry. */
export const spatialOf = (items: readonly Result[]): Result | undefined =>
  items.find((r) => shapeOf(r) !== null && !isAnswerType(r.type));

const ANSWERS = new Set(['choices', 'taxonomy', 'textarea', 'rating', 'number', 'datetime', 'pairwise', 'ranker']);
export const isAnswerType = (type: string): boolean => ANSWERS.has(type);

export type GroupKind = 'region' | 'answer' | 'relation' | 'other';

export function groupKind(items: readonly Result[]): GroupKind {
  if (spatialOf(items)) return 'region';
  const first = items[0];
  if (!first) return 'other';
  if (first.type === 'relation') return 'relation';
  return isAnswerType(first.type) ? 'answer' : 'other';
}

/* The result type a control writes: its tag in lower case. */
export const typeOf = (control: Tag): string => control.tag.toLowerCase();

/* A set of labels for whatever is drawn with a bare tool beside it. */
export const isBareSet = (control: Tag | undefined): control is Tag => control?.tag === 'Labels' || control?.tag === 'OcrLabels';

export function asResults(v: unknown): Result[] {
  if (!Array.isArray(v)) return [];
  return v.filter((x): x is Result => isObject(x) && typeof x.type === 'string');
}
