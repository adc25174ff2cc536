/* Icons on a 16 px grid, 1.5 px line; label marks on a 12 px grid, filled. Every icon stands beside a word or carries a name.
   Here are those that the first task on screen needs; the others come with the pages (paths-more.ts). */
import type { MORE } from './paths-more';
import type { STAGE } from './paths-stage';

const ICONS = {
  alert: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 4.5v4.5M8 11.5h.01',
  arrow: 'M3 2l9.5 4.5-4 1.5-1.5 4Z',
  back: 'M10 3 5 8l5 5',
  book: 'M8 4c-1.5-1.3-3.5-1.5-6-1.5v10c2.5 0 4.5.2 6 1.5 1.5-1.3 3.5-1.5 6-1.5v-10c-2.5 0-4.5.2-6 1.5ZM8 4v10',
  box: 'M3 3h10v10H3zM3 3h.01',
  check: 'M3 8.5 6.5 12 13 4.5',
  chev: 'M6 4l4 4-4 4',
  clock: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 4.5V8l2.5 1.5',
  copy: 'M5 5h9v9H5zM11 5V2H2v9h3',
  down: 'M4 6l4 4 4-4', up: 'M4 10l4-4 4 4',
  ellipse: 'M8 12.5c3.6 0 6.5-2 6.5-4.5S11.6 3.5 8 3.5 1.5 5.5 1.5 8s2.9 4.5 6.5 4.5Z',
  eye: 'M1.5 8C3 5 5.3 3.5 8 3.5S13 5 14.5 8C13 11 10.7 12.5 8 12.5S3 11 1.5 8ZM8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z',
  eyeoff: 'M2 2l12 12M6 4c3.5-1.2 6.6.5 8.5 4-.5 1-1.2 1.9-2 2.6M4 5.2C3 6 2.1 7 1.5 8 3.4 11.7 6.7 13.3 10 12',
  fit: 'M2 6V2h4M10 2h4v4M14 10v4h-4M6 14H2v-4',
  flag: 'M4 14V2.5M4 3c3-2 5 2 9 0v6c-4 2-6-2-9 0',
  grid: 'M2 2h5v5H2zM9 2h5v5H9zM2 9h5v5H2zM9 9h5v5H9z',
  hand: 'M5 9V4a1 1 0 0 1 2 0v3-4.5a1 1 0 0 1 2 0V7 3.5a1 1 0 0 1 2 0V9c0 3.5-1.5 5-4 5-2.3 0-3-1.3-4.5-4-.5-1 .8-1.7 1.5-.8L5 10',
  help: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM6.2 6.2c.2-2.6 3.9-2.2 3.6.1-.2 1.2-1.8 1.3-1.8 2.5M8 11.2h.01',
  info: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 7.5v4M8 4.7h.01',
  keys: 'M1.5 4h13v8h-13zM4 6.5h.01M6.7 6.5h.01M9.4 6.5h.01M12 6.5h.01M5 9.5h6',
  link: 'M6.5 9.5l3-3M7 4.5l1.5-1.5a3 3 0 0 1 4.5 4.5L11.5 9M9 11.5 7.5 13A3 3 0 0 1 3 8.5L4.5 7',
  lock: 'M3.5 7h9v7h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2',
  minus: 'M3 8h10',
  more: 'M3.5 8h.01M8 8h.01M12.5 8h.01',
  plus: 'M8 3v10M3 8h10',
  point: 'M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM8 1.5V4M8 12v2.5M1.5 8H4M12 8h2.5',
  poly: 'M8 2l6 4.5L11.5 14h-7L2 6.5Z',
  redo: 'M11 3l3 3-3 3M14 6H6.5a4 4 0 0 0 0 8H10',
  skip: 'M3 4l5 4-5 4ZM12 4v8',
  table: 'M2 3h12v10H2zM2 6.5h12M6.5 6.5V13',
  text: 'M3 4V2.5h10V4M8 2.5v11M6 13.5h4',
  theme: 'M8 14.5a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13ZM8 1.5v13M8 5l4-1.7M8 8.5l6-2.3M8 12l4.5-1.7',
  trash: 'M3 4.5h10M6 4.5V2.5h4v2M4.5 4.5l.7 9h5.6l.7-9',
  undo: 'M5 3 2 6l3 3M2 6h7.5a4 4 0 0 1 0 8H6',
  warn: 'M8 2 1.5 13.5h13ZM8 6.5v3.5M8 12h.01',
  x: 'M4 4l8 8M12 4l-8 8',
} as const;

export type IconName = keyof typeof ICONS | keyof typeof MORE | keyof typeof STAGE;

const paths: Partial<Record<IconName, string>> = { ...ICONS };

/** More icons, from the chunk that draws them. */
export function addIcons(more: Partial<Record<IconName, string>>): void { Object.assign(paths, more); }

export function pathOf(i: IconName): string { return paths[i] ?? ''; }

/** Shapes of the twelve labels, index 0 is label 1. */
export const MARKS: readonly string[] = [
  'M1 1h10v10H1z',
  'M6 .8a5.2 5.2 0 1 0 0 10.4A5.2 5.2 0 0 0 6 .8Z',
  'M6 .8 11.5 11H.5Z',
  'M6 .2 11.8 6 6 11.8.2 6Z',
  'M4.2.5h3.6v3.7h3.7v3.6H7.8v3.7H4.2V7.8H.5V4.2h3.7Z',
  'M3.2 1h5.6l2.8 5-2.8 5H3.2L.4 6Z',
  'M6 .5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11Zm0 3a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5Z',
  'M.5 1h11L6 11.2Z',
  'M1 1h10v10H1zM4 4v4h4V4z',
  'M6 .3 7.5 4.2l4.2.2-3.3 2.6 1.1 4L6 8.7 2.5 11l1.1-4L.3 4.4l4.2-.2Z',
  'M.8 3 3 .8l3 3 3-3L11.2 3l-3 3 3 3L9 11.2l-3-3-3 3L.8 9l3-3Z',
  'M1 6a5 5 0 0 1 10 0v5H1Z',
];
