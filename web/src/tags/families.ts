/*
 * families.ts -- tags that come in their own chunk, and how to have them ready.
 *
 * A task loads what its config uses: a text task never waits for the picture
 * stage.  load() is awaited before the first task is shown, so that no tag
 * appears late; family() then answers at once.
 */
import { flag, parts, type Tag } from './tree';

type Picture = typeof import('./picture');
type Marked = typeof import('./marked');
type Forms = typeof import('./forms');
type More = typeof import('./more');
type Pairs = typeof import('./pairwise');
type Hyper = typeof import('./hyper');
type Talk = typeof import('./chat');
type Dialogue = typeof import('./dialogue');
type Need = typeof import('./need');
interface Loaded { need?: Need; picture?: Picture; marked?: Marked; forms?: Forms; more?: More; pairs?: Pairs; hyper?: Hyper; talk?: Talk; dialogue?: Dialogue; mask?: Mask; vector?: Vector }
type Mask = typeof import('../stage/image/mask/mask');
type Vector = typeof import('../stage/image/vector');

const have: Loaded = {};

const FETCH: { [K in keyof Loaded]-?: () => Promise<NonNullable<Loaded[K]>> } = {
  need: () => import('./need'),
  picture: () => import('./picture'),
  marked: () => import('./marked'),
  forms: () => import('./forms'),
  more: () => import('./more'),
  pairs: () => import('./pairwise'),
  hyper: () => import('./hyper'),
  talk: () => import('./chat'),
  dialogue: () => import('./dialogue'),
  mask: () => import('../stage/image/mask/mask'),
  vector: () => import('../stage/image/vector'),
};

const NEEDS: Record<string, keyof Loaded> = {
  Image: 'picture', Labels: 'marked', HyperTextLabels: 'marked', ParagraphLabels: 'marked', Paragraphs: 'dialogue',
  HyperText: 'hyper', Chat: 'talk',
  TextArea: 'forms', Rating: 'forms', Number: 'forms', DateTime: 'forms',
  Taxonomy: 'more', Ranker: 'more', List: 'more', Table: 'more', Audio: 'more', AudioPlus: 'more', Video: 'more',
  Markdown: 'more', Collapse: 'more', Style: 'more', html: 'more', Repeater: 'more', Pages: 'more', Filter: 'more',
  Pairwise: 'pairs',
  Brush: 'mask', BrushLabels: 'mask', Bitmask: 'mask', BitmaskLabels: 'mask', MagicWand: 'mask', Vector: 'vector', VectorLabels: 'vector',
};

export const familyOf = (tag: string): keyof Loaded | undefined => NEEDS[tag];
export const family = <K extends keyof Loaded>(k: K): Loaded[K] => have[k];

/* Elements of plain HTML are many names and one family. */
const needOf = (x: Tag): keyof Loaded | undefined => NEEDS[x.kind === 'html' ? 'html' : x.tag];

const needsOf = (tree: Tag): (keyof Loaded)[] => [...parts(tree)].flatMap((x) => [needOf(x) ?? [], flag(x, 'required') || x.tag === 'Chat' ? 'need' as const : []].flat());

export async function load(tree: Tag): Promise<void> {
  const want = new Set(needsOf(tree).filter((x) => !have[x]));
  await Promise.all([...want].map(async (k) => { Object.assign(have, { [k]: await FETCH[k]() }); }));
}

export const isLoaded = (tree: Tag): boolean => needsOf(tree).every((k) => have[k] !== undefined);
