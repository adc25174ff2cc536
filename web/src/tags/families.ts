/*
 * families.ts -- tags that come in their own chunk, and how to have them ready.
 *
 * A task loads what its config uses: a text task never waits for the picture
 * stage.  load() is awaited before the first task is shown, so that no tag
 * appears late; family() then answers at once.  What only the editor of shapes
 * needs comes behind the picture, as the editor does.
 */
import { signal } from '@preact/signals';
import { flag, parts, type Tag } from './tree';

type Picture = typeof import('./picture');
type Marked = typeof import('./marked');
type Choosing = typeof import('./choices');
type Forms = typeof import('./forms');
type More = typeof import('./more');
type Pairs = typeof import('./pairwise');
type Hyper = typeof import('./hyper');
type Talk = typeof import('./chat');
type Dialogue = typeof import('./dialogue');
type Need = typeof import('./need');
interface Loaded { need?: Need; picture?: Picture; marked?: Marked; choices?: Choosing; forms?: Forms; more?: More; pairs?: Pairs; hyper?: Hyper; talk?: Talk; dialogue?: Dialogue; mask?: Mask; vector?: Vector }
type Mask = typeof import('../stage/image/mask/mask');
type Vector = typeof import('../stage/image/vector');

const have: Loaded = {};

const FETCH: { [K in keyof Loaded]-?: () => Promise<NonNullable<Loaded[K]>> } = {
  need: () => import('./need'),
  picture: () => import('./picture'),
  marked: () => import('./marked'),
  choices: () => import('./choices'),
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
  HyperText: 'hyper', Chat: 'talk', Choices: 'choices',
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
const wanted = (tree: Tag): (keyof Loaded)[] => [...new Set(needsOf(tree))].filter((k) => !have[k]);
const BEHIND: readonly string[] = ['mask', 'vector'];
const arrived = signal(0);

const fetched = async (k: keyof Loaded): Promise<void> => { Object.assign(have, { [k]: await FETCH[k]() }); arrived.value++; };
function follow(k: keyof Loaded): void { fetched(k).catch(() => { setTimeout(() => follow(k), 2000); }); }

export async function load(tree: Tag): Promise<void> {
  const want = wanted(tree);
  for (const k of want) if (BEHIND.includes(k)) follow(k);
  await Promise.all(want.filter((k) => !BEHIND.includes(k)).map(fetched));
}

export const isLoaded = (tree: Tag): boolean => wanted(tree).every((k) => BEHIND.includes(k));
/* With what comes behind; whoever asks is told when that changes. */
export function isWhole(tree: Tag): boolean { arrived.value; return !wanted(tree).length; }
