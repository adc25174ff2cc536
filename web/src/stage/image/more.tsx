/* Parts of the stage that come when they are needed. */
import { later } from '../../ui/later';
import type { Size } from './geometry';

/* Above this many pixels a browser no longer keeps the decoded picture: it is shown by tiles. */
const HUGE = 40_000_000;
export const isHuge = (s: Size): boolean => s.w * s.h > HUGE;

export const Tiles = later(() => import('./tiles').then((x) => x.default));
export const ShapeFields = later(() => import('./fields').then((x) => x.ShapeFields));
export const ListPanel = later(() => import('./list-panel').then((x) => x.default));
export const ViewPanel = later(() => import('./view-panel').then((x) => x.default));
